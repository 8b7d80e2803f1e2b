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
    private readonly Ipv6VendorReader _vendors = new();
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

    /// <summary>Reads an attribute of a vendor; any that is none of these, or malformed, is left out.</summary>
    public void ReadVendor(VendorId vendor, byte type, ReadOnlySpan<byte> value) => _vendors.Read(vendor, type, value);

    /// <summary>What was read, added to an authorisation. A vendor's attribute counts where the standard one is missing.</summary>
    public Authorisation Complete(Authorisation read) => read with
    {
        Ipv6Addresses = _addresses.Count > 0 ? _addresses.DrainToImmutable() : _vendors.Addresses,
        Ipv6Dns = _dns.Count > 0 ? _dns.DrainToImmutable() : _vendors.Dns,
        AdvertisedRoutes = _routes.DrainToImmutable(),
        Ipv6Prefixes = read.Ipv6Prefixes.IsEmpty ? _vendors.Prefixes : read.Ipv6Prefixes,
        DelegatedPrefixes = read.DelegatedPrefixes.IsEmpty ? _vendors.DelegatedPrefixes : read.DelegatedPrefixes,
        Ipv6PrefixPool = _prefixPool ?? _vendors.PrefixPool,
        DelegatedPrefixPool = _delegatedPool ?? _vendors.DelegatedPool,
        Ipv6AddressPool = _addressPool,
    };
}
