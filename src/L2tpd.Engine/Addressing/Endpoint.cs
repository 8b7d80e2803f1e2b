using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using L2tpd.Protocol.Data;

namespace L2tpd.Engine.Addressing;

/// <summary>
/// An IP address and UDP port, or an IP address reached by IP protocol 115, as a value: no allocation per datagram. An IPv4 address is kept
/// in the low 32 bits. The same host over UDP and over IP are two endpoints: nothing that is looked up by one is found by the other.
/// </summary>
/// <param name="Address">IPv6: all 128 bits, big-endian order; IPv4: the low 32.</param>
/// <param name="Port">UDP port, 0 when not yet known; over IP always 0.</param>
/// <param name="IsIPv6">The family.</param>
/// <param name="ScopeId">IPv6 scope, for link-local addresses.</param>
/// <param name="Carrier">What lies beneath L2TP.</param>
public readonly record struct Endpoint(UInt128 Address, ushort Port, bool IsIPv6, uint ScopeId = 0, DataCarrier Carrier = DataCarrier.Udp)
{
    /// <summary>
    /// A remote end whose datagrams come out of IPsec, which the socket sees to. The same address in clear text is another endpoint:
    /// nothing that it sends is taken for a message of this one.
    /// </summary>
    public bool IsProtected { get; init; }

    /// <summary>
    /// Mark of the security association that the datagrams came out of, where the listener asks for it; otherwise 0. Two clients behind one
    /// NAT may have the same address and port; their associations have different marks, so that they are two endpoints.
    /// </summary>
    public uint Mark { get; init; }

    /// <summary>Makes one from the framework's type; IPv4-mapped IPv6 addresses become IPv4.</summary>
    public static Endpoint From(IPAddress address, int port)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var written);
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new Endpoint(BinaryPrimitives.ReadUInt128BigEndian(octets), (ushort)port, true, (uint)address.ScopeId)
            : new Endpoint(BinaryPrimitives.ReadUInt32BigEndian(octets[..written]), (ushort)port, false);
    }

    /// <summary>The same by the given carrier; over IP there is no port.</summary>
    public static Endpoint From(IPAddress address, int port, DataCarrier carrier) =>
        carrier == DataCarrier.Ip ? From(address, 0).OverIp : From(address, port);

    /// <summary>True for IP protocol 115.</summary>
    public bool IsOverIp => Carrier == DataCarrier.Ip;

    /// <summary>The same address over IP protocol 115.</summary>
    public Endpoint OverIp => this with { Port = 0, Carrier = DataCarrier.Ip };

    /// <summary>The address alone, as the framework's type.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, Address);
        return IsIPv6 ? new IPAddress(octets, ScopeId) : new IPAddress(octets[12..]);
    }

    /// <summary>The same address with port 0: identifies a host on its carrier.</summary>
    public Endpoint WithoutPort => this with { Port = 0 };

    /// <summary>
    /// What counts as one source: the IPv4 address, or the IPv6 /64, for one host can use all of that. Behind one NAT each mark is one.
    /// </summary>
    public Endpoint SourceNetwork => new(IsIPv6 ? Address >> 64 << 64 : Address, 0, IsIPv6, ScopeId) { Mark = Mark };

    /// <summary>The same address and port, whatever the mark.</summary>
    public Endpoint WithoutMark => this with { Mark = 0 };

    /// <summary>
    /// <c>192.0.2.1:1701</c>, <c>[2001:db8::1]:1701</c>; over IP <c>ip:192.0.2.1</c>, <c>ip:[2001:db8::1]</c>, as in the configuration.
    /// </summary>
    public override string ToString()
    {
        var address = IsIPv6 ? $"[{ToIPAddress()}]" : $"{ToIPAddress()}";
        return IsOverIp ? $"ip:{address}" : $"{address}:{Port}";
    }
}
