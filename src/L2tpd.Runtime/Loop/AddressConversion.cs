using L2tpd.Engine.Addressing;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Loop;

/// <summary>Converts between the engine's addresses and the kernel's, without allocation.</summary>
public static class AddressConversion
{
    public static Endpoint ToEndpoint(this in SockAddr address) => new(address.Address, address.Port, address.IsIPv6, address.ScopeId);

    /// <summary>An endpoint of IP protocol 115. A raw socket reports its protocol number as the port; the endpoint has port 0.</summary>
    public static Endpoint ToEndpointOverIp(this in SockAddr address) => address.ToEndpoint().OverIp;

    public static SockAddr ToSockAddr(this in Endpoint endpoint) => endpoint.IsIPv6
        ? SockAddr.IPv6(endpoint.Address, endpoint.Port, endpoint.ScopeId)
        : SockAddr.IPv4((uint)endpoint.Address, endpoint.Port);
}
