using L2tpd.Engine;
using L2tpd.Operations.Hooks;
using L2tpd.PppHosting;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Sockets;

namespace L2tpd.Daemon.Hosting;

/// <summary>Adds the counters of all parts of the daemon to the registry.</summary>
internal static class DaemonCounters
{
    /// <summary>Registers all counters. To be called once, before the loop runs.</summary>
    public static void Register(
        CounterRegistry registry, RunningDaemon daemon, Transports transports, PppBackends ppp, IPppLinkFactory links, HookRunner hooks)
    {
        daemon.EngineCounters.Register(registry);
        registry.Add(
            new CounterFamily("l2tpd_loop_turn_seconds", "seconds", "Time of one turn of the loop, without the wait before it.")
            { Kind = CounterKind.Histogram, Decimals = 6, Bounds = Histogram.Microseconds },
            daemon.Loop.TurnTimes);
        registry.Add(
            new CounterFamily(
                "l2tpd_control_datagrams_unsent_total", "datagrams", "Control datagrams not sent, by reason; they are sent again.")
            { Labels = ["reason"] },
            samples =>
            {
                samples.Add(transports.Outbox.Dropped, "socket-full");
                samples.Add(transports.Outbox.Refused, "refused-by-kernel");
            });
        registry.Add(
            new CounterFamily("l2tpd_ppp_networks_up", "sessions", "Sessions on which the built-in PPP has a network layer up.")
            { Kind = CounterKind.Gauge },
            () => ppp.NetworksUp);
        registry.Add(
            new CounterFamily("l2tpd_ppp_authentications_failed_total", "subscribers", "Subscribers whose PPP authentication failed."),
            () => ppp.AuthenticationsFailed);
        daemon.Ipsec.Register(registry, () => daemon.Loop.WithoutMark);
        ppp.RegisterRadius(registry);
        ppp.Radius.Register(registry);
        links.Register(registry);
        ppp.Register(registry);
        hooks.Register(registry);
        registry.Add(
            new CounterFamily("l2tpd_events_total", "events", "Events that log, history, hooks and event stream received."),
            () => daemon.Events.Count);
        registry.Add(
            new CounterFamily(
                "l2tpd_internal_faults_total", "exceptions", "Exceptions caught at the edge of the loop; each is a defect of l2tpd."),
            () => daemon.Faults.Count);
        daemon.Process.Register(
            registry, ControlPlane.Version, daemon.DataPlane.Name, daemon.Budget.Limit, TimeProvider.System.GetUtcNow());
    }
}
