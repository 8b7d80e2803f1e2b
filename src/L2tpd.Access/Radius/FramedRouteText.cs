using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>
/// The text of Framed-Route (RFC 2865 section 5.22): <c>destination[/length] [gateway [metric ...]]</c>. A mask may stand for the length.
/// </summary>
internal static class FramedRouteText
{
    /// <summary>The route; <c>null</c> if the text is none.</summary>
    public static FramedRoute? Parse(string text)
    {
        var words = text.Split((char[])[' ', '\t', '\0'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !TryDestination(words[0], out var destination))
            return null;

        IPAddress? gateway = null;
        if (words.Length > 1 && !IPAddress.TryParse(words[1], out gateway))
            return null;
        if (gateway is not null && (gateway.AddressFamily != AddressFamily.InterNetwork || gateway.Equals(IPAddress.Any)))
            gateway = null;

        return new FramedRoute(destination, gateway,
            words.Length > 2 && uint.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var metric) ? metric : 0);
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
