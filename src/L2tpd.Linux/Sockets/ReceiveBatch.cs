namespace L2tpd.Linux.Sockets;

/// <summary>Fixed buffers for up to 64 datagrams, filled by one recvmmsg and used again. One thread at a time; any number of sockets in turn.</summary>
public sealed unsafe class ReceiveBatch : IDisposable
{
    /// <summary>Most datagrams a call.</summary>
    public const int MaximumCapacity = 64;

    private ushort localPort;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="capacity">1 to 64.</param>
    /// <param name="bufferSize">Octets of a buffer; a longer datagram is cut and says so.</param>
    public ReceiveBatch(int capacity = MaximumCapacity, int bufferSize = MessageVector.DefaultBufferSize) =>
        Vector = new MessageVector(capacity, bufferSize);

    /// <summary>Most datagrams this batch takes.</summary>
    public int Capacity => Vector.Capacity;

    /// <summary>Octets of a buffer; a longer datagram is cut and says so.</summary>
    public int BufferSize => Vector.BufferSize;

    /// <summary>How many the last receive filled.</summary>
    public int Count { get; private set; }

    internal MessageVector Vector { get; }

    /// <summary>The payload. Valid until the next receive.</summary>
    public ReadOnlySpan<byte> Payload(int index) =>
        Vector.Buffer(Check(index))[..(int)Math.Min(Vector.Headers[index].msg_len, BufferSize)];

    /// <summary>Who sent it.</summary>
    public SockAddr Source(int index) =>
        SockAddr.Read(Vector.Name(Check(index))[..(int)Math.Min(Vector.Headers[index].msg_hdr.msg_namelen, MessageVector.NameSize)]);

    /// <summary>The local address it was sent to (pktinfo) with the socket's port; none if the socket does not ask for it.</summary>
    public SockAddr Destination(int index)
    {
        var destination = Contents(index).Destination;
        return destination.IsNone ? destination : destination.WithPort(localPort);
    }

    /// <summary>The interface it came in on, 0 if unknown.</summary>
    public uint InterfaceIndex(int index) => Contents(index).InterfaceIndex;

    /// <summary>The datagram was longer than the buffer.</summary>
    public bool IsTruncated(int index) => (Vector.Headers[Check(index)].msg_hdr.msg_flags & Interop.LibC.MSG_TRUNC) != 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        Count = 0;
        Vector.Dispose();
    }

    /// <summary>Makes the vector ready for the kernel, which overwrites the lengths.</summary>
    internal void Prepare()
    {
        Count = 0;
        for (var i = 0; i < Capacity; i++)
        {
            ref var header = ref Vector.Headers[i].msg_hdr;
            header.msg_namelen = MessageVector.NameSize;
            header.msg_controllen = MessageVector.ControlSize;
            header.msg_flags = 0;
        }
    }

    internal void Complete(int count, ushort port) => (Count, localPort) = (count, port);

    private ControlMessages.Contents Contents(int index) =>
        ControlMessages.Read(Vector.Control(Check(index))[..(int)Math.Min(Vector.Headers[index].msg_hdr.msg_controllen, MessageVector.ControlSize)]);

    private int Check(int index) =>
        (uint)index < (uint)Count ? index : throw new ArgumentOutOfRangeException(nameof(index));
}
