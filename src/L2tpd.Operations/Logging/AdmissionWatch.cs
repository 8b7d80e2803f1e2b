using L2tpd.Engine;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Logging;

/// <summary>Logs every 10 s, in one line, what admission dropped without a line of its own. Loop thread only.</summary>
public sealed partial class AdmissionWatch(EngineCounters counters, LoopTimers timers, EventLog events, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private long _halfOpenSeen = counters.HalfOpenLimited;
    private long _rateSeen = counters.RateLimited;
    private long _deferredSeen = counters.RequestsDeferred;

    public void Start() => timers.After(Interval, Again);

    /// <summary>Logs what was dropped since the last call.</summary>
    public void Look()
    {
        var (halfOpen, rate) = (counters.HalfOpenLimited - _halfOpenSeen, counters.RateLimited - _rateSeen);
        (_halfOpenSeen, _rateSeen) = (counters.HalfOpenLimited, counters.RateLimited);
        if (halfOpen > 0)
            LogDropped(halfOpen, Interval.TotalSeconds, "newer requests replaced them (limits: half-open)");
        if (rate > 0)
            LogDropped(rate, Interval.TotalSeconds, "over the rate of sources that have not authenticated (limits: sccrq-rate-per-source)");

        var deferred = counters.RequestsDeferred - _deferredSeen;
        _deferredSeen = counters.RequestsDeferred;
        if (deferred > 0)
            LogDeferred(deferred, Interval.TotalSeconds);
        events.LogSuppressedLines();
    }

    private void Again()
    {
        Start();
        Look();
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} SCCRQs in the last {Seconds:0} s were not answered at the first attempt: more arrive than the daemon can answer "
            + "(a flood with forged sources, or too little CPU). Peers that repeat their SCCRQ are answered")]
    private partial void LogDeferred(long count, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} requests for tunnels dropped in the last {Seconds:0} s: {Why}")]
    private partial void LogDropped(long count, double seconds, string why);
}
