using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <summary>
/// What the network control protocols share: the data protocol that flows while they are open, and what the host hears of it.
/// </summary>
internal abstract class NetworkControlProtocol(PppEndpoint endpoint, PppProtocol data) : ControlProtocol(endpoint), INetworkLayer
{
    private bool _wasUp;

    PppProtocol INetworkLayer.Protocol => Protocol;

    PppState INetworkLayer.State => State;

    long INetworkLayer.Deadline => Deadline;

    /// <summary>Stopped and Closed layers do not keep the link; those that negotiate or are open do.</summary>
    public bool KeepsLink => State >= PppState.ReqSent;

    public PppNetwork? Network { get; private set; }

    public void LinkUp(long now, IPppEffects effects)
    {
        Open(now, effects);
        Up(now, effects);
    }

    public void LinkDown(long now, IPppEffects effects) => Down(now, effects);

    public void OnNetwork(PppNetwork network, bool isUp, long now, IPppEffects effects)
    {
        // IPv4 and IPv6 are negotiated independently of each other.
    }

    public bool Takes(PppProtocol protocol, ReadOnlySpan<byte> payload) => protocol == Protocol;

    public void Receive(PppProtocol protocol, ReadOnlySpan<byte> payload, long now, IPppEffects effects) => Handle(payload, now, effects);

    public bool Carries(PppProtocol protocol) => protocol == data;

    void INetworkLayer.Rejected(long now, IPppEffects effects) => Rejected(now, effects);

    void INetworkLayer.Expire(long now, IPppEffects effects) => Expire(now, effects);

    public abstract NetworkLayerSnapshot? Snapshot();

    /// <summary>What was negotiated, as of now; <c>null</c> with the end of the link where it is of no use.</summary>
    protected abstract PppNetwork? Negotiated(out PppEnd? unusable);

    protected override void LayerUp(long now, IPppEffects effects)
    {
        if (Negotiated(out var unusable) is not { } network)
        {
            Endpoint.NetworkUnusable(this, unusable!, now, effects);
            return;
        }

        Network = network;
        _wasUp = true;
        Endpoint.NetworkOpened(this, network, now, effects);
    }

    protected override void LayerDown(long now, IPppEffects effects)
    {
        if (Network is { } network)
        {
            Network = null;
            Endpoint.NetworkClosed(this, network, now, effects);
        }
    }

    protected override void LayerFinished(PppEvent pppEvent, long now, IPppEffects effects) =>
        Endpoint.NetworkFinished(this, pppEvent, _wasUp, now, effects);

    /// <summary>The layer was open when the snapshot was taken.</summary>
    protected void RestoreOpened(ControlProtocolSnapshot snapshot)
    {
        Restore(snapshot);
        Network = Negotiated(out _);
        _wasUp = Network is not null;
    }
}
