using System.Buffers.Binary;
using L2tpd.Protocol.Avps;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>A subscriber's DSL line, from the AVPs of RFC 5515 to the attributes of RFC 4679, which have the same numbers.</summary>
internal static class LineDescription
{
    private const int LongestValue = 63;

    /// <summary>
    /// The attributes as a Vendor-Specific attribute of the ADSL Forum has them, <c>type:1 length:1 value</c> each, in hexadecimal;
    /// <c>null</c> if the LAC sent none.
    /// </summary>
    public static string? Of(DslLine? line)
    {
        if (line is null)
            return null;

        var octets = new List<byte>();
        Add(octets, AdslForumAvpType.AgentCircuitId, line.AgentCircuitId);
        Add(octets, AdslForumAvpType.AgentRemoteId, line.AgentRemoteId);
        AddRate(octets, AdslForumAvpType.ActualRateUp, line.ActualRateUp);
        AddRate(octets, AdslForumAvpType.ActualRateDown, line.ActualRateDown);
        AddRate(octets, AdslForumAvpType.MinimumRateUp, line.MinimumRateUp);
        AddRate(octets, AdslForumAvpType.MinimumRateDown, line.MinimumRateDown);
        AddRate(octets, AdslForumAvpType.AttainableRateUp, line.AttainableRateUp);
        AddRate(octets, AdslForumAvpType.AttainableRateDown, line.AttainableRateDown);
        AddRate(octets, AdslForumAvpType.MaximumRateUp, line.MaximumRateUp);
        AddRate(octets, AdslForumAvpType.MaximumRateDown, line.MaximumRateDown);
        AddRate(octets, AdslForumAvpType.MinimumRateUpLowPower, line.MinimumRateUpLowPower);
        AddRate(octets, AdslForumAvpType.MinimumRateDownLowPower, line.MinimumRateDownLowPower);
        AddRate(octets, AdslForumAvpType.MaximumInterleavingDelayUp, line.MaximumInterleavingDelayUp);
        AddRate(octets, AdslForumAvpType.ActualInterleavingDelayUp, line.ActualInterleavingDelayUp);
        AddRate(octets, AdslForumAvpType.MaximumInterleavingDelayDown, line.MaximumInterleavingDelayDown);
        AddRate(octets, AdslForumAvpType.ActualInterleavingDelayDown, line.ActualInterleavingDelayDown);
        Add(octets, AdslForumAvpType.AccessLoopEncapsulation, line.AccessLoopEncapsulation);
        return octets.Count == 0 ? null : Convert.ToHexString([.. octets]);
    }

    // RFC 4679 sections 3.3.1 and 3.3.2: at most 63 octets.
    private static void Add(List<byte> octets, AdslForumAvpType type, byte[]? value)
    {
        if (value is not { Length: > 0 })
            return;

        var length = Math.Min(value.Length, LongestValue);
        octets.AddRange([(byte)type, (byte)(length + 2), .. value.AsSpan(0, length)]);
    }

    // 32 bits in RADIUS, 64 in L2TP: a rate above 4 Gbit/s is cut.
    private static void AddRate(List<byte> octets, AdslForumAvpType type, ulong? value)
    {
        if (value is not { } number)
            return;

        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, (uint)Math.Min(number, uint.MaxValue));
        octets.AddRange([(byte)type, 6, .. four]);
    }
}
