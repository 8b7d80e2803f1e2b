using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using System.Text;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// What the user may have, from the attributes of an Access-Accept (docs/radius.md has the table). An attribute whose length or value is
/// wrong is left out, as RFC 2865 section 5 permits for what is not supported.
/// </summary>
internal sealed class AuthorisationReader
{
    private const uint PeerChooses = 0xffff_ffff;
    private const uint FromPool = 0xffff_fffe;
    private const uint LeastInterim = 60;
    private const int LeastMtu = 576;

    // Termination-Action RADIUS-Request (RFC 2865 section 5.29).
    private const uint RadiusRequest = 1;

    // DNS and NBNS in the order of preference: Microsoft, Juniper ERX, Ascend, Nokia, Huawei.
    private static readonly (VendorId Vendor, byte Primary, byte Secondary)[] DnsAttributes =
    [
        (VendorId.Microsoft, 28, 29), (VendorId.Erx, 4, 5), (VendorId.Ascend, 135, 136), (VendorId.Nokia, 9, 10),
        (VendorId.Huawei, 135, 136),
    ];

    private readonly Dictionary<(VendorId Vendor, byte Type), Ipv4Address> _servers = [];
    private readonly ImmutableArray<ImmutableArray<byte>>.Builder _class = ImmutableArray.CreateBuilder<ImmutableArray<byte>>();
    private readonly ImmutableArray<string>.Builder _filters = ImmutableArray.CreateBuilder<string>();
    private readonly ImmutableArray<FramedRoute>.Builder _routes = ImmutableArray.CreateBuilder<FramedRoute>();
    private readonly Ipv6AttributeReader _ipv6 = new();
    private readonly ImmutableArray<IPNetwork>.Builder _prefixes = ImmutableArray.CreateBuilder<IPNetwork>();
    private readonly ImmutableArray<IPNetwork>.Builder _delegated = ImmutableArray.CreateBuilder<IPNetwork>();
    private readonly RateReader _rates = new();
    private Authorisation _read = new() { AuthenticatedBy = AuthenticationSource.Radius };

    /// <summary>Reads a verified Access-Accept.</summary>
    public static Authorisation Read(in RadiusPacket accept)
    {
        var reader = new AuthorisationReader();
        foreach (var attribute in accept.Attributes)
        {
            if (attribute.Value.IsEmpty || reader._rates.TryTake(attribute))
                continue;

            if (attribute.Type == AttributeType.VendorSpecific)
                reader.ReadVendor(attribute.Value);
            else if (!reader.ReadList(attribute))
                reader.ReadValue(attribute);
        }

        return reader.Complete();
    }

    private Authorisation Complete() => _ipv6.Complete(_read with
    {
        Ipv6Prefixes = _prefixes.DrainToImmutable(),
        DelegatedPrefixes = _delegated.DrainToImmutable(),
    }) with
    {
        Class = _class.DrainToImmutable(),
        Filters = _filters.DrainToImmutable(),
        Routes = _routes.DrainToImmutable(),
        RateFromPeer = _rates.FromPeer,
        RateToPeer = _rates.ToPeer,
        RateProblems = _rates.Problems,
        PrimaryDns = ServerOf(static dns => dns.Primary),
        SecondaryDns = ServerOf(static dns => dns.Secondary),
        PrimaryNbns = _servers.GetValueOrDefault((VendorId.Microsoft, (byte)30)),
        SecondaryNbns = _servers.GetValueOrDefault((VendorId.Microsoft, (byte)31)),
    };

    private Ipv4Address ServerOf(Func<(VendorId Vendor, byte Primary, byte Secondary), byte> type)
    {
        foreach (var dns in DnsAttributes)
        {
            if (_servers.TryGetValue((dns.Vendor, type(dns)), out var server))
                return server;
        }

        return default;
    }

    private bool ReadList(in RadiusAttribute attribute)
    {
        switch (attribute.Type)
        {
            case AttributeType.Class:
                _class.Add([.. attribute.Value]);
                return true;
            case AttributeType.FilterId:
                _filters.Add(Encoding.UTF8.GetString(attribute.Value));
                return true;
            case AttributeType.FramedRoute when FramedRouteText.Parse(Encoding.UTF8.GetString(attribute.Value)) is { } route:
                _routes.Add(route);
                return true;
            case AttributeType.FramedIpv6Route when FramedRouteText.ParseIpv6(Encoding.UTF8.GetString(attribute.Value)) is { } route:
                _routes.Add(route);
                return true;
            case AttributeType.State:
                _read = _read with { State = [.. attribute.Value] };
                return true;
            case AttributeType.FramedIpv6Prefix when PrefixValue.TryRead(attribute.Value, out var prefix):
                _prefixes.Add(prefix);
                return true;
            case AttributeType.DelegatedIpv6Prefix when PrefixValue.TryRead(attribute.Value, out var prefix):
                _delegated.Add(prefix);
                return true;
            case AttributeType.ChargeableUserIdentity:
                _read = _read with { ChargeableUserIdentity = [.. attribute.Value] };
                return true;
            case AttributeType.FramedPool:
                _read = _read with { Pool = Encoding.UTF8.GetString(attribute.Value) };
                return true;
            case AttributeType.FramedInterfaceId when attribute.Value.Length == 8:
                _read = _read with { PeerInterfaceIdentifier = BinaryPrimitives.ReadUInt64BigEndian(attribute.Value) };
                return true;
            default:
                return _ipv6.TryRead(attribute);
        }
    }

    private void ReadValue(in RadiusAttribute attribute)
    {
        if (attribute.Value.Length != 4)
            return;

        var value = BinaryPrimitives.ReadUInt32BigEndian(attribute.Value);
        _read = attribute.Type switch
        {
            AttributeType.FramedIpAddress => WithAddress(value),
            AttributeType.FramedIpNetmask when IsMask(value) => _read with { PrefixLength = BitOperations.PopCount(value) },
            AttributeType.FramedMtu when value is >= LeastMtu and <= ushort.MaxValue => _read with { Mtu = (ushort)value },
            AttributeType.SessionTimeout => _read with { SessionTimeout = value * 1_000L },
            AttributeType.IdleTimeout => _read with { IdleTimeout = value * 1_000L },
            AttributeType.AcctInterimInterval when value > 0 =>
                _read with { InterimInterval = Math.Max(value, LeastInterim) * 1_000L },
            AttributeType.PortLimit => _read with { PortLimit = value },
            AttributeType.TerminationAction => _read with { ReauthenticateAtTimeout = value == RadiusRequest },
            _ => _read,
        };
    }

    private Authorisation WithAddress(uint value) => value switch
    {
        PeerChooses => _read with { AddressSource = AddressSource.PeerChooses },
        FromPool => _read with { AddressSource = AddressSource.Pool },
        _ => _read with { AddressSource = AddressSource.Fixed, Address = new Ipv4Address(value) },
    };

    private void ReadVendor(ReadOnlySpan<byte> value)
    {
        if (!VendorAttributes.TryRead(value, out var attributes))
            return;

        foreach (var attribute in attributes)
        {
            if (attribute.Value.Length == 4 && IsNameServer(attributes.Vendor, (byte)attribute.Type))
            {
                _servers[(attributes.Vendor, (byte)attribute.Type)] =
                    new Ipv4Address(BinaryPrimitives.ReadUInt32BigEndian(attribute.Value));
            }
            else
            {
                _ipv6.ReadVendor(attributes.Vendor, (byte)attribute.Type, attribute.Value);
            }
        }
    }

    private static bool IsNameServer(VendorId vendor, byte type) => vendor == VendorId.Microsoft ? type is >= 28 and <= 31
        : Array.Exists(DnsAttributes, dns => dns.Vendor == vendor && (dns.Primary == type || dns.Secondary == type));

    private static bool IsMask(uint value) => value != 0 && (~value & (~value + 1)) == 0;
}
