using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Loop;

namespace L2tpd.DataPlanes;

/// <summary>
/// Looks at the receive errors of LAC sessions that report them, for WEN (RFC 2661 section 6.13). What it sees goes to the engine each
/// time, which knows what the peer was told and when: so nothing is lost that comes before the minute is over. Loop thread only.
/// </summary>
public sealed class CallErrorMonitor(EngineLoop loop, LoopTimers timers, ITrafficCounters traffic)
{
    /// <summary>An LNS hears of the first errors this late at most; of more, a minute and this much.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Starts looking.</summary>
    public void Start() => timers.After(Interval, Look);

    /// <summary>
    /// The kernel's counters as the AVP's: what was out of order or late counts as buffer overruns, what was malformed and any other
    /// error as framing. The kernel counts each packet it discards as an error too.
    /// </summary>
    public static CallErrors ErrorsOf(in TrafficCounters statistics)
    {
        var discards = statistics.ReceiveSequenceDiscards + statistics.ReceiveCookieDiscards;
        var others = statistics.ReceiveErrors > discards ? statistics.ReceiveErrors - discards : 0;
        return new CallErrors(0, Saturate(others + statistics.ReceiveInvalid), 0, Saturate(statistics.ReceiveSequenceDiscards), 0, 0);
    }

    private void Look()
    {
        Start();
        var sessions = Reporting(loop.Engine).ToArray();
        if (sessions.Length > 0)
            _ = LookAsync(sessions);
    }

    private async Task LookAsync(SessionKey[] sessions)
    {
        var statistics = await traffic.ReadAsync(Array.ConvertAll(sessions, key => (key.Tunnel.LocalId, key.LocalId)))
            .ConfigureAwait(false);
        loop.Post(() => Tell(sessions, statistics));
    }

    private void Tell(SessionKey[] sessions, IReadOnlyDictionary<(uint Tunnel, uint Session), TrafficCounters> statistics)
    {
        foreach (var key in sessions)
        {
            if (statistics.TryGetValue((key.Tunnel.LocalId, key.LocalId), out var counters))
                loop.Submit(new CallErrorsObserved(key, ErrorsOf(counters)));
        }
    }

    private static IEnumerable<SessionKey> Reporting(L2tpEngine engine) =>
        from tunnel in engine.Tunnels
        from session in tunnel.Sessions.Values
        where session.Profile.ReportErrors && !session.IsLns
        select session.Key;

    private static uint Saturate(ulong value) => (uint)Math.Min(value, uint.MaxValue);
}
