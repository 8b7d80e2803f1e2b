using System.Buffers.Binary;
using System.Net;
using L2tpd.Radius.Wire;

namespace L2tpd.Radius.DynamicAuthorization;

/// <summary>Where a datagram came from, as numbers, so that a flood allocates nothing.</summary>
/// <param name="Address">IPv6, or IPv4 as ::ffff:a.b.c.d.</param>
/// <param name="Port">The UDP port.</param>
public readonly record struct RequestSource(UInt128 Address, ushort Port)
{
    private static readonly UInt128 Mapped = new(0, 0xffff_0000_0000);

    /// <summary>From an IPv4 address as a number.</summary>
    public static RequestSource OfIpv4(uint address, ushort port) => new(Mapped | address, port);

    /// <summary>From an address of either family.</summary>
    public static RequestSource Of(IPAddress address, ushort port)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var written);
        return written == 4
            ? OfIpv4(BinaryPrimitives.ReadUInt32BigEndian(octets), port)
            : new RequestSource(BinaryPrimitives.ReadUInt128BigEndian(octets), port);
    }
}

/// <summary>What makes two datagrams the same request: source, code, identifier and Request Authenticator.</summary>
internal readonly record struct DynamicRequestKey(RequestSource Source, RadiusCode Code, byte Identifier, UInt128 Authenticator)
{
    public static DynamicRequestKey Of(in RequestSource source, in RadiusPacket packet) =>
        new(source, packet.Code, packet.Identifier, BinaryPrimitives.ReadUInt128BigEndian(packet.Authenticator));
}

/// <summary>A CoA- or Disconnect-Request of a listed client, verified.</summary>
public sealed class DynamicRequest
{
    private byte[] _octets;

    internal DynamicRequest(DynamicAuthorizationClient client, DynamicRequestKey key, in RadiusPacket packet, long received)
    {
        (Client, Key, Received) = (client, key, received);
        _octets = packet.Octets.ToArray();
    }

    /// <summary>Who sent it.</summary>
    public DynamicAuthorizationClient Client { get; }

    /// <summary>The request; empty after it was answered.</summary>
    public RadiusPacket Packet => RadiusPacket.TryParse(_octets, out var packet) == RadiusDecodeError.None ? packet : default;

    internal DynamicRequestKey Key { get; }

    internal long Received { get; }

    /// <summary>The answer; empty before it is made.</summary>
    internal ReadOnlyMemory<byte> Reply { get; private set; }

    internal void Complete(byte[] reply)
    {
        Reply = reply;
        _octets = [];
    }
}
