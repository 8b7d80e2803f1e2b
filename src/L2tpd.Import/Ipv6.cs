using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.Import;

/// <summary>IPv6 addresses and prefixes as text.</summary>
internal static class Ipv6
{
    /// <summary>An address that a host can have.</summary>
    public static bool IsHost(string text) => TryRead(text, out var address)
        && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.IPv6Loopback) && !address.IsIPv6Multicast;

    /// <summary>A prefix without bits behind its length.</summary>
    public static bool TryReadPrefix(string text, out string prefix, out int bits)
    {
        (prefix, bits) = ("", 0);
        var parts = text.Split('/');
        if (parts.Length != 2 || !TryRead(parts[0], out var address)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out bits) || bits > 128
            || !IPNetwork.TryParse(string.Create(CultureInfo.InvariantCulture, $"{address}/{bits}"), out _))
        {
            return false;
        }

        prefix = address.ToString();
        return true;
    }

    public static bool Overlap(string one, string other) =>
        IPNetwork.TryParse(one, out var first) && IPNetwork.TryParse(other, out var second)
        && (first.Contains(second.BaseAddress) || second.Contains(first.BaseAddress));

    private static bool TryRead(string text, out IPAddress address)
    {
        address = IPAddress.IPv6None;
        if (text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal)
            || !IPAddress.TryParse(text, out var read) || read.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        address = read;
        return true;
    }
}
