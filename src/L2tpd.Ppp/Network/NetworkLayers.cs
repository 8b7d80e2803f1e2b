using System.Collections.Immutable;
using L2tpd.Ppp.Negotiation;

namespace L2tpd.Ppp;

/// <summary>The network layers that every profile has unless it names others.</summary>
public static class NetworkLayers
{
    /// <summary>IPCP and IPv6CP, as far as the profile wants them.</summary>
    public static ImmutableArray<INetworkLayerFactory> Standard { get; } = [new IpcpFactory(), new Ipv6cpFactory()];

    private const int LeastIpv6Packet = 1280;

    private sealed class IpcpFactory : INetworkLayerFactory
    {
        public bool NeedsAddress(PppProfile profile) => profile is { Server: true, Ipv4: true };

        public INetworkLayer? Create(PppEndpoint link) =>
            link.Profile.Ipv4 && (!link.Profile.Server || link.Grant is not null) ? new Ipcp(link, link.Grant) : null;

        public INetworkLayer? Restore(PppEndpoint link, NetworkLayerSnapshot snapshot) =>
            snapshot is IpcpSnapshot ipcp ? new Ipcp(link, link.Grant, ipcp) : null;
    }

    private sealed class Ipv6cpFactory : INetworkLayerFactory
    {
        public bool NeedsAddress(PppProfile profile) => false;

        // A link that carries less than the least packet cannot have IPv6 (RFC 8200 section 5).
        public INetworkLayer? Create(PppEndpoint link) =>
            link.Profile.Ipv6 && Math.Min(link.TransmitLimit, link.ReceiveLimit) >= LeastIpv6Packet ? new Ipv6cp(link) : null;

        public INetworkLayer? Restore(PppEndpoint link, NetworkLayerSnapshot snapshot) =>
            snapshot is Ipv6cpSnapshot ipv6cp ? new Ipv6cp(link, ipv6cp) : null;
    }
}
