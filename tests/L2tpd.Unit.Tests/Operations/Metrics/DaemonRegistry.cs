using System.Net;
using L2tpd.Configuration;
using L2tpd.Daemon.Hosting;
using L2tpd.Engine.Configuration;
using L2tpd.Linux.Host;
using L2tpd.PppHosting.Userspace;
using L2tpd.Runtime.Counters;
using Microsoft.Extensions.Logging.Abstractions;

namespace L2tpd.Unit.Tests.Operations.Metrics;

/// <summary>All families that the daemon can have, read from the real one, which is not started.</summary>
internal static class DaemonRegistry
{
    public static IReadOnlyList<CounterReading> Read()
    {
        var configuration = new DaemonConfiguration
        {
            DataPlane = DataPlaneChoice.Null,
            Listeners = [],
            Engine = new EngineConfiguration { HostName = "test" },
            PrefixPools = [new PrefixPoolSettings("homes", IPNetwork.Parse("2001:db8::/40"), 56)],
        };
        using var systemd = SystemdNotify.FromEnvironment();
        using var daemon = new RunningDaemon(configuration, systemd, NullLoggerFactory.Instance);
        daemon.Process.Prepare();
        // Links of the null data plane drop nothing.
        if (daemon.Counters.Families.All(static family => family.Name != "l2tpd_ppp_packets_dropped_total"))
            new PppDrops().Register(daemon.Counters);
        return daemon.Counters.Read();
    }
}
