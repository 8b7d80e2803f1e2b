using L2tpd.Engine.Addressing;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Tunnels of peers that have answered SCCRP and not completed it with an SCCCN, and those over IP, where each needs a socket from its SCCRQ on.
/// The requests over UDP that are not that far are in <see cref="Admission.HalfOpenRequests"/>.
/// </summary>
internal sealed class HalfOpenTunnels
{
    /// <summary>So many at most, whatever the limit of half-open requests.</summary>
    public const int Most = 4_096;

    private readonly LinkedList<Tunnel> _byAge = new();
    private readonly Dictionary<Endpoint, int> _bySource = [];
    private readonly Dictionary<string, int> _byProfile = [];

    public int Count => _byAge.Count;

    /// <summary>The one that has waited longest for its SCCCN; null: there is none.</summary>
    public Tunnel? Oldest => _byAge.First?.Value;

    public int OfSource(Endpoint source) => _bySource.GetValueOrDefault(source.SourceNetwork);

    public int OfProfile(string profile) => _byProfile.GetValueOrDefault(profile);

    public void Add(Tunnel tunnel)
    {
        if (tunnel.Phase is not TunnelPhase.Answering phase)
            return;

        phase.HalfOpenPlace = _byAge.AddLast(tunnel);
        Change(_bySource, tunnel.Path.Remote.SourceNetwork, 1);
        Change(_byProfile, tunnel.Profile.Name, 1);
    }

    public void Remove(Tunnel tunnel)
    {
        if (tunnel.Phase is not TunnelPhase.Answering { HalfOpenPlace: { } place } phase)
            return;

        _byAge.Remove(place);
        phase.HalfOpenPlace = null;
        Change(_bySource, tunnel.Path.Remote.SourceNetwork, -1);
        Change(_byProfile, tunnel.Profile.Name, -1);
    }

    /// <summary>A count of 0 is not kept: sources are many.</summary>
    private static void Change<TKey>(Dictionary<TKey, int> counts, TKey key, int by)
        where TKey : notnull
    {
        var count = counts.GetValueOrDefault(key) + by;
        if (count == 0)
            counts.Remove(key);
        else
            counts[key] = count;
    }
}
