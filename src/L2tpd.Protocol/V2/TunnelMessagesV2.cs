using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.V2;

/// <summary>
/// The messages about the control connection in L2TPv2 (RFC 2661 sections 6.1 to 6.5), with reader and writer next to each other.
/// </summary>
internal static class TunnelMessagesV2
{
    private const uint IdMask = ushort.MaxValue;

    public static Sccrq ReadSccrq(in AvpFields fields) => new()
    {
        ProtocolVersion = fields.UInt16(AvpType.ProtocolVersion),
        HostName = fields.Latin1(AvpType.HostName)!,
        FramingCapabilities = (FramingTypes)fields.UInt32(AvpType.FramingCapabilities),
        BearerCapabilities = (BearerTypes?)fields.OptionalUInt32(AvpType.BearerCapabilities),
        AssignedTunnelId = new(fields.UInt16(AvpType.AssignedTunnelId)),
        ReceiveWindowSize = fields.OptionalUInt16(AvpType.ReceiveWindowSize),
        FirmwareRevision = fields.OptionalUInt16(AvpType.FirmwareRevision),
        VendorName = fields.Utf8(AvpType.VendorName),
        Challenge = fields.Octets(AvpType.Challenge),
        TieBreaker = fields.OptionalUInt64(AvpType.TieBreaker),
        ControlConnectionDs = fields.OptionalUInt16(AvpType.ControlConnectionDs),
        FailoverCapability = AvpValueCodec.ReadFailoverCapability(fields),
        TunnelRecovery = AvpValueCodec.ReadTunnelRecovery(fields, IdMask),
        EcnCapability = fields.Has(AvpType.EcnCapability),
        PppoeRelayResponseCapability = fields.Octets(AvpType.PppoeRelayResponseCapability),
        PppoeRelayForwardCapability = fields.Octets(AvpType.PppoeRelayForwardCapability),

        // The v3 part of a dual SCCRQ; in any other SCCRQ these AVPs are unknown and not collected.
        RouterId = fields.OptionalUInt32(AvpType.RouterId),
        DualControlConnectionId = fields.OptionalUInt32(AvpType.AssignedControlConnectionId) is { } id ? new TunnelId(id) : null,
        PseudowireCapabilities = AvpValueCodec.ReadPseudowireCapabilities(fields),
        Nonce = fields.Octets(AvpType.Nonce),
        PreferredLanguage = fields.Latin1(AvpType.PreferredLanguage),
    };

    public static void Write(ref AvpWriter writer, Sccrq message)
    {
        WriteStart(ref writer, message);
        writer.UInt64(AvpType.TieBreaker, message.TieBreaker);
        AvpValueCodec.WriteTunnelRecovery(ref writer, message.TunnelRecovery);
        if (message.DualControlConnectionId?.Value is not null)
            WriteDual(ref writer, message);
    }

    /// <summary>The AVPs that a v3 responder needs of an SCCRQ with Ver=2 (RFC 3931 section 4.7.3).</summary>
    private static void WriteDual(ref AvpWriter writer, Sccrq message)
    {
        writer.UInt32(AvpType.RouterId, message.RouterId ?? 0);
        writer.UInt32(AvpType.AssignedControlConnectionId, message.DualControlConnectionId?.Value);
        AvpValueCodec.WritePseudowireCapabilities(ref writer, message.PseudowireCapabilities);
        writer.Octets(AvpType.Nonce, message.Nonce);
        writer.Latin1(AvpType.PreferredLanguage, message.PreferredLanguage);
    }

    public static Sccrp ReadSccrp(in AvpFields fields) => new()
    {
        ProtocolVersion = fields.UInt16(AvpType.ProtocolVersion),
        HostName = fields.Latin1(AvpType.HostName)!,
        FramingCapabilities = (FramingTypes)fields.UInt32(AvpType.FramingCapabilities),
        BearerCapabilities = (BearerTypes?)fields.OptionalUInt32(AvpType.BearerCapabilities),
        AssignedTunnelId = new(fields.UInt16(AvpType.AssignedTunnelId)),
        ReceiveWindowSize = fields.OptionalUInt16(AvpType.ReceiveWindowSize),
        FirmwareRevision = fields.OptionalUInt16(AvpType.FirmwareRevision),
        VendorName = fields.Utf8(AvpType.VendorName),
        Challenge = fields.Octets(AvpType.Challenge),
        ChallengeResponse = fields.Octets(AvpType.ChallengeResponse),
        ControlConnectionDs = fields.OptionalUInt16(AvpType.ControlConnectionDs),
        FailoverCapability = AvpValueCodec.ReadFailoverCapability(fields),
        SuggestedControlSequence = AvpValueCodec.ReadSuggestedControlSequence(fields),
        EcnCapability = fields.Has(AvpType.EcnCapability),
        PppoeRelayResponseCapability = fields.Octets(AvpType.PppoeRelayResponseCapability),
        PppoeRelayForwardCapability = fields.Octets(AvpType.PppoeRelayForwardCapability),
    };

    public static void Write(ref AvpWriter writer, Sccrp message)
    {
        WriteStart(ref writer, message);
        writer.Octets(AvpType.ChallengeResponse, message.ChallengeResponse);
        AvpValueCodec.WriteSuggestedControlSequence(ref writer, message.SuggestedControlSequence);
    }

    public static Scccn ReadScccn(in AvpFields fields) => new() { ChallengeResponse = fields.Octets(AvpType.ChallengeResponse) };

    public static void Write(ref AvpWriter writer, Scccn message) => writer.Octets(AvpType.ChallengeResponse, message.ChallengeResponse);

    public static StopCcn ReadStopCcn(in AvpFields fields) => new()
    {
        Result = AvpValueCodec.ReadResultCode(fields),
        AssignedTunnelId = new(fields.UInt16(AvpType.AssignedTunnelId)),
    };

    public static void Write(ref AvpWriter writer, StopCcn message)
    {
        AvpValueCodec.WriteResultCode(ref writer, message.Result);
        writer.UInt16(AvpType.AssignedTunnelId, (ushort)message.AssignedTunnelId.Value);
    }

    public static Fsq ReadFsq(in AvpFields fields) => new() { Sessions = AvpValueCodec.ReadFailoverSessions(fields, IdMask) };

    public static Fsr ReadFsr(in AvpFields fields) => new() { Sessions = AvpValueCodec.ReadFailoverSessions(fields, IdMask) };

    public static Srrq ReadSrrq(in AvpFields fields) => new() { PppoeRelay = fields.Octets(AvpType.PppoeRelay)! };

    public static Srrp ReadSrrp(in AvpFields fields) => new() { PppoeRelay = fields.Octets(AvpType.PppoeRelay)! };

    private static void WriteStart(ref AvpWriter writer, StartControlConnection message)
    {
        writer.UInt16(AvpType.ProtocolVersion, message.ProtocolVersion);
        writer.UInt32(AvpType.FramingCapabilities, (uint)message.FramingCapabilities);
        writer.UInt32(AvpType.BearerCapabilities, (uint?)message.BearerCapabilities);
        writer.UInt16(AvpType.FirmwareRevision, message.FirmwareRevision);
        writer.Latin1(AvpType.HostName, message.HostName);
        writer.Utf8(AvpType.VendorName, message.VendorName);
        writer.UInt16(AvpType.AssignedTunnelId, (ushort)message.AssignedTunnelId.Value);
        writer.UInt16(AvpType.ReceiveWindowSize, message.ReceiveWindowSize);
        writer.Octets(AvpType.Challenge, message.Challenge);
        writer.UInt16(AvpType.ControlConnectionDs, message.ControlConnectionDs);
        AvpValueCodec.WriteFailoverCapability(ref writer, message.FailoverCapability);
        writer.Flag(AvpType.EcnCapability, message.EcnCapability);
        writer.Octets(AvpType.PppoeRelayResponseCapability, message.PppoeRelayResponseCapability);
        writer.Octets(AvpType.PppoeRelayForwardCapability, message.PppoeRelayForwardCapability);
    }
}
