using L2tpd.Ppp;

namespace L2tpd.Ipv6.Dhcp;

/// <summary>
/// What the DHCPv6 layers of a profile's links need of their host. Calls do not fail and must not call back into the endpoint.
/// </summary>
public interface IDhcpHost
{
    /// <summary>What the session of a link may have; asked when IPv6 comes up.</summary>
    DhcpOffer OfferOf(PppEndpoint link);

    /// <summary>The client uses the prefixes or addresses of its offer, or does not any more: they are to be routed to it, or not.</summary>
    /// <param name="link">The link.</param>
    /// <param name="prefixes">Whether the delegated prefixes are in use.</param>
    /// <param name="addresses">Whether the addresses are in use.</param>
    void Bound(PppEndpoint link, bool prefixes, bool addresses);
}
