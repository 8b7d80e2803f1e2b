using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.DataPlanes;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Ipsec.Associations;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.Explanations;
using L2tpd.Operations.History;
using L2tpd.Operations.Hooks;
using L2tpd.Operations.Logging;
using L2tpd.Operations.Metrics;
using L2tpd.Operations.Sessions;
using L2tpd.Operations.Tracing;
using L2tpd.PppHosting;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.NameServers;
using L2tpd.PppHosting.Pppd;
using L2tpd.Radius.Client;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Ipsec;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// The running daemon: engine, loop, sockets, data plane, PPP, hooks.
/// <para>It owns every part and the order in which they are opened and closed. The constructor opens everything on the caller's thread; if
/// a part cannot be opened, it closes the others and throws with a message for the operator. <see cref="Start"/> starts the thread
/// <c>l2tpd-loop</c>, which owns all parts from then on. Other threads (signals, control server) use <see cref="Reconfigure"/>,
/// <see cref="BeginShutDown"/>, <see cref="Publish"/> and <see cref="Abort"/>, which post to the loop.</para>
/// <para>States: opened, running, shutting down (<see cref="ShutDownProgress"/> waits for peers, PPP, the kernel and hooks), ended
/// (<see cref="Ended"/> completes). The loop's thread closes the parts.</para>
/// <para>Known races: a signal during the start (the host closes what is open), a reload while the daemon shuts down (it is refused or has
/// no effect), an exception of the loop itself (<see cref="Ended"/> fails and the host ends the process).</para>
/// </summary>
public sealed partial class RunningDaemon : IDisposable
{
    private readonly EventLoop _events = new();
    private readonly LoopTimers _timers = new();
    private readonly Transports _transports;
    private readonly FirewallTables? _tables;
    private readonly HostResolver _resolver;
    private readonly WorkQueue _starter;
    private readonly DataPlaneDecision _decision;
    private readonly PppProfiles _pppProfiles;
    private readonly PppBackends _ppp;
    private readonly SourceRules _sources;
    private readonly IpsecSetup? _ipsec;
    private readonly ILogger _log;
    private readonly HookRunner _hooks;
    private readonly NameServerRegistry _nameServers;
    private readonly ShutDownProgress _shutDown;
    private readonly EventLog _eventLog;
    private readonly EventDispatcher _dispatcher;
    private readonly SessionIndex _index = new();
    private SessionFinder? _finder;
    private SessionExplainer? _explainer;
    private SessionCloser? _closer;
    private readonly AdmissionWatch _admission;
    private readonly IdleCompaction _compaction;
    private readonly OpenListeners _listeners;
    private TraceHub? _traces;
    private readonly Thread _thread;
    private int _closed;
    private bool _disposed;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens all parts.</summary>
    /// <exception cref="StartException">The daemon cannot start; the message says why.</exception>
    public RunningDaemon(DaemonConfiguration configuration, SystemdNotify systemd, ILoggerFactory loggers)
    {
        var log = _log = loggers.CreateLogger("L2tpd");
        Faults = new FaultLog(log);
        _decision = DataPlaneSetup.Decide(configuration.DataPlane);
        Engine = new L2tpEngine(ForDataPlane(configuration.Engine), new BufferedRandomSource(new SystemRandomSource()));
        Loop = new EngineLoop(_events, Engine, _timers, Faults);
        Budget = new DescriptorBudget(log);
        _transports = new Transports(_events, Loop, Faults, Budget);
        _eventLog = new EventLog(log);
        _resolver = new HostResolver(Loop, OnLookupFailure);
        _starter = new WorkQueue("l2tpd-starter", error => Loop.Post(() => Faults.Add("starting a process", error)));
        _transports.IpSockets = _decision.Factory.IpSockets;
        try
        {
            _tables = FirewallTables.Install(configuration, _decision.Factory.Choice, _events, _timers, Faults, log);
            _listeners = new OpenListeners(configuration.Listeners, _transports, _timers, log);
            DataPlane = DataPlaneSetup.Open(_decision, new DataPlaneEnvironment(configuration, Loop, _timers, _transports, Budget, log));
        }
        catch
        {
            CloseOpened();
            throw;
        }

        DataPlane.Start(_events, Faults);
        _pppProfiles = new PppProfiles(configuration);
        _sources = new SourceRules(log);
        var espLimits = new EspLimits(configuration.Listeners, tunnel => _ipsec?.Find(tunnel));
        (_ppp, var builtIn, var links) = PppSetup.Make(
            PppServices(configuration, espLimits, log), DataPlane, _pppProfiles, configuration, OnSubscriberRefused, Loop.Trace);
        _ppp.Radius.StateChanged = OnRadiusServer;
        _hooks = new HookRunner(_events, _timers, Faults, Loop, _starter, configuration.Hooks, log) { SubscriberOf = SubscriberOf };
        _shutDown = new ShutDownProgress(Loop, _timers, _ppp, DataPlane, _hooks, configuration.Shutdown, log) { LastWork = FinishIpsec };
        var turnEnd = new TurnEnd(_ppp, DataPlane.Messages, _transports.ReadRequests, _transports.Outbox, systemd, _shutDown.IsDone,
            _events.Stop);
        _nameServers = new NameServerRegistry(_pppProfiles, configuration.StateFile, Loop, Faults, log);
        EngineCounters = new EngineCounterSource(Engine);
        DaemonCounters.Register(Counters, this, _transports, _ppp, links, _hooks);
        _dispatcher = new EventDispatcher(_index, _eventLog, History, EngineCounters, Events, _hooks);
        _ipsec = IpsecSetup.Make(configuration, _events, _timers, Loop, Faults, _transports.Open, _dispatcher.Publish, log);
        IEventObserver?[] observers = [_nameServers, _dispatcher, builtIn, DataPlane.Events, _ipsec];
        Loop.Connect(EffectsFor([.. observers.OfType<IEventObserver>()], espLimits), turnEnd, DataPlane.Messages);
        _admission = new AdmissionWatch(Engine.Counters, _timers, _eventLog, log);
        _compaction = new IdleCompaction(_timers, new ManagedHeap(), log);
        _thread = new Thread(Run) { Name = "l2tpd-loop", IsBackground = true };
        PreparePpp();
    }

    /// <summary>When the current configuration was read. Loop thread.</summary>
    public DateTimeOffset ConfigurationReadAt { get; private set; } = TimeProvider.System.GetUtcNow();

    /// <summary>The last reload; <c>null</c> if there was none. Any thread.</summary>
    public LastReloadView? LastReload
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>The running data plane, which no reload changes; never <see cref="DataPlaneChoice.Auto"/>.</summary>
    public DataPlaneChoice RunningDataPlane => DataPlane.Choice;

    public L2tpEngine Engine { get; }

    public EngineLoop Loop { get; }

    public FaultLog Faults { get; }

    public DescriptorBudget Budget { get; }

    public HistoryLog History { get; } = new();

    /// <summary>The latest events, for readers of the control API.</summary>
    public EventStream Events { get; } = new();

    /// <summary>All counters. Loop thread.</summary>
    public CounterRegistry Counters { get; } = new();

    /// <summary>Finds sessions by user, address and so on. Loop thread.</summary>
    public SessionFinder Finder => _finder ??= new SessionFinder(_index, () => Engine.Tunnels);

    /// <summary>Closes many sessions at a rate. Loop thread only.</summary>
    public SessionCloser Closer => _closer ??= new SessionCloser(_timers, Loop.Submit);

    /// <summary>What the process uses, as part of <see cref="Counters"/>.</summary>
    public ProcessMetrics Process { get; } = new();

    /// <summary>Says how far a session came. Loop thread.</summary>
    public SessionExplainer Explainer => _explainer ??= new SessionExplainer(Finder, () => Engine.Tunnels, History)
    {
        PppSteps = session => _ppp.Explain(session.Key),
        RetryOf = name => Events.RetryOf(name) ?? (Engine.WaitingForTraffic.Contains(name) ? "it waits for traffic" : null),
        IpsecStep = tunnel => _ipsec?.Explain(tunnel),
        AssociationsAt = address => _ipsec?.ExplainPeer(address) ?? [],
    };

    /// <summary>The counters of the engine and the data plane. Loop thread.</summary>
    public EngineCounterSource EngineCounters { get; }

    public IDataPlane DataPlane { get; }

    /// <summary>Sessions on which the built-in PPP has a network layer up. Loop thread.</summary>
    public int PppNetworksUp => _ppp.NetworksUp;

    /// <summary>Subscribers whose authentication failed. Loop thread.</summary>
    public long PppAuthenticationsFailed => _ppp.AuthenticationsFailed;

    /// <summary>The RADIUS servers in use. Loop thread.</summary>
    public IReadOnlyList<RadiusServerView> RadiusServers => _ppp.Radius.Views();

    /// <summary>The address and prefix pools. Loop thread.</summary>
    public IReadOnlyList<PoolView> Pools => _ppp.Pools;

    /// <summary>Why this data plane was chosen.</summary>
    public string DataPlaneReason => _decision.Why;

    /// <summary>What the kernel's IPsec drops.</summary>
    internal IpsecCounters Ipsec { get; } = new();

    /// <summary>The addresses of the listeners, as text.</summary>
    public IReadOnlyList<string> Listeners => _listeners.Texts;

    /// <summary>Completes when the loop has ended: after a shutdown, or with the exception that ended it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The user of a session; <c>null</c> unless the built-in PPP runs there for a peer. Loop thread only.</summary>
    public SubscriberView? SubscriberOf(Session session) => _ppp.SubscriberOf(session.Key);

    /// <summary>The routes of a session's user. Loop thread only.</summary>
    public IReadOnlyList<RouteView> RoutesOf(Session session) => _ppp.RoutesOf(session.Key, NameLookup.Id(session));

    /// <summary>The SA that protects a tunnel; <c>null</c> if there is none, or strongSwan is not asked. Loop thread only.</summary>
    public SecurityAssociation? AssociationOf(Tunnel tunnel) => _ipsec?.Find(tunnel);

    /// <inheritdoc cref="ProtectedTunnels.WaitOf"/>
    public string? WaitOf(Tunnel tunnel) => _ipsec?.WaitOf(tunnel);

    /// <summary>Begins a trace. Loop thread.</summary>
    /// <exception cref="ControlUnavailableException">There are too many.</exception>
    public TraceReader OpenTrace(TraceRequest request, string by)
    {
        _traces ??= new TraceHub(Engine, Loop.Trace, Loop, _ppp.UserOf);
        var reader = _traces.Open(request);
        LogTrace(Printable.Of(request.Name), request.For.TotalSeconds, by);
        return reader;
    }

    /// <summary>Starts the loop's thread and begins to dial.</summary>
    public void Start()
    {
        Publish(new DataPlaneStarted(DataPlane.Name, DataPlaneReason));
        if (DataPlane.Traffic is { } traffic)
            Loop.Post(() => new CallErrorMonitor(Loop, _timers, traffic).Start());
        Loop.Post(_admission.Start);
        Loop.Post(_hooks.Start);
        Loop.Post(_compaction.Start);
        if (_ipsec is not null)
            Loop.Post(_ipsec.Start);
        Loop.Post(() => _ppp.UseDemand(Engine.Configuration.Tunnels));
        Loop.Post(new Start());
        _thread.Start();
    }

    /// <summary>Reports an event of the daemon to log, history, hooks and readers. Any thread.</summary>
    public void Publish(OperationsEvent operationsEvent) => Loop.Post(() => _dispatcher.Publish(operationsEvent));

    /// <summary>Begins the orderly end. Any thread.</summary>
    public void BeginShutDown()
    {
        Publish(new ShutDownStarted());
        Loop.Post(_shutDown.Begin);
    }

    /// <summary>Applies the peers, tunnels, limits and PPP profiles of a new configuration. Any thread.</summary>
    /// <returns>Completes when the configuration is in force, with one line for each part that could not be applied, as far as is known by
    /// then.</returns>
    public Task<IReadOnlyList<string>> Reconfigure(DaemonConfiguration configuration)
    {
        var readAt = TimeProvider.System.GetUtcNow();
        // Before a tunnel that needs it is dialled.
        if (_tables?.Change(configuration) is { } problem)
            return Task.FromResult<IReadOnlyList<string>>([problem]);
        var done = new TaskCompletionSource<IReadOnlyList<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(() =>
        {
            var problems = new List<string>();
            _pppProfiles.ReplaceShared(configuration.Pools, configuration.Filters);
            _pppProfiles.Replace(configuration.PppProfiles);
            _ppp.ChangeRadius(configuration.Radius);
            _ppp.ChangePrefixPools(configuration.PrefixPools);
            // A new shared interface or MSS rule must exist before the first session that needs it.
            _ppp.PrepareRunning(why =>
            {
                LogNotPrepared(why);
                problems.Add(why);
            });
            _ipsec?.Change(configuration);
            Loop.Submit(new Reconfigure(ForDataPlane(configuration.Engine)));
            _ppp.UseDemand(configuration.Engine.Tunnels);
            ConfigurationReadAt = readAt;
            done.TrySetResult([.. problems]);
        });
        return done.Task;
    }

    /// <summary>What is up and ends when a configuration with these changes is applied, one line each. Any thread.</summary>
    public Task<IReadOnlyList<string>> WhatCloses(ReloadView report)
    {
        var answer = new TaskCompletionSource<IReadOnlyList<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(() => answer.TrySetResult([.. ReloadReport.Closes(report, Engine.Tunnels)]));
        return answer.Task;
    }

    /// <summary>Changes what a session of the built-in PPP may have. Loop thread.</summary>
    public ControlOutcome ChangeSession(SessionKey session, AuthorisationChange change, string by) => _ppp.Change(session, change, by);

    /// <summary>Stops the loop, kills children and closes everything, within <paramref name="grace"/>.</summary>
    public void Abort(TimeSpan grace)
    {
        _events.Stop();
        _thread.Join(grace);
    }

    /// <summary>Closes everything and kills the children that still run.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_thread.IsAlive)
            Abort(TimeSpan.FromSeconds(1));
        CloseAll();
        _resolver.Dispose();
        _events.Dispose();
    }

    /// <summary>The engine's configuration with the restrictions of the data plane.</summary>
    private EngineConfiguration ForDataPlane(EngineConfiguration configuration) =>
        configuration with { SublayersMustBeEqual = _decision.Factory.SublayersMustBeEqual };

    /// <summary>Closes the parts that were opened before the data plane.</summary>
    private void CloseOpened()
    {
        _tables?.Dispose();
        _transports.Dispose();
        _starter.Dispose();
        _resolver.Dispose();
        _events.Dispose();
    }

    private EngineEffects EffectsFor(IReadOnlyList<IEventObserver> observers, EspLimits espLimits) =>
        new(_transports, _resolver, _ppp.SelectLns(_resolver), DataPlane, _ppp, observers, Loop.Trace, _ipsec)
        {
            LastTraffic = _hooks,
            EspLimits = espLimits,
        };

    private bool FinishIpsec() => _ipsec?.TryFinish() ?? true;

    private PppdServices PppServices(DaemonConfiguration configuration, EspLimits espLimits, ILogger log) => new(
        _events, _timers, Faults, Loop, _starter, DataPlane.PppSockets?.Children, configuration.Shutdown.PppWait, log, _sources)
    { Paths = new PathLimits(espOf: espLimits.Of) };

    private void PreparePpp()
    {
        if (_ppp.Prepare() is not { Count: > 0 } problems)
            return;
        Dispose();
        throw new StartException(string.Join("; ", problems));
    }

    private void OnSubscriberRefused(Session session, string reason, string? user) =>
        _dispatcher.Publish(new SubscriberRefused(session, reason, user));

    private void OnRadiusServer(string server, ServerState state) =>
        _dispatcher.Publish(state == ServerState.Alive ? new RadiusServerUp(server) : new RadiusServerDown(server));

    private void OnLookupFailure(string host, string error) => _dispatcher.Publish(new LookupFailed(host, error));

    private void Run()
    {
        try
        {
            Loop.Run();
            CloseAll();
            _ended.SetResult();
        }
        catch (Exception error)
        {
            // Only errors that the loop itself cannot recover from get here.
            _ended.SetException(error);
        }
    }

    /// <summary>Closes all parts on the loop's thread, which owns them: each part before the parts that it uses.</summary>
    private void CloseAll()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        _ipsec?.Dispose();
        _hooks.Dispose();
        _nameServers.Dispose();
        _ppp.Dispose();
        _starter.Dispose();
        _sources.Dispose();
        DataPlane.Dispose();
        _tables?.Dispose();
        _transports.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Messages of {Name} are traced for at most {Seconds} s, by {By}")]
    private partial void LogTrace(string name, double seconds, string by);

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration was applied, but a part of it failed: {Problem}")]
    private partial void LogNotPrepared(string problem);
}
