using System.Net;
using System.Net.Sockets;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// Keeps tunnels out of their own sessions. The other end of a tunnel gets a guard: a route of its own with the next hop that the tunnel
/// had before, and with the next best one when that is removed. Sessions with a default route, or with a peer address that is the tunnel's
/// other end, are guarded from the start. Others are watched: when some route leads the tunnel into its session, the guard is added and the
/// route is logged. The link worker owns the guards; the loop watches route changes and waits until they settle.
/// </summary>
public sealed partial class RouteGuards(
    EventLoop events, FaultLog faults, IInputSink sink, LoopTimers timers, InterfaceWorker worker, ILogger log)
    : IReadinessHandler, IDisposable
{
    /// <summary>An uplink that comes up causes several changes in a row.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    /// <summary>Time after which a guard that the kernel refused is tried again: its interface may be coming up.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>Most tunnels that are watched without a guard: each costs one route look-up per change of routes.</summary>
    private const int MostWatched = 1_000;

    // Worker thread only.
    private readonly Dictionary<IPAddress, Guard> _guards = [];
    private readonly HashSet<uint> _ours = [];
    private bool _isTelling;

    // Loop thread only.
    private IReadOnlyCollection<IPAddress> _watched = [];
    private RouteEvents? _events;
    private LoopRegistration? _registration;
    private bool _isSettling;
    private bool _isDisposed;

    /// <summary>Removes the guards of a killed daemon, which may be wrong by now. Before any tunnel is dialled. Any thread.</summary>
    public void RemoveLeftovers() => worker.Add(() =>
    {
        if (!worker.TryNetlink(out var netlink).IsNone)
            return;
        foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            // A route that cannot be read or removed is checked again when its tunnel comes up.
            if (netlink.ListRoutes(family, out var routes).IsNone)
            {
                foreach (var route in routes.Where(TunnelRoute.IsGuard))
                    netlink.RemoveRoute(route);
            }
        }
    });

    /// <summary>The link worker.</summary>
    public InterfaceWorker Worker => worker;

    /// <summary>Adds a session, while the kernel still has the tunnel's own route. Worker thread only.</summary>
    /// <param name="netlink">The worker's netlink socket.</param>
    /// <param name="end">The tunnel's other end.</param>
    /// <returns>The route could not be read. A missing route is not an error: one may be added.</returns>
    public LinuxError Enter(RtNetlink netlink, IPAddress end)
    {
        if (!_guards.TryGetValue(end, out var guard))
        {
            var error = netlink.FindRoute(end, out var now);
            if (error.Errno is not (0 or Errno.ENETUNREACH or Errno.EHOSTUNREACH))
                return error;
            // A guard that exists already is of a killed daemon, and does not show which table the rules select.
            _guards[end] = guard = new Guard(end, now?.Table ?? NetworkRoute.MainTable) { IsWatched = _guards.Count < MostWatched };
            Tell();
        }

        guard.Users++;
        return LinuxError.None;
    }

    /// <summary>The interface of a session, whose routes no tunnel may take. Before it has any. Worker thread only.</summary>
    public void AddInterface(uint @interface) => _ours.Add(@interface);

    /// <summary>Adds the guard, before a route covers the tunnel's other end. Worker thread only.</summary>
    /// <param name="netlink">The worker's netlink socket.</param>
    /// <param name="end">The tunnel's other end, with a session that was added.</param>
    /// <param name="isWayRequired">Without another route to the end there is an error: the session cannot be used.</param>
    /// <returns>Why the guard cannot be added.</returns>
    public LinuxError Require(RtNetlink netlink, IPAddress end, bool isWayRequired)
    {
        var guard = _guards[end];
        guard.IsWatched = guard.IsNeeded = true;
        var error = Settle(netlink, guard);
        return error.IsNone && isWayRequired && !guard.HasWay
            ? new LinuxError(Errno.ENETUNREACH, "guard", $"no route to {end} but through the session")
            : error;
    }

    /// <summary>A packet of a tunnel was routed into its own session: checks the routes at once. Loop thread.</summary>
    public void LookNow() => RefreshAfter(TimeSpan.Zero);

    /// <summary>The session ended; the guard is removed with the last one. Worker thread only.</summary>
    /// <param name="netlink">The worker's netlink socket.</param>
    /// <param name="end">The tunnel's other end.</param>
    /// <param name="interface">Index of the session's interface; 0 if it got none.</param>
    public void Leave(RtNetlink netlink, IPAddress end, uint @interface)
    {
        _ours.Remove(@interface);
        if (!_guards.TryGetValue(end, out var guard) || --guard.Users > 0)
            return;
        _guards.Remove(end);
        if (guard.Route is { } route)
            netlink.RemoveRoute(route);
        Tell();
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        if (_events!.Read(_watched))
            RefreshAfter(Settling);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _registration?.Dispose();
        _events?.Dispose();
        (_registration, _events) = (null, null);
    }

    /// <summary>Updates the guard. Worker thread only.</summary>
    private LinuxError Settle(RtNetlink netlink, Guard guard)
    {
        guard.HasWay = guard.Table == NetworkRoute.LocalTable;
        // The host's own address needs no route.
        if (guard.HasWay || !guard.IsWatched || !(guard.IsNeeded || IsCovered(netlink, guard)))
            return LinuxError.None;
        var error = netlink.ListRoutes(guard.End.AddressFamily, out var routes);
        if (!error.IsNone)
            return error;
        // No route: the former one, if it still exists, is better than the session.
        if (TunnelRoute.Choose(routes, guard.End, guard.Table, _ours) is not { } way)
            return LinuxError.None;
        guard.HasWay = true;
        var present = routes.Where(route => TunnelRoute.IsGuard(route) && route.Destination.Equals(guard.End)).ToList();
        var wanted = TunnelRoute.GuardOf(way, guard.End);
        if (present.Exists(route => TunnelRoute.IsSame(wanted, route)))
        {
            guard.Route = wanted;
            return LinuxError.None;
        }

        // The route to a peer of that address, which the kernel makes with the address, has the same length and metric: the guard goes
        // before it.
        var isBehind = present.Count > 0 || routes.Any(route => TunnelRoute.IsRival(route, wanted) && _ours.Contains(route.Interface));
        error = Put(netlink, wanted, isBehind);
        foreach (var former in present.Where(_ => error.IsNone))
            netlink.RemoveRoute(former);
        // A route to that address that somebody else added serves as well.
        var isTheirs = error.Errno == Errno.EEXIST;
        if (!error.IsNone && !isTheirs)
            return error;
        guard.Route = isTheirs ? null : wanted;
        LogGuarded(guard.End, way.Interface, way.Gateway?.ToString() ?? "no router");
        return LinuxError.None;
    }

    /// <summary>A route leads the tunnel into a session: it is guarded from now on.</summary>
    private bool IsCovered(RtNetlink netlink, Guard guard)
    {
        if (!netlink.FindRoute(guard.End, out var route).IsNone || !_ours.Contains(route!.Interface))
            return false;
        LogCovered(guard.End, $"{route.Destination}/{route.PrefixLength}", route.Interface);
        return guard.IsNeeded = true;
    }

    private static LinuxError Put(RtNetlink netlink, NetworkRoute wanted, bool first)
    {
        var error = Add(wanted);
        // The kernel's answer may leave out the flag "onlink".
        return error.Errno == Errno.ENETUNREACH && wanted.Gateway is not null ? Add(wanted with { IsOnLink = true }) : error;

        LinuxError Add(NetworkRoute route) => first ? netlink.PrependRoute(route) : netlink.AddRoute(route);
    }

    /// <summary>Worker thread only.</summary>
    private void Refresh()
    {
        if (!worker.TryNetlink(out var netlink).IsNone)
            return;
        foreach (var guard in _guards.Values)
        {
            var error = Settle(netlink, guard);
            if (error.Errno != guard.Problem && !error.IsNone)
                LogNotGuarded(guard.End, error);
            guard.Problem = error.Errno;
            if (!error.IsNone)
                sink.Post(() => RefreshAfter(Retry));
        }
    }

    /// <summary>Tells the loop which addresses to watch. Worker thread only.</summary>
    private void Tell()
    {
        // Several changes are reported together, after the queued work.
        if (_isTelling)
            return;
        _isTelling = true;
        worker.Add(() =>
        {
            _isTelling = false;
            IReadOnlyCollection<IPAddress> addresses =
            [.. _guards.Values.Where(static guard => guard.IsWatched).Select(static guard => guard.End)];
            sink.Post(() => Watch(addresses));
        });
    }

    private void Watch(IReadOnlyCollection<IPAddress> addresses)
    {
        _watched = addresses;
        if (_isDisposed)
            return;
        if (addresses.Count == 0)
        {
            _registration?.Dispose();
            _events?.Dispose();
            (_registration, _events) = (null, null);
        }
        else if (_events is null)
        {
            var error = RouteEvents.TryOpen(out _events);
            if (!error.IsNone)
            {
                LogDeaf(error);
                return;
            }

            _registration = events.Register(_events!.Descriptor, Readiness.Readable, new GuardedHandler(this, faults));
            // Changes before this point were not seen.
            RefreshAfter(TimeSpan.Zero);
        }
    }

    private void RefreshAfter(TimeSpan delay)
    {
        if (_isSettling || _isDisposed)
            return;
        _isSettling = true;
        timers.After(delay, () =>
        {
            _isSettling = false;
            worker.Add(Refresh);
        });
    }

    [LoggerMessage(Level = LogLevel.Debug, Message =
        "The tunnel to {End} has a route outside its own sessions: interface {Interface}, {Gateway}")]
    private partial void LogGuarded(IPAddress end, uint @interface, string gateway);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot keep the tunnel to {End} out of its own sessions: {Error}")]
    private partial void LogNotGuarded(IPAddress end, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The route {Route} by interface {Interface} leads the tunnel to {End} into its own session: the tunnel gets a route of its own " +
        "(proto 115) if there is another next hop. Remove that route or make it narrower")]
    private partial void LogCovered(IPAddress end, string route, uint @interface);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot watch route changes (rtnetlink): {Error}. A tunnel may lose its route when the uplink changes")]
    private partial void LogDeaf(LinuxError error);

    private sealed class Guard(IPAddress end, uint table)
    {
        public IPAddress End => end;

        /// <summary>The table of the route that was found first.</summary>
        public uint Table => table;

        /// <summary>Sessions of tunnels to that end.</summary>
        public int Users { get; set; }

        /// <summary>Whether changes of routes are checked.</summary>
        public bool IsWatched { get; set; }

        /// <summary>A route covers the end, or is about to.</summary>
        public bool IsNeeded { get; set; }

        /// <summary>Whether there was a route outside the sessions at the last check.</summary>
        public bool HasWay { get; set; }

        /// <summary>The route in the kernel, or the last one; <c>null</c>: none is needed.</summary>
        public NetworkRoute? Route { get; set; }

        /// <summary>The last errno, so that it is logged once.</summary>
        public int Problem { get; set; }
    }
}
