using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol.Messages;

/// <summary>What is known of a message by its type alone.</summary>
public static class MessageTypes
{
    /// <summary>Whether the codec knows the type in a version.</summary>
    public static bool IsKnown(MessageType type, ProtocolVersion version) => type switch
    {
        MessageType.Ack => version == ProtocolVersion.V3,
        >= MessageType.Sccrq and <= MessageType.StopCcn or MessageType.Hello => true,
        >= MessageType.Ocrq and <= MessageType.Iccn => true,
        >= MessageType.Cdn and <= MessageType.Fsr => true,
        MessageType.Csun or MessageType.Csurq => true,
        _ => false,
    };

    /// <summary>Whether the message is about one session: its failures end that session, not the tunnel (RFC 2661 section 4.1).</summary>
    public static bool IsSession(MessageType type) => type switch
    {
        >= MessageType.Ocrq and <= MessageType.Iccn => true,
        >= MessageType.Cdn and <= MessageType.Mdmst => true,
        MessageType.Csun or MessageType.Csurq => true,
        _ => false,
    };

    /// <summary>Whether the message ends a session or a tunnel.</summary>
    public static bool IsTeardown(MessageType type) => type is MessageType.StopCcn or MessageType.Cdn;

    /// <summary>The M bit of the Message Type AVP when sending: 0 for what an older peer may ignore (RFC 4951, RFC 5515).</summary>
    internal static bool IsMandatory(MessageType type) =>
        type is not (MessageType.Fsq or MessageType.Fsr or MessageType.Csun or MessageType.Csurq);

    /// <summary>The RFC's abbreviation, or the number of an unknown type.</summary>
    public static string NameOf(MessageType type) => type switch
    {
        MessageType.Sccrq => "SCCRQ",
        MessageType.Sccrp => "SCCRP",
        MessageType.Scccn => "SCCCN",
        MessageType.StopCcn => "StopCCN",
        MessageType.Hello => "HELLO",
        MessageType.Ocrq => "OCRQ",
        MessageType.Ocrp => "OCRP",
        MessageType.Occn => "OCCN",
        MessageType.Icrq => "ICRQ",
        MessageType.Icrp => "ICRP",
        MessageType.Iccn => "ICCN",
        MessageType.Cdn => "CDN",
        MessageType.Wen => "WEN",
        MessageType.Sli => "SLI",
        MessageType.Mdmst => "MDMST",
        MessageType.Srrq => "SRRQ",
        MessageType.Srrp => "SRRP",
        MessageType.Ack => "ACK",
        MessageType.Fsq => "FSQ",
        MessageType.Fsr => "FSR",
        MessageType.Csun => "CSUN",
        MessageType.Csurq => "CSURQ",
        _ => $"message type {(ushort)type}",
    };

    /// <summary>The AVPs a v2 message must have besides Message Type (l2tpv2.md section 4).</summary>
    internal static ReadOnlySpan<AvpType> RequiredV2(MessageType type) => type switch
    {
        MessageType.Sccrq => [AvpType.ProtocolVersion, AvpType.HostName, AvpType.FramingCapabilities, AvpType.AssignedTunnelId],
        MessageType.Sccrp => [AvpType.ProtocolVersion, AvpType.FramingCapabilities, AvpType.HostName, AvpType.AssignedTunnelId],
        MessageType.StopCcn => [AvpType.AssignedTunnelId, AvpType.ResultCode],
        MessageType.Ocrq =>
        [
            AvpType.AssignedSessionId, AvpType.CallSerialNumber, AvpType.MinimumBps, AvpType.MaximumBps, AvpType.BearerType,
            AvpType.FramingType, AvpType.CalledNumber,
        ],
        MessageType.Ocrp => [AvpType.AssignedSessionId],
        MessageType.Occn => [AvpType.TxConnectSpeed, AvpType.FramingType],
        MessageType.Icrq => [AvpType.AssignedSessionId, AvpType.CallSerialNumber],
        MessageType.Icrp => [AvpType.AssignedSessionId],
        MessageType.Iccn => [AvpType.TxConnectSpeed, AvpType.FramingType],
        MessageType.Cdn => [AvpType.ResultCode, AvpType.AssignedSessionId],
        MessageType.Wen => [AvpType.CallErrors],
        MessageType.Sli => [AvpType.Accm],
        MessageType.Mdmst => [AvpType.ModemOnHoldStatus],
        MessageType.Srrq or MessageType.Srrp => [AvpType.PppoeRelay],
        MessageType.Fsq or MessageType.Fsr => [AvpType.FailoverSessionState],
        MessageType.Csun or MessageType.Csurq => [AvpType.ConnectSpeedUpdate],
        _ => [],
    };
}
