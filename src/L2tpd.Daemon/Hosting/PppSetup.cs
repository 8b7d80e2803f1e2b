using System.Security.Cryptography;
using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Engine.Calls;
using L2tpd.PppHosting;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Filters;
using L2tpd.PppHosting.Pppd;
using L2tpd.PppHosting.Prefixes;
using L2tpd.PppHosting.Radius;
using L2tpd.PppHosting.Userspace;
using L2tpd.Runtime.Tracing;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>Makes the PPP back ends for the capabilities of the data plane.</summary>
internal static partial class PppSetup
{
    /// <summary>Makes both back ends and the choice between them. Removes routes that a crashed run left behind.</summary>
    /// <param name="services">Services that all pppd processes share; its guards are made here.</param>
    /// <param name="dataPlane">The data plane that runs.</param>
    /// <param name="profiles">PPP profiles in force.</param>
    /// <param name="configuration">The RADIUS servers, prefix pools and state directory.</param>
    /// <param name="onRefused">Takes each subscriber whose authentication failed, with the reason and the name it gave.</param>
    /// <param name="trace">Shows frames to whoever traces.</param>
    public static (PppBackends Backends, BuiltInBackend BuiltIn, IPppLinkFactory Links) Make(
        PppdServices services, IDataPlane dataPlane, PppProfiles profiles, DaemonConfiguration configuration,
        Action<Session, string, string?> onRefused, TraceTap trace)
    {
        var (events, timers, faults, sink, log) = (services.Events, services.Timers, services.Faults, services.Sink, services.Log);
        var guards = new RouteGuards(events, faults, sink, timers, new InterfaceWorker(faults, sink), log);
        guards.RemoveLeftovers();
        var pppd = new PppdBackend(services with { Guards = guards }, dataPlane, profiles) { AuthenticationFailed = onRefused };
        IPppLinkFactory links = dataPlane.Ports is { } ports
            ? new UserspacePppLinks(ports, events, faults, sink, timers, guards, log)
            : new KernelPppLinks(events, faults, sink, dataPlane, guards, services.Sources!);
        var builtIn = new BuiltInBackend(timers, sink, links, profiles, services.Paths ?? new PathLimits(), log)
        {
            AuthenticationFailed = onRefused,
            Trace = trace,
            Filters = new SessionFilters(faults, sink, log),
        };
        var servers = new RadiusServers(events, timers, faults, configuration.Radius, log);
        builtIn.AccessOf = servers.AccessOf;
        builtIn.InterimSpread = SpreadInterims;
        builtIn.Prefixes = new SubscriberPrefixes(configuration.StateDirectory, configuration.PrefixPools, timers, sink, faults, log);
        builtIn.PoolRoutes = new PoolRoutes(guards.Worker, log);
        LogBackends(log, configuration.PppProfiles.Values);
        return (new PppBackends(pppd, builtIn, servers, profiles, sink), builtIn, links);
    }

    /// <summary>Says which back end <c>auto</c> chose, and why.</summary>
    private static void LogBackends(ILogger log, IEnumerable<PppProfile> profiles)
    {
        foreach (var profile in profiles)
        {
            if (profile.BackendReason is { } reason)
                LogBackend(log, profile.Name, profile.Backend == PppBackend.Pppd ? "pppd" : "built-in", reason);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "PPP profile {Profile}: {Backend} PPP (auto: {Why})")]
    private static partial void LogBackend(ILogger log, string profile, string backend, string why);

    /// <summary>A tenth more or less (RFC 5080 section 2.2.1 for retransmissions; RFC 2869 section 5.16 leaves it open).</summary>
    private static long SpreadInterims(long interval) =>
        interval + (long)((RandomNumberGenerator.GetInt32(-1_000, 1_001) / 10_000.0) * interval);
}
