using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// Fixed buffers for up to 64 messages, filled by one recvmmsg and reused. A message is a datagram, or a run of datagrams that the kernel
/// has joined (<see cref="DatagramSocket.JoinDatagrams"/>), which this class splits again. One thread at a time; any number of sockets in
/// turn.
/// </summary>
public sealed unsafe class ReceiveBatch : IDisposable
{
    /// <summary>Most messages per call.</summary>
    public const int MaximumCapacity = 64;

    /// <summary>A buffer size that no message exceeds, octets.</summary>
    public const int LongestMessage = 65_536;

    private ushort _localPort;
    private Part[] _parts;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="capacity">1 to 64.</param>
    /// <param name="bufferSize">Octets of a buffer. A longer message is cut and marked.</param>
    public ReceiveBatch(int capacity = MaximumCapacity, int bufferSize = MessageVector.DefaultBufferSize)
    {
        Vector = new MessageVector(capacity, bufferSize);
        _parts = new Part[capacity];
    }

    /// <summary>Most messages of this batch.</summary>
    public int Capacity => Vector.Capacity;

    /// <summary>Octets of a buffer. A longer message is cut and marked.</summary>
    public int BufferSize => Vector.BufferSize;

    /// <summary>Datagrams of the last receive. More than <see cref="Capacity"/> if some were joined.</summary>
    public int Count { get; private set; }

    internal MessageVector Vector { get; }

    /// <summary>The payload. Valid until the next receive.</summary>
    public ReadOnlySpan<byte> Payload(int index)
    {
        var part = _parts[Check(index)];
        return Vector.Buffer(part.Message).Slice(part.Offset, part.Length);
    }

    /// <summary>The sender.</summary>
    public SockAddr Source(int index)
    {
        var message = _parts[Check(index)].Message;
        return SockAddr.Read(Vector.Name(message)[..Math.Min((int)Vector.Headers[message].msg_hdr.msg_namelen, MessageVector.NameSize)]);
    }

    /// <summary>The local address it was sent to (pktinfo), with the port of the socket; none if the socket does not ask for it.</summary>
    public SockAddr Destination(int index)
    {
        var destination = Contents(_parts[Check(index)].Message).Destination;
        return destination.IsNone ? destination : destination.WithPort(_localPort);
    }

    /// <summary>The interface it arrived on, 0 if unknown.</summary>
    public uint InterfaceIndex(int index) => Contents(_parts[Check(index)].Message).InterfaceIndex;

    /// <summary>The packet's mark; 0: none, or the socket does not ask (<see cref="UdpSocketOptions.ReceiveMarks"/>).</summary>
    public uint Mark(int index) => Contents(_parts[Check(index)].Message).Mark;

    /// <summary>Whether the datagram was longer than the buffer.</summary>
    public bool IsTruncated(int index) => (Vector.Headers[_parts[Check(index)].Message].msg_hdr.msg_flags & LibC.MSG_TRUNC) != 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        Count = 0;
        Vector.Dispose();
    }

    /// <summary>Prepares the vector for the kernel, which overwrites the lengths.</summary>
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

    /// <param name="messages">Messages that were received.</param>
    /// <param name="port">The port of the socket.</param>
    internal void Complete(int messages, ushort port)
    {
        _localPort = port;
        for (var i = 0; i < messages; i++)
            Split(i);
    }

    private void Split(int message)
    {
        var length = (int)Math.Min(Vector.Headers[message].msg_len, BufferSize);
        // Smaller buffers mean that the caller expects no joined datagrams.
        var size = BufferSize < LongestMessage ? 0 : Contents(message).SegmentSize;
        if (size <= 0 || size >= length)
        {
            Add(new Part(message, 0, length));
            return;
        }

        for (var offset = 0; offset < length; offset += size)
            Add(new Part(message, offset, Math.Min(size, length - offset)));
    }

    private void Add(Part part)
    {
        if (Count == _parts.Length)
            Array.Resize(ref _parts, _parts.Length * 2);
        _parts[Count++] = part;
    }

    private ControlMessages.Contents Contents(int message)
    {
        var length = Math.Min((int)Vector.Headers[message].msg_hdr.msg_controllen, MessageVector.ControlSize);
        return ControlMessages.Read(Vector.Control(message)[..length]);
    }

    private int Check(int index) =>
        (uint)index < (uint)Count ? index : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>The place of one datagram.</summary>
    private readonly record struct Part(int Message, int Offset, int Length);
}
