using System.Collections.Immutable;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Control;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;

namespace L2tpd.Configuration.Sections;

/// <summary>The whole file.</summary>
internal static class RootSection
{
    public static readonly SectionSchema Schema = new("top level",
    [
        "host-name", "vendor-name", "router-id", "data-plane", "offloads", "state-file", "state-directory", "log", "control", "metrics",
        "shutdown", "listen", "strongswan", "limits",
        "timers", "prefix-pools", "ppp", "radius", "pools", "filters", "lns",
        "peers", "tunnels", "hooks",
    ])
    {
        Elsewhere = Misplaced.AtTop,
    };

    private static readonly ScalarType<DataPlaneChoice> DataPlane = WordText.OneOf(
        ("auto", DataPlaneChoice.Auto), ("kernel", DataPlaneChoice.Kernel), ("userspace", DataPlaneChoice.Userspace),
        ("null", DataPlaneChoice.Null));

    public static DaemonConfiguration Read(YamlMapping root, LoadContext context)
    {
        var written = root.Get("data-plane", DataPlaneChoice.Auto, DataPlane);
        context.DataPlane = context.Environment.RunningDataPlane ?? written;
        var listeners = ListenSection.Read(root, context);
        var radius = RadiusSection.Read(root, context);
        context.HasRadius = radius is not null || root.Find("radius") is { HasEntries: true };
        var addressPools = PoolsSection.Read(root, context);
        var filters = FiltersSection.Read(root, context);
        var pools = PrefixPoolsSection.Read(root, context);
        var engine = ReadEngine(root, listeners, context);
        var configuration = new DaemonConfiguration { Engine = engine };
        configuration = configuration with
        {
            Listeners = listeners,
            DataPlane = written,
            Offloads = root.Get("offloads", configuration.Offloads, WordText.Boolean),
            StrongSwan = IpsecKey.ReadStrongSwan(root, context),
            Control = ControlSection.Read(root, context),
            Metrics = MetricsSection.Read(root),
            StateFile = root.Get("state-file", Instance.StateFile(context.Environment.Instance), WordText.AbsolutePath),
            StateDirectory = root.Get("state-directory", Instance.StateDirectory(context.Environment.Instance), WordText.AbsolutePath),
            Log = LogSection.Read(root),
            Shutdown = ShutdownSection.Read(root),
            Hooks = HooksSection.Read(root),
            PppProfiles = context.Ppp.ToImmutable(),
            Radius = radius,
            Pools = addressPools,
            Filters = filters,
            PrefixPools = pools,
        };
        if (root.Find("radius") is { } servers && !context.IsRadiusUsed)
            servers.WarningAtKey("is used by no PPP profile and no tunnel: set `access: radius` or `select: radius` in one");
        PoolsSection.Check(root, configuration);
        Check(root, configuration);
        return configuration;
    }

    private static EngineConfiguration ReadEngine(YamlMapping root, ImmutableArray<Listener> listeners, LoadContext context)
    {
        PppSection.ReadProfiles(root, context);
        var defaults = new PeerProfile
        {
            Name = "",
            Timers = TimersSection.Read(root, new TunnelTimers()),
            Session = SessionSettings.ReadAccepted(root, "lns", new SessionProfile(), context),
        };
        var peers = PeersSection.Read(root, defaults, context);
        var engine = new EngineConfiguration { HostName = root.Get("host-name", context.Environment.HostName, WordText.Text(255)) };
        engine = engine with
        {
            VendorName = root.Get("vendor-name", engine.VendorName, WordText.Text(255)),
            RouterId = root.Get("router-id",
                RouterIdText.Of(context.Environment.MachineId, engine.HostName, context.Environment.Instance), RouterIdText.Type),
            Limits = LimitsSection.Read(root),
            Peers = peers,
            Tunnels = TunnelsSection.Read(root, defaults, peers, listeners, context),
            StaticTunnels = StaticTunnelsSection.Read(root, context),
        };
        IpsecKey.CheckPeers(context);
        context.Ppp.ReportUnused(context.Diagnostics);
        context.Ppp.ReportCollisions();
        if (context.DataPlane == DataPlaneChoice.Userspace)
            context.Ppp.RefusePppd();
        return engine;
    }

    private static void Check(YamlMapping root, DaemonConfiguration configuration)
    {
        if (!configuration.Listeners.IsEmpty && configuration.Engine.Peers.IsEmpty && !root.Has("peers"))
        {
            root.Warning("listen", "there are no peers: every tunnel will be refused");
        }
        else if (configuration.Listeners.Any(static listener => listener.Carrier == DataCarrier.Ip)
            && configuration.Engine.Peers.All(static peer => peer.Protocol == ProtocolPreference.V2 || peer.Carrier == DataCarrier.Udp))
        {
            root.Warning("listen", "no peer speaks L2TPv3 over IP: every tunnel over IP will be refused; set `protocol: v3` or "
                + "`auto` in a peer");
        }

        if (root.Find("peers") is { } peers && !root.Has("listen") && configuration.Engine.Tunnels.IsEmpty)
            peers.WarningAtKey("there is no listener and no tunnel to dial: set `listen`");
    }
}
