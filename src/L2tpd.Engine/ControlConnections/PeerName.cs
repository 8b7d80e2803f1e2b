using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// The name of a peer: what it said about itself, whatever its address (RFC 3931 section 5.4.3, l2tpv3.md section 9). One host has a name
/// over UDP and another over IP, as it has two endpoints.
/// </summary>
/// <param name="Carrier">UDP or IP.</param>
/// <param name="RouterId">Its Router ID; 0 if the host name alone is its name.</param>
/// <param name="HostName">Its Host Name in capitals: upper and lower case are the same.</param>
internal readonly record struct PeerName(DataCarrier Carrier, uint RouterId, string HostName)
{
    /// <summary>The name by that rule; <c>null</c> if the peer is known by its address only.</summary>
    public static PeerName? From(PeerIdentity identity, Endpoint remote, StartControlConnection introduction) => identity switch
    {
        PeerIdentity.HostName => new PeerName(remote.Carrier, 0, introduction.HostName.ToUpperInvariant()),
        // Router IDs are often left at a default: the host name must match as well.
        PeerIdentity.RouterId when introduction.RouterId is { } id and not 0 =>
            new PeerName(remote.Carrier, id, introduction.HostName.ToUpperInvariant()),
        _ => null,
    };

    /// <summary>
    /// Whether the sender of an SCCRQ from this peer's own address may be this peer. A sender that says too little may be.
    /// </summary>
    public bool MayBe(Sccrq request) => RouterId == 0
        ? string.Equals(HostName, request.HostName, StringComparison.OrdinalIgnoreCase)
        : request.RouterId is null or 0 || request.RouterId == RouterId;
}
