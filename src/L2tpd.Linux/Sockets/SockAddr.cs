using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// A sockaddr_in or sockaddr_in6 as a value of 28 octets, in the kernel's layout: no allocation a datagram.
/// The default value is "no address".
/// </summary>
public struct SockAddr : IEquatable<SockAddr>
{
    /// <summary>Size of the largest form, sockaddr_in6.</summary>
    public const int Size = 28;

    [InlineArray(Size)]
    private struct Octets
    {
        private byte first;
    }

    private Octets octets;

    /// <summary>No address.</summary>
    public static SockAddr None => default;

    /// <summary>An IPv4 address, given as a number (127.0.0.1 = 0x7f000001), and a port.</summary>
    public static SockAddr IPv4(uint address, ushort port) => throw new NotImplementedException();

    /// <summary>An IPv6 address in big-endian order as a number (::1 = 1), port and scope (interface index for link-local).</summary>
    public static SockAddr IPv6(UInt128 address, ushort port, uint scopeId = 0) => throw new NotImplementedException();

    /// <summary>From the framework's type; IPv4-mapped IPv6 addresses become IPv4.</summary>
    public static SockAddr From(IPAddress address, int port) => throw new NotImplementedException();

    /// <summary>The wildcard of a family.</summary>
    public static SockAddr Any(bool ipv6, ushort port) => ipv6 ? IPv6(0, port) : IPv4(0, port);

    /// <summary>Reads a sockaddr as the kernel wrote it; anything but AF_INET and AF_INET6, or too short, gives <see cref="None"/>.</summary>
    public static SockAddr Read(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>AF_UNSPEC 0, AF_INET 2, AF_INET6 10.</summary>
    public readonly int Family => throw new NotImplementedException();

    /// <summary>True for the default value.</summary>
    public readonly bool IsNone => Family == 0;

    /// <summary>True for AF_INET6.</summary>
    public readonly bool IsIPv6 => throw new NotImplementedException();

    /// <summary>Octets of the kernel's structure: 16, 28, or 0 for none.</summary>
    public readonly int Length => throw new NotImplementedException();

    /// <summary>UDP port.</summary>
    public readonly ushort Port => throw new NotImplementedException();

    /// <summary>IPv6: all 128 bits; IPv4: the low 32. As Engine's Endpoint keeps it.</summary>
    public readonly UInt128 Address => throw new NotImplementedException();

    /// <summary>IPv6 scope id, 0 otherwise.</summary>
    public readonly uint ScopeId => throw new NotImplementedException();

    /// <summary>True for 0.0.0.0 and ::.</summary>
    public readonly bool IsWildcard => !IsNone && Address == UInt128.Zero;

    /// <summary>The kernel's bytes, <see cref="Length"/> of them.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => throw new NotImplementedException();

    /// <summary>The same address with another port.</summary>
    public readonly SockAddr WithPort(ushort port) => throw new NotImplementedException();

    /// <summary>The address as the framework's type.</summary>
    public readonly IPAddress ToIPAddress() => throw new NotImplementedException();

    /// <inheritdoc/>
    public readonly bool Equals(SockAddr other) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is SockAddr other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => throw new NotImplementedException();

    /// <summary>Equality of all octets.</summary>
    public static bool operator ==(SockAddr left, SockAddr right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(SockAddr left, SockAddr right) => !left.Equals(right);

    /// <summary><c>192.0.2.1:1701</c>, <c>[fe80::1%2]:1701</c>, or <c>none</c>.</summary>
    public override readonly string ToString() => throw new NotImplementedException();
}
