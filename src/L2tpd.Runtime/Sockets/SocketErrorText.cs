using L2tpd.Linux;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Sockets;

/// <summary>Texts of socket errors, for "last socket error".</summary>
public static class SocketErrorText
{
    /// <summary>The text of an entry of the error queue.</summary>
    public static string Of(in DatagramError error) => error switch
    {
        { IsLocal: true } => $"{error.Peer}: {Errno.Describe(error.Errno)}, detected by this host",
        { Reporter.IsNone: false } => $"{error.Peer}: {Errno.Describe(error.Errno)}, reported by {error.Reporter.ToIPAddress()} (ICMP type "
            + $"{error.IcmpType} code {error.IcmpCode})",
        _ => $"{error.Peer}: {Errno.Describe(error.Errno)}",
    };

    /// <summary>The text of a failed send.</summary>
    public static string NotSent(in SockAddr destination, int errno) =>
        destination.IsNone ? $"send: {Errno.Describe(errno)}" : $"send to {destination}: {Errno.Describe(errno)}";
}
