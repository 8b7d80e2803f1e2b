using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// Vendors' attributes of an Access-Accept for IPv6, from before there were standard ones (RFC 6911): name servers, prefixes, addresses
/// and pools of Juniper ERX, Nokia, Huawei, MikroTik and Cisco. docs/radius.md has the table.
/// </summary>
internal sealed class Ipv6VendorReader
{
    private const int AddressSize = 16;
    private const byte CiscoAvPair = 1;
    private const string CiscoIpv6 = "ipv6:";

    // Primary, then secondary. Of several vendors the first in this list counts.
    private static readonly (VendorId Vendor, byte Type)[] DnsAttributes =
    [
        (VendorId.Erx, 47), (VendorId.Erx, 48), (VendorId.Nokia, 105), (VendorId.Nokia, 106), (VendorId.Huawei, 154),
    ];

    private readonly List<(int Rank, VendorId Vendor, IPAddress Address)> _dns = [];
    private readonly ImmutableArray<IPAddress>.Builder _addresses = ImmutableArray.CreateBuilder<IPAddress>();
    private readonly ImmutableArray<IPNetwork>.Builder _prefixes = ImmutableArray.CreateBuilder<IPNetwork>();
    private readonly ImmutableArray<IPNetwork>.Builder _delegated = ImmutableArray.CreateBuilder<IPNetwork>();

    /// <summary>Name servers of one vendor, in the order of preference.</summary>
    public ImmutableArray<IPAddress> Dns
    {
        get
        {
            IEnumerable<(int Rank, VendorId Vendor, IPAddress Address)> ordered = _dns.OrderBy(static one => one.Rank);
            return [.. ordered.Where(one => one.Vendor == ordered.First().Vendor).Select(static one => one.Address)];
        }
    }

    /// <summary>Addresses for DHCPv6.</summary>
    public ImmutableArray<IPAddress> Addresses => _addresses.ToImmutable();

    /// <summary>Prefixes for router advertisement.</summary>
    public ImmutableArray<IPNetwork> Prefixes => _prefixes.ToImmutable();

    /// <summary>Prefixes to delegate.</summary>
    public ImmutableArray<IPNetwork> DelegatedPrefixes => _delegated.ToImmutable();

    /// <summary>The pool of prefixes for router advertisement.</summary>
    public string? PrefixPool { get; private set; }

    /// <summary>The pool of prefixes to delegate.</summary>
    public string? DelegatedPool { get; private set; }

    /// <summary>Reads an attribute; any that is not known, or malformed, is left out.</summary>
    public void Read(VendorId vendor, byte type, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;

        var rank = Array.IndexOf(DnsAttributes, (vendor, type));
        if (rank >= 0 && value.Length == AddressSize)
        {
            _dns.Add((rank, vendor, new IPAddress(value)));
            return;
        }

        switch (vendor, type)
        {
            case (VendorId.Erx, 129) when PrefixValue.TryRead(value, out var prefix):
                _prefixes.Add(prefix);
                break;
            case (VendorId.Nokia, 99) or (VendorId.Huawei, 158) when value.Length == AddressSize:
                _addresses.Add(new IPAddress(value));
                break;
            case (VendorId.Erx, 157) or (VendorId.Nokia, 181):
                PrefixPool = Encoding.UTF8.GetString(value);
                break;
            case (VendorId.Erx, 161) or (VendorId.Nokia, 131) or (VendorId.Mikrotik, 22) or (VendorId.Huawei, 191):
                DelegatedPool = Encoding.UTF8.GetString(value);
                break;
            case (VendorId.Cisco, CiscoAvPair):
                ReadPair(Encoding.UTF8.GetString(value));
                break;
        }
    }

    /// <summary><c>ipv6:name[#number]=value</c>; <c>*</c> in the place of <c>=</c> says that it is optional.</summary>
    private void ReadPair(string pair)
    {
        var end = pair.AsSpan().IndexOfAny('=', '*');
        if (end < 0 || !pair.StartsWith(CiscoIpv6, StringComparison.Ordinal))
            return;

        var (name, value) = (pair[CiscoIpv6.Length..end].Split('#')[0], pair[(end + 1)..].Trim());
        switch (name)
        {
            case "prefix" when IsPrefix(value, out var prefix):
                _prefixes.Add(prefix);
                break;
            case "delegated-prefix" when IsPrefix(value, out var delegated):
                _delegated.Add(delegated);
                break;
            case "addr-pool" when value.Length > 0:
                PrefixPool = value;
                break;
        }
    }

    /// <summary>What may follow the prefix in Cisco's form, lifetimes and flags, means nothing here.</summary>
    private static bool IsPrefix(string text, out IPNetwork prefix)
    {
        var words = text.Split(' ', 2);
        var slash = words[0].Split('/');
        prefix = default;
        if (slash.Length != 2 || !IPAddress.TryParse(slash[0], out var address) || address.AddressFamily != AddressFamily.InterNetworkV6
            || !byte.TryParse(slash[1], out var length) || length > 128)
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[PrefixValue.MaxSize];
        (octets[0], octets[1]) = (0, length);
        address.TryWriteBytes(octets[2..], out _);
        return PrefixValue.TryRead(octets, out prefix);
    }
}
