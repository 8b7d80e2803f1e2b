using System.Collections.Immutable;
using L2tpd.Control;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Processes;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Logging;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Processes;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Hooks;

/// <summary>
/// One process that stays, and gets a line of JSON on its input for each event that has a hook. It is started again when it ends, after
/// waits that double. Events wait in a bounded queue while it is down or does not read; what does not fit is dropped and counted, and shows
/// as a gap in the numbers. An event that was written in part when the process ended is given to the next one. The loop never waits for it,
/// but for <see cref="LastWait"/> at the end of the daemon. Loop thread only.
/// </summary>
internal sealed partial class HookProcess(
    EventLoop events, LoopTimers timers, FaultLog faults, IInputSink sink, WorkQueue starter, ImmutableArray<string> command, ILogger log)
    : IChildObserver, IDisposable
{
    /// <summary>Events that may wait.</summary>
    internal const int MostWaiting = 10_000;

    /// <summary>Octets of events that may wait.</summary>
    internal const int MostOctets = 8 * 1024 * 1024;

    /// <summary>A process that ran this long was no failure: the waits begin again.</summary>
    private static readonly TimeSpan Success = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>How long the process may take to end after its input was closed, before it is killed.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromMilliseconds(500);

    private readonly Queue<Line> _waiting = [];
    private readonly LineGate _dropped = new(TimeSpan.FromSeconds(10));
    private readonly LineBudget _lines = new();
    private SupervisedChild? _child;
    private LoopRegistration? _writable;
    private TimeSpan _wait = TimeSpan.FromSeconds(1);
    private long _startedAt;
    private int _octets;
    private int _written;
    private long _number;
    private bool _disposed;

    /// <summary>Events that wait for a process that runs.</summary>
    public int Pending => _child is null ? 0 : _waiting.Count;

    /// <summary>Events given to the process.</summary>
    public long Delivered { get; private set; }

    /// <summary>Events dropped because too many waited.</summary>
    public long Dropped { get; private set; }

    /// <summary>How often the process was started.</summary>
    public long Starts { get; private set; }

    /// <summary>Starts the process.</summary>
    public void Start()
    {
        if (!_disposed)
            starter.Add(StartOnWorker);
    }

    /// <summary>Whether the next event has room in the queue.</summary>
    public bool HasRoom => !_disposed && _waiting.Count < MostWaiting && _octets < MostOctets;

    /// <summary>Gives an event to the process, now or later.</summary>
    /// <param name="variables">Those of the event.</param>
    /// <param name="counters">Completes with the last counters of a session that ended, which are added; <c>null</c>: none are.</param>
    public void Observe(SessionVariables variables, Task<TrafficView?>? counters = null)
    {
        if (_disposed)
            return;
        var (number, at) = (++_number, TimeProvider.System.GetUtcNow());
        var line = new Line(HookEvent.ToJson(variables, number, at)) { IsReady = counters is null };
        if (_waiting.Count >= MostWaiting || _octets + line.Json.Length > MostOctets)
        {
            Dropped++;
            if (_dropped.TryPass(MonotonicClock.NowMilliseconds, out var suppressed))
                LogDropped(suppressed + 1, command[0]);
            return;
        }

        _waiting.Enqueue(line);
        _octets += line.Json.Length;
        // Later events wait behind this one: a reader sees them in their order. The counters come within seconds.
        counters?.ContinueWith(
            answer => sink.Post(() => Complete(line, variables, number, at, answer.IsCompletedSuccessfully ? answer.Result : null)),
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (_writable is null)
            Write();
    }

    /// <summary>Adds the counters to the registry; all 0 without a process.</summary>
    public static void Register(CounterRegistry registry, HookProcess? process)
    {
        registry.Add(
            new CounterFamily("l2tpd_hook_process_events_total", "events", "Events given to the hook process."),
            () => process?.Delivered ?? 0);
        registry.Add(
            new CounterFamily(
                "l2tpd_hook_process_events_dropped_total", "events", "Events dropped because the hook process was down or did not read."),
            () => process?.Dropped ?? 0);
        registry.Add(
            new CounterFamily("l2tpd_hook_process_starts_total", "starts", "Starts of the hook process."), () => process?.Starts ?? 0);
    }

    void IChildObserver.OnLine(ReadOnlySpan<char> line)
    {
        if (_lines.TryTake(MonotonicClock.NowMilliseconds, out _))
            LogLine(line.ToString());
    }

    void IChildObserver.OnExit(ChildExit exit)
    {
        _writable?.Dispose();
        (_child, _writable, _written) = (null, null, 0);
        if (_disposed)
            return;
        if (timers.Now - _startedAt >= Success.TotalMilliseconds)
            _wait = TimeSpan.FromSeconds(1);
        LogEnded(command[0], exit, _wait.TotalSeconds);
        StartLater();
    }

    void IChildObserver.OnKilled()
    {
    }

    /// <summary>Closes its input, waits a moment for its end, and kills it.</summary>
    public void Dispose()
    {
        _disposed = true;
        _writable?.Dispose();
        if (_child is { } child)
        {
            child.Process.Input!.Dispose();
            var end = MonotonicClock.NowMilliseconds + (long)LastWait.TotalMilliseconds;
            while (!child.Process.TryReap(out _) && MonotonicClock.NowMilliseconds < end)
                Thread.Sleep(5);
            child.Dispose();
        }

        (_child, _writable) = (null, null);
        _waiting.Clear();
    }

    private void Complete(Line line, SessionVariables variables, long number, DateTimeOffset at, TrafficView? traffic)
    {
        if (_disposed)
            return;
        if (traffic is not null)
        {
            _octets -= line.Json.Length;
            HookEvent.AddTraffic(variables, traffic);
            line.Json = HookEvent.ToJson(variables, number, at);
            _octets += line.Json.Length;
        }

        line.IsReady = true;
        if (_writable is null)
            Write();
    }

    private void StartOnWorker()
    {
        var error = ChildProcess.TryStart(
            new ChildProcessOptions
            {
                Executable = command[0],
                Arguments = command[1..],
                Environment = HookRunner.OwnEnvironment(),
                WorkingDirectory = "/",
                HasInput = true,
            },
            out var child);
        sink.Post(() => OnStarted(error, child));
    }

    private void OnStarted(LinuxError error, ChildProcess? child)
    {
        if (_disposed)
        {
            child?.Dispose();
            return;
        }

        if (child is null)
        {
            LogNotStarted(command[0], error, _wait.TotalSeconds);
            StartLater();
            return;
        }

        Starts++;
        _startedAt = timers.Now;
        _child = new SupervisedChild(events, timers, faults, child, this);
        Write();
    }

    private void StartLater()
    {
        timers.After(_wait, Start);
        _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
    }

    private void Write()
    {
        while (_child is { } child && _waiting.TryPeek(out var line) && line.IsReady)
        {
            var count = child.Process.WriteInput(line.Json.AsSpan(_written));
            if (count == -Errno.EAGAIN)
            {
                _writable ??= events.Register(
                    child.Process.Input!, Readiness.Writable, new GuardedHandler(new WritableHandler(this), faults));
                return;
            }

            // It closed its input: its end is reported next, or it is of no use.
            if (count < 0)
            {
                child.Kill();
                break;
            }

            _written += count;
            if (_written < line.Json.Length)
                continue;
            _waiting.Dequeue();
            _octets -= line.Json.Length;
            _written = 0;
            Delivered++;
        }

        _writable?.Dispose();
        _writable = null;
    }

    /// <summary>An event that waits.</summary>
    private sealed class Line(byte[] json)
    {
        public byte[] Json { get; set; } = json;

        /// <summary>Nothing is added to it any more.</summary>
        public bool IsReady { get; set; }
    }

    private sealed class WritableHandler(HookProcess process) : IReadinessHandler
    {
        public void OnReady(Readiness readiness) => process.Write();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Hook process: {Line}")]
    private partial void LogLine(string line);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hook process {Command} ended with {Exit}: it is started again in {Seconds} s")]
    private partial void LogEnded(string command, ChildExit exit, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hook process: cannot start {Command}: {Error}. Next attempt in {Seconds} s")]
    private partial void LogNotStarted(string command, LinuxError error, double seconds);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Dropped} events were dropped: the hook process {Command} is down, or does not read its input")]
    private partial void LogDropped(long dropped, string command);
}
