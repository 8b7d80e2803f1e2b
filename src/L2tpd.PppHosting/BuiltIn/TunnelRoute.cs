using System.Net;
using System.Net.Sockets;
using L2tpd.Linux.Netlink;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>The route to a tunnel's other end, computed without the default routes of sessions and without guards.</summary>
internal static class TunnelRoute
{
    /// <summary>The mark of guards (rtm_protocol; <c>proto 115</c> in <c>ip route</c>). Routes without it are never changed.</summary>
    public const byte GuardProtocol = 115;

    /// <summary>
    /// The best route of a table, or of the main table if that has none: the longest prefix, then the lowest metric. <c>null</c>: no route.
    /// </summary>
    /// <param name="routes">All routes of the family.</param>
    /// <param name="end">The tunnel's other end.</param>
    /// <param name="table">The table of the route before our default route was added: rules may select another than the main table.</param>
    /// <param name="ours">Interfaces of sessions that have a default route: a tunnel does not go through a tunnel.</param>
    public static NetworkRoute? Choose(IReadOnlyList<NetworkRoute> routes, IPAddress end, uint table, IReadOnlySet<uint> ours) =>
        BestOf(routes, end, table, ours) ?? (table == NetworkRoute.MainTable ? null : BestOf(routes, end, NetworkRoute.MainTable, ours));

    /// <summary>The same next hop, for that address alone.</summary>
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

    /// <summary>The two have the same next hop; what the kernel adds by itself is not compared.</summary>
    public static bool IsSame(NetworkRoute guard, NetworkRoute other) =>
        guard.Destination.Equals(other.Destination) && Equals(guard.Gateway, other.Gateway) && guard.Interface == other.Interface
        && Equals(guard.Source, other.Source) && guard.Mtu == other.Mtu && guard.IsUsable == other.IsUsable;

    /// <summary>The route is not a guard but has the guard's address and metric: of the two, the first one counts.</summary>
    public static bool IsRival(NetworkRoute route, NetworkRoute guard) =>
        !IsGuard(route) && route.Table == guard.Table && route.PrefixLength == guard.PrefixLength && route.Metric == guard.Metric
        && route.Destination.Equals(guard.Destination);

    /// <summary>Prefix length of one address.</summary>
    public static int LongestPrefix(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;

    private static NetworkRoute? BestOf(IReadOnlyList<NetworkRoute> routes, IPAddress end, uint table, IReadOnlySet<uint> ours)
    {
        NetworkRoute? best = null;
        foreach (var route in routes)
        {
            if (route.Table != table || ours.Contains(route.Interface) || IsGuard(route) || !route.Contains(end))
                continue;
            if (best is null || route.PrefixLength > best.PrefixLength
                || (route.PrefixLength == best.PrefixLength && IsBetter(route, best)))
            {
                best = route;
            }
        }

        return best is { IsUsable: true } ? best : null;
    }

    /// <summary>Of two routes with the same prefix, the one with the lower metric, or the first.</summary>
    private static bool IsBetter(NetworkRoute route, NetworkRoute best) => (route.IsUsable, best.IsUsable) switch
    {
        (true, false) => true,
        (false, true) => false,
        _ => route.Metric < best.Metric,
    };
}
