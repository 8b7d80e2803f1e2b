using System.Net;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>A configured session that is dialled on demand, and its interface.</summary>
/// <param name="Tunnel">Name of the dialled tunnel.</param>
/// <param name="Session">Name of the session in it.</param>
/// <param name="Link">Settings of the interface.</param>
/// <param name="Local">Our address before the first call; <c>null</c>: a placeholder.</param>
/// <param name="Remote">The peer's address before the first call; <c>null</c>: a placeholder.</param>
/// <param name="Routes">The default route; the tunnel's end is the first of <paramref name="TunnelEnds"/>.</param>
/// <param name="TunnelEnds">Addresses of the LNSs, as far as the configuration has addresses: no packet to them dials.</param>
public sealed record DemandSession(
    string Tunnel, string Session, LinkSettings Link, IPAddress? Local, IPAddress? Remote, SessionRoutes Routes,
    IReadOnlyList<IPAddress> TunnelEnds)
{
    /// <summary>Name of the session with that of its tunnel.</summary>
    public string FullName => $"{Tunnel}/{Session}";

    /// <summary>The interface would be the same.</summary>
    public bool IsLike(DemandSession other) =>
        this == other with { TunnelEnds = TunnelEnds, Link = other.Link with { Prefixes = Link.Prefixes } }
        && TunnelEnds.SequenceEqual(other.TunnelEnds);
}
