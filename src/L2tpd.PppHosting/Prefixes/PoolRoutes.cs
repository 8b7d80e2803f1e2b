using System.Net;
using System.Net.Sockets;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.PppHosting.BuiltIn;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.Prefixes;

/// <summary>
/// An unreachable route for each prefix pool, behind all others: packets for a prefix that no subscriber has would otherwise follow the
/// default route out, and come back. They are in the main table with the mark of l2tpd; those that a killed daemon left are removed.
/// The routes are changed by the worker.
/// </summary>
public sealed partial class PoolRoutes(InterfaceWorker worker, ILogger log)
{
    private readonly HashSet<IPNetwork> _pools = [];
    private bool _isCleared;

    /// <summary>Makes the routes of these pools, and removes those of others.</summary>
    public void Replace(IEnumerable<IPNetwork> pools)
    {
        var wanted = pools.ToHashSet();
        if (!_isCleared && wanted.Count > 0)
        {
            _isCleared = true;
            worker.Add(() => RemoveLeftovers(wanted));
        }

        foreach (var pool in _pools.Except(wanted).ToArray())
        {
            _pools.Remove(pool);
            worker.Add(() => Change(pool, add: false));
        }

        foreach (var pool in wanted)
        {
            if (_pools.Add(pool))
                worker.Add(() => Change(pool, add: true));
        }
    }

    private void Change(IPNetwork pool, bool add)
    {
        var error = worker.TryNetlink(out var netlink);
        if (error.IsNone)
            error = add ? netlink.AddRoute(RouteOf(pool)) : netlink.RemoveRoute(RouteOf(pool));
        if (add && error.Errno is not (0 or Errno.EEXIST))
            LogNotAdded(pool, error);
    }

    private void RemoveLeftovers(HashSet<IPNetwork> wanted)
    {
        if (!worker.TryNetlink(out var netlink).IsNone || !netlink.ListRoutes(AddressFamily.InterNetworkV6, out var routes).IsNone)
            return;
        foreach (var route in routes.Where(static route => route is
            { IsUnreachable: true, Protocol: TunnelRoute.GuardProtocol, Table: NetworkRoute.MainTable, Metric: uint.MaxValue }))
        {
            var pool = new IPNetwork(route.Destination, route.PrefixLength);
            if (!wanted.Contains(pool))
                netlink.RemoveRoute(RouteOf(pool));
        }
    }

    private static NetworkRoute RouteOf(IPNetwork pool) => new(pool.BaseAddress, pool.PrefixLength, null, 0)
    {
        IsUnreachable = true,
        Protocol = TunnelRoute.GuardProtocol,
        Metric = uint.MaxValue,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot add an unreachable route for the prefix pool {Pool}: {Error}. Packets for its unused prefixes follow the other routes")]
    private partial void LogNotAdded(IPNetwork pool, LinuxError error);
}
