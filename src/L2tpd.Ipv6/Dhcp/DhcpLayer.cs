using System.Collections.Immutable;
using System.Net;
using L2tpd.Ipv6.Packets;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>DHCPv6 on one link: takes the client's packets out of the data while IPv6CP is open, and answers them.</summary>
/// <remarks>
/// It begins again whenever IPv6CP opens: a client whose IPv6CP closed must bind again, with a Renew or Rebind at the latest. More messages
/// than ten per second are dropped, so that a client that repeats without end costs little. It has no timer.
/// </remarks>
/// <param name="link">The link.</param>
/// <param name="settings">How to answer.</param>
internal sealed class DhcpLayer(PppEndpoint link, DhcpSettings settings) : INetworkLayer
{
    private const ushort ClientPort = 546;
    private const ushort ServerPort = 547;
    private const int DestinationPortAt = Ipv6Packet.HeaderSize + 2;
    private const byte HopLimit = 64;

    /// <summary>Messages per second that are answered.</summary>
    private const int Rate = 10;

    // Messages that may come at once.
    private const int Burst = 20;

    // The least packet of IPv6 (RFC 8200 section 5).
    private const int LargestAnswer = 1280;

    private DhcpServer? _server;
    private Ipv6Address _local;
    private long _lastRefill;
    private long _credit;

    /// <inheritdoc/>
    public PppProtocol Protocol => PppProtocol.Ipv6;

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
        foreach (var network in link.Networks)
            OnNetwork(network, isUp: true, now, effects);
    }

    /// <inheritdoc/>
    public void LinkDown(long now, IPppEffects effects) => Stop(effects);

    /// <inheritdoc/>
    public void OnNetwork(PppNetwork network, bool isUp, long now, IPppEffects effects)
    {
        if (network is not Ipv6Network ipv6)
            return;
        Stop(effects);
        if (!isUp)
            return;
        _local = Ipv6Address.LinkLocal(ipv6.LocalIdentifier);
        _server = new DhcpServer(settings, OfferOf(link.Authorisation));
        (_lastRefill, _credit) = (now, Burst * 1000L);
    }

    /// <inheritdoc/>
    public bool Takes(PppProtocol protocol, ReadOnlySpan<byte> payload) =>
        protocol == PppProtocol.Ipv6 && _server is not null && payload.Length >= Ipv6Packet.UdpDataOffset
        && payload[6] == Ipv6Protocols.Udp && payload[DestinationPortAt] == ServerPort >> 8
        && payload[DestinationPortAt + 1] == (ServerPort & 0xff)
        && Ipv6Packet.TryParse(payload, out var packet)
        && (packet.Destination == Ipv6Address.AllDhcpServers || packet.Destination == _local);

    /// <inheritdoc/>
    public void Receive(PppProtocol protocol, ReadOnlySpan<byte> payload, long now, IPppEffects effects)
    {
        if (_server is not { } server || !TrySpend(now) || !Ipv6Packet.TryParse(payload, out var packet)
            || !packet.Source.IsLinkLocal || packet.Source == _local || !UdpDatagram.TryParse(packet, out var datagram))
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[LargestAnswer];
        var (hadPrefixes, hadAddresses) = (server.HasPrefixes, server.HasAddresses);
        var length = server.Answer(datagram.Data, buffer[Ipv6Packet.UdpDataOffset..]);
        if (length == 0)
            return;
        // Routed before the client knows: its first packets through the prefix find their way back.
        if (server.HasPrefixes != hadPrefixes)
            Route(server.HasPrefixes, Prefixes, effects);
        if (server.HasAddresses != hadAddresses)
            Route(server.HasAddresses, Addresses, effects);
        var answer = buffer[..(Ipv6Packet.UdpDataOffset + length)];
        Ipv6Packet.CompleteUdp(answer, _local, ServerPort, packet.Source, ClientPort, HopLimit);
        link.SendPacket(PppProtocol.Ipv6, answer, effects);
    }

    /// <inheritdoc/>
    public bool Carries(PppProtocol protocol) => false;

    /// <inheritdoc/>
    public void Rejected(long now, IPppEffects effects)
    {
        // A peer that rejects IPv6 rejects IPv6CP, which stops this layer.
    }

    /// <inheritdoc/>
    public void Expire(long now, IPppEffects effects)
    {
        // No timers: leases end with the session.
    }

    /// <inheritdoc/>
    public NetworkLayerSnapshot? Snapshot() => null;

    private bool TrySpend(long now)
    {
        // Credit in thousandths of a message: a message per 1000 / Rate milliseconds.
        _credit = Math.Min(Burst * 1000L, _credit + (Math.Clamp(now - _lastRefill, 0, Burst * 1000L) * Rate));
        _lastRefill = now;
        if (_credit < 1000)
            return false;
        _credit -= 1000;
        return true;
    }

    // The authorisation stays the same while a network layer is up.
    private ImmutableArray<IPNetwork> Prefixes => link.Authorisation?.DelegatedPrefixes ?? [];

    private IEnumerable<IPNetwork> Addresses =>
        link.Authorisation?.Ipv6Addresses.Select(static address => new IPNetwork(address, 8 * Ipv6Address.Size)) ?? [];

    private static DhcpOffer OfferOf(Authorisation? authorisation) => authorisation is null ? new DhcpOffer() : new DhcpOffer
    {
        Prefixes = [.. authorisation.DelegatedPrefixes.Select(DelegatedPrefix.From)],
        Addresses = [.. authorisation.Ipv6Addresses.Select(Ipv6Address.From)],
        OnLink = [.. authorisation.Ipv6Prefixes.Select(DelegatedPrefix.From)],
        NameServers = [.. authorisation.Ipv6Dns.Select(Ipv6Address.From)],
    };

    private void Route(bool isBound, IEnumerable<IPNetwork> networks, IPppEffects effects)
    {
        foreach (var network in networks)
        {
            if (isBound)
                effects.AddRoute(link, network);
            else
                effects.RemoveRoute(link, network);
        }
    }

    private void Stop(IPppEffects effects)
    {
        if (_server is { HasPrefixes: true })
            Route(isBound: false, Prefixes, effects);
        if (_server is { HasAddresses: true })
            Route(isBound: false, Addresses, effects);
        _server = null;
    }
}
