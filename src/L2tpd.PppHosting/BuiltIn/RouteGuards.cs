using System.Net;
using System.Net.Sockets;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// Keeps tunnels out of their own sessions. A session with a default route, or with a peer address that is its tunnel's other end, has the other end guarded from the
/// start: by a route of its own (the guard) that leads where the tunnel went before, and by the next way when that goes. Other sessions are watched: the guard is
/// added, and the loop named in the log, when some route leads the tunnel into its session. The link worker owns the guards; the loop hears of changes and lets them settle.
/// </summary>
public sealed partial class RouteGuards(EventLoop events, FaultLog faults, IInputSink sink, LoopTimers timers, InterfaceWorker worker, ILogger log)
    : IReadinessHandler, IDisposable
{
    /// <summary>An uplink that comes up is several changes in a row.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    /// <summary>A guard that the kernel did not take is tried again: its interface may be on its way up.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>Tunnels whose routes are watched though no guard is needed yet: each costs a question to the kernel with every change of routes.</summary>
    private const int MostWatched = 1_000;

    // The worker's.
    private readonly Dictionary<IPAddress, Guard> _guards = [];
    private readonly HashSet<uint> _ours = [];
    private bool _isTelling;

    // The loop's.
    private IReadOnlyCollection<IPAddress> _watched = [];
    private RouteEvents? _events;
    private LoopRegistration? _registration;
    private bool _isSettling;
    private bool _isDisposed;

    /// <summary>Takes away what a killed daemon left: ways that may be wrong by now. Before any tunnel is dialled. Any thread.</summary>
    public void RemoveLeftovers() => worker.Add(() =>
    {
        if (!worker.TryNetlink(out var netlink).IsNone)
            return;
        foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            // What cannot be read or removed is looked at again when its tunnel comes up.
            if (netlink.ListRoutes(family, out var routes).IsNone)
                foreach (var route in routes.Where(TunnelWay.IsGuard))
                    netlink.RemoveRoute(route);
        }
    });

    /// <summary>The worker that runs what is said to be the worker's.</summary>
    public InterfaceWorker Worker => worker;

    /// <summary>Notes a session before its addresses and routes are set, while the kernel still knows the tunnel's own way. The worker's.</summary>
    /// <param name="netlink">The worker's.</param>
    /// <param name="end">The tunnel's other end, IPv4.</param>
    /// <param name="interface">Index of the session's interface.</param>
    /// <returns>The way could not be asked for. No way at all is no error, one may come.</returns>
    public LinuxError Enter(RtNetlink netlink, IPAddress end, uint @interface)
    {
        if (!_guards.TryGetValue(end, out var guard))
        {
            var error = netlink.FindRoute(end, out var now);
            if (error.Errno is not (0 or Errno.ENETUNREACH or Errno.EHOSTUNREACH))
                return error;
            // A guard that is there already is a killed daemon's: it says nothing of the rules.
            _guards[end] = guard = new Guard(end, now?.Table ?? NetworkRoute.MainTable) { IsWatched = _guards.Count < MostWatched };
            Tell();
        }

        _ours.Add(@interface);
        guard.Users++;
        return LinuxError.None;
    }

    /// <summary>The guard has to be there from now on, before a route covers the tunnel's other end. The worker's.</summary>
    /// <param name="netlink">The worker's.</param>
    /// <param name="end">The tunnel's other end, of which a session was entered.</param>
    /// <param name="isWayRequired">Without another way to the end the guard is missing for good: its session must not be.</param>
    /// <returns>The guard cannot be set.</returns>
    public LinuxError Require(RtNetlink netlink, IPAddress end, bool isWayRequired)
    {
        var guard = _guards[end];
        guard.IsWatched = guard.IsNeeded = true;
        var error = Settle(netlink, guard);
        return error.IsNone && isWayRequired && !guard.HasWay ? new LinuxError(Errno.ENETUNREACH, "guard", $"no route to {end} but through the session") : error;
    }

    /// <summary>A packet of a tunnel was routed into its own session: looks at the routes at once. Loop thread.</summary>
    public void LookNow() => RefreshAfter(TimeSpan.Zero);

    /// <summary>The session is over; with the last one the guard goes. The worker's.</summary>
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

    /// <summary>Makes the guard what it should be now. The worker's.</summary>
    private LinuxError Settle(RtNetlink netlink, Guard guard)
    {
        guard.HasWay = guard.Table == NetworkRoute.LocalTable;
        // A machine's own address is never routed elsewhere.
        if (guard.HasWay || !guard.IsWatched || !(guard.IsNeeded || IsCovered(netlink, guard)))
            return LinuxError.None;
        var error = netlink.ListRoutes(guard.End.AddressFamily, out var routes);
        if (!error.IsNone)
            return error;
        // No way: the former one, if it is still there, is better than the tunnel itself.
        if (TunnelWay.Choose(routes, guard.End, guard.Table, _ours) is not { } way)
            return LinuxError.None;
        guard.HasWay = true;
        var present = routes.Where(route => TunnelWay.IsGuard(route) && route.Destination.Equals(guard.End)).ToList();
        var wanted = TunnelWay.GuardOf(way, guard.End);
        if (present.Exists(route => TunnelWay.IsSame(wanted, route)))
        {
            guard.Route = wanted;
            return LinuxError.None;
        }

        // The route to a peer of that address, which the kernel makes with the address, has the same length and metric: the guard goes before it.
        var isBehind = present.Count > 0 || routes.Any(route => TunnelWay.IsRival(route, wanted) && _ours.Contains(route.Interface));
        error = Put(netlink, wanted, isBehind);
        foreach (var former in present.Where(_ => error.IsNone))
            netlink.RemoveRoute(former);
        // Somebody's own route to that address does as well, and is theirs.
        var isTheirs = error.Errno == Errno.EEXIST;
        if (!error.IsNone && !isTheirs)
            return error;
        guard.Route = isTheirs ? null : wanted;
        LogGuarded(guard.End, way.Interface, way.Gateway?.ToString() ?? "no router");
        return LinuxError.None;
    }

    /// <summary>Some route leads the tunnel into a session: from now on it is guarded.</summary>
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
        // A kernel that does not say so in its answer may still have the router there by "onlink".
        return error.Errno == Errno.ENETUNREACH && wanted.Gateway is not null ? Add(wanted with { IsOnLink = true }) : error;

        LinuxError Add(NetworkRoute route) => first ? netlink.PrependRoute(route) : netlink.AddRoute(route);
    }

    /// <summary>The worker's.</summary>
    private void Refresh()
    {
        if (!worker.TryNetlink(out var netlink).IsNone)
            return;
        foreach (var guard in _guards.Values)
        {
            var error = Settle(netlink, guard);
            if (error.Errno != guard.Trouble && !error.IsNone)
                LogNotGuarded(guard.End, error);
            guard.Trouble = error.Errno;
            if (!error.IsNone)
                sink.Post(() => RefreshAfter(Retry));
        }
    }

    /// <summary>Tells the loop which addresses matter. The worker's.</summary>
    private void Tell()
    {
        // One after another may come and go: they are told of together, when the worker has done what is queued.
        if (_isTelling)
            return;
        _isTelling = true;
        worker.Add(() =>
        {
            _isTelling = false;
            IReadOnlyCollection<IPAddress> addresses = [.. _guards.Values.Where(static guard => guard.IsWatched).Select(static guard => guard.End)];
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
            // What happened before nobody heard.
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

    [LoggerMessage(Level = LogLevel.Debug, Message = "The tunnel to {End} keeps out of its own sessions: it has a route by interface {Interface}, {Gateway}")]
    private partial void LogGuarded(IPAddress end, uint @interface, string gateway);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tunnel to {End} cannot be kept out of its own sessions: {Error}")]
    private partial void LogNotGuarded(IPAddress end, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The route {Route} by interface {Interface} leads the tunnel to {End} into its own session: the tunnel gets a route of its own (proto 115) where there is another way. Remove that route or make it narrower")]
    private partial void LogCovered(IPAddress end, string route, uint @interface);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of routes cannot be heard of, a tunnel may lose its way when the uplink changes: {Error}")]
    private partial void LogDeaf(LinuxError error);

    private sealed class Guard(IPAddress end, uint table)
    {
        public IPAddress End => end;

        /// <summary>Where the way was found first.</summary>
        public uint Table => table;

        /// <summary>Sessions of tunnels to that end.</summary>
        public int Users { get; set; }

        /// <summary>Changes of routes are looked at.</summary>
        public bool IsWatched { get; set; }

        /// <summary>A route covers the end, or is about to.</summary>
        public bool IsNeeded { get; set; }

        /// <summary>There is a way but through the sessions, as was last seen.</summary>
        public bool HasWay { get; set; }

        /// <summary>The route in the kernel, or that was there last; null: none is needed.</summary>
        public NetworkRoute? Route { get; set; }

        /// <summary>The last errno, so that it is told once.</summary>
        public int Trouble { get; set; }
    }
}
