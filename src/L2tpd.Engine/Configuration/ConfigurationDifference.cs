using System.Collections.Immutable;

namespace L2tpd.Engine.Configuration;

/// <summary>A change of a tunnel or peer in a new configuration.</summary>
/// <param name="Name">Of the tunnel or peer.</param>
/// <param name="Kind">What becomes of it.</param>
/// <param name="Keys">Of what changed: the settings that differ.</param>
public sealed record NamedDifference(string Name, DifferenceKind Kind, ImmutableArray<string> Keys);

/// <summary>What a reload does to a tunnel or peer.</summary>
public enum DifferenceKind
{
    Kept,
    Added,
    Changed,
    Removed,
}

/// <summary>Compares what two configurations have by name. Time in proportion to their size.</summary>
public static class ConfigurationDifference
{
    /// <summary>Peer profiles, in the new order; those removed last.</summary>
    public static IEnumerable<NamedDifference> Peers(EngineConfiguration now, EngineConfiguration then) =>
        Named(now.Peers, then.Peers, static peer => peer.Name, ProfileSettings.Changed);

    /// <summary>Static tunnels, in the new order; those removed last.</summary>
    public static IEnumerable<NamedDifference> StaticTunnels(EngineConfiguration now, EngineConfiguration then) =>
        Named(now.StaticTunnels, then.StaticTunnels, static tunnel => tunnel.Name, static (one, other) =>
        [
            .. Where(!one.HasSameTunnel(other), Tunnel),
            .. Where(one.Backoff != other.Backoff, "backoff"),
            .. Where(!one.Sessions.SequenceEqual(other.Sessions), "sessions"),
        ]);

    /// <summary>The key that stands for what a static tunnel must be set up again for.</summary>
    public const string Tunnel = "tunnel";

    private static IEnumerable<string> Where(bool differs, string key) => differs ? [key] : [];

    /// <summary>Compares by name.</summary>
    /// <param name="now">Those in force.</param>
    /// <param name="then">Those to come.</param>
    /// <param name="nameOf">The name of one.</param>
    /// <param name="changed">The keys in which two of one name differ; empty: none.</param>
    public static IEnumerable<NamedDifference> Named<T>(
        IEnumerable<T> now, IEnumerable<T> then, Func<T, string> nameOf, Func<T, T, ImmutableArray<string>> changed)
    {
        var former = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var one in now)
            former.TryAdd(nameOf(one), one);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in then)
        {
            if (!seen.Add(nameOf(one)))
                continue;
            if (!former.TryGetValue(nameOf(one), out var same))
                yield return new NamedDifference(nameOf(one), DifferenceKind.Added, []);
            else if (changed(same, one) is { IsEmpty: false } keys)
                yield return new NamedDifference(nameOf(one), DifferenceKind.Changed, keys);
            else
                yield return new NamedDifference(nameOf(one), DifferenceKind.Kept, []);
        }

        foreach (var name in former.Keys)
        {
            if (!seen.Contains(name))
                yield return new NamedDifference(name, DifferenceKind.Removed, []);
        }
    }
}
