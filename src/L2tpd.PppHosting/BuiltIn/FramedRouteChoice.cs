using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration;
using L2tpd.Ppp;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>Chooses which routes of a user lead to its session (RFC 2865 sections 5.9 and 5.22, RFC 3162 section 2.5).</summary>
/// <param name="rules">The profile's rules.</param>
/// <param name="tunnelEnd">The tunnel's other end, which no route of the session may cover.</param>
public sealed class FramedRouteChoice(FramedRouteRules rules, IPAddress tunnelEnd)
{
    /// <summary>A route of this length or shorter counts as a default route: two halves cover everything.</summary>
    private const int DefaultLengthV4 = 1;

    /// <summary>As <see cref="DefaultLengthV4"/>: 2000::/3 is all that is routed.</summary>
    private const int DefaultLengthV6 = 3;

    /// <summary>The routes of one family, each with the reason why it is not installed; <c>null</c>: it is.</summary>
    /// <param name="authorisation">What the user may have.</param>
    /// <param name="peer">The peer's address; of IPv6, its link-local one.</param>
    /// <param name="isIPv6">The family.</param>
    public IReadOnlyList<(FramedRoute Route, string? Objection)> Of(Authorisation authorisation, IPAddress? peer, bool isIPv6)
    {
        var chosen = new List<(FramedRoute, string?)>();
        var seen = new HashSet<IPNetwork>();
        var behind = new List<IPNetwork>(isIPv6 ? authorisation.Ipv6Prefixes.AddRange(authorisation.DelegatedPrefixes) : []);
        if (!isIPv6 && NetworkOf(authorisation) is { } network)
        {
            behind.Add(network);
            Add(new FramedRoute(network, null, 0));
        }

        foreach (var route in authorisation.Routes)
        {
            if ((route.Destination.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6) == isIPv6)
                Add(route);
        }

        return chosen;

        void Add(FramedRoute route)
        {
            // The peer's own address is routed already.
            if (IsHost(route.Destination) && route.Destination.BaseAddress.Equals(peer))
                return;
            if (!seen.Add(route.Destination))
                return;
            var objection = Objection(route, peer, behind) ?? (chosen.Count >= rules.Limit
                ? $"the session has {rules.Limit} routes already (`framed-routes: {{ limit }}`)" : null);
            // One entry stands for all that are beyond the limit.
            if (chosen.Count <= rules.Limit)
                chosen.Add((route, objection));
        }
    }

    /// <summary>The network of a fixed address (Framed-IP-Netmask); <c>null</c>: the address alone.</summary>
    private static IPNetwork? NetworkOf(Authorisation authorisation)
    {
        if (authorisation is not { AddressSource: AddressSource.Fixed, PrefixLength: > 0 and < 32 and var length })
            return null;
        var mask = uint.MaxValue << (32 - length);
        return new IPNetwork(new Ipv4Address(authorisation.Address.Value & mask).ToIPAddress(), length);
    }

    private string? Objection(FramedRoute route, IPAddress? peer, List<IPNetwork> behind)
    {
        var (destination, gateway) = (route.Destination, route.Gateway);
        if (!rules.Covering && IsDefault(destination))
            return "it is a default route (`framed-routes: { covering: true }` permits it)";
        if (!rules.Covering && destination.BaseAddress.AddressFamily == tunnelEnd.AddressFamily && destination.Contains(tunnelEnd))
            return $"it covers the tunnel's other end {tunnelEnd} (`framed-routes: {{ covering: true }}` permits it)";
        if (!IsDefault(destination) && !IsUnicast(destination.BaseAddress))
            return "it is no network of hosts";
        return gateway is null || gateway.Equals(peer) || gateway.IsIPv6LinkLocal || behind.Exists(network => network.Contains(gateway))
            || destination.Contains(gateway)
            ? null : $"its gateway {gateway} is not behind the session";
    }

    private static bool IsDefault(IPNetwork network) => network.PrefixLength
        <= (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? DefaultLengthV4 : DefaultLengthV6);

    private static bool IsHost(IPNetwork network) =>
        network.PrefixLength == (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    private static bool IsUnicast(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.GetAddressBytes()[0] is not (0 or 127 or >= 224)
        : address.GetAddressBytes()[0] is not (0 or 0xff) && !address.IsIPv6LinkLocal;
}
