using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.V3;

/// <summary>
/// The messages about the control connection in L2TPv3 (RFC 3931 sections 6.1 to 6.5), with reader and writer next to each other.
/// </summary>
internal static class TunnelMessagesV3
{
    private const uint IdMask = uint.MaxValue;

    public static Sccrq ReadSccrq(in AvpFields fields) => new()
    {
        HostName = fields.Latin1(AvpType.HostName)!,
        RouterId = fields.UInt32(AvpType.RouterId),
        AssignedTunnelId = new(fields.UInt32(AvpType.AssignedControlConnectionId)),
        PseudowireCapabilities = AvpValueCodec.ReadPseudowireCapabilities(fields),
        Nonce = fields.Octets(AvpType.Nonce),
        TieBreaker = fields.OptionalUInt64(AvpType.TieBreaker),
        VendorName = fields.Utf8(AvpType.VendorName),
        ReceiveWindowSize = fields.OptionalUInt16(AvpType.ReceiveWindowSize),
        PreferredLanguage = fields.Latin1(AvpType.PreferredLanguage),
        FailoverCapability = AvpValueCodec.ReadFailoverCapability(fields),
        TunnelRecovery = AvpValueCodec.ReadTunnelRecovery(fields, IdMask),
        EcnCapability = fields.Has(AvpType.EcnCapability),
    };

    public static void Write(ref AvpWriter writer, Sccrq message)
    {
        WriteStart(ref writer, message);
        writer.UInt64(AvpType.TieBreaker, message.TieBreaker);
        AvpValueCodec.WriteTunnelRecovery(ref writer, message.TunnelRecovery);
    }

    public static Sccrp ReadSccrp(in AvpFields fields) => new()
    {
        HostName = fields.Latin1(AvpType.HostName)!,
        RouterId = fields.UInt32(AvpType.RouterId),
        AssignedTunnelId = new(fields.UInt32(AvpType.AssignedControlConnectionId)),
        PseudowireCapabilities = AvpValueCodec.ReadPseudowireCapabilities(fields),
        Nonce = fields.Octets(AvpType.Nonce),
        VendorName = fields.Utf8(AvpType.VendorName),
        ReceiveWindowSize = fields.OptionalUInt16(AvpType.ReceiveWindowSize),
        PreferredLanguage = fields.Latin1(AvpType.PreferredLanguage),
        FailoverCapability = AvpValueCodec.ReadFailoverCapability(fields),
        SuggestedControlSequence = AvpValueCodec.ReadSuggestedControlSequence(fields),
        EcnCapability = fields.Has(AvpType.EcnCapability),
    };

    public static void Write(ref AvpWriter writer, Sccrp message)
    {
        WriteStart(ref writer, message);
        AvpValueCodec.WriteSuggestedControlSequence(ref writer, message.SuggestedControlSequence);
    }

    public static StopCcn ReadStopCcn(in AvpFields fields) => new()
    {
        Result = AvpValueCodec.ReadResultCode(fields),
        AssignedTunnelId = new(fields.UInt32(AvpType.AssignedControlConnectionId)),
    };

    public static void Write(ref AvpWriter writer, StopCcn message)
    {
        AvpValueCodec.WriteResultCode(ref writer, message.Result);
        if (!message.AssignedTunnelId.IsNone)
            writer.UInt32(AvpType.AssignedControlConnectionId, message.AssignedTunnelId.Value);
    }

    public static Fsq ReadFsq(in AvpFields fields) => new() { Sessions = AvpValueCodec.ReadFailoverSessions(fields, IdMask) };

    public static Fsr ReadFsr(in AvpFields fields) => new() { Sessions = AvpValueCodec.ReadFailoverSessions(fields, IdMask) };

    private static void WriteStart(ref AvpWriter writer, StartControlConnection message)
    {
        writer.Latin1(AvpType.HostName, message.HostName);
        writer.UInt32(AvpType.RouterId, message.RouterId ?? 0);
        writer.UInt32(AvpType.AssignedControlConnectionId, message.AssignedTunnelId.Value);
        AvpValueCodec.WritePseudowireCapabilities(ref writer, message.PseudowireCapabilities);
        writer.Octets(AvpType.Nonce, message.Nonce);
        writer.UInt16(AvpType.ReceiveWindowSize, message.ReceiveWindowSize);
        writer.Utf8(AvpType.VendorName, message.VendorName);
        writer.Latin1(AvpType.PreferredLanguage, message.PreferredLanguage);
        AvpValueCodec.WriteFailoverCapability(ref writer, message.FailoverCapability);
        writer.Flag(AvpType.EcnCapability, message.EcnCapability);
    }
}
