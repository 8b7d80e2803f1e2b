using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.Engine.Addressing;

/// <summary>An IP address and UDP port as a value: no allocation a datagram. An IPv4 address is kept in the low 32 bits.</summary>
/// <param name="Address">IPv6: all 128 bits, big-endian order; IPv4: the low 32.</param>
/// <param name="Port">UDP port, 0 when not yet known.</param>
/// <param name="IsIPv6">The family.</param>
/// <param name="ScopeId">IPv6 scope, for link-local addresses.</param>
public readonly record struct Endpoint(UInt128 Address, ushort Port, bool IsIPv6, uint ScopeId = 0)
{
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

    /// <summary>The address alone, as the framework's type.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, Address);
        return IsIPv6 ? new IPAddress(octets, ScopeId) : new IPAddress(octets[12..]);
    }

    /// <summary>The same address with port 0: identifies a host.</summary>
    public Endpoint WithoutPort => this with { Port = 0 };

    /// <summary>What counts as one source: the IPv4 address, or the IPv6 /64, for one host can use all of that.</summary>
    public Endpoint SourceNetwork => IsIPv6 ? this with { Address = Address >> 64 << 64, Port = 0 } : WithoutPort;

    public override string ToString() => IsIPv6 ? $"[{ToIPAddress()}]:{Port}" : $"{ToIPAddress()}:{Port}";
}
