using System.Collections.Immutable;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Dialling;

/// <content>Snapshots of the dialler.</content>
internal sealed partial class Dialler
{
    /// <summary>The dialled tunnel of that number, or <c>null</c>.</summary>
    public DialledTunnel? At(int? index) => index is { } i && i >= 0 && i < _dialled.Count ? _dialled[i] : null;

    /// <summary>
    /// Goes on where the dialler of the snapshot was; <see cref="CompleteRestore"/> follows. A tunnel that is no longer configured keeps its number and
    /// is not dialled.
    /// </summary>
    public void Restore(ImmutableArray<DialledTunnelSnapshot> snapshots, SnapshotTime time)
    {
        var configured = context.Configuration.Tunnels.ToDictionary(static tunnel => tunnel.Name, StringComparer.Ordinal);
        foreach (var snapshot in snapshots)
        {
            var isConfigured = configured.TryGetValue(snapshot.Name, out var configuration);
            var dialled = new DialledTunnel(this, configuration ?? Unknown(snapshot.Name), _dialled.Count);
            _dialled.Add(dialled);
            dialled.Restore(isConfigured ? snapshot : snapshot with { IsRetired = true, Sessions = [] }, time);
        }
    }

    /// <summary>The tunnels are restored.</summary>
    public void CompleteRestore(ImmutableArray<DialledTunnelSnapshot> snapshots, SnapshotTime time)
    {
        for (var i = 0; i < snapshots.Length; i++)
            _dialled[i].CompleteRestore(snapshots[i], time);
    }

    public ImmutableArray<DialledTunnelSnapshot> ToSnapshot(SnapshotTime time) => [.. _dialled.Select(dialled => dialled.ToSnapshot(time))];

    /// <summary>
    /// The configured tunnel whose profile the peer's tunnel has: it was accepted in a tie with that tunnel's attempt. <c>null</c> if its profile is one
    /// of the peers'.
    /// </summary>
    public string? OwnerOf(Tunnel tunnel)
    {
        if (tunnel.IsInitiator || context.Configuration.Peers.Contains(tunnel.Profile, ReferenceEqualityComparer.Instance))
            return null;

        foreach (var configured in context.Configuration.Tunnels)
        {
            if (ReferenceEquals(configured.Peer, tunnel.Profile))
                return configured.Name;
        }

        return null;
    }

    private static LacTunnel Unknown(string name) => new() { Name = name, Remotes = [], Peer = new PeerProfile { Name = name } };
}
