using L2tpd.Ppp.Data;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Inform;

/// <summary>
/// Answers DHCPINFORM of a subscriber while IPCP is open (RFC 2131 section 3.4). Windows asks in this way for its domain and routes.
/// </summary>
/// <remarks>
/// Nothing is kept of a request and no address is given. A peer gets a few answers at once, then one per second; what exceeds that is
/// dropped, as is what is no DHCPINFORM of the peer's own address. Other packets to the port of DHCP servers are data.
/// </remarks>
public sealed class InformLayer : INetworkLayer
{
    private const int Burst = 5;
    private const long Interval = 1_000;

    private readonly PppEndpoint _link;
    private readonly InformSettings _settings;
    private AnswerBudget _answers = new(Burst, Interval);
    private Ipv4Network? _network;

    internal InformLayer(PppEndpoint link, InformSettings settings) => (_link, _settings) = (link, settings);

    /// <inheritdoc/>
    public PppProtocol Protocol => PppProtocol.Ipv4;

    /// <inheritdoc/>
    public PppState State => PppState.Initial;

    /// <inheritdoc/>
    public bool KeepsLink => false;

    /// <inheritdoc/>
    public PppNetwork? Network => null;

    /// <inheritdoc/>
    public long Deadline => long.MaxValue;

    /// <inheritdoc/>
    public void LinkUp(long now, IPppEffects effects)
    {
        // After a restoration IPCP is open.
        foreach (var network in _link.Networks)
            OnNetwork(network, isUp: true, now, effects);
    }

    /// <inheritdoc/>
    public void LinkDown(long now, IPppEffects effects) => _network = null;

    /// <inheritdoc/>
    public void OnNetwork(PppNetwork network, bool isUp, long now, IPppEffects effects)
    {
        if (network is Ipv4Network ipv4)
            _network = isUp ? ipv4 : null;
    }

    /// <inheritdoc/>
    public bool Takes(PppProtocol protocol, ReadOnlySpan<byte> payload) =>
        protocol == PppProtocol.Ipv4 && _network is { } network && DhcpInform.IsToServer(payload)
        && IpAddresses.Source4(payload) == network.Peer && IsForUs(IpAddresses.Destination4(payload), network);

    /// <inheritdoc/>
    public void Receive(PppProtocol protocol, ReadOnlySpan<byte> payload, long now, IPppEffects effects)
    {
        Span<byte> answer = stackalloc byte[DhcpInform.MaxAnswer];
        if (_network is { } network && DhcpInform.Answer(payload, network, _settings, answer) is > 0 and var length
            && _answers.TryTake(now))
        {
            _link.SendPacket(PppProtocol.Ipv4, answer[..length], effects);
        }
    }

    /// <inheritdoc/>
    public bool Carries(PppProtocol protocol) => false;

    /// <inheritdoc/>
    public void Rejected(long now, IPppEffects effects)
    {
        // IPCP was rejected, not a packet of this layer.
    }

    /// <inheritdoc/>
    public void Expire(long now, IPppEffects effects)
    {
        // There is no deadline.
    }

    /// <inheritdoc/>
    public NetworkLayerSnapshot? Snapshot() => null;

    // To another host's DHCP server it is data of the subscriber's.
    private static bool IsForUs(Ipv4Address destination, Ipv4Network network) =>
        destination == network.Local || destination.Value == uint.MaxValue;
}

/// <summary>Makes the layer of a profile's links with subscribers.</summary>
/// <param name="settings">What peers are told.</param>
public sealed class InformLayerFactory(InformSettings settings) : INetworkLayerFactory
{
    /// <inheritdoc/>
    public bool NeedsAddress(PppProfile profile) => false;

    /// <inheritdoc/>
    public INetworkLayer? Create(PppEndpoint link) =>
        link.Profile is { Server: true, Ipv4: true } ? new InformLayer(link, settings) : null;

    /// <inheritdoc/>
    public INetworkLayer? Restore(PppEndpoint link, NetworkLayerSnapshot snapshot) => null;
}
