using L2tpd.Engine;
using L2tpd.Protocol.Messages;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>The engine's times and message counters in the registry.</summary>
internal static class EngineMetrics
{
    private static readonly CounterFamily Messages = new(
        "l2tpd_control_messages_total", "messages",
        "Control messages of tunnels: sent, without repetitions, and received in order; other: types that no RFC has.")
    { Labels = ["type", "direction"], LastLabelValues = ["sent", "received"] };

    /// <summary>Adds the families to the registry.</summary>
    public static void Register(CounterRegistry registry, EngineCounters counters)
    {
        registry.Add(Messages, samples =>
        {
            foreach (var (type, sent, received) in counters.Messages.All)
            {
                var name = type == 0 ? "other" : MessageTypes.NameOf(type);
                samples.Add(sent, name, "sent");
                samples.Add(received, name, "received");
            }
        });
        var times = counters.Times;
        AddByOrigin(
            registry, "l2tpd_tunnel_setup_seconds", "From SCCRQ to the established tunnel, by who dialled.",
            times.DialledTunnels, times.AnsweredTunnels);
        AddByOrigin(
            registry, "l2tpd_session_setup_seconds", "From ICRQ or OCRQ to the established session, by who requested it.",
            times.DialledSessions, times.AnsweredSessions);
        registry.Add(
            Times("l2tpd_network_setup_seconds", "From ICRQ or OCRQ to the session's network: with PPP, authentication and data plane."),
            times.Networks);
        registry.Add(
            Times(
                "l2tpd_control_round_trip_seconds",
                "From a control message that was sent once to its acknowledgement, which the peer may delay."),
            times.RoundTrips);
    }

    private static void AddByOrigin(CounterRegistry registry, string name, string help, Histogram dialled, Histogram answered) =>
        registry.Add(Times(name, help) with { Labels = ["origin"], LastLabelValues = ["dialled", "answered"] }, samples =>
        {
            samples.Add(dialled, "dialled");
            samples.Add(answered, "answered");
        });

    private static CounterFamily Times(string name, string help) => new(name, "seconds", help)
    {
        Kind = CounterKind.Histogram, Decimals = 3, Bounds = Histogram.Milliseconds,
    };
}
