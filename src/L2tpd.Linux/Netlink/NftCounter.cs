using System.Buffers.Binary;

namespace L2tpd.Linux.Netlink;

/// <summary>Reads a named counter of nftables (linux/netfilter/nf_tables.h). Needs CAP_NET_ADMIN.</summary>
public static class NftCounter
{
    // NFNL_SUBSYS_NFTABLES and NFT_MSG_GETOBJ; the answer is NFT_MSG_NEWOBJ.
    private const ushort GetObject = (10 << 8) | 19;

    // NFTA_OBJ_TABLE, NFTA_OBJ_NAME, NFTA_OBJ_TYPE, NFTA_OBJ_DATA; NFTA_COUNTER_PACKETS.
    private const ushort TableAttribute = 1, NameAttribute = 2, TypeAttribute = 3, DataAttribute = 4, PacketsAttribute = 2;

    private const uint CounterType = 1;

    // NFPROTO_INET.
    private const uint InetFamily = 1;

    /// <summary>Reads the counter of a table of the family inet. Does not wait: the kernel answers at once.</summary>
    /// <param name="table">The table's name.</param>
    /// <param name="name">The counter's name.</param>
    /// <param name="packets">Packets counted. ENOENT: there is no such counter.</param>
    public static LinuxError TryRead(string table, string name, out long packets)
    {
        packets = 0;
        var error = NetfilterMessages.TryConnect(out var connection);
        if (!error.IsNone)
            return error;
        using (connection)
            return Read(connection!, table, name, out packets);
    }

    internal static LinuxError Read(NetlinkConnection connection, string table, string name, out long packets)
    {
        var request = connection.Request;
        NetfilterMessages.Begin(request, GetObject, InetFamily);
        request.Put(TableAttribute, table);
        request.Put(NameAttribute, name);
        request.Put(TypeAttribute, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(CounterType) : CounterType);
        var read = 0L;
        var error = connection.Execute("NFT_MSG_GETOBJ", $"{table} {name}", payload => read = PacketsOf(payload));
        packets = read;
        return error;
    }

    private static long PacketsOf(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < sizeof(uint))
            return 0;
        foreach (var attribute in new NetlinkAttributes(payload[sizeof(uint)..]))
        {
            if (attribute.Type != DataAttribute)
                continue;
            foreach (var value in attribute.Nested)
            {
                if (value.Type == PacketsAttribute && value.Payload.Length == sizeof(ulong))
                    return (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(value.Payload), long.MaxValue);
            }
        }

        return 0;
    }
}
