using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Who a peer is by what it said of itself, not by its address (RFC 3931 section 5.4.3, l2tpv3.md section 9). The same host over UDP and
/// over IP are two, as endpoints are.
/// </summary>
/// <param name="Carrier">By what it is reached.</param>
/// <param name="RouterId">Its Router ID; 0: goes by the host name alone.</param>
/// <param name="HostName">Its Host Name in capitals: upper and lower case are the same.</param>
internal readonly record struct PeerName(DataCarrier Carrier, uint RouterId, string HostName)
{
    /// <summary>What names the peer under that rule; null: nothing does, its address has to.</summary>
    public static PeerName? From(PeerIdentity identity, Endpoint remote, StartControlConnection introduction) => identity switch
    {
        PeerIdentity.HostName => new PeerName(remote.Carrier, 0, introduction.HostName.ToUpperInvariant()),
        // Router IDs are often left at a default: where no address vouches for one, the host name has to.
        PeerIdentity.RouterId when introduction.RouterId is { } id and not 0 =>
            new PeerName(remote.Carrier, id, introduction.HostName.ToUpperInvariant()),
        _ => null,
    };

    /// <summary>Whether the sender of an SCCRQ from this peer's own address may be this peer. One that says too little may be.</summary>
    public bool MayBe(Sccrq request) => RouterId == 0
        ? string.Equals(HostName, request.HostName, StringComparison.OrdinalIgnoreCase)
        : request.RouterId is null or 0 || request.RouterId == RouterId;
}
