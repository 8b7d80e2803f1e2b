using System.Collections.Immutable;
using L2tpd.Configuration;
using L2tpd.Ipv6.Dhcp;
using L2tpd.Ipv6.Discovery;
using L2tpd.Ipv6.Packets;
using L2tpd.Ppp;
using L2tpd.Runtime.Counters;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>The network layers of a profile's links, and what those for IPv6 count. Loop thread only.</summary>
public sealed class Ipv6Layers(IPppRandom random)
{
    /// <summary>Packets of router advertisement and neighbour discovery.</summary>
    public DiscoveryCounters Discovery { get; } = new();

    /// <summary>
    /// The layers of a profile. Discovery is first: its last packet leaves before IPv6CP goes down. Without <c>ipv6: router</c> it is only
    /// behind a shared interface, where the system cannot answer neighbours: on an interface per session another program may.
    /// </summary>
    /// <param name="profile">The profile.</param>
    /// <param name="hasDhcp">DHCPv6 is answered on its links.</param>
    public ImmutableArray<INetworkLayerFactory> Of(PppProfile profile, bool hasDhcp)
    {
        if (profile is not { IPv6: true } or { IPv6Router: false, Shape: not PppInterfaceShape.Shared })
            return NetworkLayers.Standard;
        var settings = new DiscoverySettings
        {
            IsRouter = profile.IPv6Router,
            HasDhcp = hasDhcp,
            Dns = [.. profile.IPv6Dns.Select(Ipv6Address.From)],
            DomainSearch = profile.IPv6Search,
        };
        return [new DiscoveryLayerFactory(settings, random, Discovery), .. NetworkLayers.Standard];
    }

    /// <summary>What DHCPv6 tells the peers of a profile: the same as router advertisements.</summary>
    public static DhcpSettings DhcpOptionsOf(PppProfile profile) => new()
    {
        ServerId = [],
        NameServers = [.. profile.IPv6Dns.Select(Ipv6Address.From)],
        SearchDomains = DnsName.ListOf(profile.IPv6Search),
    };

    /// <summary>Adds the counters to the registry.</summary>
    public void Register(CounterRegistry registry) => registry.Add(
        new CounterFamily("l2tpd_ipv6_discovery_packets_total", "packets",
            "Packets of router advertisement and neighbour discovery with peers, by kind.")
        { Labels = ["kind"] },
        samples =>
        {
            samples.Add(Discovery.Advertisements, "router-advertisement-sent");
            samples.Add(Discovery.RouterSolicitations, "router-solicitation");
            samples.Add(Discovery.NeighbourAdvertisements, "neighbour-answered");
            samples.Add(Discovery.ForOthers, "neighbour-not-ours");
            samples.Add(Discovery.FromPeers, "router-claimed-by-peer");
            samples.Add(Discovery.Invalid, "invalid");
            samples.Add(Discovery.TooMany, "over-rate");
        });
}
