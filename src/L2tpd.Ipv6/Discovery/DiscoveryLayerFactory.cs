using L2tpd.Ppp;

namespace L2tpd.Ipv6.Discovery;

/// <summary>Makes the discovery layer of a profile's links.</summary>
/// <param name="settings">What is advertised.</param>
/// <param name="random">Source of the times between advertisements.</param>
/// <param name="counters">Shared by all links.</param>
public sealed class DiscoveryLayerFactory(DiscoverySettings settings, IPppRandom random, DiscoveryCounters counters) : INetworkLayerFactory
{
    /// <inheritdoc/>
    public bool NeedsAddress(PppProfile profile) => false;

    /// <inheritdoc/>
    public INetworkLayer? Create(PppEndpoint link) =>
        link.Profile is { Server: true, Ipv6: true } ? new DiscoveryLayer(link, settings, random, counters) : null;

    /// <inheritdoc/>
    public INetworkLayer? Restore(PppEndpoint link, NetworkLayerSnapshot snapshot) => null;
}
