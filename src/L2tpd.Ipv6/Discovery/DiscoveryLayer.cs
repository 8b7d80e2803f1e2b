using System.Collections.Immutable;
using System.Net;
using L2tpd.Ipv6.Packets;
using L2tpd.Ppp;
using L2tpd.Ppp.Data;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ipv6.Discovery;

/// <summary>
/// Router advertisement and neighbour discovery on the link of a subscriber (RFC 4861), while IPv6CP is open.
/// </summary>
/// <remarks>
/// The layer owns the timer of the advertisements and the routes of the advertised prefixes. The link has two nodes, so it believes
/// nothing: it answers valid solicitations, and drops every other discovery packet of the peer. What a peer can cause is bounded by two
/// budgets: a router solicitation beyond its budget is answered by the next advertisement, which comes with the next free place. The layer
/// stands before IPv6CP in the list of layers, so that its last advertisement leaves while the link still carries it.
/// </remarks>
public sealed class DiscoveryLayer : INetworkLayer
{
    /// <summary>Lifetime of us as a router, of name servers and of routes: three times the largest interval, seconds.</summary>
    public const ushort RouterLifetime = 1800;

    /// <summary>
    /// Lifetimes of addresses, seconds. Those of the RFC, 30 and 7 days, would keep an address of a former session alive for too long.
    /// </summary>
    public const uint ValidLifetime = 86_400;

    /// <inheritdoc cref="ValidLifetime"/>
    public const uint PreferredLifetime = 14_400;

    private const uint LeastMtu = 1280;
    private const int MostDns = 8;
    private const int AddressLength = 128;

    // MIN_DELAY_BETWEEN_RAS, after as many as a host sends at its start (RFC 4861 section 10).
    private const int RouterBurst = 3;
    private const long RouterInterval = 3_000;

    private const int NeighbourBurst = 10;
    private const long NeighbourInterval = 100;

    private readonly PppEndpoint _link;
    private readonly DiscoverySettings _settings;
    private readonly IPppRandom _random;
    private readonly DiscoveryCounters _counters;
    private AdvertisementTimer _timer = AdvertisementTimer.Stopped;
    private AnswerBudget _routerAnswers = new(RouterBurst, RouterInterval);
    private AnswerBudget _neighbourAnswers = new(NeighbourBurst, NeighbourInterval);
    private ImmutableArray<IPNetwork> _routed = [];
    private Ipv6Network? _network;

    internal DiscoveryLayer(PppEndpoint link, DiscoverySettings settings, IPppRandom random, DiscoveryCounters counters) =>
        (_link, _settings, _random, _counters) = (link, settings, random, counters);

    /// <inheritdoc/>
    public PppProtocol Protocol => PppProtocol.Ipv6;

    /// <inheritdoc/>
    public PppState State => PppState.Initial;

    /// <inheritdoc/>
    public bool KeepsLink => false;

    /// <inheritdoc/>
    public PppNetwork? Network => null;

    /// <inheritdoc/>
    public long Deadline => _timer.Deadline;

    private Ipv6Address Ours => Ipv6Address.LinkLocal(_network!.LocalIdentifier);

    /// <inheritdoc/>
    public void LinkUp(long now, IPppEffects effects)
    {
        // After a restoration IPv6CP is open.
        foreach (var network in _link.Networks)
            OnNetwork(network, isUp: true, now, effects);
    }

    /// <inheritdoc/>
    public void LinkDown(long now, IPppEffects effects)
    {
        // The peer must not use us as a router any more. If it ended the link itself, it knows.
        if (_network is not null && _settings.IsRouter && _link.Ending is { Cause: not PppEndCause.ClosedByPeer })
            Send(new RouterAdvertisement(), Ipv6Address.AllNodes, effects);
        // The host ends the routes with the network phase.
        (_network, _routed, _timer) = (null, [], AdvertisementTimer.Stopped);
    }

    /// <inheritdoc/>
    public void OnNetwork(PppNetwork network, bool isUp, long now, IPppEffects effects)
    {
        if (network is not Ipv6Network ipv6)
            return;
        if (isUp)
        {
            _network = ipv6;
            if (!_settings.IsRouter)
                return;
            AddRoutes(effects);
            _timer = AdvertisementTimer.Started(now);
            Expire(now, effects);
        }
        else if (_network is not null)
        {
            foreach (var prefix in _routed)
                effects.RemoveRoute(_link, prefix);
            (_network, _routed, _timer) = (null, [], AdvertisementTimer.Stopped);
        }
    }

    /// <inheritdoc/>
    public bool Takes(PppProtocol protocol, ReadOnlySpan<byte> payload) =>
        protocol == PppProtocol.Ipv6 && _network is not null && Ipv6Control.IsControl(payload)
        && payload[Ipv6Control.NextHeaderAt] == Ipv6Protocols.Icmpv6;

    /// <inheritdoc/>
    public void Receive(PppProtocol protocol, ReadOnlySpan<byte> payload, long now, IPppEffects effects)
    {
        if (_network is null)
            return;
        if (payload[Ipv6Packet.HeaderSize] is DiscoveryType.RouterAdvertisement or DiscoveryType.Redirect)
            _counters.FromPeers++;
        else if (!Solicitation.TryParse(payload, out var solicitation) || !IsFromPeer(solicitation.Source))
            CountInvalid(payload[Ipv6Packet.HeaderSize]);
        else if (solicitation.Type == DiscoveryType.RouterSolicitation)
            AnswerRouter(solicitation, now, effects);
        else if (solicitation.Target == Ours)
            AnswerNeighbour(solicitation, now, effects);
        else
            _counters.ForOthers++;
    }

    /// <inheritdoc/>
    public bool Carries(PppProtocol protocol) => false;

    /// <inheritdoc/>
    public void Rejected(long now, IPppEffects effects)
    {
        // A peer that rejects data packets of IPv6 has IPv6CP closed, or will not hear us.
    }

    /// <inheritdoc/>
    public void Expire(long now, IPppEffects effects)
    {
        if (now < _timer.Deadline || _network is null)
            return;
        Send(Current(), Ipv6Address.AllNodes, effects);
        _timer.OnSent(now, _random);
    }

    /// <inheritdoc/>
    public NetworkLayerSnapshot? Snapshot() => null;

    // The data path has compared it with the peer's identifier; a kernel's packet socket has not.
    private bool IsFromPeer(Ipv6Address source) =>
        source.IsUnspecified || source == Ipv6Address.LinkLocal(_network!.PeerIdentifier);

    private void CountInvalid(byte type)
    {
        // An unasked neighbour advertisement is legal, and of no use here.
        if (type != DiscoveryType.NeighbourAdvertisement)
            _counters.Invalid++;
    }

    private void AnswerRouter(in Solicitation solicitation, long now, IPppEffects effects)
    {
        if (!_settings.IsRouter)
            return;
        _counters.RouterSolicitations++;
        if (!_routerAnswers.TryTake(now))
        {
            _counters.TooMany++;
            _timer.Advance(_routerAnswers.Next);
            return;
        }

        Send(Current(), solicitation.Source.IsUnspecified ? Ipv6Address.AllNodes : solicitation.Source, effects);
    }

    private void AnswerNeighbour(in Solicitation solicitation, long now, IPppEffects effects)
    {
        if (!_neighbourAnswers.TryTake(now))
        {
            _counters.TooMany++;
            return;
        }

        Span<byte> packet = stackalloc byte[NeighbourAdvertisement.PacketSize];
        NeighbourAdvertisement.Write(packet, solicitation, _settings.IsRouter);
        _counters.NeighbourAdvertisements++;
        _link.SendPacket(PppProtocol.Ipv6, packet, effects);
    }

    private void AddRoutes(IPppEffects effects)
    {
        // A single address is given by DHCPv6, and its route with it.
        _routed = [.. PrefixesOf(_link.Authorisation).Where(static prefix => prefix.PrefixLength < AddressLength)];
        foreach (var prefix in _routed)
            effects.AddRoute(_link, prefix);
    }

    private RouterAdvertisement Current()
    {
        var authorisation = _link.Authorisation;
        var isManaged = authorisation is { Ipv6Addresses.IsEmpty: false } or { Ipv6AddressPool: not null }
            || PrefixesOf(authorisation).Any(static prefix => prefix.PrefixLength == AddressLength);
        var isUseful = isManaged || !_routed.IsEmpty
            || authorisation is { DelegatedPrefixes.IsEmpty: false } or { DelegatedPrefixPool: not null };
        var mtu = (uint)Math.Min(_network!.TransmitLimit, _network.ReceiveLimit);
        return new RouterAdvertisement
        {
            IsManaged = isManaged && _settings.HasDhcp,
            HasOtherSettings = _settings.HasDhcp,
            // A peer without any prefix has no use for a default route.
            RouterLifetime = isUseful ? RouterLifetime : (ushort)0,
            Prefixes =
            [
                .. _routed.Where(static prefix => prefix.PrefixLength == RouterAdvertisement.AutonomousLength)
                    .Select(static prefix => new AdvertisedPrefix(prefix, ValidLifetime, PreferredLifetime)),
            ],
            Dns = DnsOf(authorisation),
            DomainSearch = _settings.DomainSearch,
            DnsLifetime = RouterLifetime,
            Routes = authorisation?.AdvertisedRoutes ?? [],
            RouteLifetime = RouterLifetime,
            Mtu = mtu >= LeastMtu ? mtu : 0,
        };
    }

    private ImmutableArray<Ipv6Address> DnsOf(Authorisation? authorisation) => authorisation is { Ipv6Dns: { IsEmpty: false } given }
        ? [.. given.Take(MostDns).Select(Ipv6Address.From)] : [.. _settings.Dns.Take(MostDns)];

    private static ImmutableArray<IPNetwork> PrefixesOf(Authorisation? authorisation) => authorisation?.Ipv6Prefixes ?? [];

    private void Send(RouterAdvertisement advertisement, Ipv6Address destination, IPppEffects effects)
    {
        Span<byte> packet = stackalloc byte[RouterAdvertisement.LargestPacket];
        var length = advertisement.Write(packet, Ours, destination);
        _counters.Advertisements++;
        _link.SendPacket(PppProtocol.Ipv6, packet[..length], effects);
    }
}
