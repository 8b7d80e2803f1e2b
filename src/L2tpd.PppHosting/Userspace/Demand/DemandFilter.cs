using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using L2tpd.Ppp.Data;

namespace L2tpd.PppHosting.Userspace.Demand;

/// <summary>
/// Which packets of the system dial a session, and keep it up. Multicast and link-local packets do not: the system sends them by itself on
/// every interface (MLD, router solicitations, mDNS). Reads any octets without throwing.
/// </summary>
public static class DemandFilter
{
    private const uint Broadcast = 0xffff_ffff;
    private const uint LinkLocal4 = 0xa9fe_0000;
    private const ushort LinkLocal6 = 0xfe80;

    /// <summary>Whether a packet is for a host behind the session.</summary>
    public static bool Dials(ReadOnlySpan<byte> packet) => IpAddresses.VersionOf(packet) switch
    {
        4 => IsHost(IpAddresses.Destination4(packet).Value),
        // ff00::/8, fe80::/10, and no address at all.
        6 => packet[24] != 0xff && (BinaryPrimitives.ReadUInt16BigEndian(packet[24..]) & 0xffc0) != LinkLocal6
            && packet[24..40].IndexOfAnyExcept((byte)0) >= 0,
        _ => false,
    };

    /// <summary>Whether a packet is for one of these addresses.</summary>
    public static bool IsFor(ReadOnlySpan<byte> packet, IReadOnlyList<IPAddress> addresses)
    {
        Span<byte> octets = stackalloc byte[16];
        if (IpAddresses.VersionOf(packet) is not (not 0 and var version))
            return false;
        // No enumerator: this is asked for each packet.
        for (var i = 0; i < addresses.Count; i++)
        {
            var address = addresses[i];
            if ((address.AddressFamily == AddressFamily.InterNetworkV6) != (version == 6) || !address.TryWriteBytes(octets, out var length))
                continue;
            if (packet.Slice(version == 4 ? 16 : 24, length).SequenceEqual(octets[..length]))
                return true;
        }

        return false;
    }

    // 224.0.0.0/4 and 240.0.0.0/4 are no hosts.
    private static bool IsHost(uint address) =>
        address != 0 && address < 0xe000_0000 && address != Broadcast && (address & 0xffff_0000) != LinkLocal4;
}
