using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.DataPlanes;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Userspace.Demand;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.Userspace;

/// <summary>
/// Links of the userspace data plane: control frames go to the endpoint, packets to a TUN interface of the session, to one that all
/// sessions of a profile share, or nowhere. Loop thread only.
/// </summary>
public sealed partial class UserspacePppLinks : IPppLinkFactory
{
    private readonly Dictionary<string, SharedTun> _shared = new(StringComparer.Ordinal);
    private readonly LineGate _loops = new(TimeSpan.FromSeconds(10));
    private readonly ISessionPorts _ports;
    private readonly DemandInterfaces _demand;
    private SharedTunWatch? _watch;
    private bool _isWatchTried;
    private readonly ILogger _log;

    /// <summary>Takes over the guards and their worker.</summary>
    public UserspacePppLinks(
        ISessionPorts ports, EventLoop events, FaultLog faults, IInputSink sink, LoopTimers timers, RouteGuards guards, ILogger log)
    {
        (_ports, Events, Faults, Sink, Timers, _log) = (ports, events, faults, sink, timers, log);
        (Guards, Worker) = (guards, guards.Worker);
        _demand = new DemandInterfaces(this);
    }

    public EventLoop Events { get; }

    public FaultLog Faults { get; }

    public IInputSink Sink { get; }

    public LoopTimers Timers { get; }

    public InterfaceWorker Worker { get; }

    /// <summary>Keeps tunnels out of their own sessions.</summary>
    public RouteGuards Guards { get; }

    public PppDrops Drops { get; } = new();

    /// <summary>The end has begun: nothing is made any more.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Buffers of all interfaces.</summary>
    public PacketBuffers Buffers => _ports.Buffers;

    /// <inheritdoc/>
    public void Register(CounterRegistry registry) => Drops.Register(registry);

    /// <inheritdoc/>
    public LinuxError Prepare(LinkSettings settings) =>
        settings.Shape == PppInterfaceShape.Shared ? EnsureShared(settings, out _) : LinuxError.None;

    /// <inheritdoc/>
    public void PrepareRunning(LinkSettings settings, Action<LinuxError> onFailure)
    {
        if (Prepare(settings) is { IsNone: false } error)
            onFailure(error);
    }

    /// <inheritdoc/>
    public IPppLink? Create(SessionKey session, LinkSettings settings, IPppLinkObserver observer)
    {
        if (!_ports.TryFindSession(session, out var found))
            return null;
        SharedTun? shared = null;
        if (settings.Shape == PppInterfaceShape.Shared && EnsureShared(settings, out shared) is { IsNone: false } error)
            LogNoSharedInterface(settings.Interface!, error);
        return new UserspacePppLink(this, found, settings, shared, observer) { Demand = _demand.Find(found.Parameters.Session) };
    }

    /// <inheritdoc/>
    public void UseDemand(IReadOnlyList<DemandSession> sessions) => _demand.Replace(sessions);

    /// <inheritdoc/>
    public void HoldOff(string name, TimeSpan time) => _demand.HoldOff(name, time);

    /// <inheritdoc/>
    public void Dispose()
    {
        IsDisposed = true;
        _watch?.Dispose();
        _demand.Dispose();
        foreach (var tun in _shared.Values)
            tun.Dispose();
        Guards.Dispose();
        Worker.Dispose();
        if (Drops.Total > 0)
            LogDrops(Drops);
    }

    /// <summary>
    /// A packet of a tunnel came to the interface of one of its own sessions, and was dropped: logs it, and checks the routes.
    /// </summary>
    public void OnLoop(string @interface, UserspaceSession session)
    {
        Drops.Looped++;
        if (!_loops.TryPass(Timers.Now, out var suppressed))
            return;
        LogLoop(Printable.Of(session.Parameters.Session.Name), session.Tunnel.Parameters.Path.Remote, @interface, suppressed);
        Guards.LookNow();
    }

    /// <summary>The interface cannot be made again; the next session that needs it tries once more.</summary>
    public void Forget(SharedTun tun)
    {
        if (_shared.GetValueOrDefault(tun.Settings.Interface!) == tun)
            _shared.Remove(tun.Settings.Interface!);
    }

    private LinuxError EnsureShared(LinkSettings settings, out SharedTun? tun)
    {
        if (_shared.TryGetValue(settings.Interface!, out tun))
            return ReferenceEquals(tun.Settings, settings) ? LinuxError.None : tun.Configure(settings);
        var error = SharedTun.TryMake(this, settings, out tun);
        if (error.IsNone)
            _shared[settings.Interface!] = tun!;
        StartWatch();
        return error;
    }

    private void StartWatch()
    {
        if (_isWatchTried)
            return;
        _isWatchTried = true;
        if (SharedTunWatch.TryStart(this, _shared, out _watch) is { IsNone: false } error)
            LogNotWatched(error);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot watch shared interfaces (rtnetlink): {Error}. If one is set down from outside, its routes will not be restored")]
    private partial void LogNotWatched(LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The shared interface {Interface} was set down from outside: its {Sessions} sessions carry no data until it is set up again")]
    public partial void LogSharedDown(string @interface, int sessions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The shared interface {Interface} is up again: {Routes} lost routes were restored")]
    public partial void LogRoutesPutBack(string @interface, int routes);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The shared interface {Interface} is up again, but its addresses and routes cannot be restored: {Error}")]
    public partial void LogNotPutBack(string @interface, LinuxError error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot open the shared interface {Interface}: {Error}")]
    private partial void LogNoSharedInterface(string @interface, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Session}: packets of the tunnel to {Remote} were routed into this session of the same tunnel by interface {Interface}, and " +
        "dropped ({Suppressed} times since the last such line). See `ip route get` for that address: a route covers it, or the uplink " +
        "has none")]
    private partial void LogLoop(string session, Endpoint remote, string @interface, long suppressed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The interface {Interface} of session {SessionId} was deleted from outside")]
    public partial void LogInterfaceGone(string @interface, uint sessionId);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The shared interface {Interface} was deleted from outside and made again, for {Sessions} sessions; settings that others made " +
        "on it are lost")]
    public partial void LogMadeAgain(string @interface, int sessions);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The shared interface {Interface} was deleted from outside and cannot be made again: {Error}. Its sessions end")]
    public partial void LogNotMadeAgain(string @interface, LinuxError error);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "The interface {Interface} of session {Session} waits for traffic")]
    public partial void LogDemandMade(string @interface, string session);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The interface of session {Session}, which is dialled by traffic, cannot be made: {Error}. Trying again in 2 s")]
    public partial void LogDemandNotMade(string session, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Session}: the default route by {Interface} is not set, or the tunnel is not kept out of it: {Error}")]
    public partial void LogDemandNoRoute(string session, string @interface, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The interface {Interface} of session {Session} was deleted from outside while it waited for traffic: it is made again")]
    public partial void LogDemandDeleted(string @interface, string session);

    [LoggerMessage(Level = LogLevel.Information, Message = "Packets of PPP sessions dropped: {Drops}")]
    private partial void LogDrops(PppDrops drops);
}
