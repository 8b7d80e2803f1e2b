using L2tpd.Ppp.Negotiation;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp;

/// <content>The network layers: their start and end, their packets, and how long the link is kept for them.</content>
public sealed partial class PppEndpoint
{
    /// <summary>What the open network layers negotiated.</summary>
    public IEnumerable<PppNetwork> Networks => _layers.Select(static layer => layer.Network).OfType<PppNetwork>();

    /// <summary>The state of a network layer, by its control protocol; <see cref="PppState.Initial"/> if there is none.</summary>
    public PppState StateOf(PppProtocol protocol) =>
        Array.Find(_layers, layer => layer.Protocol == protocol)?.State ?? PppState.Initial;

    /// <summary>
    /// Offers a data packet to the network layers, for hosts whose data path does not go through <see cref="HandleFrame"/>.
    /// </summary>
    /// <param name="protocol"><see cref="PppProtocol.Ipv4"/> or <see cref="PppProtocol.Ipv6"/>.</param>
    /// <param name="packet">Any octets; nothing throws.</param>
    /// <param name="now">Milliseconds.</param>
    /// <param name="effects">What to do.</param>
    /// <returns>True if a layer took it: the host must not forward it.</returns>
    public bool HandlePacket(PppProtocol protocol, ReadOnlySpan<byte> packet, long now, IPppEffects effects) =>
        Phase == PppPhase.Network && TryTake(protocol, packet, now, effects);

    /// <summary>
    /// Sends a data packet of a network layer, framed as the peer asked; until the layer's <see cref="INetworkLayer.LinkDown"/> returns.
    /// </summary>
    /// <param name="protocol"><see cref="PppProtocol.Ipv4"/> or <see cref="PppProtocol.Ipv6"/>.</param>
    /// <param name="packet">At most 1,500 octets; longer ones are dropped, as any that exceeds the peer's MRU.</param>
    /// <param name="effects">Where the frame goes.</param>
    public void SendPacket(PppProtocol protocol, ReadOnlySpan<byte> packet, IPppEffects effects)
    {
        const int LargestHeader = 4;
        // Layers may send a last packet while the link goes down, before its Terminate-Request.
        if (Phase is not (PppPhase.Network or PppPhase.Terminate)
            || packet.Length > Math.Min((int)TransmitLimit, ControlProtocol.LargestPacket))
        {
            return;
        }

        Span<byte> frame = stackalloc byte[LargestHeader + ControlProtocol.LargestPacket];
        var at = 0;
        if (!_lcp.CompressAddress)
            (frame[at++], frame[at++]) = (0xff, 0x03);

        if (!_lcp.CompressProtocol)
            frame[at++] = (byte)((ushort)protocol >> 8);

        frame[at++] = (byte)protocol;
        packet.CopyTo(frame[at..]);
        effects.SendFrame(this, frame[..(at + packet.Length)]);
    }

    /// <summary>A network layer is up.</summary>
    internal void NetworkOpened(INetworkLayer layer, PppNetwork network, long now, IPppEffects effects)
    {
        effects.NetworkUp(this, network);
        StartSession(now);
        TellOthers(layer, network, isUp: true, now, effects);
    }

    /// <summary>A network layer that was up is down.</summary>
    internal void NetworkClosed(INetworkLayer layer, PppNetwork network, long now, IPppEffects effects)
    {
        effects.NetworkDown(this, network);
        TellOthers(layer, network, isUp: false, now, effects);
    }

    /// <summary>A network layer came to Opened without what it needs.</summary>
    internal void NetworkUnusable(NetworkControlProtocol network, PppEnd end, long now, IPppEffects effects)
    {
        if (HasOther(network))
            network.Close(now, effects);
        else
            Fail(end, now, effects);
    }

    /// <summary>A network layer gave up, or the peer closed it.</summary>
    internal void NetworkFinished(NetworkControlProtocol network, PppEvent pppEvent, bool wasUp, long now, IPppEffects effects)
    {
        if (Phase != PppPhase.Network || HasOther(network))
            return;

        var end = wasUp ? PppEnds.NetworkClosedByPeer(network.Protocol)
            : pppEvent == PppEvent.TimeoutExhausted ? PppEnds.NetworkTimeout(network.Protocol)
            : PppEnds.NoNetwork(network.Protocol);
        Fail(end, now, effects);
    }

    private PppFrameKind HandleNetwork(in PppFrame frame, long now, IPppEffects effects)
    {
        if (TryTake(frame.Protocol, frame.Payload, now, effects))
            return PppFrameKind.Control;

        foreach (var layer in _layers)
        {
            if (layer.Carries(frame.Protocol))
                return layer.State == PppState.Opened ? Data(frame.Protocol, now) : PppFrameKind.Discarded;
        }

        _lcp.RejectProtocol(frame.Protocol, frame.Payload, effects);
        return PppFrameKind.Control;
    }

    private bool TryTake(PppProtocol protocol, ReadOnlySpan<byte> payload, long now, IPppEffects effects)
    {
        foreach (var layer in _layers)
        {
            if (layer.Takes(protocol, payload))
            {
                layer.Receive(protocol, payload, now, effects);
                return true;
            }
        }

        return false;
    }

    private PppFrameKind Data(PppProtocol protocol, long now)
    {
        _lastTraffic = now;
        return protocol == PppProtocol.Ipv4 ? PppFrameKind.Ipv4 : PppFrameKind.Ipv6;
    }

    private bool NetworkIsUp => _layers.Any(static layer => layer.State == PppState.Opened);

    private bool NeedsAddress => Profile.NetworkLayers.Any(kind => kind.NeedsAddress(Profile));

    private void TellOthers(INetworkLayer layer, PppNetwork network, bool isUp, long now, IPppEffects effects)
    {
        foreach (var other in _layers)
        {
            if (!ReferenceEquals(other, layer))
                other.OnNetwork(network, isUp, now, effects);
        }
    }

    // The first network layer begins the session: the time for the set-up ends, the session's timeouts begin.
    private void StartSession(long now)
    {
        if (_sessionStarted)
            return;

        _sessionStarted = true;
        _setupDeadline = long.MaxValue;
        var session = Authorisation is { SessionTimeout: > 0 } a ? a.SessionTimeout : Profile.SessionTimeout;
        var idle = Authorisation is { IdleTimeout: > 0 } b ? b.IdleTimeout : Profile.IdleTimeout;
        ArmTimeouts(session, idle, now);
    }

    private void TryStartNetwork(long now, IPppEffects effects)
    {
        if (Phase != PppPhase.Authenticate || _gates != Gates.None)
            return;

        Phase = PppPhase.Network;
        _layers = [.. Profile.NetworkLayers.Select(kind => kind.Create(this)).OfType<INetworkLayer>()];
        var started = _layers;
        foreach (var layer in started)
            layer.LinkUp(now, effects);

        if (Phase == PppPhase.Network && !started.Any(static layer => layer.KeepsLink))
            Fail(NeedsAddress ? PppEnds.NoAddress() : PppEnds.NoNetwork(PppProtocol.None), now, effects);
    }

    private bool HasOther(INetworkLayer network) => _layers.Any(other => other.KeepsLink && !ReferenceEquals(other, network));
}
