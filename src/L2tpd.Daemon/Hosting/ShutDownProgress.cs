using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Operations.Hooks;
using L2tpd.PppHosting;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>
/// The progress of a shutdown: the engine sends StopCCN to all peers, PPP processes end, kernel objects are deleted, and the hooks of all
/// these ends run. The loop stops when all of that is done, or when the time is over. Hooks have a limit of their own, as those of one
/// tunnel run one after another. Loop thread only.
/// </summary>
public sealed partial class ShutDownProgress(
    EngineLoop loop, LoopTimers timers, IPppBackend ppp, IDataPlane dataPlane, HookRunner hooks, ShutdownSettings settings, ILogger log)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    /// <summary>How long deletions in the kernel may take in addition to the configured waits.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(2);

    private bool _begun;
    private bool _isQuiet;
    private long _lastUntil;
    private long _peersUntil;
    private long _everythingUntil;
    private long _hooksUntil;

    /// <summary>The longest time that a shutdown may take.</summary>
    public static TimeSpan LongestWait(ShutdownSettings settings) =>
        LongestWithoutHooks(settings) + settings.HookWait + Slack;

    private static TimeSpan LongestWithoutHooks(ShutdownSettings settings) =>
        (settings.Wait > settings.PppWait ? settings.Wait : settings.PppWait) + Slack;

    /// <summary>Begins the shutdown. Idempotent.</summary>
    public void Begin()
    {
        if (_begun)
            return;
        _begun = true;
        var now = MonotonicClock.NowMilliseconds;
        _peersUntil = now + (long)settings.Wait.TotalMilliseconds;
        _everythingUntil = now + (long)LongestWithoutHooks(settings).TotalMilliseconds;
        LogStopping(loop.Engine.Tunnels.Count, loop.Engine.SessionCount);
        loop.Submit(new ShutDown());
        timers.After(LookAgain, KeepLooking);
    }

    /// <summary>Work after everything else, for at most two seconds: does some and says whether it is done. It is called again.</summary>
    public Func<bool> LastWork { get; init; } = static () => true;

    /// <summary>Whether there is nothing left to wait for.</summary>
    public bool IsDone(long now)
    {
        if (!_begun || !(_isQuiet = _isQuiet || IsQuiet(now)))
            return false;
        if (_lastUntil == 0)
            _lastUntil = now + (long)Slack.TotalMilliseconds;
        return LastWork() || now >= _lastUntil;
    }

    private bool IsQuiet(long now)
    {
        var peersDone = loop.Engine.IsQuiet || now >= _peersUntil;
        var restDone = peersDone && ppp.Running == 0 && dataPlane.Remaining == 0;
        if (restDone && hooks.Pending == 0)
            return true;
        if (_hooksUntil == 0 && (restDone || now >= _everythingUntil))
            _hooksUntil = now + (long)settings.HookWait.TotalMilliseconds;
        // A late end may still add a hook, so both limits apply.
        if ((!restDone && now < _everythingUntil) || (hooks.Pending > 0 && now < _hooksUntil))
            return false;
        LogGaveUp(ppp.Running, hooks.Pending, dataPlane.Remaining);
        return true;
    }

    private void KeepLooking() => timers.After(LookAgain, KeepLooking);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: closing {Tunnels} tunnels with {Sessions} sessions")]
    private partial void LogStopping(int tunnels, int sessions);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Stopping took too long: killing {Ppp} PPP processes and {Hooks} hooks; {Kernel} kernel objects are removed with their sockets")]
    private partial void LogGaveUp(int ppp, int hooks, int kernel);
}
