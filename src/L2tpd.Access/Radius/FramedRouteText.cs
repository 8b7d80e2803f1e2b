using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>
/// The text of Framed-Route (RFC 2865 section 5.22) and Framed-IPv6-Route (RFC 3162 section 2.5): <c>destination[/length] [gateway [metric
/// ...]]</c>. In IPv4 a mask may stand for the length. A gateway of zeros is the session itself.
/// </summary>
public static class FramedRouteText
{
    private static readonly char[] Spaces = [' ', '\t', '\0'];

    /// <summary>The IPv4 route; <c>null</c> if the text is none.</summary>
    public static FramedRoute? Parse(string text)
    {
        var words = text.Split(Spaces, StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 && TryDestination(words[0], out var destination)
            ? WithGateway(destination, words, AddressFamily.InterNetwork) : null;
    }

    /// <summary>The IPv6 route; <c>null</c> if the text is none. Without a length the destination is one address.</summary>
    public static FramedRoute? ParseIpv6(string text)
    {
        var words = text.Split(Spaces, StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 && TryDestination6(words[0], out var destination)
            ? WithGateway(destination, words, AddressFamily.InterNetworkV6) : null;
    }

    /// <summary>A route of either family, as an operator writes it.</summary>
    public static FramedRoute? ParseAny(string text) => text.Contains(':', StringComparison.Ordinal) ? ParseIpv6(text) : Parse(text);

    /// <summary>A metric that is negative or no number counts as none.</summary>
    private static FramedRoute? WithGateway(IPNetwork destination, string[] words, AddressFamily family)
    {
        IPAddress? gateway = null;
        if (words.Length > 1 && !IPAddress.TryParse(words[1], out gateway))
            return null;
        if (gateway is not null
            && (gateway.AddressFamily != family || gateway.Equals(IPAddress.Any) || gateway.Equals(IPAddress.IPv6Any)))
        {
            gateway = null;
        }

        return new FramedRoute(destination, gateway,
            words.Length > 2 && uint.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var metric) ? metric : 0);
    }

    private static bool TryDestination6(string word, out IPNetwork destination)
    {
        destination = default;
        var slash = word.IndexOf('/', StringComparison.Ordinal);
        var length = 128;
        if (slash >= 0
            && (!int.TryParse(word.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > 128))
        {
            return false;
        }

        if (!IPAddress.TryParse(slash < 0 ? word : word.AsSpan(0, slash), out var address)
            || address.AddressFamily != AddressFamily.InterNetworkV6 || address.ScopeId != 0)
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out _);
        for (var i = 0; i < octets.Length; i++)
            octets[i] &= (byte)(0xff00 >> Math.Clamp(length - (8 * i), 0, 8));
        destination = new IPNetwork(new IPAddress(octets), length);
        return true;
    }

    private static bool TryDestination(string word, out IPNetwork destination)
    {
        destination = default;
        var slash = word.IndexOf('/', StringComparison.Ordinal);
        if (!Ipv4Address.TryParse(slash < 0 ? word : word.AsSpan(0, slash), out var address))
            return false;

        var length = slash < 0 ? LengthOf(address.Value) : LengthOf(word[(slash + 1)..]);
        if (length is < 0 or > 32)
            return false;

        var mask = length == 0 ? 0 : uint.MaxValue << (32 - length);
        destination = new IPNetwork(IPAddress.Parse(new Ipv4Address(address.Value & mask).ToString()), length);
        return true;
    }

    /// <summary>The class of the address by RFC 2865, or a single host if the class would cut off set bits.</summary>
    private static int LengthOf(uint address)
    {
        var length = (address >> 24) switch
        {
            < 128 => 8,
            < 192 => 16,
            _ => 24,
        };
        return (address & (uint.MaxValue >> length)) == 0 ? length : 32;
    }

    private static int LengthOf(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return length;

        return Ipv4Address.TryParse(text, out var mask) && (~mask.Value & (~mask.Value + 1)) == 0 ? BitOperations.PopCount(mask.Value) : -1;
    }
}
