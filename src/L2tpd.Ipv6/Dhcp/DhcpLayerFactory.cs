using L2tpd.Ppp;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>Makes the DHCPv6 layer of the links of a profile that gives addresses or prefixes to its subscribers.</summary>
/// <param name="settings">How to answer.</param>
public sealed class DhcpLayerFactory(DhcpSettings settings) : INetworkLayerFactory
{
    /// <inheritdoc/>
    public bool NeedsAddress(PppProfile profile) => false;

    /// <inheritdoc/>
    public INetworkLayer? Create(PppEndpoint link) =>
        link.Profile is { Server: true, Ipv6: true } ? new DhcpLayer(link, settings) : null;

    /// <inheritdoc/>
    public INetworkLayer? Restore(PppEndpoint link, NetworkLayerSnapshot snapshot) => null;
}
