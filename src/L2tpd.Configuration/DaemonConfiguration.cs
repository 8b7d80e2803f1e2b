using System.Collections.Immutable;
using L2tpd.Engine.Configuration;

namespace L2tpd.Configuration;

/// <summary>The checked configuration with its defaults. Immutable: a reload makes a new one.</summary>
public sealed record DaemonConfiguration
{
    /// <summary>Peers, dialled tunnels and limits.</summary>
    public required EngineConfiguration Engine { get; init; }

    /// <summary>The files that it was read from, merged, as YAML without comments; <c>***</c> stands for each secret.</summary>
    public string MaskedYaml { get; init; } = "";

    /// <summary>Sockets that answer SCCRQs; empty if there are only dialled tunnels.</summary>
    public ImmutableArray<Listener> Listeners { get; init; } = [];

    public DataPlaneChoice DataPlane { get; init; } = DataPlaneChoice.Auto;

    /// <summary>Whether the userspace data plane takes and gives joined packets (the kernel's offloads).</summary>
    public bool Offloads { get; init; } = true;

    /// <summary>
    /// PPP profiles by the name that <see cref="SessionProfile.Ppp"/> has. Inline profiles are named by their position
    /// (<c>peers.any.lns.ppp</c>).
    /// </summary>
    public ImmutableSortedDictionary<string, PppProfile> PppProfiles { get; init; } = ImmutableSortedDictionary<string, PppProfile>.Empty;

    /// <summary>The servers of profiles with <c>access: radius</c>; <c>null</c>: none.</summary>
    public RadiusSettings? Radius { get; init; }

    /// <summary>IPv4 address pools of all profiles, by name.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<AddressRange>> Pools { get; init; } =
        ImmutableSortedDictionary<string, ImmutableArray<AddressRange>>.Empty;

    /// <summary>Where names of filters lead to; <c>null</c>: they have no effect.</summary>
    public FilterSettings? Filters { get; init; }

    /// <summary>IPv6 prefixes for subscribers, in the order of the file; they do not overlap.</summary>
    public ImmutableArray<PrefixPoolSettings> PrefixPools { get; init; } = [];

    /// <summary>strongSwan, if it is told of connections or asked for them; <c>null</c>: it is left alone.</summary>
    public StrongSwanSettings? StrongSwan { get; init; }

    public ControlSocket Control { get; init; } = new();

    public MetricsSettings Metrics { get; init; } = new();

    /// <summary>Absolute path of the file that lists our kernel tunnels.</summary>
    public string StateFile { get; init; } = "/run/l2tpd/state.json";

    /// <summary>Absolute path of the directory of what a new start needs to know, even after a reboot.</summary>
    public string StateDirectory { get; init; } = "/var/lib/l2tpd";

    public LogSettings Log { get; init; } = new();

    public ShutdownSettings Shutdown { get; init; } = new();

    public HookSettings Hooks { get; init; } = new();
}
