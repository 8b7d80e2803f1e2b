using System.Collections.Immutable;
using L2tpd.Engine;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>The engine's own counters: what each is called in the registry and in the daemon's status.</summary>
public static class EngineCounterTable
{
    private static readonly CounterFamily DatagramsDropped = new(
        "l2tpd_datagrams_dropped_total", "datagrams", "Datagrams that reached the daemon and were dropped, by reason.")
    { Labels = ["reason"] };

    private static readonly CounterFamily RequestsDropped = new(
        "l2tpd_tunnel_requests_dropped_total", "SCCRQs",
        "SCCRQs dropped by admission, by reason; a deferred one is answered when the peer repeats it.")
    { Labels = ["reason"] };

    private static readonly ImmutableArray<Row> Rows =
    [
        new(
            "datagramsReceived",
            new("l2tpd_datagrams_received_total", "datagrams", "Datagrams received, control and stray data messages."),
            static c => c.DatagramsReceived),
        new(
            "datagramsSent", new("l2tpd_datagrams_sent_total", "datagrams", "Control datagrams sent, retransmissions included."),
            static c => c.DatagramsSent),
        new("dataDropped", DatagramsDropped, static c => c.DataDropped, "data-without-session"),
        new("malformedHeaders", DatagramsDropped, static c => c.MalformedHeaders, "malformed-header"),
        new("unknownVersion", DatagramsDropped, static c => c.UnknownVersion, "unknown-version"),
        new("unknownTunnel", DatagramsDropped, static c => c.UnknownTunnel, "unknown-tunnel"),
        new("wrongSource", DatagramsDropped, static c => c.WrongSource, "wrong-source"),
        new("rateLimited", RequestsDropped, static c => c.RateLimited, "rate-limited"),
        new("halfOpenLimited", RequestsDropped, static c => c.HalfOpenLimited, "half-open-limited"),
        new("requestsDeferred", RequestsDropped, static c => c.RequestsDeferred, "deferred"),
        new(
            "tunnelsRefused", new("l2tpd_tunnels_refused_total", "tunnels", "Tunnels of peers refused with StopCCN."),
            static c => c.TunnelsRefused),
        new(
            "tunnelsEstablished", new("l2tpd_tunnels_established_total", "tunnels", "Tunnels established, dialled, answered and static."),
            static c => c.TunnelsEstablished),
        new(
            "sessionsEstablished", new("l2tpd_sessions_established_total", "sessions", "Sessions established."),
            static c => c.SessionsEstablished),
        new(
            "sessionsRefused", new("l2tpd_sessions_refused_total", "sessions", "Sessions of peers refused with CDN."),
            static c => c.SessionsRefused),
        new("digestFailures", DatagramsDropped, static c => c.DigestFailures, "wrong-digest"),
    ];

    /// <summary>Names of the counters in the daemon's status.</summary>
    public static IEnumerable<string> Members => Rows.Select(static row => row.Member);

    /// <summary>The counters as the daemon's status shows them.</summary>
    public static IReadOnlyDictionary<string, long> View(EngineCounters counters) =>
        Rows.ToDictionary(static row => row.Member, row => row.Read(counters));

    /// <summary>Adds the counters to the registry.</summary>
    public static void Register(CounterRegistry registry, EngineCounters counters)
    {
        foreach (var family in Rows.GroupBy(static row => row.Family))
        {
            Row[] rows = [.. family];
            registry.Add(family.Key, samples =>
            {
                foreach (var row in rows)
                    samples.Add(row.Read(counters), row.Reason is { } reason ? [reason] : []);
            });
        }
    }

    /// <summary>One counter.</summary>
    /// <param name="Member">In the status of the control API.</param>
    /// <param name="Family">In the registry.</param>
    /// <param name="Read">Its value.</param>
    /// <param name="Reason">Its label where the family has one.</param>
    private sealed record Row(string Member, CounterFamily Family, Func<EngineCounters, long> Read, string? Reason = null);
}
