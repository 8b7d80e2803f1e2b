using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Ipsec.Associations;

namespace L2tpd.Runtime.Ipsec;

/// <summary>The established tunnels as IPsec sees them, by key and by the peer's address. Loop thread only.</summary>
internal sealed class EstablishedTunnels
{
    private readonly Dictionary<TunnelKey, EstablishedTunnel> _byKey = [];
    private readonly Dictionary<IPAddress, List<EstablishedTunnel>> _byPeer = [];

    /// <summary>The keys of all of them.</summary>
    public IReadOnlyCollection<TunnelKey> Keys => _byKey.Keys;

    public void Add(EstablishedTunnel tunnel)
    {
        _byKey[tunnel.Key] = tunnel;
        if (!_byPeer.TryGetValue(tunnel.Address, out var list))
            _byPeer[tunnel.Address] = list = [];
        list.Add(tunnel);
    }

    /// <summary>The tunnel; <c>null</c> if it is not here.</summary>
    public EstablishedTunnel? Find(TunnelKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>All tunnels with a peer address.</summary>
    public IReadOnlyList<EstablishedTunnel> At(IPAddress address) => _byPeer.TryGetValue(address, out var list) ? list : [];

    /// <summary>Removes a tunnel and returns it; <c>null</c> if it is not here.</summary>
    public EstablishedTunnel? Remove(TunnelKey key)
    {
        if (!_byKey.Remove(key, out var tunnel))
            return null;
        var list = _byPeer[tunnel.Address];
        list.Remove(tunnel);
        if (list.Count == 0)
            _byPeer.Remove(tunnel.Address);
        return tunnel;
    }
}

/// <summary>An established tunnel, answered or dialled.</summary>
/// <param name="key">The tunnel.</param>
/// <param name="remote">The peer.</param>
/// <param name="since">When it was established, ms of the loop's clock.</param>
internal sealed class EstablishedTunnel(TunnelKey key, Endpoint remote, long since)
{
    public TunnelKey Key => key;

    public Endpoint Remote => remote;

    /// <summary>The peer's address.</summary>
    public IPAddress Address { get; } = remote.ToIPAddress();

    /// <summary>When it was established, ms of the loop's clock.</summary>
    public long Since => since;

    /// <summary>
    /// <see cref="SecurityAssociation.Origin"/> of the SA that the tunnel came up on; <c>null</c> while that is not known, and after that
    /// SA has ended.
    /// </summary>
    public uint? Origin { get; set; }

    /// <summary>
    /// Whether an SA may protect the tunnel. One with a mark may protect any port, unless the tunnel's mark is known too.
    /// </summary>
    public bool MayBeIn(SecurityAssociation association) => remote.Mark == 0
        ? association.MarkOut != 0 || association.Covers(association.Remote, remote.Port)
        : association.MarkOut == remote.Mark;
}
