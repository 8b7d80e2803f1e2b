using System.Buffers.Binary;

namespace L2tpd.Linux.Netlink;

/// <summary>Reads named counters of nftables (linux/netfilter/nf_tables.h). Needs CAP_NET_ADMIN.</summary>
public static class NftCounter
{
    // NFNL_SUBSYS_NFTABLES and NFT_MSG_GETOBJ; the answer is NFT_MSG_NEWOBJ.
    private const ushort GetObject = (10 << 8) | 19;

    // NFTA_OBJ_TABLE, NFTA_OBJ_NAME, NFTA_OBJ_TYPE, NFTA_OBJ_DATA; NFTA_COUNTER_PACKETS.
    private const ushort TableAttribute = 1, NameAttribute = 2, TypeAttribute = 3, DataAttribute = 4, PacketsAttribute = 2;

    private const uint CounterType = 1;

    // NFPROTO_INET.
    private const uint InetFamily = 1;

    /// <summary>Reads counters of a table of the family inet. Does not wait: the kernel answers at once.</summary>
    /// <param name="table">The table's name.</param>
    /// <param name="names">The counters' names.</param>
    /// <param name="packets">Takes the packets that each of them counted, in the order of the names.</param>
    /// <returns>ENOENT: there is no such table, or not one of the counters. What was not read is 0.</returns>
    public static LinuxError TryRead(string table, ReadOnlySpan<string> names, Span<long> packets)
    {
        packets.Clear();
        var error = NetfilterMessages.TryConnect(out var connection);
        if (!error.IsNone)
            return error;
        using (connection)
        {
            for (var i = 0; i < names.Length && error.IsNone; i++)
                error = Read(connection!, table, names[i], out packets[i]);
        }

        return error;
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
