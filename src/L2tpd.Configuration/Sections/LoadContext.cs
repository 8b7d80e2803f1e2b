using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;

namespace L2tpd.Configuration.Sections;

/// <summary>State that the sections share while one configuration is read.</summary>
public sealed class LoadContext(LoadEnvironment environment, Diagnostics diagnostics)
{
    public LoadEnvironment Environment { get; } = environment;

    public Diagnostics Diagnostics { get; } = diagnostics;

    /// <summary>Every file read so far.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Configuration files that contain a secret.</summary>
    public HashSet<string> FilesWithSecrets { get; } = new(StringComparer.Ordinal);

    /// <summary>The data plane that the file is checked for. To be set before any section with PPP is read.</summary>
    public DataPlaneChoice DataPlane { get; set; }

    /// <summary>There are RADIUS servers, or would be but for an error in one. Set before anything that runs PPP is read.</summary>
    public bool HasRadius { get; set; }

    /// <summary>Names of groups of RADIUS servers, of those with an error too.</summary>
    public HashSet<string> RadiusGroups { get; } = new(StringComparer.Ordinal);

    /// <summary>A PPP profile asks them.</summary>
    public bool IsRadiusUsed { get; set; }

    /// <summary>Something has credentials for strongSwan.</summary>
    public bool HasIpsecCredentials { get; set; }

    /// <summary>Peer profiles with credentials for strongSwan.</summary>
    public List<(YamlMapping Mapping, PeerProfile Peer)> IpsecPeers { get; } = [];

    /// <summary>Names of the peer profiles that tunnels are based on.</summary>
    public HashSet<string> PeersOfTunnels { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of the address pools of all profiles. Set before any profile is read.</summary>
    public HashSet<string> PoolNames { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of filters have an effect. Set before any profile is read.</summary>
    public bool HasFilters { get; set; }

    /// <summary>
    /// Prefix pools by name; <c>null</c>: the pool has an error. Set before anything that runs PPP is read.
    /// </summary>
    public Dictionary<string, PrefixPoolSettings?> PrefixPools { get; } = new(StringComparer.Ordinal);

    /// <summary>PPP profiles by name, inline ones included.</summary>
    public PppProfiles Ppp { get; } = new();

    /// <summary>The path relative to the directory of the file that contains it.</summary>
    public static string Resolve(YamlValue value, string path) =>
        Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(value.Position.File)) ?? "/");
}
