using System.Net;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Radius.Client;
using L2tpd.Runtime.Counters;

namespace L2tpd.PppHosting.Radius;

/// <summary>The RADIUS servers for the control API and the registry of counters.</summary>
internal static class RadiusViews
{
    private const double MicrosecondsPerMillisecond = 1_000;

    private static readonly (string Name, Func<ClientCounters, long> Read)[] Members =
    [
        ("requests", static counters => counters.Requests),
        ("answers", static counters => counters.Answers),
        ("accepts", static counters => counters.Accepts),
        ("rejects", static counters => counters.Rejects),
        ("challenges", static counters => counters.Challenges),
        ("accountingResponses", static counters => counters.AccountingResponses),
        ("retransmissions", static counters => counters.Retransmissions),
        ("timeouts", static counters => counters.Timeouts),
        ("probes", static counters => counters.Probes),
        ("probeAnswers", static counters => counters.ProbeAnswers),
        ("badAuthenticators", static counters => counters.BadAuthenticators),
        ("missingMessageAuthenticators", static counters => counters.MissingMessageAuthenticators),
        ("malformed", static counters => counters.Malformed),
        ("unexpected", static counters => counters.Unexpected),
    ];

    /// <summary>The servers in the order of the configuration.</summary>
    public static IReadOnlyList<RadiusServerView> From(RadiusSettings settings, RadiusClient client, long now) =>
        [.. settings.Servers.Select((server, number) => View(settings, server, client, number, now))];

    /// <summary>Adds families with a label for the server.</summary>
    public static void Register(CounterRegistry registry, RadiusExchange exchange)
    {
        AddCounter("requests", "packets", "Requests sent, without their repetitions.", static counters => counters.Requests);
        AddCounter("retransmissions", "packets", "Requests sent again, since no answer came.", static counters => counters.Retransmissions);
        AddCounter("timeouts", "requests", "Requests that the server did not answer in time.", static counters => counters.Timeouts);
        AddCounter("probes", "packets", "Status-Server packets sent.", static counters => counters.Probes);
        AddLabelled(registry, exchange, "answers", "Valid answers, by code.", "code",
            ("access-accept", static counters => counters.Accepts), ("access-reject", static counters => counters.Rejects),
            ("access-challenge", static counters => counters.Challenges),
            ("accounting-response", static counters => counters.AccountingResponses),
            ("status-server", static counters => counters.ProbeAnswers));
        AddLabelled(registry, exchange, "answers_dropped", "Packets of the server that count as no answer, by reason.", "reason",
            ("malformed", static counters => counters.Malformed), ("unexpected", static counters => counters.Unexpected),
            ("bad-authenticator", static counters => counters.BadAuthenticators),
            ("no-message-authenticator", static counters => counters.MissingMessageAuthenticators));
        AddGauge("in_flight", "requests", "Requests that wait for an answer of the server.",
            static (client, number) => client.OutstandingOf(number));
        AddGauge("waiting", "requests", "Requests that wait until they may be sent to the server.",
            static (client, number) => client.WaitingOf(number));
        AddGauge("server_up", "servers", "1 if the server answers, 0 if it is suspect or dead.",
            static (client, number) => client.StateOf(number) == ServerState.Alive ? 1 : 0);
        AddGauge("round_trip_seconds", "seconds", "Smoothed time from request to answer; 0 before the first answer.",
            static (client, number) =>
                (long)(Math.Max(0, client.CountersOf(number).SmoothedRoundTrip) * MicrosecondsPerMillisecond), decimals: 6);

        void AddCounter(string name, string unit, string help, Func<ClientCounters, long> read) => registry.Add(
            new CounterFamily($"l2tpd_radius_{name}_total", unit, help) { Labels = ["server"] },
            samples => ForEach(exchange, (client, number, server) => samples.Add(read(client.CountersOf(number)), server)));

        void AddGauge(string name, string unit, string help, Func<RadiusClient, int, long> read, int decimals = 0) => registry.Add(
            new CounterFamily($"l2tpd_radius_{name}", unit, help) { Kind = CounterKind.Gauge, Labels = ["server"], Decimals = decimals },
            samples => ForEach(exchange, (client, number, server) => samples.Add(read(client, number), server)));
    }

    private static void AddLabelled(
        CounterRegistry registry, RadiusExchange exchange, string name, string help, string label,
        params (string Value, Func<ClientCounters, long> Read)[] values) => registry.Add(
        new CounterFamily($"l2tpd_radius_{name}_total", "packets", help)
        {
            Labels = ["server", label],
            LastLabelValues = [.. values.Select(static value => value.Value)],
        },
        samples => ForEach(exchange, (client, number, server) =>
        {
            foreach (var (value, read) in values)
                samples.Add(read(client.CountersOf(number)), server, value);
        }));

    private static void ForEach(RadiusExchange exchange, Action<RadiusClient, int, string> add)
    {
        if (exchange.Client is not { } client)
            return;
        for (var number = 0; number < exchange.Servers.Count; number++)
            add(client, number, exchange.Servers[number].Name);
    }

    private static RadiusServerView View(
        RadiusSettings settings, RadiusServerSettings server, RadiusClient client, int number, long now)
    {
        var (state, counters) = (client.StateOf(number), client.CountersOf(number));
        return new RadiusServerView
        {
            Name = server.Name,
            Address = new IPEndPoint(server.Address, server.AuthenticationPort).ToString(),
            Transport = server.Transport == RadiusTransport.Tls ? "tls" : "udp",
            State = state == ServerState.Alive ? "up" : state == ServerState.Suspect ? "suspect" : "dead",
            DeadSeconds = state == ServerState.Dead ? Math.Max(0, now - client.DeadSinceOf(number)) / 1_000.0 : null,
            Probing = client.IsProbing(number),
            Connections = server.Transport == RadiusTransport.Tls ? client.ConnectionsOf(number) : null,
            Groups = [.. settings.Groups.Where(group => group.Servers.Contains(server.Name)).Select(static group => group.Name)],
            RoundTripMilliseconds = counters.SmoothedRoundTrip < 0 ? null : Math.Round(counters.SmoothedRoundTrip, 1),
            InFlight = client.OutstandingOf(number),
            Waiting = client.WaitingOf(number),
            Counters = Members.ToDictionary(static member => member.Name, member => member.Read(counters)),
        };
    }
}
