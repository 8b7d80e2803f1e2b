using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol.Messages;

/// <summary>The messages of one protocol version.</summary>
public sealed class MessageTable
{
    private const int Types = 30;
    private const bool T = false;
    private const bool S = true;
    private const bool M = true;
    private const bool Optional = false;

    private readonly MessageDefinition?[] _byType = new MessageDefinition?[Types];

    private MessageTable(params ReadOnlySpan<MessageDefinition> rows)
    {
        Rows = rows.ToArray();
        foreach (var row in rows)
            _byType[(int)row.Type] = row;
    }

    /// <summary>L2TPv2: RFC 2661 section 6, then RFC 3573, 3817, 4951 and 5515.</summary>
    public static MessageTable V2 { get; } = new(
        //  type                name     level M         required
        new(MessageType.Sccrq,   "SCCRQ",   T, M,
            [AvpType.ProtocolVersion, AvpType.HostName, AvpType.FramingCapabilities, AvpType.AssignedTunnelId]),
        new(MessageType.Sccrp,   "SCCRP",   T, M,
            [AvpType.ProtocolVersion, AvpType.FramingCapabilities, AvpType.HostName, AvpType.AssignedTunnelId]),
        new(MessageType.Scccn,   "SCCCN",   T, M, []),
        new(MessageType.StopCcn, "StopCCN", T, M, [AvpType.AssignedTunnelId, AvpType.ResultCode]),
        new(MessageType.Hello,   "HELLO",   T, M, []),
        new(MessageType.Ocrq,    "OCRQ",    S, M,
            [
                AvpType.AssignedSessionId, AvpType.CallSerialNumber, AvpType.MinimumBps, AvpType.MaximumBps, AvpType.BearerType,
                AvpType.FramingType, AvpType.CalledNumber,
            ]),
        new(MessageType.Ocrp,    "OCRP",    S, M, [AvpType.AssignedSessionId]),
        new(MessageType.Occn,    "OCCN",    S, M, [AvpType.TxConnectSpeed, AvpType.FramingType]),
        new(MessageType.Icrq,    "ICRQ",    S, M, [AvpType.AssignedSessionId, AvpType.CallSerialNumber]),
        new(MessageType.Icrp,    "ICRP",    S, M, [AvpType.AssignedSessionId]),
        new(MessageType.Iccn,    "ICCN",    S, M, [AvpType.TxConnectSpeed, AvpType.FramingType]),
        new(MessageType.Cdn,     "CDN",     S, M, [AvpType.ResultCode, AvpType.AssignedSessionId]),
        new(MessageType.Wen,     "WEN",     S, M, [AvpType.CallErrors]),
        new(MessageType.Sli,     "SLI",     S, M, [AvpType.Accm]),
        new(MessageType.Mdmst,   "MDMST",   S, M, [AvpType.ModemOnHoldStatus]),
        new(MessageType.Srrq,    "SRRQ",    T, M, [AvpType.PppoeRelay]),
        new(MessageType.Srrp,    "SRRP",    T, M, [AvpType.PppoeRelay]),
        new(MessageType.Fsq,     "FSQ",     T, Optional, [AvpType.FailoverSessionState]),
        new(MessageType.Fsr,     "FSR",     T, Optional, [AvpType.FailoverSessionState]),
        new(MessageType.Csun,    "CSUN",    S, Optional, [AvpType.ConnectSpeedUpdate]),
        new(MessageType.Csurq,   "CSURQ",   S, Optional, [AvpType.ConnectSpeedUpdate]));

    /// <summary>
    /// L2TPv3: RFC 3931 section 6, then RFC 4951 and 5515. The RFC requires Serial Number in ICRQ and OCRQ, but nothing depends on it and
    /// some peers omit it.
    /// </summary>
    public static MessageTable V3 { get; } = new(
        //  type                name     level M         required
        new(MessageType.Sccrq,   "SCCRQ",   T, M,
            [AvpType.HostName, AvpType.RouterId, AvpType.AssignedControlConnectionId, AvpType.PseudowireCapabilitiesList]),
        new(MessageType.Sccrp,   "SCCRP",   T, M,
            [AvpType.HostName, AvpType.RouterId, AvpType.AssignedControlConnectionId, AvpType.PseudowireCapabilitiesList]),
        new(MessageType.Scccn,   "SCCCN",   T, M, []),
        new(MessageType.StopCcn, "StopCCN", T, M, [AvpType.ResultCode]),
        new(MessageType.Hello,   "HELLO",   T, M, []),
        new(MessageType.Ocrq,    "OCRQ",    S, M,
            [AvpType.LocalSessionId, AvpType.RemoteSessionId, AvpType.PseudowireType, AvpType.RemoteEndId, AvpType.CircuitStatus]),
        new(MessageType.Ocrp,    "OCRP",    S, M, [AvpType.LocalSessionId, AvpType.RemoteSessionId, AvpType.CircuitStatus]),
        new(MessageType.Occn,    "OCCN",    S, M, [AvpType.LocalSessionId, AvpType.RemoteSessionId]),
        new(MessageType.Icrq,    "ICRQ",    S, M,
            [AvpType.LocalSessionId, AvpType.RemoteSessionId, AvpType.PseudowireType, AvpType.RemoteEndId, AvpType.CircuitStatus]),
        new(MessageType.Icrp,    "ICRP",    S, M, [AvpType.LocalSessionId, AvpType.RemoteSessionId, AvpType.CircuitStatus]),
        new(MessageType.Iccn,    "ICCN",    S, M, [AvpType.LocalSessionId, AvpType.RemoteSessionId]),
        new(MessageType.Cdn,     "CDN",     S, M, [AvpType.ResultCode, AvpType.LocalSessionId, AvpType.RemoteSessionId]),
        new(MessageType.Wen,     "WEN",     S, M, [AvpType.LocalSessionId, AvpType.RemoteSessionId, AvpType.CallErrors]),
        new(MessageType.Sli,     "SLI",     S, M, [AvpType.LocalSessionId, AvpType.RemoteSessionId]),
        new(MessageType.Ack,     "ACK",     T, M, []),
        new(MessageType.Fsq,     "FSQ",     T, Optional, [AvpType.FailoverSessionState]),
        new(MessageType.Fsr,     "FSR",     T, Optional, [AvpType.FailoverSessionState]),
        new(MessageType.Csun,    "CSUN",    S, Optional, [AvpType.ConnectSpeedUpdate]),
        new(MessageType.Csurq,   "CSURQ",   S, Optional, [AvpType.ConnectSpeedUpdate]));

    /// <summary>All rows, in the order of the table.</summary>
    public IReadOnlyList<MessageDefinition> Rows { get; }

    /// <summary>The table of a version.</summary>
    public static MessageTable Of(ProtocolVersion version) => version == ProtocolVersion.V2 ? V2 : V3;

    /// <summary>The row of a message type; <c>null</c> if this version does not have it.</summary>
    public MessageDefinition? Find(MessageType type) => (int)type < Types ? _byType[(int)type] : null;
}
