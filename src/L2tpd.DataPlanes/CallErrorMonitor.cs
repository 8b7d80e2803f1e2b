using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Loop;

namespace L2tpd.DataPlanes;

/// <summary>
/// Reports the receive errors of LAC sessions for WEN (RFC 2661 section 6.13). The engine receives every value, and knows what was reported
/// to the peer and when, so that errors within the minute between two WENs are not lost. Loop thread only.
/// </summary>
public sealed class CallErrorMonitor(EngineLoop loop, LoopTimers timers, ITrafficCounters traffic)
{
    /// <summary>An LNS receives the first errors after this time at most; later ones after this time and one minute.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Starts the checks.</summary>
    public void Start() => timers.After(Interval, Look);

    /// <summary>
    /// The kernel's counters as the fields of the AVP: out-of-order packets count as buffer overruns, malformed packets and other errors as
    /// framing errors. The kernel also counts each packet that it discards as an error.
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
        loop.Post(() => Report(sessions, statistics));
    }

    private void Report(SessionKey[] sessions, IReadOnlyDictionary<(TunnelId Tunnel, SessionId Session), TrafficCounters> statistics)
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
