using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Events;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Processes;
using L2tpd.Operations.Events;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Processes;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Hooks;

/// <summary>
/// Runs the configured commands on events, with the session's and tunnel's properties in their environment. The commands of one tunnel and
/// its sessions run one after another, in the order of the events; those of different tunnels run in parallel, up to a limit. A command
/// that runs too long is killed. Beside them there may be one process that stays (<see cref="HookProcess"/>). Loop thread only.
/// </summary>
public sealed partial class HookRunner(
    EventLoop events, LoopTimers timers, FaultLog faults, IInputSink sink, WorkQueue starter, HookSettings settings, ILogger log)
    : IOperationsObserver, IDisposable
{
    /// <summary>Commands that may wait. Further ones are not run, which is logged.</summary>
    private const int MostWaiting = 10_000;

    /// <summary>Commands that wait, by tunnel; never an empty queue.</summary>
    private readonly Dictionary<TunnelKey, Queue<HookRun>> _waiting = [];

    /// <summary>Tunnels with commands that wait and none that runs, the one that waits longest first.</summary>
    private readonly Queue<TunnelKey> _ready = [];
    private readonly Dictionary<TunnelKey, HookRun> _running = [];
    private int _waitingCount;
    private readonly LineGate _leftOut = new(TimeSpan.FromSeconds(10));
    private readonly HookCounters _counters = new();
    private readonly HookProcess? _process = settings.Process.IsDefaultOrEmpty
        ? null : new HookProcess(events, timers, faults, sink, starter, settings.Process, log);

    private bool _disposed;

    private (SessionKey Session, Task<TrafficView?> Counters)? _lastTraffic;

    /// <summary>What the built-in PPP knows of a session's user; <c>null</c>: hooks do not have it.</summary>
    public Func<Session, SubscriberView?>? SubscriberOf { get; init; }

    /// <summary>Whether a command or the hook process gets the counters of a session that ends now.</summary>
    public bool WantsTraffic => (!settings.SessionDown.IsDefaultOrEmpty && Commands < MostWaiting) || _process is { HasRoom: true };

    /// <summary>Takes the last counters of a session, whose end is the next event.</summary>
    public void NoteTraffic(SessionKey session, Task<TrafficView?> counters) => _lastTraffic = (session, counters);

    /// <summary>Commands running or waiting, and events that wait for the hook process.</summary>
    public int Pending => Commands + (_process?.Pending ?? 0);

    // Without the events: a process that does not read must not keep commands from running.
    private int Commands => _waitingCount + _running.Count;

    /// <summary>Starts the hook process, if there is one.</summary>
    public void Start() => _process?.Start();

    /// <inheritdoc/>
    public void Observe(OperationsEvent operationsEvent)
    {
        if (HookEvent.Of(operationsEvent) is not { } hook)
            return;
        var command = CommandOf(hook.Name);
        if (command.IsDefaultOrEmpty && _process is null)
            return;
        var variables = hook.Variables(VariablesOf);
        var counters = hook is { Name: "session-down", Session: { } session } && _lastTraffic is { } last && last.Session == session.Key
            ? last.Counters : null;
        // First the command, which copies the variables: the process adds the counters to them.
        if (!command.IsDefaultOrEmpty)
            Add(hook.Name, command, hook.Tunnel.Key, variables, counters);
        _process?.Observe(variables, counters);
    }

    /// <summary>Adds the counters of hooks to the registry.</summary>
    public void Register(CounterRegistry registry)
    {
        _counters.Register(registry);
        HookProcess.Register(registry, _process);
        registry.Add(
            new CounterFamily("l2tpd_hooks_pending", "commands", "Hook commands that run or wait.") { Kind = CounterKind.Gauge },
            () => Commands);
    }

    /// <summary>Kills commands that run and drops those that wait.</summary>
    public void Dispose()
    {
        _disposed = true;
        _process?.Dispose();
        _waiting.Clear();
        _ready.Clear();
        _waitingCount = 0;
        foreach (var run in _running.Values)
            run.Child?.Dispose();
        _running.Clear();
    }

    private SessionVariables VariablesOf(Session session)
    {
        var variables = SessionVariables.Of(session);
        return SubscriberOf?.Invoke(session) is not { } subscriber ? variables : variables
            .Add("SESSION_SECONDS_LEFT", Number(subscriber.SessionSecondsLeft))
            .Add("IDLE_SECONDS_LEFT", Number(subscriber.IdleSecondsLeft))
            .Add("FILTERS", subscriber.Filters is { } filters ? string.Join(' ', filters) : null)
            .Add("ROUTES", subscriber.Routes is { } routes ? string.Join(' ', routes) : null);
    }

    private static string? Number(double? value) => value?.ToString("0", CultureInfo.InvariantCulture);

    private void Add(
        string hook, ImmutableArray<string> command, TunnelKey tunnel, SessionVariables variables, Task<TrafficView?>? counters = null)
    {
        if (Commands >= MostWaiting)
        {
            _counters.LeftOut++;
            if (_leftOut.TryPass(MonotonicClock.NowMilliseconds, out var suppressed))
                LogLeftOut(suppressed + 1, MostWaiting);
            return;
        }

        if (!_waiting.TryGetValue(tunnel, out var queue))
        {
            _waiting[tunnel] = queue = [];
            if (!_running.ContainsKey(tunnel))
                _ready.Enqueue(tunnel);
        }

        queue.Enqueue(new HookRun(this, hook, command, tunnel, EnvironmentOf(variables), counters));
        _waitingCount++;
        StartNext();
    }

    private void StartNext()
    {
        while (_running.Count < settings.Parallel && !_disposed && _ready.TryDequeue(out var tunnel))
        {
            var queue = _waiting[tunnel];
            var run = queue.Dequeue();
            _waitingCount--;
            if (queue.Count == 0)
                _waiting.Remove(tunnel);
            _running[tunnel] = run;
            Start(run);
        }
    }

    private void Start(HookRun run)
    {
        if (run.Counters is not { } counters)
        {
            Launch(run);
            return;
        }

        // It is answered within seconds, and the commands of other tunnels go on meanwhile.
        counters.ContinueWith(
            answer => sink.Post(() =>
            {
                run.AddCounters(answer.IsCompletedSuccessfully ? answer.Result : null);
                Launch(run);
            }),
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Launch(HookRun run) => starter.Add(() =>
    {
        var error = ChildProcess.TryStart(new ChildProcessOptions
        {
            Executable = run.Command[0],
            Arguments = run.Command[1..],
            Environment = run.Environment,
            WorkingDirectory = "/",
        }, out var child);
        sink.Post(() => OnStarted(run, error, child));
    });

    private void OnStarted(HookRun run, LinuxError error, ChildProcess? child)
    {
        if (child is null || _disposed)
        {
            child?.Dispose();
            if (!error.IsNone)
            {
                _counters.NotStarted++;
                LogNotStarted(run.Hook, run.Command[0], error);
            }

            OnEnded(run);
            return;
        }

        _counters.Started++;
        run.Child = new SupervisedChild(events, timers, faults, child, run);
        run.Limit = timers.After(settings.Timeout, () => run.Child?.Kill());
    }

    private void OnEnded(HookRun run)
    {
        run.Limit?.Cancel();
        run.Child = null;
        if (_running.Remove(run.Tunnel) && _waiting.ContainsKey(run.Tunnel))
            _ready.Enqueue(run.Tunnel);
        StartNext();
    }

    private ImmutableArray<string> CommandOf(string hook) => hook switch
    {
        "tunnel-up" => settings.TunnelUp,
        "tunnel-down" => settings.TunnelDown,
        "session-up" => settings.SessionUp,
        "network-up" => settings.NetworkUp,
        "session-down" => settings.SessionDown,
        "peer-silent" => settings.PeerSilent,
        _ => settings.PeerAnswers,
    };

    /// <summary>The daemon's environment as its hooks get it.</summary>
    internal static Dictionary<string, string> OwnEnvironment()
    {
        var environment = new Dictionary<string, string>();
        foreach (DictionaryEntry own in Environment.GetEnvironmentVariables())
            environment[(string)own.Key] = (string?)own.Value ?? "";
        // A hook must not notify systemd in the name of the daemon.
        environment.Remove("NOTIFY_SOCKET");
        return environment;
    }

    private static Dictionary<string, string> EnvironmentOf(SessionVariables variables)
    {
        var environment = OwnEnvironment();
        foreach (var (name, value) in variables.Variables)
            environment[name] = value;
        return environment;
    }

    private sealed class HookRun(
        HookRunner runner, string hook, ImmutableArray<string> command, TunnelKey tunnel, Dictionary<string, string> environment,
        Task<TrafficView?>? counters)
        : IChildObserver
    {
        private readonly LineBudget _lines = new();

        public string Hook => hook;

        public ImmutableArray<string> Command => command;

        public TunnelKey Tunnel => tunnel;

        public Dictionary<string, string> Environment => environment;

        /// <summary>The last counters of the session that ended; <c>null</c>: it has none.</summary>
        public Task<TrafficView?>? Counters => counters;

        public void AddCounters(TrafficView? traffic)
        {
            if (traffic is null)
                return;
            var variables = new SessionVariables();
            HookEvent.AddTraffic(variables, traffic);
            foreach (var (name, value) in variables.Variables)
                environment[name] = value;
        }

        public SupervisedChild? Child { get; set; }

        public LoopTimer? Limit { get; set; }

        public void OnLine(ReadOnlySpan<char> line)
        {
            if (_lines.TryTake(MonotonicClock.NowMilliseconds, out _))
                runner.LogLine(hook, line.ToString());
        }

        public void OnExit(ChildExit exit)
        {
            if (exit != new ChildExit(0, 0))
            {
                runner._counters.Failed++;
                runner.LogFailed(hook, command[0], exit);
            }

            runner.OnEnded(this);
        }

        public void OnKilled()
        {
            runner._counters.TimedOut++;
            runner.LogTooLong(hook, command[0], runner.Settings.Timeout.TotalSeconds);
        }
    }

    private HookSettings Settings => settings;

    [LoggerMessage(Level = LogLevel.Information, Message = "Hook {Hook}: {Line}")]
    private partial void LogLine(string hook, string line);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hook {Hook}: {Command} ended with {Exit}")]
    private partial void LogFailed(string hook, string command, ChildExit exit);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Hook {Hook}: {Command} ran longer than {Seconds} s and was killed (hooks: timeout)")]
    private partial void LogTooLong(string hook, string command, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hook {Hook}: cannot start {Command}: {Error}")]
    private partial void LogNotStarted(string hook, string command, LinuxError error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{LeftOut} hook commands were not run, because {Most} wait. The commands are too slow for the number of events")]
    private partial void LogLeftOut(long leftOut, int most);
}
