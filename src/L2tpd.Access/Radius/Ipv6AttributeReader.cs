using System.Collections.Immutable;
using System.Net;
using System.Text;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// The attributes of an Access-Accept for IPv6 beyond the prefixes: addresses, name servers, routes to advertise, and pools by name (RFC
/// 3162, RFC 6911). One of a wrong length is left out.
/// </summary>
internal sealed class Ipv6AttributeReader
{
    private const int AddressSize = 16;

    private readonly ImmutableArray<IPAddress>.Builder _addresses = ImmutableArray.CreateBuilder<IPAddress>();
    private readonly ImmutableArray<IPAddress>.Builder _dns = ImmutableArray.CreateBuilder<IPAddress>();
    private readonly ImmutableArray<IPNetwork>.Builder _routes = ImmutableArray.CreateBuilder<IPNetwork>();
    private string? _prefixPool;
    private string? _delegatedPool;
    private string? _addressPool;

    /// <summary>Reads an attribute; false if it is none of these.</summary>
    public bool TryRead(in RadiusAttribute attribute)
    {
        switch (attribute.Type)
        {
            case AttributeType.FramedIpv6Address when attribute.Value.Length == AddressSize:
                _addresses.Add(new IPAddress(attribute.Value));
                return true;
            case AttributeType.DnsServerIpv6Address when attribute.Value.Length == AddressSize:
                _dns.Add(new IPAddress(attribute.Value));
                return true;
            case AttributeType.RouteIpv6Information when PrefixValue.TryRead(attribute.Value, out var route):
                _routes.Add(route);
                return true;
            case AttributeType.FramedIpv6Pool:
                _prefixPool = Encoding.UTF8.GetString(attribute.Value);
                return true;
            case AttributeType.DelegatedIpv6PrefixPool:
                _delegatedPool = Encoding.UTF8.GetString(attribute.Value);
                return true;
            case AttributeType.StatefulIpv6AddressPool:
                _addressPool = Encoding.UTF8.GetString(attribute.Value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What was read, added to an authorisation.</summary>
    public Authorisation Complete(Authorisation read) => read with
    {
        Ipv6Addresses = _addresses.DrainToImmutable(),
        Ipv6Dns = _dns.DrainToImmutable(),
        AdvertisedRoutes = _routes.DrainToImmutable(),
        Ipv6PrefixPool = _prefixPool,
        DelegatedPrefixPool = _delegatedPool,
        Ipv6AddressPool = _addressPool,
    };
}
