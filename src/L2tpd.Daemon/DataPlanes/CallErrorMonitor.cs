using L2tpd.Daemon.Loop;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Inputs;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol.Avps;

namespace L2tpd.Daemon.DataPlanes;

/// <summary>Looks at the receive errors of LAC sessions that report them, once a minute, for WEN (RFC 2661 section 6.13). Loop thread only.</summary>
public sealed class CallErrorMonitor(EngineLoop loop, LoopTimers timers, IDataPlane dataPlane)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    private Dictionary<SessionKey, CallErrors> _reported = [];

    /// <summary>Starts looking.</summary>
    public void Start() => timers.After(Interval, Look);

    /// <summary>The kernel's counters as the AVP's: what was malformed counts as framing, what was out of order or late as buffer overruns.</summary>
    public static CallErrors ErrorsOf(in L2tpStatistics statistics) => new(
        0, Saturate(statistics.ReceiveErrors + statistics.ReceiveInvalid), 0, Saturate(statistics.ReceiveSequenceDiscards), 0, 0);

    private void Look()
    {
        Start();
        var sessions = Reporting(loop.Engine).ToArray();
        if (sessions.Length > 0)
            _ = LookAsync(sessions);
        else
            _reported.Clear();
    }

    private async Task LookAsync(SessionKey[] sessions)
    {
        var statistics = await dataPlane.ReadStatisticsAsync(Array.ConvertAll(sessions, key => (key.Tunnel.LocalId, key.LocalId))).ConfigureAwait(false);
        loop.Post(() => Compare(sessions, statistics));
    }

    private void Compare(SessionKey[] sessions, SessionStatistics statistics)
    {
        var seen = new Dictionary<SessionKey, CallErrors>();
        foreach (var key in sessions)
        {
            if (!statistics.TryGetValue((key.Tunnel.LocalId, key.LocalId), out var counters))
                continue;
            var errors = ErrorsOf(counters);
            seen[key] = errors;
            var before = _reported.GetValueOrDefault(key) ?? new CallErrors(0, 0, 0, 0, 0, 0);
            if (errors != before)
                loop.Submit(new CallErrorsObserved(key, errors));
        }

        _reported = seen;
    }

    private static IEnumerable<SessionKey> Reporting(L2tpEngine engine) =>
        from tunnel in engine.Tunnels
        from session in tunnel.Sessions.Values
        where session.Profile.ReportErrors && !session.IsLns
        select session.Key;

    private static uint Saturate(ulong value) => (uint)Math.Min(value, uint.MaxValue);
}
