using System.Buffers.Binary;
using L2tpd.Engine.Addressing;
using L2tpd.Ppp.Data;

namespace L2tpd.PppHosting.Userspace;

/// <summary>Recognises a tunnel's own packets. They must not be sent through the tunnel: each would cause another one.</summary>
internal static class TunnelPacket
{
    private const byte Udp = 17;
    private const byte L2tp = 115;
    private const int Ipv6Header = 40;

    /// <summary>Whether the packet carries L2TP to that end of a tunnel, or may: a later fragment has no ports.</summary>
    public static bool IsTo(ReadOnlySpan<byte> packet, in Endpoint end) => IpAddresses.VersionOf(packet) switch
    {
        4 => !end.IsIPv6
            && BinaryPrimitives.ReadUInt32BigEndian(packet[16..]) == (uint)end.Address
            && IsTransport(packet, packet[9], (packet[0] & 0x0f) * 4, end),
        6 => end.IsIPv6
            && BinaryPrimitives.ReadUInt128BigEndian(packet[24..]) == end.Address && IsTransport(packet, packet[6], Ipv6Header, end),
        _ => false,
    };

    private static bool IsTransport(ReadOnlySpan<byte> packet, byte protocol, int header, in Endpoint end)
    {
        if (end.IsOverIp)
            return protocol == L2tp;
        if (protocol != Udp)
            return false;
        var isLaterFragment = packet[0] >> 4 == 4 && (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1fff) != 0;
        return isLaterFragment || packet.Length < header + 4 || BinaryPrimitives.ReadUInt16BigEndian(packet[(header + 2)..]) == end.Port;
    }
}
