using System.Buffers.Binary;
using System.Net;

namespace L2tpd.Ipv6.Packets;

/// <summary>An IPv6 address as a value type: a key of tables and a field of packets, without an object each.</summary>
/// <param name="Value">The address as a number, the first octet highest; 0 is the unspecified address.</param>
public readonly record struct Ipv6Address(UInt128 Value)
{
    /// <summary>Octets of an address.</summary>
    public const int Size = 16;

    // fe80::/64, the upper half of a link-local address (RFC 4291 section 2.5.6).
    private const ulong LinkLocalPrefix = 0xfe80_0000_0000_0000;

    /// <summary>::</summary>
    public static Ipv6Address Unspecified => default;

    /// <summary>ff02::1</summary>
    public static Ipv6Address AllNodes { get; } = new(new UInt128(0xff02_0000_0000_0000, 1));

    /// <summary>ff02::2</summary>
    public static Ipv6Address AllRouters { get; } = new(new UInt128(0xff02_0000_0000_0000, 2));

    /// <summary>ff02::1:2, all DHCPv6 servers and relay agents (RFC 8415 section 7.1).</summary>
    public static Ipv6Address AllDhcpServers { get; } = new(new UInt128(0xff02_0000_0000_0000, 0x1_0002));

    /// <summary>True for ::</summary>
    public bool IsUnspecified => Value == UInt128.Zero;

    /// <summary>True for fe80::/64.</summary>
    public bool IsLinkLocal => (ulong)(Value >> 64) == LinkLocalPrefix;

    /// <summary>True for ff00::/8.</summary>
    public bool IsMulticast => (byte)(Value >> 120) == 0xff;

    /// <summary>The lower 64 bits.</summary>
    public ulong Identifier => (ulong)Value;

    /// <summary>The multicast group by which a neighbour looks for this address (RFC 4291 section 2.7.1).</summary>
    public Ipv6Address SolicitedNode => new(new UInt128(0xff02_0000_0000_0000, 0x1_ff00_0000 | (Identifier & 0xff_ffff)));

    /// <summary>fe80::/64 with an interface identifier.</summary>
    public static Ipv6Address LinkLocal(ulong identifier) => new(new UInt128(LinkLocalPrefix, identifier));

    /// <summary>Reads the first 16 octets.</summary>
    public static Ipv6Address Read(ReadOnlySpan<byte> octets) => new(BinaryPrimitives.ReadUInt128BigEndian(octets));

    /// <summary>The address as a value.</summary>
    /// <param name="address">An IPv6 address.</param>
    public static Ipv6Address From(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[Size];
        return address.TryWriteBytes(octets, out var length) && length == Size ? Read(octets) : default;
    }

    /// <summary>Writes 16 octets.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>The same address as the framework's type.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[Size];
        Write(octets);
        return new IPAddress(octets);
    }

    public override string ToString() => ToIPAddress().ToString();
}
