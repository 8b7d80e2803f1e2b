namespace L2tpd.Ipv6.Discovery;

/// <summary>Packets of discovery on all links. One thread.</summary>
public sealed class DiscoveryCounters
{
    /// <summary>Router advertisements sent.</summary>
    public long Advertisements { get; set; }

    /// <summary>Router solicitations that were valid.</summary>
    public long RouterSolicitations { get; set; }

    /// <summary>Neighbour solicitations that we answered.</summary>
    public long NeighbourAdvertisements { get; set; }

    /// <summary>Neighbour solicitations for an address that is not ours.</summary>
    public long ForOthers { get; set; }

    /// <summary>Router advertisements and redirects from peers: only we are a router on the link.</summary>
    public long FromPeers { get; set; }

    /// <summary>Solicitations that the RFC forbids to answer.</summary>
    public long Invalid { get; set; }

    /// <summary>Valid solicitations without an answer: the peer asked too often.</summary>
    public long TooMany { get; set; }
}
