using System.Net;
using L2tpd.Ipv6.Packets;
using L2tpd.Ppp;
using L2tpd.Ppp.Data;

namespace L2tpd.PppHosting.Userspace;

/// <summary>
/// Which session of a shared interface a packet of the system is for: by its IPv4 address, by the networks that are routed to sessions, or
/// by its link-local address. Several peers may have the same link-local address, as two hosts on two Ethernets: then it leads to nobody.
/// Loop thread only.
/// </summary>
internal sealed class SubscriberTable
{
    private const int Bits4 = 32;
    private const int Bits6 = 128;

    private readonly PrefixTable<uint, UserspacePppLink> _ipv4 = new(Bits4);
    private readonly PrefixTable<UInt128, UserspacePppLink> _ipv6 = new(Bits6);
    private readonly Dictionary<ulong, Neighbour> _neighbours = [];
    private readonly Dictionary<IPNetwork, (UserspacePppLink Link, uint Metric)> _routes = [];
    private readonly HashSet<UserspacePppLink> _addressed = [];

    /// <summary>Sessions with an IPv4 address.</summary>
    public int Count => _addressed.Count;

    /// <summary>All sessions of the interface.</summary>
    public IEnumerable<UserspacePppLink> Links =>
        _addressed.Concat(_neighbours.Values.SelectMany(static neighbour => neighbour.Links)).Distinct();

    /// <summary>The networks of the sessions with the metrics of their routes: IPv4 addresses, and what is routed to them.</summary>
    public IEnumerable<(IPNetwork Network, uint Metric, UserspacePppLink Link)> Networks =>
        _addressed.Select(static link => (new IPNetwork(link.PeerAddress.ToIPAddress(), Bits4), 0u, link))
            .Concat(_routes.Select(static route => (route.Key, route.Value.Metric, route.Value.Link)));

    /// <summary>Adds a session's IPv4 address; false if another session has it.</summary>
    public bool TryAdd(Ipv4Address address, UserspacePppLink link) =>
        !address.IsNone && _ipv4.TryAdd(address.Value, Bits4, link) && _addressed.Add(link);

    /// <summary>Removes a session's IPv4 address.</summary>
    public bool Remove(Ipv4Address address, UserspacePppLink link) =>
        _ipv4.Remove(address.Value, Bits4, link) && _addressed.Remove(link);

    /// <summary>Adds a network that is routed to a session; false if another session has exactly that one.</summary>
    public bool TryAdd(IPNetwork network, uint metric, UserspacePppLink link)
    {
        var isNew = RoutedNetworks.IsIPv6(network)
            ? _ipv6.TryAdd(RoutedNetworks.NumberOf6(network), network.PrefixLength, link)
            : _ipv4.TryAdd(RoutedNetworks.NumberOf4(network), network.PrefixLength, link);
        return isNew && _routes.TryAdd(network, (link, metric));
    }

    /// <summary>Removes a network of a session.</summary>
    public bool Remove(IPNetwork network, UserspacePppLink link)
    {
        var isRemoved = RoutedNetworks.IsIPv6(network)
            ? _ipv6.Remove(RoutedNetworks.NumberOf6(network), network.PrefixLength, link)
            : _ipv4.Remove(RoutedNetworks.NumberOf4(network), network.PrefixLength, link);
        return isRemoved && _routes.Remove(network);
    }

    /// <summary>Whether packets to an address of a routed network go to the session: a longer prefix may lead to another one.</summary>
    public bool Leads(uint address, UserspacePppLink link) => ReferenceEquals(_ipv4.Find(address), link);

    /// <inheritdoc cref="Leads(uint, UserspacePppLink)"/>
    public bool Leads(UInt128 address, UserspacePppLink link) => ReferenceEquals(_ipv6.Find(address), link);

    /// <summary>Adds the identifier of a session's link-local address.</summary>
    public void AddNeighbour(ulong identifier, UserspacePppLink link)
    {
        if (!_neighbours.TryGetValue(identifier, out var neighbour))
            _neighbours.Add(identifier, neighbour = new Neighbour());
        neighbour.Links.Add(link);
    }

    /// <summary>Removes the identifier of a session's link-local address.</summary>
    public void RemoveNeighbour(ulong identifier, UserspacePppLink link)
    {
        if (_neighbours.TryGetValue(identifier, out var neighbour) && neighbour.Links.Remove(link) && neighbour.Links.Count == 0)
            _neighbours.Remove(identifier);
    }

    /// <summary>The session that a packet is for; <c>null</c>: none.</summary>
    public UserspacePppLink? Find(ReadOnlySpan<byte> packet)
    {
        switch (IpAddresses.VersionOf(packet))
        {
            case 4:
                return _ipv4.Find(IpAddresses.Destination4(packet).Value);
            case 6:
                var identifier = IpAddresses.DestinationIdentifier(packet);
                return identifier == 0
                    ? _ipv6.Find(Ipv6Address.Read(packet[24..]).Value) : _neighbours.GetValueOrDefault(identifier)?.Only;
            default:
                return null;
        }
    }

    private sealed class Neighbour
    {
        public List<UserspacePppLink> Links { get; } = [];

        public UserspacePppLink? Only => Links.Count == 1 ? Links[0] : null;
    }
}
