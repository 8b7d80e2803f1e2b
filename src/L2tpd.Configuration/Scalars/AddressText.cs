using System.Globalization;
using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;

namespace L2tpd.Configuration.Scalars;

/// <summary>Addresses, prefixes, ranges and hosts.</summary>
internal static class AddressText
{
    private const ushort L2tpPort = 1701;
    private const string IpPrefix = "ip:";

    // A host name, brackets and a port.
    private const int LongestEndpoint = 300;

    public static ScalarType<IPAddress> Any => new("an IP address", static text =>
        TryAddress(text, out var address) ? Parsed<IPAddress>.Of(address) : Parsed<IPAddress>.Wrong($"`{text}` is not an IP address"));

    public static ScalarType<IPAddress> V4 => new("an IPv4 address", static text =>
        TryV4(text, out var address) ? Parsed<IPAddress>.Of(address) : Parsed<IPAddress>.Wrong($"`{text}` is not an IPv4 address"));

    /// <summary>An IPv4 address that a host can have: not of 0.0.0.0/8, 127.0.0.0/8 and 224.0.0.0/4, and not 255.255.255.255.</summary>
    public static ScalarType<IPAddress> HostV4 => new("an IPv4 address", static text =>
    {
        var parsed = V4.Parse(text);
        return parsed.Succeeded && !IsHostV4(parsed.Value) ? Parsed<IPAddress>.Wrong($"{text} is not a valid host address") : parsed;
    });

    /// <summary>Whether <see cref="HostV4"/> accepts the address.</summary>
    public static bool IsHostV4(IPAddress address) =>
        address.GetAddressBytes() is [var first, ..] and { Length: 4 } && first is not (0 or 127 or (>= 224 and <= 239))
            && !address.Equals(IPAddress.Broadcast);

    /// <summary>An IPv6 address that others can reach: not ::, ::1, link-local or multicast.</summary>
    public static ScalarType<IPAddress> HostV6 => new("an IPv6 address", static text =>
        !TryAddress(text, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6
            ? Parsed<IPAddress>.Wrong($"`{text}` is not an IPv6 address")
        : address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(address)
            ? Parsed<IPAddress>.Wrong($"{text} cannot be reached by others: write a global address")
        : Parsed<IPAddress>.Of(address));

    /// <summary>A domain of DNS.</summary>
    public static ScalarType<string> Domain => new("a domain such as example.net", static text =>
        IsHostName(text) ? Parsed<string>.Of(text.TrimEnd('.')) : Parsed<string>.Wrong($"`{text}` is not a domain"));

    /// <summary>A prefix, or an address, which is a prefix with one address.</summary>
    public static ScalarType<IPNetwork> Prefix => new("a prefix such as 10.0.0.0/8", ParsePrefix);

    /// <c>address</c>, <c>address:port</c>, <c>[v6]:port</c>; port 1701 if it has none.
    public static ScalarType<IPEndPoint> Endpoint => new("an address and port such as 0.0.0.0:1701", static text =>
        PortProblem(text) is { } problem ? Parsed<IPEndPoint>.Wrong(problem)
        : TrySplit(text, out var host, out var port) && TryAddress(host, out var address)
            ? Parsed<IPEndPoint>.Of(new IPEndPoint(address, port))
        : Parsed<IPEndPoint>.Wrong($"`{text}` is not an address and port; write `192.0.2.1:1701` or `[2001:db8::1]:1701`"));

    /// <c>address:port</c>, <c>[v6]:port</c>; the port is required.
    public static ScalarType<IPEndPoint> EndpointWithPort => new("an address and port such as 127.0.0.1:9101", static text =>
    {
        var endpoint = Endpoint.Parse(text);
        return endpoint.Succeeded && !text.EndsWith($":{endpoint.Value.Port}", StringComparison.Ordinal)
            ? Parsed<IPEndPoint>.Wrong($"`{text}` has no port; write `{text}:9101`")
            : endpoint;
    });

    /// <see cref="Endpoint"/> for UDP; <c>ip:address</c> for IP protocol 115, which has no ports.
    public static ScalarType<Listener> Listener => new("an address and port such as 0.0.0.0:1701, or ip:0.0.0.0", static text =>
    {
        if (!text.StartsWith(IpPrefix, StringComparison.Ordinal))
        {
            var endpoint = Endpoint.Parse(text);
            return endpoint.Succeeded
                ? Parsed<Listener>.Of(new Listener(endpoint.Value.Address, (ushort)endpoint.Value.Port))
                : Parsed<Listener>.Wrong(endpoint.Problem!);
        }

        var bare = text[IpPrefix.Length..];
        if (bare.StartsWith('[') && bare.EndsWith(']'))
            bare = bare[1..^1];
        return TryAddress(bare, out var address)
            ? Parsed<Listener>.Of(new Listener(address, Carrier: DataCarrier.Ip))
            : Parsed<Listener>.Wrong($"`{text}` is not an address for IP protocol 115, which has no ports; write `ip:192.0.2.1` or "
                + "`ip:[2001:db8::1]`");
    });

    /// <summary>A host name or address, with a port if it is not 1701.</summary>
    public static ScalarType<RemoteHost> Host => new("a host name or address", static text =>
        PortProblem(text) is { } problem ? Parsed<RemoteHost>.Wrong(problem)
        : TrySplit(text, out var host, out var port) && (TryAddress(host, out _) || IsHostName(host))
            ? Parsed<RemoteHost>.Of(new RemoteHost(host, port))
        : Parsed<RemoteHost>.Wrong($"`{text}` is not a host name or address"));

    /// <summary>An address for an interface, with its prefix length: <c>192.0.2.1/24</c>.</summary>
    public static ScalarType<string> InterfaceAddress => new("an address with prefix length such as 192.0.2.1/24", static text =>
        text.Split('/') is [var host, var length] && TryAddress(host, out var address)
        && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
        && bits <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
            ? Parsed<string>.Of($"{address}/{bits}")
            : Parsed<string>.Wrong($"`{text}` is not an address with prefix length; write `192.0.2.1/24`"));

    /// <c>first-last</c>, a prefix, or one address; IPv4. A prefix up to /30 is read without its network and broadcast address.
    public static ScalarType<AddressRange> Range => new("a range such as 10.0.0.10-10.0.0.250", ParseRange);

    private static bool TryAddress(string text, out IPAddress address)
    {
        // The framework accepts 10.1 and 012.0.0.1 as addresses. Here they are errors, because they are probably typing errors.
        if (text.Contains(':', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal))
            return IPAddress.TryParse(text, out address!);
        return TryV4(text, out address);
    }

    private static bool TryV4(string text, out IPAddress address)
    {
        var parts = text.Split('.');
        address = IPAddress.None;
        return parts.Length == 4
            && parts.All(static part => part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0'))
            && IPAddress.TryParse(text, out address!);
    }

    private static bool TrySplit(string text, out string host, out ushort port)
    {
        host = text;
        port = L2tpPort;
        var bracket = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        if (bracket > 0)
        {
            host = text[1..bracket];
            return host.Contains(':', StringComparison.Ordinal)
                && (bracket == text.Length - 1 || (text[bracket + 1] == ':' && TryPort(text[(bracket + 2)..], out port)));
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || colon != text.LastIndexOf(':'))
            return text.Length > 0;
        host = text[..colon];
        return TryPort(text[(colon + 1)..], out port);
    }

    // Finds an IPv6 address whose last group may be meant as a port, and an invalid port after a valid address.
    private static string? PortProblem(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.Length > LongestEndpoint)
            return null;
        var (host, port) = (text[..colon], text[(colon + 1)..]);
        if (port.Length == 0 || !port.All(char.IsAsciiDigit))
            return null;
        if (!host.StartsWith('[') && host.Contains(':', StringComparison.Ordinal))
        {
            return IPAddress.TryParse(host, out _) && (port == "1701" || !IPAddress.TryParse(text, out _))
                ? $"`{text}` has no brackets, so that `{port}` is read as part of the address; write `[{host}]:{port}` for the port"
                    + (port == "1701" ? $", or `[{text}]` for the address" : "")
                : null;
        }

        return TryPort(port, out _) ? null : $"{port} is not a port; from 1 to 65535";
    }

    private static bool TryPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port != 0;

    private static bool IsHostName(string text) =>
        text.Length <= 253 && !text.All(static letter => char.IsAsciiDigit(letter) || letter == '.')
        && text.TrimEnd('.').Split('.').All(static label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
            && label.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'));

    private static Parsed<IPNetwork> ParsePrefix(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryAddress(slash < 0 ? text : text[..slash], out var address))
            return Wrong();
        var bits = address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length)
            || length > bits))
        {
            return Wrong();
        }

        var network = Masked(address, length);
        return network.Equals(address)
            ? Parsed<IPNetwork>.Of(new IPNetwork(network, length))
            : Parsed<IPNetwork>.Wrong($"`{text}` has bits set after the prefix; did you mean `{network}/{length}`?");

        Parsed<IPNetwork> Wrong() => Parsed<IPNetwork>.Wrong($"`{text}` is not a prefix; write `192.0.2.0/24` or `2001:db8::/32`");
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var octets = address.GetAddressBytes();
        for (var i = 0; i < octets.Length; i++)
        {
            var kept = Math.Clamp(length - (i * 8), 0, 8);
            octets[i] &= (byte)(0xff << (8 - kept));
        }

        return new IPAddress(octets);
    }

    private static Parsed<AddressRange> ParseRange(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash >= 0 && TryV4(text[..dash].Trim(), out var first) && TryV4(text[(dash + 1)..].Trim(), out var last))
        {
            var range = new AddressRange(first, last);
            return range.Count > 0
                ? OfHosts(text, range)
                : Parsed<AddressRange>.Wrong($"`{text}` ends before it begins; did you mean `{last}-{first}`?");
        }

        if (dash < 0 && !text.Contains('/', StringComparison.Ordinal) && TryV4(text, out var single))
            return OfHosts(text, new AddressRange(single, single));
        if (dash >= 0 || !text.Contains('/', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal))
        {
            return Parsed<AddressRange>.Wrong($"`{text}` is not a range of IPv4 addresses; "
                + (RangeMeant(text) is { } meant ? $"did you mean `{meant}`?" : "write `10.0.0.10-10.0.0.250` or `10.0.0.0/24`"));
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryV4(text[..slash], out _)
            || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var bits) || bits > 32)
        {
            return Parsed<AddressRange>.Wrong(
                $"`{text}` is not a range of IPv4 addresses; write `10.0.0.0/24`, with a length from 0 to 32, or `10.0.0.10-10.0.0.250`");
        }

        var prefix = ParsePrefix(text);
        return prefix.Problem is null ? OfHosts(text, HostsOf(prefix.Value)) : Parsed<AddressRange>.Wrong(prefix.Problem);
    }

    // 10.0.0.10-250 and 10.0.0.10..10.0.0.250, 10.0.0.10 to 10.0.0.250.
    private static string? RangeMeant(string text)
    {
        if (text.Length > 64)
            return null;
        foreach (var between in new[] { "..", " to ", "-", ",", " " })
        {
            if (text.Split(between, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is not [var from, var to]
                || !TryV4(from, out _))
            {
                continue;
            }

            var whole = from[..(from.LastIndexOf('.') + 1)] + to;
            return TryV4(to, out _) ? $"{from}-{to}" : TryV4(whole, out _) ? $"{from}-{whole}" : null;
        }

        return null;
    }

    private static Parsed<AddressRange> OfHosts(string text, AddressRange range) =>
        IsHostV4(range.First) && IsHostV4(range.Last) && !NotOfHosts.Any(range.Overlaps)
            ? Parsed<AddressRange>.Of(range)
            : Parsed<AddressRange>.Wrong($"`{text}` contains addresses that no host can have: of 0.0.0.0/8, 127.0.0.0/8 or 224.0.0.0/4, "
                + "or 255.255.255.255");

    private static readonly AddressRange[] NotOfHosts =
    [
        new(IPAddress.Parse("0.0.0.0"), IPAddress.Parse("0.255.255.255")),
        new(IPAddress.Parse("127.0.0.0"), IPAddress.Parse("127.255.255.255")),
        new(IPAddress.Parse("224.0.0.0"), IPAddress.Parse("239.255.255.255")), new(IPAddress.Broadcast, IPAddress.Broadcast),
    ];

    private static AddressRange HostsOf(IPNetwork network)
    {
        var whole = new AddressRange(network.BaseAddress, network.BaseAddress);
        var count = 1UL << (32 - network.PrefixLength);
        var (skip, end) = network.PrefixLength <= 30 ? (1u, 2u) : (0u, 1u);
        return new AddressRange(
            AddressRange.FromNumber(whole.FirstNumber + skip),
            AddressRange.FromNumber((uint)(whole.FirstNumber + count - end)));
    }
}
