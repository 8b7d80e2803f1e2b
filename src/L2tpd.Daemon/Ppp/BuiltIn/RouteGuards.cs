using System.Net;
using System.Net.Sockets;
using L2tpd.Daemon.Loop;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <summary>
/// Keeps tunnels out of the default routes of their own sessions: while such a session lasts, the tunnel's other end has a route of its own (the guard) by the way it
/// had before, and by the next one when that goes. Guards are looked after by the link worker; the loop hears of changes, and lets them settle.
/// </summary>
internal sealed partial class RouteGuards(EventLoop events, FaultLog faults, IInputSink sink, LoopTimers timers, InterfaceWorker worker, ILogger log)
    : IReadinessHandler, IDisposable
{
    /// <summary>An uplink that comes up is several changes in a row.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    /// <summary>A guard that the kernel did not take is tried again: its interface may be on its way up.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // The worker's.
    private readonly Dictionary<IPAddress, Guard> _guards = [];
    private readonly HashSet<uint> _ours = [];

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

    /// <summary>Guards a tunnel's other end, before the session's default route is there. The worker's.</summary>
    /// <param name="netlink">The worker's.</param>
    /// <param name="end">The tunnel's other end.</param>
    /// <param name="interface">Index of the session's interface.</param>
    /// <returns>The way could not be asked for, or the guard not be set: then there may be no default route. No way at all is no error, one may come.</returns>
    public LinuxError Enter(RtNetlink netlink, IPAddress end, uint @interface)
    {
        _ours.Add(@interface);
        if (!_guards.TryGetValue(end, out var guard))
        {
            var error = netlink.FindRoute(end, out var now);
            if (error.Errno is not (0 or Errno.ENETUNREACH or Errno.EHOSTUNREACH))
                return Undo(error, @interface);
            // A guard that is there already is a killed daemon's: it says nothing of the rules.
            guard = new Guard(end, now?.Table ?? NetworkRoute.MainTable);
            error = Settle(netlink, guard);
            if (!error.IsNone)
                return Undo(error, @interface);
            _guards[end] = guard;
            Tell();
        }

        guard.Users++;
        return LinuxError.None;
    }

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

    private LinuxError Undo(LinuxError error, uint @interface)
    {
        _ours.Remove(@interface);
        return error;
    }

    /// <summary>Makes the guard what it should be now. The worker's.</summary>
    private LinuxError Settle(RtNetlink netlink, Guard guard)
    {
        // A machine's own address is never routed elsewhere.
        if (guard.Table == NetworkRoute.LocalTable)
            return LinuxError.None;
        var error = netlink.ListRoutes(guard.End.AddressFamily, out var routes);
        if (!error.IsNone)
            return error;
        // No way: the former one, if it is still there, is better than the tunnel itself.
        if (TunnelWay.Choose(routes, guard.End, guard.Table, _ours) is not { } way)
            return LinuxError.None;
        var present = routes.Where(route => TunnelWay.IsGuard(route) && route.Destination.Equals(guard.End)).ToList();
        var wanted = TunnelWay.GuardOf(way, guard.End);
        if (present.Exists(route => TunnelWay.IsSame(wanted, route)))
        {
            guard.Route = wanted;
            return LinuxError.None;
        }

        error = Put(netlink, wanted, replace: present.Count > 0);
        // Somebody's own route to that address does as well, and is theirs.
        var isTheirs = error.Errno == Errno.EEXIST;
        if (!error.IsNone && !isTheirs)
            return error;
        guard.Route = isTheirs ? null : wanted;
        LogGuarded(guard.End, way.Interface, way.Gateway?.ToString() ?? "no router");
        return LinuxError.None;
    }

    private static LinuxError Put(RtNetlink netlink, NetworkRoute wanted, bool replace)
    {
        var error = netlink.AddRoute(wanted, replace);
        // A kernel that does not say so in its answer may still have the router there by "onlink".
        return error.Errno == Errno.ENETUNREACH && wanted.Gateway is not null ? netlink.AddRoute(wanted with { IsOnLink = true }, replace) : error;
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
        IReadOnlyCollection<IPAddress> addresses = [.. _guards.Keys];
        sink.Post(() => Watch(addresses));
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

    [LoggerMessage(Level = LogLevel.Debug, Message = "The tunnel to {End} keeps out of its own default route: by interface {Interface}, {Gateway}")]
    private partial void LogGuarded(IPAddress end, uint @interface, string gateway);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tunnel to {End} cannot be kept out of its own default route: {Error}")]
    private partial void LogNotGuarded(IPAddress end, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of routes cannot be heard of, a tunnel may lose its way when the uplink changes: {Error}")]
    private partial void LogDeaf(LinuxError error);

    private sealed class Guard(IPAddress end, uint table)
    {
        public IPAddress End => end;

        /// <summary>Where the way was found first.</summary>
        public uint Table => table;

        /// <summary>Sessions with a default route through tunnels to that end.</summary>
        public int Users { get; set; }

        /// <summary>The route in the kernel, or that was there last; null: none is needed.</summary>
        public NetworkRoute? Route { get; set; }

        /// <summary>The last errno, so that it is told once.</summary>
        public int Trouble { get; set; }
    }
}
