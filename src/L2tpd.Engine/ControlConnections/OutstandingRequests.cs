using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>Our SCCRQs that are unanswered, by whom they went to: what an SCCRQ from there is in a tie with (ADR 54).</summary>
internal sealed class OutstandingRequests
{
    private readonly Dictionary<Endpoint, Tunnel> _byAddress = [];
    private readonly Dictionary<PeerName, Tunnel> _byName = [];

    /// <summary>The SCCRQ is on its way.</summary>
    public void Add(Tunnel tunnel)
    {
        _byAddress[tunnel.Path.Remote.WithoutPort] = tunnel;
        if (tunnel.Origin is TunnelOrigin.Dialled { ExpectedPeer: { } name })
            _byName[name] = tunnel;
    }

    /// <summary>It is answered or given up; to be called before the tunnel's path changes.</summary>
    public void Remove(Tunnel tunnel)
    {
        if (_byAddress.GetValueOrDefault(tunnel.Path.Remote.WithoutPort) == tunnel)
            _byAddress.Remove(tunnel.Path.Remote.WithoutPort);
        if (tunnel.Origin is TunnelOrigin.Dialled { ExpectedPeer: { } name } && _byName.GetValueOrDefault(name) == tunnel)
            _byName.Remove(name);
    }

    /// <summary>Ours to the address that the peer's came from, unless the peer we expect there is known to be another; null: none.</summary>
    public Tunnel? FindByAddress(Endpoint remote, Sccrq request) =>
        _byAddress.TryGetValue(remote.WithoutPort, out var tunnel) && IsOutstanding(tunnel) && MayBeFrom(tunnel, request) ? tunnel : null;

    /// <summary>Ours to a peer that named itself as this one does when it last answered us, at whatever address; null: none.</summary>
    public Tunnel? FindByName(Endpoint remote, Sccrq request) => _byName.Count == 0
        ? null
        : Find(PeerName.From(PeerIdentity.RouterId, remote, request)) ?? Find(PeerName.From(PeerIdentity.HostName, remote, request));

    private static bool MayBeFrom(Tunnel tunnel, Sccrq request) =>
        tunnel.Origin is not TunnelOrigin.Dialled { ExpectedPeer: { } expected } || expected.MayBe(request);

    private static bool IsOutstanding(Tunnel tunnel) => tunnel.State == TunnelState.WaitCtlReply;

    private Tunnel? Find(PeerName? name) =>
        name is { } known && _byName.TryGetValue(known, out var tunnel) && IsOutstanding(tunnel) ? tunnel : null;
}
