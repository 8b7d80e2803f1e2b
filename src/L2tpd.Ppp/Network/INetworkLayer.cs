using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp;

/// <summary>
/// A network layer of one link, from the link's network phase to its end: a network control protocol (IPCP, IPv6CP), or a service on top of
/// one that takes packets of its own out of the data (router advertisement, neighbour discovery, DHCPv6).
/// </summary>
/// <remarks>
/// <see cref="PppEndpoint"/> holds a list of them and knows none by name. It calls them only while the link is in its network phase. They
/// run on the endpoint's thread, and have no clock and no I/O: what they do goes through <see cref="IPppEffects"/> and <see
/// cref="PppEndpoint.SendPacket"/>.
/// </remarks>
public interface INetworkLayer
{
    /// <summary>
    /// The protocol that names the layer in texts and codes (RFC 3145): its control protocol, or that of the packets it takes.
    /// </summary>
    PppProtocol Protocol { get; }

    /// <summary>The automaton's state; <see cref="PppState.Initial"/> for a layer without one.</summary>
    PppState State { get; }

    /// <summary>Whether the link is kept for this layer: it negotiates, or is open. A link without such a layer ends.</summary>
    bool KeepsLink { get; }

    /// <summary>What was negotiated; <c>null</c> while the layer is not open.</summary>
    PppNetwork? Network { get; }

    /// <summary>When to call <see cref="Expire"/>; <see cref="long.MaxValue"/>: never.</summary>
    long Deadline { get; }

    /// <summary>The link is in its network phase: negotiation starts.</summary>
    void LinkUp(long now, IPppEffects effects);

    /// <summary>The link left its network phase. Last call, but for <see cref="OnNetwork"/> of layers that go down with it.</summary>
    void LinkDown(long now, IPppEffects effects);

    /// <summary>Another layer of the link opened or closed, for layers that stand on it.</summary>
    void OnNetwork(PppNetwork network, bool isUp, long now, IPppEffects effects);

    /// <summary>
    /// Whether a frame is for this layer itself: a packet of its control protocol, or one that it claims out of the data.
    /// </summary>
    bool Takes(PppProtocol protocol, ReadOnlySpan<byte> payload);

    /// <summary>Handles a frame that it takes. Any octets may follow the first that decided it; nothing throws.</summary>
    void Receive(PppProtocol protocol, ReadOnlySpan<byte> payload, long now, IPppEffects effects);

    /// <summary>Whether data packets of this protocol pass while the layer is open.</summary>
    bool Carries(PppProtocol protocol);

    /// <summary>The peer answered the layer's protocol with Protocol-Reject (RFC 1661 section 5.7).</summary>
    void Rejected(long now, IPppEffects effects);

    /// <summary>Time may have reached <see cref="Deadline"/>. An early call is harmless.</summary>
    void Expire(long now, IPppEffects effects);

    /// <summary>The state that <see cref="INetworkLayerFactory.Restore"/> needs; <c>null</c> if the layer starts again instead.</summary>
    NetworkLayerSnapshot? Snapshot();
}

/// <summary>Makes one kind of network layer; shared by all links of a profile.</summary>
public interface INetworkLayerFactory
{
    /// <summary>Whether a link needs addresses from the host before its network phase (<see cref="IPppEffects.RequestAddress"/>).</summary>
    bool NeedsAddress(PppProfile profile);

    /// <summary>Makes the layer of a link that reaches its network phase; <c>null</c> if the link has none of this kind.</summary>
    INetworkLayer? Create(PppEndpoint link);

    /// <summary>Makes the layer again from a snapshot, without a packet; <c>null</c> if the snapshot is of another kind.</summary>
    INetworkLayer? Restore(PppEndpoint link, NetworkLayerSnapshot snapshot);
}
