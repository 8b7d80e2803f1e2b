using L2tpd.Linux;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Sockets;

/// <summary>Socket errors in words, for "last socket error".</summary>
public static class SocketWords
{
    /// <summary>What came off an error queue.</summary>
    public static string Of(in DatagramError error) => error switch
    {
        { IsLocal: true } => $"{error.Peer}: {Errno.Describe(error.Errno)}, found by this host",
        { Reporter.IsNone: false } => $"{error.Peer}: {Errno.Describe(error.Errno)}, told by {error.Reporter.ToIPAddress()} (ICMP type "
            + $"{error.IcmpType} code {error.IcmpCode})",
        _ => $"{error.Peer}: {Errno.Describe(error.Errno)}",
    };

    /// <summary>A datagram that could not be sent.</summary>
    public static string NotSent(in SockAddr destination, int errno) =>
        destination.IsNone ? $"send: {Errno.Describe(errno)}" : $"send to {destination}: {Errno.Describe(errno)}";
}
