using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// A sockaddr_in or sockaddr_in6 as a value of 28 octets, in the kernel's layout. No allocation per datagram. The default value is "no
/// address".
/// </summary>
public struct SockAddr : IEquatable<SockAddr>
{
    /// <summary>Size of the largest form, sockaddr_in6.</summary>
    public const int Size = 28;

    private const int SizeIPv4 = 16;
    private const int PortOffset = 2;
    private const int IPv4Offset = 4;
    private const int IPv6Offset = 8;
    private const int ScopeOffset = 24;

    [InlineArray(Size)]
    private struct Octets
    {
        private byte _first;
    }

    private Octets _octets;

    /// <summary>No address.</summary>
    public static SockAddr None => default;

    /// <summary>An IPv4 address, given as a number (127.0.0.1 = 0x7f000001), and a port.</summary>
    public static SockAddr IPv4(uint address, ushort port)
    {
        var result = default(SockAddr);
        Span<byte> bytes = result._octets;
        MemoryMarshal.Write(bytes, (ushort)LibC.AF_INET);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortOffset..], port);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[IPv4Offset..], address);
        return result;
    }

    /// <summary>An IPv6 address as a number (::1 = 1), a port and a scope (interface index for link-local addresses).</summary>
    public static SockAddr IPv6(UInt128 address, ushort port, uint scopeId = 0)
    {
        var result = default(SockAddr);
        Span<byte> bytes = result._octets;
        MemoryMarshal.Write(bytes, (ushort)LibC.AF_INET6);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortOffset..], port);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[IPv6Offset..], address);
        MemoryMarshal.Write(bytes[ScopeOffset..], scopeId);
        return result;
    }

    /// <summary>From the type of .NET. IPv4-mapped IPv6 addresses become IPv4.</summary>
    public static SockAddr From(IPAddress address, int port)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var written);
        return written == 4
            ? IPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), (ushort)port)
            : IPv6(BinaryPrimitives.ReadUInt128BigEndian(bytes), (ushort)port, (uint)address.ScopeId);
    }

    /// <summary>The wildcard of a family.</summary>
    public static SockAddr Any(bool ipv6, ushort port) => ipv6 ? IPv6(0, port) : IPv4(0, port);

    /// <summary>
    /// Reads a sockaddr as the kernel wrote it. If it is too short or of another family than AF_INET and AF_INET6: <see cref="None"/>.
    /// </summary>
    public static SockAddr Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SizeIPv4)
            return None;
        var length = SizeOf(MemoryMarshal.Read<ushort>(bytes));
        if (length == 0 || bytes.Length < length)
            return None;
        var result = default(SockAddr);
        Span<byte> to = result._octets;
        bytes[..length].CopyTo(to);
        // The kernel does not promise that sin_zero is zero (sockaddr_l2tpip has its connection id there), and a flow label does not name a
        // peer. Equality must see neither.
        if (length == SizeIPv4)
            to[IPv6Offset..].Clear();
        else
            to[IPv4Offset..IPv6Offset].Clear();
        return result;
    }

    /// <summary>AF_UNSPEC 0, AF_INET 2, AF_INET6 10.</summary>
    public readonly int Family => MemoryMarshal.Read<ushort>(_octets);

    /// <summary>Whether this is the default value.</summary>
    public readonly bool IsNone => Family == 0;

    /// <summary>Whether the family is AF_INET6.</summary>
    public readonly bool IsIPv6 => Family == LibC.AF_INET6;

    /// <summary>Octets of the kernel's structure: 16, 28, or 0 for none.</summary>
    public readonly int Length => SizeOf(Family);

    /// <summary>The UDP port.</summary>
    public readonly ushort Port => BinaryPrimitives.ReadUInt16BigEndian(((ReadOnlySpan<byte>)_octets)[PortOffset..]);

    /// <summary>IPv6: all 128 bits; IPv4: the low 32 bits.</summary>
    public readonly UInt128 Address => IsIPv6
        ? BinaryPrimitives.ReadUInt128BigEndian(((ReadOnlySpan<byte>)_octets)[IPv6Offset..])
        : BinaryPrimitives.ReadUInt32BigEndian(((ReadOnlySpan<byte>)_octets)[IPv4Offset..]);

    /// <summary>The IPv6 scope id; 0 for IPv4.</summary>
    public readonly uint ScopeId => IsIPv6 ? MemoryMarshal.Read<uint>(((ReadOnlySpan<byte>)_octets)[ScopeOffset..]) : 0;

    /// <summary>Whether this is 0.0.0.0 or ::.</summary>
    public readonly bool IsWildcard => !IsNone && Address == UInt128.Zero;

    /// <summary>Whether the address is in fe80::/10, which needs a scope.</summary>
    public readonly bool IsLinkLocalIPv6 => IsIPv6 && (Address >> 118) == 0x3fa;

    /// <summary>The kernel's structure, <see cref="Length"/> octets.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_octets)[..Length];

    /// <summary>The same address with another port.</summary>
    public readonly SockAddr WithPort(ushort port)
    {
        var result = this;
        BinaryPrimitives.WriteUInt16BigEndian(((Span<byte>)result._octets)[PortOffset..], port);
        return result;
    }

    /// <summary>The address as the type of .NET; <see cref="IPAddress.None"/> for none.</summary>
    public readonly IPAddress ToIPAddress() => Length switch
    {
        SizeIPv4 => new IPAddress(((ReadOnlySpan<byte>)_octets).Slice(IPv4Offset, 4)),
        Size => new IPAddress(((ReadOnlySpan<byte>)_octets).Slice(IPv6Offset, 16), ScopeId),
        _ => IPAddress.None,
    };

    /// <inheritdoc/>
    public readonly bool Equals(SockAddr other) => ((ReadOnlySpan<byte>)_octets).SequenceEqual(other._octets);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is SockAddr other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Address, Port, ScopeId, Family);

    /// <summary>Equality of all octets.</summary>
    public static bool operator ==(SockAddr left, SockAddr right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(SockAddr left, SockAddr right) => !left.Equals(right);

    /// <summary><c>192.0.2.1:1701</c>, <c>[fe80::1%2]:1701</c>, or <c>none</c>.</summary>
    public override readonly string ToString() =>
        IsNone ? "none" : string.Create(CultureInfo.InvariantCulture, $"{(IsIPv6 ? "[" : "")}{ToIPAddress()}{(IsIPv6 ? "]" : "")}:{Port}");

    /// <summary>Octets of the kernel's structure for a family, 0 for a family that is neither IPv4 nor IPv6.</summary>
    private static int SizeOf(int family) => family == LibC.AF_INET ? SizeIPv4 : family == LibC.AF_INET6 ? Size : 0;
}
