using L2tpd.Engine.Addressing;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.ControlConnections;

/// <content>Snapshots of the tables.</content>
internal sealed partial class TunnelTable
{
    /// <summary>Tunnels with an id: those that run, then those that are ending.</summary>
    public IEnumerable<Tunnel> All => _alive.Values.Concat(_ending.Values);

    /// <summary>Goes on drawing where the tables of a snapshot were.</summary>
    public void Restore(EngineSnapshot snapshot)
    {
        _ids = new IdSequence(snapshot.TunnelIds);
        _hasWideIds = snapshot.WideTunnelIds is not null;
        if (snapshot.WideTunnelIds is { } ids)
            _wideIds = new IdSequence(ids);
    }

    public IdSequenceSnapshot TunnelIds() => _ids.ToSnapshot();

    public IdSequenceSnapshot? WideTunnelIds() => _hasWideIds ? _wideIds.ToSnapshot() : null;

    /// <summary>Whether the tunnel is the one that is found by its peer's address and id.</summary>
    public bool IsFoundByPeerEnd(Tunnel tunnel) => FindByPeerEnd(tunnel.Path.Remote, tunnel.PeerId) == tunnel;

    /// <summary>Puts a restored tunnel into the tables, in the phase that it has.</summary>
    public void Restore(Tunnel tunnel, TunnelSnapshot saved, bool isHalfOpen)
    {
        if (tunnel.Phase is TunnelPhase.Alive)
            Add(tunnel);
        else
            RestoreEnding(tunnel);
        if (saved.IsFoundByPeerEnd)
            Index(tunnel);
        if (saved.IsLatestOfPeer)
            SamePeer.Add(tunnel);
        if (isHalfOpen)
            HalfOpen.Add(tunnel);
        if (tunnel is { Phase: TunnelPhase.Dialling, State: TunnelState.WaitCtlReply })
        {
            Outstanding.Add(tunnel);
            Challenges.Add(tunnel);
        }
    }

    private void RestoreEnding(Tunnel tunnel)
    {
        _ending.Add(tunnel.Key.LocalId, tunnel);
        if (!tunnel.WideId.IsNone)
            _offered.Add(tunnel.WideId, tunnel);
        Closing += tunnel.Phase is TunnelPhase.Closing ? 1 : 0;
    }
}
