using System.Collections;
using System.Collections.Immutable;
using L2tpd.Daemon.Configuration;
using L2tpd.Daemon.Effects;
using L2tpd.Daemon.Loop;
using L2tpd.Daemon.Processes;
using L2tpd.Engine.Events;
using L2tpd.Engine.Sessions;
using L2tpd.Engine.Tunnels;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Processes;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hooks;

/// <summary>
/// Runs the configured commands when something happens, with the facts in their environment: a few at one time, the rest in order; those of one
/// tunnel or session never overtake each other. Each within its time. Loop thread only.
/// </summary>
public sealed partial class HookRunner(
    EventLoop events, LoopTimers timers, FaultLog faults, IInputSink sink, WorkQueue starter, HookSettings settings, ILogger log)
    : IEventObserver, IDisposable
{
    /// <summary>Commands that may wait; more are left out, and that is said.</summary>
    private const int MostWaiting = 10_000;

    private readonly LinkedList<HookRun> _waiting = [];
    private readonly Dictionary<string, HookRun> _running = [];
    private readonly Logging.LineGate _leftOut = new(TimeSpan.FromSeconds(10));
    private bool _disposed;

    /// <summary>Commands running or waiting.</summary>
    public int Pending => _waiting.Count + _running.Count;

    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent)
    {
        switch (engineEvent)
        {
            case TunnelEstablished { Tunnel: var tunnel } when !settings.TunnelUp.IsDefaultOrEmpty:
                Add("tunnel-up", settings.TunnelUp, Subject(tunnel), Facts.Of(tunnel));
                break;
            case TunnelEnded { Tunnel: var tunnel } ended when !settings.TunnelDown.IsDefaultOrEmpty:
                Add("tunnel-down", settings.TunnelDown, Subject(tunnel), Facts.Of(tunnel).With(ended.Reason));
                break;
            case SessionEstablished { Session: var session } when !settings.SessionUp.IsDefaultOrEmpty:
                Add("session-up", settings.SessionUp, Subject(session), Facts.Of(session));
                break;
            case SessionNetworkUp { Session: var session } when !settings.NetworkUp.IsDefaultOrEmpty:
                Add("network-up", settings.NetworkUp, Subject(session), Facts.Of(session));
                break;
            case PeerFellSilent { Tunnel: var tunnel } when !settings.PeerSilent.IsDefaultOrEmpty:
                Add("peer-silent", settings.PeerSilent, Subject(tunnel), Facts.Of(tunnel));
                break;
            case PeerAnsweredAgain { Tunnel: var tunnel } when !settings.PeerAnswers.IsDefaultOrEmpty:
                Add("peer-answers", settings.PeerAnswers, Subject(tunnel), Facts.Of(tunnel));
                break;
            case SessionEnded { Session: var session } ended when !settings.SessionDown.IsDefaultOrEmpty:
                Add("session-down", settings.SessionDown, Subject(session), Facts.Of(session).With(ended.Reason));
                break;
        }
    }

    /// <summary>Kills what runs and forgets what waits.</summary>
    public void Dispose()
    {
        _disposed = true;
        _waiting.Clear();
        foreach (var run in _running.Values)
            run.Child?.Dispose();
        _running.Clear();
    }

    private static string Subject(Tunnel tunnel) => $"{tunnel.Key.Generation}";

    private static string Subject(Session session) => $"{session.Tunnel.Key.Generation}/{session.Key.Generation}";

    private void Add(string what, ImmutableArray<string> command, string subject, Facts facts)
    {
        if (Pending >= MostWaiting)
        {
            if (_leftOut.TryPass(MonotonicClock.NowMilliseconds, out var suppressed))
                LogLeftOut(MostWaiting, suppressed + 1);
            return;
        }

        _waiting.AddLast(new HookRun(this, what, command, subject, EnvironmentOf(facts.Add("EVENT", what))));
        StartNext();
    }

    private void StartNext()
    {
        for (var node = _waiting.First; node is not null && _running.Count < settings.Parallel && !_disposed;)
        {
            var next = node.Next;
            if (_running.TryAdd(node.Value.Subject, node.Value))
            {
                _waiting.Remove(node);
                Start(node.Value);
            }

            node = next;
        }
    }

    private void Start(HookRun run) => starter.Add(() =>
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
                LogNotStarted(run.What, run.Command[0], error);
            OnGone(run);
            return;
        }

        run.Child = new SupervisedChild(events, timers, faults, child, run);
        run.Limit = timers.After(settings.Timeout, () => run.Child?.Kill());
    }

    private void OnGone(HookRun run)
    {
        run.Limit?.Cancel();
        run.Child = null;
        _running.Remove(run.Subject);
        StartNext();
    }

    private static Dictionary<string, string> EnvironmentOf(Facts facts)
    {
        var environment = new Dictionary<string, string>();
        foreach (DictionaryEntry own in Environment.GetEnvironmentVariables())
            environment[(string)own.Key] = (string?)own.Value ?? "";
        // The notify socket is ours: a hook must not speak for the daemon.
        environment.Remove("NOTIFY_SOCKET");
        foreach (var (name, value) in facts.Variables)
            environment[name] = value;
        return environment;
    }

    private sealed class HookRun(
        HookRunner runner, string what, ImmutableArray<string> command, string subject, Dictionary<string, string> environment) : IChildObserver
    {
        private readonly LineBudget _lines = new();

        public string What => what;

        public ImmutableArray<string> Command => command;

        public string Subject => subject;

        public Dictionary<string, string> Environment => environment;

        public SupervisedChild? Child { get; set; }

        public LoopTimer? Limit { get; set; }

        public void OnLine(ReadOnlySpan<char> line)
        {
            if (_lines.TryTake(MonotonicClock.NowMilliseconds, out _))
                runner.LogLine(what, line.ToString());
        }

        public void OnExit(ChildExit exit)
        {
            if (exit != new ChildExit(0, 0))
                runner.LogFailed(what, command[0], exit);
            runner.OnGone(this);
        }

        public void OnKilled() => runner.LogTooLong(what, command[0], runner.Settings.Timeout.TotalSeconds);
    }

    private HookSettings Settings => settings;

    [LoggerMessage(Level = LogLevel.Information, Message = "Hook {Hook}: {Line}")]
    private partial void LogLine(string hook, string line);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hook {Hook}: {Command} ended with {Exit}")]
    private partial void LogFailed(string hook, string command, ChildExit exit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hook {Hook}: {Command} ran longer than {Seconds} s: killed")]
    private partial void LogTooLong(string hook, string command, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hook {Hook}: {Command} cannot be started: {Error}")]
    private partial void LogNotStarted(string hook, string command, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "More than {Most} hook commands wait: {LeftOut} were left out")]
    private partial void LogLeftOut(int most, long leftOut);
}
