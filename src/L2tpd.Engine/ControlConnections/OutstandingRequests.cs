using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>Our unanswered SCCRQs, by address and by name of the peer. An SCCRQ of the same peer is in a tie with ours (ADR 4).</summary>
internal sealed class OutstandingRequests
{
    private readonly Dictionary<Endpoint, Tunnel> _byAddress = [];
    private readonly Dictionary<PeerName, Tunnel> _byName = [];

    /// <summary>The SCCRQ is sent.</summary>
    public void Add(Tunnel tunnel)
    {
        _byAddress[tunnel.Path.Remote.WithoutPort] = tunnel;
        if (tunnel.Origin is TunnelOrigin.Dialled { ExpectedPeer: { } name })
            _byName[name] = tunnel;
    }

    /// <summary>It is answered or given up. Must be called before the path of the tunnel changes.</summary>
    public void Remove(Tunnel tunnel)
    {
        if (_byAddress.GetValueOrDefault(tunnel.Path.Remote.WithoutPort) == tunnel)
            _byAddress.Remove(tunnel.Path.Remote.WithoutPort);
        if (tunnel.Origin is TunnelOrigin.Dialled { ExpectedPeer: { } name } && _byName.GetValueOrDefault(name) == tunnel)
            _byName.Remove(name);
    }

    /// <summary>
    /// Our attempt to the address that the SCCRQ came from, unless we expect another peer there; <c>null</c> if there is none.
    /// </summary>
    public Tunnel? FindByAddress(Endpoint remote, Sccrq request) =>
        _byAddress.TryGetValue(remote.WithoutPort, out var tunnel) && IsOutstanding(tunnel) && MayBeFrom(tunnel, request) ? tunnel : null;

    /// <summary>
    /// Our attempt to a peer that had the same name when it last answered us, at any address; <c>null</c> if there is none.
    /// </summary>
    public Tunnel? FindByName(Endpoint remote, Sccrq request) => _byName.Count == 0
        ? null
        : Find(PeerName.From(PeerIdentity.RouterId, remote, request)) ?? Find(PeerName.From(PeerIdentity.HostName, remote, request));

    private static bool MayBeFrom(Tunnel tunnel, Sccrq request) =>
        tunnel.Origin is not TunnelOrigin.Dialled { ExpectedPeer: { } expected } || expected.MayBe(request);

    private static bool IsOutstanding(Tunnel tunnel) => tunnel.State == TunnelState.WaitCtlReply;

    private Tunnel? Find(PeerName? name) =>
        name is { } known && _byName.TryGetValue(known, out var tunnel) && IsOutstanding(tunnel) ? tunnel : null;
}
