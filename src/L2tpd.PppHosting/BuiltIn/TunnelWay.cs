using System.Net;
using System.Net.Sockets;
using L2tpd.Linux.Netlink;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>The way to a tunnel's other end as it would be without the sessions' own default routes and their guards.</summary>
internal static class TunnelWay
{
    /// <summary>What guards are marked with (rtm_protocol, <c>ip route</c> says <c>proto 115</c>): L2TP's own number. Nobody else's routes are ever touched.</summary>
    public const byte GuardProtocol = 115;

    /// <summary>The best of the routes in a table, else in the main one: the longest prefix, then the lowest metric. Null: there is no way.</summary>
    /// <param name="routes">All routes of the family.</param>
    /// <param name="end">The tunnel's other end.</param>
    /// <param name="table">Where the way was found before there was a default route of ours: rules may lead elsewhere than to the main table.</param>
    /// <param name="ours">Interfaces of sessions that have a default route: a tunnel does not go through a tunnel.</param>
    public static NetworkRoute? Choose(IReadOnlyList<NetworkRoute> routes, IPAddress end, uint table, IReadOnlySet<uint> ours) =>
        BestOf(routes, end, table, ours) ?? (table == NetworkRoute.MainTable ? null : BestOf(routes, end, NetworkRoute.MainTable, ours));

    /// <summary>The same way for that address alone.</summary>
    public static NetworkRoute GuardOf(NetworkRoute way, IPAddress end) => way with
    {
        Destination = end,
        PrefixLength = LongestPrefix(end),
        Table = NetworkRoute.MainTable,
        Protocol = GuardProtocol,
        Metric = 0,
    };

    /// <summary>The route is a guard, of this run or of one that was killed.</summary>
    public static bool IsGuard(NetworkRoute route) =>
        route is { Protocol: GuardProtocol, Table: NetworkRoute.MainTable } && route.PrefixLength == LongestPrefix(route.Destination);

    /// <summary>The two lead the same way; what the kernel fills in by itself does not count.</summary>
    public static bool IsSame(NetworkRoute guard, NetworkRoute other) =>
        guard.Destination.Equals(other.Destination) && Equals(guard.Gateway, other.Gateway) && guard.Interface == other.Interface
        && Equals(guard.Source, other.Source) && guard.Mtu == other.Mtu && guard.IsUsable == other.IsUsable;

    /// <summary>The route is no guard, and to the same address with the same metric as the guard: of the two the first counts.</summary>
    public static bool IsRival(NetworkRoute route, NetworkRoute guard) =>
        !IsGuard(route) && route.Table == guard.Table && route.PrefixLength == guard.PrefixLength && route.Metric == guard.Metric && route.Destination.Equals(guard.Destination);

    /// <summary>Prefix length of one address.</summary>
    public static int LongestPrefix(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;

    private static NetworkRoute? BestOf(IReadOnlyList<NetworkRoute> routes, IPAddress end, uint table, IReadOnlySet<uint> ours)
    {
        NetworkRoute? best = null;
        foreach (var route in routes)
        {
            if (route.Table != table || ours.Contains(route.Interface) || IsGuard(route) || !route.Contains(end))
                continue;
            if (best is null || route.PrefixLength > best.PrefixLength || (route.PrefixLength == best.PrefixLength && IsBetter(route, best)))
                best = route;
        }

        return best is { IsUsable: true } ? best : null;
    }

    /// <summary>Of the next routers of one route the first that is there, or whichever has the lower metric.</summary>
    private static bool IsBetter(NetworkRoute route, NetworkRoute best) => (route.IsUsable, best.IsUsable) switch
    {
        (true, false) => true,
        (false, true) => false,
        _ => route.Metric < best.Metric,
    };
}
