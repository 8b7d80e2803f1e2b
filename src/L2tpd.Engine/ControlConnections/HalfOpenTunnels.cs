using L2tpd.Engine.Addressing;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Tunnels in wait-ctl-conn: of peers that have answered SCCRP with something other than an acceptable SCCCN, and tunnels over IP, each of
/// which needs a socket from its SCCRQ on. Requests over UDP before that are in <see cref="Admission.HalfOpenRequests"/>.
/// </summary>
internal sealed class HalfOpenTunnels
{
    /// <summary>The largest number of half-open tunnels, whatever the limit of half-open requests.</summary>
    public const int Most = 4_096;

    private readonly LinkedList<Tunnel> _byAge = new();
    private readonly Dictionary<Endpoint, int> _bySource = [];
    private readonly Dictionary<string, int> _byProfile = [];

    public int Count => _byAge.Count;

    /// <summary>The tunnel that has waited longest for its SCCCN; <c>null</c> if there is none.</summary>
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

    /// <summary>A count of 0 is removed: there may be any number of sources.</summary>
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
