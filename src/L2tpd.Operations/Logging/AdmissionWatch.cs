using L2tpd.Engine;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Logging;

/// <summary>Looks every 10 s at what admission dropped in silence, and says so in one line. Loop thread only.</summary>
public sealed partial class AdmissionWatch(EngineCounters counters, LoopTimers timers, EventLog events, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private long _halfOpenSeen = counters.HalfOpenLimited;
    private long _rateSeen = counters.RateLimited;
    private long _deferredSeen = counters.RequestsDeferred;

    /// <summary>Starts looking.</summary>
    public void Start() => timers.After(Interval, Again);

    /// <summary>Says what was dropped since the last look.</summary>
    public void Look()
    {
        var (halfOpen, rate) = (counters.HalfOpenLimited - _halfOpenSeen, counters.RateLimited - _rateSeen);
        (_halfOpenSeen, _rateSeen) = (counters.HalfOpenLimited, counters.RateLimited);
        if (halfOpen > 0)
            LogDropped(halfOpen, Interval.TotalSeconds, "newer ones took their room (limits: half-open)");
        if (rate > 0)
            LogDropped(rate, Interval.TotalSeconds, "over the rate allowed to sources that have not proved a secret (limits: sccrq-rate-per-source)");
        var deferred = counters.RequestsDeferred - _deferredSeen;
        _deferredSeen = counters.RequestsDeferred;
        if (deferred > 0)
            LogDeferred(deferred, Interval.TotalSeconds);
        events.TellUnsaid();
    }

    private void Again()
    {
        Start();
        Look();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} SCCRQs in the last {Seconds:0} s were not answered the first time: more come than can be answered (a flood with forged sources, or too little CPU). Peers that repeat theirs are answered")]
    private partial void LogDeferred(long count, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} requests for tunnels dropped in the last {Seconds:0} s: {Why}")]
    private partial void LogDropped(long count, double seconds, string why);
}
