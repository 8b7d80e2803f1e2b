using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.Linux.Netlink;

/// <summary>A UDP connection of the kernel's connection tracking, as its first packet had it.</summary>
/// <param name="SourcePort">The source port before it was translated.</param>
/// <param name="Mark">The connection's mark; 0: none.</param>
public readonly record struct ConntrackEntry(ushort SourcePort, uint Mark);

/// <summary>Asks the kernel's connection tracking (linux/netfilter/nfnetlink_conntrack.h). Needs CAP_NET_ADMIN.</summary>
public static class Conntrack
{
    // NFNL_SUBSYS_CTNETLINK and IPCTNL_MSG_CT_GET.
    private const ushort GetEntry = (1 << 8) | 1;

    // CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, CTA_MARK.
    private const ushort OriginalTuple = 1, ReplyTuple = 2, MarkAttribute = 8;

    // CTA_TUPLE_IP with CTA_IP_V4_SRC and _DST, CTA_TUPLE_PROTO with CTA_PROTO_NUM, _SRC_PORT and _DST_PORT.
    private const ushort Addresses = 1, SourceAddress = 1, DestinationAddress = 2;
    private const ushort Protocol = 2, Number = 1, SourcePort = 2, DestinationPort = 3;

    private const byte Udp = 17;

    private const uint Inet = (uint)AddressFamily.InterNetwork;

    /// <summary>Finds the connection whose answers go from <paramref name="local"/> to <paramref name="peer"/>. The kernel answers at once.
    /// </summary>
    /// <param name="local">Our IPv4 address and port.</param>
    /// <param name="peer">The peer's, with the port that the source port was translated to.</param>
    /// <param name="entry">The connection. ENOENT: there is none.</param>
    public static LinuxError TryFind(IPEndPoint local, IPEndPoint peer, out ConntrackEntry entry)
    {
        entry = default;
        if (local.AddressFamily != AddressFamily.InterNetwork || peer.AddressFamily != AddressFamily.InterNetwork)
            return new LinuxError(Errno.EAFNOSUPPORT, "IPCTNL_MSG_CT_GET", peer.ToString());
        var error = NetfilterMessages.TryConnect(out var connection);
        if (!error.IsNone)
            return error;
        using (connection)
            return Find(connection!, local, peer, out entry);
    }

    internal static LinuxError Find(NetlinkConnection connection, IPEndPoint local, IPEndPoint peer, out ConntrackEntry entry)
    {
        var request = connection.Request;
        NetfilterMessages.Begin(request, GetEntry, Inet);
        using (request.Nest(ReplyTuple))
        {
            using (request.Nest(Addresses))
            {
                request.Put(SourceAddress, local.Address.GetAddressBytes());
                request.Put(DestinationAddress, peer.Address.GetAddressBytes());
            }

            using (request.Nest(Protocol))
            {
                request.Put(Number, Udp);
                request.Put(SourcePort, PortOctets(local.Port));
                request.Put(DestinationPort, PortOctets(peer.Port));
            }
        }

        var found = default(ConntrackEntry);
        var error = connection.Execute("IPCTNL_MSG_CT_GET", peer.ToString(), payload => found = Read(payload));
        entry = found;
        return error;
    }

    private static byte[] PortOctets(int port)
    {
        var octets = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(octets, (ushort)port);
        return octets;
    }

    private static ConntrackEntry Read(ReadOnlySpan<byte> payload)
    {
        var entry = default(ConntrackEntry);
        if (payload.Length < sizeof(uint))
            return entry;
        foreach (var attribute in new NetlinkAttributes(payload[sizeof(uint)..]))
        {
            if (attribute.Type == MarkAttribute && attribute.Payload.Length == sizeof(uint))
                entry = entry with { Mark = BinaryPrimitives.ReadUInt32BigEndian(attribute.Payload) };
            else if (attribute.Type == OriginalTuple)
                entry = entry with { SourcePort = SourcePortOf(attribute.Nested) };
        }

        return entry;
    }

    private static ushort SourcePortOf(NetlinkAttributes tuple)
    {
        foreach (var part in tuple)
        {
            if (part.Type != Protocol)
                continue;
            foreach (var value in part.Nested)
            {
                if (value.Type == SourcePort && value.Payload.Length == sizeof(ushort))
                    return BinaryPrimitives.ReadUInt16BigEndian(value.Payload);
            }
        }

        return 0;
    }
}
