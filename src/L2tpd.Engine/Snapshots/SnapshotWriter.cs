using System.Collections.Immutable;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;

namespace L2tpd.Engine.Snapshots;

/// <summary>Writes the control connections of an engine and their sessions into a snapshot.</summary>
internal sealed class SnapshotWriter(TunnelTable tunnels, Dialler dialler, SnapshotTime time)
{
    private readonly Dictionary<SessionProfile, int> _indexes = new(ReferenceEqualityComparer.Instance);
    private readonly ImmutableArray<SessionProfile>.Builder _profiles = ImmutableArray.CreateBuilder<SessionProfile>();

    /// <summary>The session profiles of the sessions written so far.</summary>
    public ImmutableArray<SessionProfile> Profiles => _profiles.ToImmutable();

    public ImmutableArray<TunnelSnapshot> WriteTunnels() => [.. tunnels.All.Select(Write)];

    private TunnelSnapshot Write(Tunnel tunnel)
    {
        ImmutableArray<SessionSnapshot> sessions = [.. tunnel.Sessions.Values.Select(Write)];
        return tunnel.ToSnapshot(time, dialler.OwnerOf(tunnel), tunnels.IsFoundByPeerEnd(tunnel), sessions) with
        {
            IsLatestOfPeer = tunnels.SamePeer.IsLatest(tunnel),
        };
    }

    private SessionSnapshot Write(Session session) => session.ToSnapshot(time, IndexOf(session.Profile));

    private int IndexOf(SessionProfile profile)
    {
        if (!_indexes.TryGetValue(profile, out var index))
        {
            _indexes.Add(profile, index = _profiles.Count);
            _profiles.Add(profile);
        }

        return index;
    }
}
