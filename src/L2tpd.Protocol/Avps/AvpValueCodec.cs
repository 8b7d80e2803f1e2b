using System.Buffers.Binary;
using System.Text;

namespace L2tpd.Protocol.Avps;

/// <summary>
/// Reads and writes AVP values that are more than one number or string. Read methods return <c>null</c> for an absent AVP.
/// </summary>
internal static class AvpValueCodec
{
    private const int ReservedSize = 2;

    /// <summary>
    /// Result Code AVP 1: result, then error code and text if the sender included them. Result 0 (reserved) if it cannot be read.
    /// </summary>
    public static ResultCode ReadResultCode(in AvpFields fields)
    {
        if (!fields.Has(AvpType.ResultCode))
            return new ResultCode(StopCcnResult.Reserved);
        var value = fields.Value(AvpType.ResultCode);
        var result = BinaryPrimitives.ReadUInt16BigEndian(value);
        return value.Length < 4
            ? new ResultCode(result)
            : new ResultCode(result, BinaryPrimitives.ReadUInt16BigEndian(value[2..]), Text(value[4..]));
    }

    public static void WriteResultCode(ref AvpWriter writer, ResultCode result)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(octets, result.Result);
        // A text needs an error code before it.
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], result.Error ?? 0);
        var isShort = result.Error is null && result.Message is null;
        writer.OctetsAndText(AvpType.ResultCode, isShort ? octets[..2] : octets, result.Message);
    }

    /// <summary>Q.931 Cause Code AVP 12.</summary>
    public static Q931Cause? ReadQ931Cause(in AvpFields fields)
    {
        if (!fields.Has(AvpType.Q931CauseCode))
            return null;
        var value = fields.Value(AvpType.Q931CauseCode);
        return new Q931Cause(BinaryPrimitives.ReadUInt16BigEndian(value), value[2], Text(value[3..]));
    }

    public static void WriteQ931Cause(ref AvpWriter writer, Q931Cause? cause)
    {
        if (cause is null)
            return;
        Span<byte> octets = stackalloc byte[3];
        BinaryPrimitives.WriteUInt16BigEndian(octets, cause.Cause);
        octets[2] = cause.Message;
        writer.OctetsAndText(AvpType.Q931CauseCode, octets, cause.Advisory);
    }

    /// <summary>PPP Disconnect Cause Code AVP 46 (RFC 3145).</summary>
    public static PppDisconnectCause? ReadPppDisconnectCause(in AvpFields fields)
    {
        if (!fields.Has(AvpType.PppDisconnectCauseCode))
            return null;
        var value = fields.Value(AvpType.PppDisconnectCauseCode);
        var code = (PppDisconnectCode)BinaryPrimitives.ReadUInt16BigEndian(value);
        return new PppDisconnectCause(code, BinaryPrimitives.ReadUInt16BigEndian(value[2..]), value[4], Text(value[5..]));
    }

    public static void WritePppDisconnectCause(ref AvpWriter writer, PppDisconnectCause? cause)
    {
        if (cause is null)
            return;
        Span<byte> octets = stackalloc byte[5];
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)cause.Code);
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], cause.ControlProtocol);
        octets[4] = cause.Direction;
        writer.OctetsAndText(AvpType.PppDisconnectCauseCode, octets, cause.Message);
    }

    /// <summary>Call Errors AVP 34: two reserved octets, then the counters; v3's short form begins with the hardware overruns.</summary>
    public static CallErrors? ReadCallErrors(in AvpFields fields)
    {
        if (!fields.Has(AvpType.CallErrors))
            return null;
        var value = fields.Value(AvpType.CallErrors)[ReservedSize..];
        if (value.Length < 6 * sizeof(uint))
            return new CallErrors(0, 0, Counter(value, 0), Counter(value, 1), Counter(value, 2), Counter(value, 3));
        return new CallErrors(Counter(value, 0), Counter(value, 1), Counter(value, 2), Counter(value, 3), Counter(value, 4),
            Counter(value, 5));
    }

    public static void WriteCallErrors(ref AvpWriter writer, CallErrors errors)
    {
        Span<byte> octets = stackalloc byte[ReservedSize + (6 * sizeof(uint))];
        octets.Clear();
        var counters = octets[ReservedSize..];
        BinaryPrimitives.WriteUInt32BigEndian(counters, errors.Crc);
        BinaryPrimitives.WriteUInt32BigEndian(counters[4..], errors.Framing);
        BinaryPrimitives.WriteUInt32BigEndian(counters[8..], errors.HardwareOverruns);
        BinaryPrimitives.WriteUInt32BigEndian(counters[12..], errors.BufferOverruns);
        BinaryPrimitives.WriteUInt32BigEndian(counters[16..], errors.Timeouts);
        BinaryPrimitives.WriteUInt32BigEndian(counters[20..], errors.Alignment);
        writer.Octets(AvpType.CallErrors, octets);
    }

    /// <summary>ACCM AVP 35.</summary>
    public static Accm? ReadAccm(in AvpFields fields)
    {
        if (!fields.Has(AvpType.Accm))
            return null;
        var value = fields.Value(AvpType.Accm)[ReservedSize..];
        return new Accm(BinaryPrimitives.ReadUInt32BigEndian(value), BinaryPrimitives.ReadUInt32BigEndian(value[4..]));
    }

    public static void WriteAccm(ref AvpWriter writer, Accm? accm)
    {
        if (accm is not null)
            WriteReservedAndPair(ref writer, AvpType.Accm, accm.Send, accm.Receive);
    }

    /// <summary>Failover Capability AVP 76 (RFC 4951): bit 0 control channel, bit 1 data channel, recovery time in ms.</summary>
    public static FailoverCapability? ReadFailoverCapability(in AvpFields fields)
    {
        if (!fields.Has(AvpType.FailoverCapability))
            return null;
        var value = fields.Value(AvpType.FailoverCapability);
        return new FailoverCapability((value[1] & 1) != 0, (value[1] & 2) != 0, BinaryPrimitives.ReadUInt32BigEndian(value[2..]));
    }

    public static void WriteFailoverCapability(ref AvpWriter writer, FailoverCapability? capability)
    {
        if (capability is null)
            return;
        Span<byte> octets = stackalloc byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)((capability.ControlChannel ? 1 : 0) | (capability.DataChannel ? 2 : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(octets[2..], capability.RecoveryTimeMilliseconds);
        writer.Octets(AvpType.FailoverCapability, octets);
    }

    /// <summary>Tunnel Recovery AVP 77 (RFC 4951). A v2 id sits in the low half of its 32-bit field, under 16 reserved bits.</summary>
    public static TunnelRecovery? ReadTunnelRecovery(in AvpFields fields, uint idMask)
    {
        if (!fields.Has(AvpType.TunnelRecovery))
            return null;
        var value = fields.Value(AvpType.TunnelRecovery)[ReservedSize..];
        return new TunnelRecovery(new TunnelId(BinaryPrimitives.ReadUInt32BigEndian(value) & idMask),
            new TunnelId(BinaryPrimitives.ReadUInt32BigEndian(value[4..]) & idMask));
    }

    public static void WriteTunnelRecovery(ref AvpWriter writer, TunnelRecovery? recovery)
    {
        if (recovery is not null)
            WriteReservedAndPair(ref writer, AvpType.TunnelRecovery, recovery.TunnelId.Value, recovery.RemoteTunnelId.Value);
    }

    /// <summary>Suggested Control Sequence AVP 78 (RFC 4951).</summary>
    public static SuggestedControlSequence? ReadSuggestedControlSequence(in AvpFields fields)
    {
        if (!fields.Has(AvpType.SuggestedControlSequence))
            return null;
        var value = fields.Value(AvpType.SuggestedControlSequence)[ReservedSize..];
        return new SuggestedControlSequence(BinaryPrimitives.ReadUInt16BigEndian(value), BinaryPrimitives.ReadUInt16BigEndian(value[2..]));
    }

    public static void WriteSuggestedControlSequence(ref AvpWriter writer, SuggestedControlSequence? sequence)
    {
        if (sequence is null)
            return;
        Span<byte> octets = stackalloc byte[6];
        octets.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], sequence.Ns);
        BinaryPrimitives.WriteUInt16BigEndian(octets[4..], sequence.Nr);
        writer.Octets(AvpType.SuggestedControlSequence, octets);
    }

    /// <summary>All Failover Session State AVPs 79 (RFC 4951); their number is limited by the length of the message.</summary>
    public static FailoverSessionState[] ReadFailoverSessions(in AvpFields fields, uint idMask)
    {
        var sessions = new List<FailoverSessionState>();
        var repeats = fields.All(AvpType.FailoverSessionState);
        while (repeats.TryRead(out var value))
        {
            var session = BinaryPrimitives.ReadUInt32BigEndian(value[ReservedSize..]) & idMask;
            var remote = BinaryPrimitives.ReadUInt32BigEndian(value[(ReservedSize + sizeof(uint))..]) & idMask;
            sessions.Add(new FailoverSessionState(new SessionId(session), new SessionId(remote)));
        }

        return [.. sessions];
    }

    public static void WriteFailoverSessions(ref AvpWriter writer, FailoverSessionState[] sessions)
    {
        foreach (var state in sessions)
            WriteReservedAndPair(ref writer, AvpType.FailoverSessionState, state.SessionId.Value, state.RemoteSessionId.Value);
    }

    /// <summary>Pseudowire Capabilities List AVP 62: 16-bit types.</summary>
    public static PseudowireType[]? ReadPseudowireCapabilities(in AvpFields fields)
    {
        if (!fields.Has(AvpType.PseudowireCapabilitiesList))
            return null;
        var value = fields.Value(AvpType.PseudowireCapabilitiesList);
        var types = new PseudowireType[value.Length / sizeof(ushort)];
        for (var i = 0; i < types.Length; i++)
            types[i] = (PseudowireType)BinaryPrimitives.ReadUInt16BigEndian(value[(i * sizeof(ushort))..]);
        return types;
    }

    public static void WritePseudowireCapabilities(ref AvpWriter writer, PseudowireType[]? types)
    {
        if (types is null)
            return;
        Span<byte> octets = stackalloc byte[AvpFormat.MaxValueSize];
        var count = Math.Min(types.Length, octets.Length / sizeof(ushort));
        for (var i = 0; i < count; i++)
            BinaryPrimitives.WriteUInt16BigEndian(octets[(i * sizeof(ushort))..], (ushort)types[i]);
        writer.Octets(AvpType.PseudowireCapabilitiesList, octets[..(count * sizeof(ushort))]);
    }

    /// <summary>VCCV Capability AVP 96 (RFC 5085).</summary>
    public static VccvCapability? ReadVccv(in AvpFields fields)
    {
        if (!fields.Has(AvpType.VccvCapability))
            return null;
        var value = fields.Value(AvpType.VccvCapability);
        return new VccvCapability(value[0], value[1]);
    }

    public static void WriteVccv(ref AvpWriter writer, VccvCapability? capability)
    {
        if (capability is not null)
            writer.Octets(AvpType.VccvCapability, [capability.ControlChannelTypes, capability.ConnectivityVerificationTypes]);
    }

    private static void WriteReservedAndPair(ref AvpWriter writer, AvpType type, uint first, uint second)
    {
        Span<byte> octets = stackalloc byte[ReservedSize + (2 * sizeof(uint))];
        octets.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(octets[ReservedSize..], first);
        BinaryPrimitives.WriteUInt32BigEndian(octets[(ReservedSize + sizeof(uint))..], second);
        writer.Octets(type, octets);
    }

    private static uint Counter(ReadOnlySpan<byte> counters, int index) =>
        BinaryPrimitives.ReadUInt32BigEndian(counters[(index * sizeof(uint))..]);

    private static string? Text(ReadOnlySpan<byte> octets) => octets.IsEmpty ? null : Encoding.UTF8.GetString(octets);
}
