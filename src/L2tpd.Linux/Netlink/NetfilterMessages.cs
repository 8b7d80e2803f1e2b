using System.Buffers.Binary;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>What the questions to the subsystems of netfilter have in common (linux/netfilter/nfnetlink.h).</summary>
internal static class NetfilterMessages
{
    /// <summary>Opens a connection to netfilter.</summary>
    /// <param name="connection">The connection, for the caller to dispose of; <c>null</c> with an error.</param>
    public static LinuxError TryConnect(out NetlinkConnection? connection)
    {
        var error = NetlinkSocket.TryOpen(NetlinkSocket.Netfilter, L2tpNetlink.DefaultTimeout, out var socket);
        connection = error.IsNone ? new NetlinkConnection(socket!, L2tpNetlink.DefaultTimeout) : null;
        return error;
    }

    /// <summary>Begins a question to one object.</summary>
    /// <param name="request">The message.</param>
    /// <param name="message">The subsystem and its message.</param>
    /// <param name="family">Of struct nfgenmsg, whose version and resource id are 0.</param>
    public static void Begin(NetlinkWriter request, ushort message, uint family)
    {
        request.Begin(message, Native.NLM_F_ACK);
        request.Put(BitConverter.IsLittleEndian ? family : BinaryPrimitives.ReverseEndianness(family));
    }
}
