using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Engine;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.History;
using L2tpd.Operations.Hooks;
using L2tpd.Operations.Logging;
using L2tpd.PppHosting;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.NameServers;
using L2tpd.PppHosting.Pppd;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// The daemon put together: engine, loop, sockets, data plane, PPP, hooks. Building it opens everything and fails with words for the
/// operator; then one thread runs it until the shutdown is through.
/// </summary>
public sealed partial class RunningDaemon : IDisposable
{
    private readonly EventLoop _events = new();
    private readonly LoopTimers _timers = new();
    private readonly Transports _transports;
    private readonly HostResolver _resolver;
    private readonly WorkQueue _starter;
    private readonly DataPlaneDecision _decision;
    private readonly PppProfiles _pppProfiles;
    private readonly PppBackends _ppp;
    private readonly SourceRules _sources;
    private readonly ILogger _log;
    private readonly HookRunner _hooks;
    private readonly NameServerRegistry _nameServers;
    private readonly ShutDownProgress _shutDown;
    private readonly EventLog _eventLog;
    private readonly EventDispatcher _dispatcher;
    private readonly AdmissionWatch _admission;
    private readonly IdleCompaction _compaction;
    private readonly Thread _thread;
    private int _closed;
    private bool _disposed;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens everything.</summary>
    /// <exception cref="StartException">The daemon cannot start; says why.</exception>
    public RunningDaemon(DaemonConfiguration configuration, SystemdNotify systemd, ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger("L2tpd");
        _log = log;
        ConfigurationReadAt = TimeProvider.System.GetUtcNow();
        Faults = new FaultLog(log);
        _decision = DataPlaneSetup.Decide(configuration.DataPlane);
        Engine = new L2tpEngine(ForDataPlane(configuration.Engine), new SystemRandomSource());
        Loop = new EngineLoop(_events, Engine, _timers, Faults);
        Budget = new DescriptorBudget(log);
        _transports = new Transports(_events, Loop, Faults, Budget);
        _eventLog = new EventLog(log);
        _resolver = new HostResolver(Loop, OnLookupFailure);
        _starter = new WorkQueue("l2tpd-starter", error => Loop.Post(() => Faults.Add("starting a process", error)));
        _transports.IpSockets = _decision.Factory.IpSockets;
        try
        {
            Listeners = ListenerSetup.Open(configuration.Listeners, _transports);
            DataPlane = DataPlaneSetup.Open(_decision, new DataPlaneEnvironment(configuration, Loop, _timers, _transports, Budget, log));
        }
        catch
        {
            CloseOpened();
            throw;
        }

        DataPlane.Start(_events, Faults);
        _pppProfiles = new PppProfiles(configuration.PppProfiles);
        _sources = new SourceRules(log);
        var services = new PppdServices(
            _events, _timers, Faults, Loop, _starter, DataPlane.PppSockets?.Children, configuration.Shutdown.PppWait, log, _sources);
        (_ppp, var builtIn, var links) = PppSetup.Make(services, DataPlane, _pppProfiles, configuration.Radius, OnSubscriberRefused);
        LogBackends(configuration.PppProfiles.Values);
        _hooks = new HookRunner(_events, _timers, Faults, Loop, _starter, configuration.Hooks, log);
        _shutDown = new ShutDownProgress(Loop, _timers, _ppp, DataPlane, _hooks, configuration.Shutdown, log);
        var turnEnd = new TurnEnd(builtIn, DataPlane.Messages, _transports.ReadRequests, _transports.Outbox, systemd, _shutDown.IsDone,
            _events.Stop);
        _nameServers = new NameServerRegistry(_pppProfiles, configuration.StateFile, Loop, Faults, log);
        EngineCounters = new EngineCounterSource(Engine);
        DaemonCounters.Register(Counters, this, _transports, _ppp, links, _hooks);
        _dispatcher = new EventDispatcher(_eventLog, History, EngineCounters, Events, _hooks);
        IEventObserver[] observers = [_nameServers, _dispatcher, builtIn,
            .. DataPlane.Events is { } observer ? [observer] : Array.Empty<IEventObserver>()];
        Loop.Connect(new EngineEffects(_transports, _resolver, DataPlane, _ppp, observers), turnEnd, DataPlane.Messages);
        _admission = new AdmissionWatch(Engine.Counters, _timers, _eventLog, log);
        _compaction = new IdleCompaction(_timers, new ManagedHeap(), log);
        _thread = new Thread(Run) { Name = "l2tpd-loop", IsBackground = true };
        PreparePpp();
    }

    /// <summary>When the configuration in force was read. Loop thread.</summary>
    public DateTimeOffset ConfigurationReadAt { get; private set; }

    /// <summary>The data plane that runs, which no reload changes; never <see cref="DataPlaneChoice.Auto"/>.</summary>
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

    /// <summary>What the engine and the data plane count. Loop thread.</summary>
    public EngineCounterSource EngineCounters { get; }

    public IDataPlane DataPlane { get; }

    /// <summary>Sessions on which the built-in PPP has a network layer up. Loop thread.</summary>
    public int PppNetworksUp => _ppp.NetworksUp;

    /// <summary>Subscribers whose proof of themselves was refused. Loop thread.</summary>
    public long PppAuthenticationsFailed => _ppp.AuthenticationsFailed;

    /// <summary>Why this data plane.</summary>
    public string DataPlaneReason => _decision.Why;

    /// <summary>Addresses listened on, as text.</summary>
    public IReadOnlyList<string> Listeners { get; }

    /// <summary>Ends when the loop has: after a shutdown, or with the exception that broke it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Starts the loop's thread; dialling begins.</summary>
    public void Start()
    {
        Publish(new DataPlaneStarted(DataPlane.Name, DataPlaneReason));
        if (DataPlane.Traffic is { } traffic)
            Loop.Post(() => new CallErrorMonitor(Loop, _timers, traffic).Start());
        Loop.Post(_admission.Start);
        Loop.Post(_compaction.Start);
        Loop.Post(new Start());
        _thread.Start();
    }

    /// <summary>Hands an event of the daemon to log, history, hooks and readers. Any thread.</summary>
    public void Publish(OperationsEvent operationsEvent) => Loop.Post(() => _dispatcher.Publish(operationsEvent));

    /// <summary>Begins the orderly end. Any thread.</summary>
    public void BeginShutDown()
    {
        Publish(new ShutDownStarted());
        Loop.Post(_shutDown.Begin);
    }

    /// <summary>Takes over what a new configuration changes of peers, tunnels, limits and PPP profiles. Any thread.</summary>
    /// <returns>Ends when it is in force; what of it cannot be had, one line each, as far as is known by then.</returns>
    public Task<IReadOnlyList<string>> Reconfigure(DaemonConfiguration configuration)
    {
        var readAt = TimeProvider.System.GetUtcNow();
        var done = new TaskCompletionSource<IReadOnlyList<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(() =>
        {
            var problems = new List<string>();
            _pppProfiles.Replace(configuration.PppProfiles);
            _ppp.ChangeRadius(configuration.Radius);
            // A shared interface or a clamp that is new has to be there before the first session that wants it.
            _ppp.PrepareRunning(problem =>
            {
                LogNotPrepared(problem);
                problems.Add(problem);
            });
            Loop.Submit(new Reconfigure(ForDataPlane(configuration.Engine)));
            ConfigurationReadAt = readAt;
            done.TrySetResult([.. problems]);
        });
        return done.Task;
    }

    /// <summary>Stops the loop where it is, kills children, closes everything: at most for <paramref name="grace"/>.</summary>
    public void Abort(TimeSpan grace)
    {
        _events.Stop();
        _thread.Join(grace);
    }

    /// <summary>Closes everything; what still runs is killed.</summary>
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

    /// <summary>The engine's configuration with what the data plane cannot do.</summary>
    private EngineConfiguration ForDataPlane(EngineConfiguration configuration) =>
        configuration with { SublayersMustBeEqual = _decision.Factory.SublayersMustBeEqual };

    /// <summary>Closes what was open before the data plane was.</summary>
    private void CloseOpened()
    {
        _transports.Dispose();
        _starter.Dispose();
        _resolver.Dispose();
        _events.Dispose();
    }

    private void PreparePpp()
    {
        if (_ppp.Prepare() is not { Count: > 0 } problems)
            return;
        Dispose();
        throw new StartException(string.Join("; ", problems));
    }

    private void OnSubscriberRefused(Session session, string reason) => _dispatcher.Publish(new SubscriberRefused(session, reason));

    private void LogBackends(IEnumerable<PppProfile> profiles)
    {
        foreach (var profile in profiles)
        {
            if (profile.BackendReason is { } reason)
                LogBackend(profile.Name, profile.Backend == PppBackend.Pppd ? "pppd" : "built-in", reason);
        }
    }

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
            // Only what the loop itself could not go on with comes here.
            _ended.SetException(error);
        }
    }

    /// <summary>In the order of what stands on what; on the loop's thread, which owns all of it.</summary>
    private void CloseAll()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        _hooks.Dispose();
        _nameServers.Dispose();
        _ppp.Dispose();
        _starter.Dispose();
        _sources.Dispose();
        DataPlane.Dispose();
        _transports.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "PPP profile {Profile}: {Backend} PPP (auto: {Why})")]
    private partial void LogBackend(string profile, string backend, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration was taken over, but not all of it can be had: {Problem}")]
    private partial void LogNotPrepared(string problem);
}
