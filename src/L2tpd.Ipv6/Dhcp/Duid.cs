namespace L2tpd.Ipv6.Dhcp;

/// <summary>
/// The server's identifier (RFC 8415 section 11): DUID-UUID (RFC 6355), since a PPP link has no hardware address, and that of another
/// interface may change.
/// </summary>
public static class Duid
{
    /// <summary>Longest identifier: a type and 128 octets (section 11.1).</summary>
    public const int LongestSize = 130;

    /// <summary>Octets of ours.</summary>
    public const int Size = 18;

    private const byte UuidType = 4;

    /// <summary>An identifier of 16 random octets, which become a UUID of version 4 (RFC 9562 section 5.4).</summary>
    public static byte[] FromRandom(ReadOnlySpan<byte> random)
    {
        var duid = new byte[Size];
        duid[1] = UuidType;
        random[..16].CopyTo(duid.AsSpan(2));
        duid[8] = (byte)((duid[8] & 0x0f) | 0x40);
        duid[10] = (byte)((duid[10] & 0x3f) | 0x80);
        return duid;
    }

    /// <summary>The text that a file keeps: hexadecimal digits and a line feed.</summary>
    public static string Format(ReadOnlySpan<byte> duid) => Convert.ToHexStringLower(duid) + "\n";

    /// <summary>Reads <see cref="Format"/>; an identifier of any type is accepted, so that an operator can keep that of another
    /// server.</summary>
    /// <returns><c>null</c> if the text is no identifier.</returns>
    public static byte[]? Parse(string text)
    {
        var digits = text.Trim();
        if (digits.Length is < 6 or > 2 * LongestSize || digits.Length % 2 != 0 || !digits.All(char.IsAsciiHexDigit))
            return null;
        return Convert.FromHexString(digits);
    }
}
