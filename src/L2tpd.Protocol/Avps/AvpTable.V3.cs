namespace L2tpd.Protocol.Avps;

public sealed partial class AvpTable
{
    private static AvpDefinition[] V3Rows() =>
    [
        //  attribute type                           name                               M         hiding   value octets
        Row(AvpType.MessageType,                  "Message Type",                       M,        Clear,   Exactly(2)),
        Row(AvpType.ResultCode,                   "Result Code",                        M,        Clear,   AtLeast(2)),
        Row(AvpType.TieBreaker,                   "Tie Breaker",                        M,        Clear,   Exactly(8)),
        Row(AvpType.HostName,                     "Host Name",                          M,        Clear,   AtLeast(1)),
        Row(AvpType.VendorName,                   "Vendor Name",                        Optional, MayHide, AtLeast(0)),
        Row(AvpType.ReceiveWindowSize,            "Receive Window Size",                M,        Clear,   Exactly(2), nonZero: true),
        Row(AvpType.CallSerialNumber,             "Serial Number",                      Optional, MayHide, Exactly(4)),
        Row(AvpType.PhysicalChannelId,            "Physical Channel ID",                Optional, MayHide, Exactly(4)),
        // RFC 3931 says 32 octets in the text and shows 24 in the figure, without the first two counters: both are read, 32 are sent.
        Row(AvpType.CallErrors,                   "Circuit Errors",                     Optional, MayHide, Between(18, 26, step: 8)),
        Row(AvpType.RandomVector,                 "Random Vector",                      M,        Clear,   AtLeast(0)),
        Row(AvpType.ExtendedVendorId,             "Extended Vendor ID",                 Optional, MayHide, AtLeast(6)),
        Row(AvpType.MessageDigest,                "Message Digest",                     M,        Clear,   Between(17, 21, step: 4)),
        Row(AvpType.RouterId,                     "Router ID",                          M,        Clear,   Exactly(4)),
        Row(AvpType.AssignedControlConnectionId,  "Assigned Control Connection ID",     M,        MayHide, Exactly(4), nonZero: true),
        Row(AvpType.PseudowireCapabilitiesList,   "Pseudowire Capabilities List",       M,        MayHide, AtLeast(2, step: 2)),
        Row(AvpType.LocalSessionId,               "Local Session ID",                   M,        MayHide, Exactly(4), nonZero: true),
        Row(AvpType.RemoteSessionId,              "Remote Session ID",                  M,        MayHide, Exactly(4)),
        Row(AvpType.AssignedCookie,               "Assigned Cookie",                    M,        MayHide, Between(0, 8, step: 4)),
        Row(AvpType.RemoteEndId,                  "Remote End ID",                      M,        MayHide, AtLeast(0)),
        Row(AvpType.PseudowireType,               "Pseudowire Type",                    M,        MayHide, Exactly(2)),
        Row(AvpType.L2SpecificSublayer,           "L2-Specific Sublayer",               M,        MayHide, Exactly(2)),
        Row(AvpType.DataSequencing,               "Data Sequencing",                    M,        MayHide, Exactly(2)),
        Row(AvpType.CircuitStatus,                "Circuit Status",                     M,        MayHide, Exactly(2)),
        Row(AvpType.PreferredLanguage,            "Preferred Language",                 Optional, MayHide, AtLeast(0)),
        Row(AvpType.Nonce,                        "Control Message Authentication Nonce", M,      Clear,   AtLeast(1)),
        Row(AvpType.TxConnectSpeed64,             "Tx Connect Speed",                   Optional, MayHide, Exactly(8)),
        Row(AvpType.RxConnectSpeed64,             "Rx Connect Speed",                   Optional, MayHide, Exactly(8)),
        Row(AvpType.FailoverCapability,           "Failover Capability",                Optional, MayHide, Exactly(6)),
        Row(AvpType.TunnelRecovery,               "Tunnel Recovery",                    M,        Clear,   Exactly(10)),
        Row(AvpType.SuggestedControlSequence,     "Suggested Control Sequence",         Optional, MayHide, Exactly(6)),
        Row(AvpType.FailoverSessionState,         "Failover Session State",             M,        Clear,   Exactly(10)),
        Row(AvpType.AttachmentGroupId,            "Attachment Group Identifier",        Optional, MayHide, AtLeast(0)),
        Row(AvpType.LocalEndId,                   "Local End ID",                       Optional, MayHide, AtLeast(0)),
        Row(AvpType.InterfaceMtu,                 "Interface MTU",                      Optional, MayHide, Exactly(2)),
        Row(AvpType.VccvCapability,               "VCCV Capability",                    Optional, MayHide, Exactly(2)),
        Row(AvpType.ConnectSpeedUpdate,           "Connect Speed Update",               Optional, MayHide, Exactly(20)),
        Row(AvpType.ConnectSpeedUpdateEnable,     "Connect Speed Update Enable",        Optional, MayHide, Exactly(0)),
        Row(AvpType.EcnCapability,                "ECN Capability",                     Optional, MayHide, Exactly(0)),
        .. AdslForumRows(),
    ];

    private static AvpDefinition[] DualSccrqRows() =>
    [
        .. V2.Rows.Select(row => V3.Find(row.VendorId, row.Type) is null ? row with { MalformedIsIgnored = true } : row),
        .. V3.Rows.Where(row => V2.Find(row.VendorId, row.Type) is null).Select(row => row with { Mandatory = false, Hideable = false }),
    ];
}
