using System.Net;

namespace L2tpd.Radius.Wire;

/// <summary>
/// IPv6 prefixes as Framed-IPv6-Prefix, Delegated-IPv6-Prefix and Route-IPv6-Information carry them (RFC 3162 section 2.3, RFC 4818, RFC
/// 6911): <c>reserved:1 length:1 prefix:0..16</c>, where the prefix may be cut to the octets that its length needs.
/// </summary>
public static class PrefixValue
{
    /// <summary>Octets of the longest value.</summary>
    public const int MaxSize = 18;

    /// <summary>Reads a prefix; bits after its length are set to zero.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out IPNetwork prefix)
    {
        prefix = default;
        if (value.Length is < 2 or > MaxSize || value[1] > 128 || value.Length - 2 < (value[1] + 7) / 8)
            return false;
        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        int length = value[1];
        value[2..].CopyTo(octets);
        for (var i = 0; i < octets.Length; i++)
            octets[i] &= (byte)(0xff00 >> Math.Clamp(length - (8 * i), 0, 8));
        prefix = new IPNetwork(new IPAddress(octets), length);
        return true;
    }

    /// <summary>Writes a prefix, cut to the octets that it needs.</summary>
    /// <returns>Octets written to <paramref name="value"/>.</returns>
    public static int Write(IPNetwork prefix, Span<byte> value)
    {
        value[0] = 0;
        value[1] = (byte)prefix.PrefixLength;
        Span<byte> octets = stackalloc byte[16];
        prefix.BaseAddress.TryWriteBytes(octets, out _);
        var needed = (prefix.PrefixLength + 7) / 8;
        octets[..needed].CopyTo(value[2..]);
        return 2 + needed;
    }
}
