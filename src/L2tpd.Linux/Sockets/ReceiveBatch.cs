namespace L2tpd.Linux.Sockets;

/// <summary>Pinned buffers for up to 64 datagrams of up to 2,048 octets, filled by one recvmmsg and used again. One thread at a time; any number of sockets in turn.</summary>
public sealed class ReceiveBatch : IDisposable
{
    /// <summary>Most datagrams a call.</summary>
    public const int MaximumCapacity = 64;

    /// <summary>Octets of a buffer; a longer datagram is cut and says so.</summary>
    public const int BufferSize = 2048;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="capacity">1 to 64.</param>
    public ReceiveBatch(int capacity = MaximumCapacity) => throw new NotImplementedException();

    /// <summary>Most datagrams this batch takes.</summary>
    public int Capacity => throw new NotImplementedException();

    /// <summary>How many the last receive filled.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>The payload. Valid until the next receive.</summary>
    public ReadOnlySpan<byte> Payload(int index) => throw new NotImplementedException();

    /// <summary>Who sent it.</summary>
    public SockAddr Source(int index) => throw new NotImplementedException();

    /// <summary>The local address it was sent to (pktinfo) with the socket's port; none if the socket does not ask for it.</summary>
    public SockAddr Destination(int index) => throw new NotImplementedException();

    /// <summary>The interface it came in on, 0 if unknown.</summary>
    public uint InterfaceIndex(int index) => throw new NotImplementedException();

    /// <summary>The datagram was longer than the buffer.</summary>
    public bool IsTruncated(int index) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
