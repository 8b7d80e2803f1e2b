namespace L2tpd.Linux.Netlink;

/// <summary>An AF_NETLINK socket with extended acknowledgements (NETLINK_EXT_ACK, NETLINK_CAP_ACK).</summary>
public sealed class NetlinkSocket : INetlinkTransport
{
    public const int Route = 0;
    public const int Generic = 16;

    private NetlinkSocket() => throw new NotImplementedException();

    /// <summary>Opens one.</summary>
    /// <param name="protocol"><see cref="Route"/> or <see cref="Generic"/>.</param>
    /// <param name="timeout">How long a receive waits (SO_RCVTIMEO); zero: non-blocking socket, for events in a loop.</param>
    /// <param name="socket">The socket.</param>
    public static LinuxError TryOpen(int protocol, TimeSpan timeout, out NetlinkSocket? socket) => throw new NotImplementedException();

    /// <summary>The descriptor, to register with a loop.</summary>
    public FileDescriptor Descriptor => throw new NotImplementedException();

    /// <inheritdoc/>
    public uint PortId => throw new NotImplementedException();

    /// <summary>Joins a multicast group (NETLINK_ADD_MEMBERSHIP).</summary>
    public LinuxError Subscribe(uint group) => throw new NotImplementedException();

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<byte> message) => throw new NotImplementedException();

    /// <inheritdoc/>
    public int Receive(Span<byte> buffer) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
