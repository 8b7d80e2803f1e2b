namespace L2tpd.Linux.Sockets;

/// <summary>Fixed buffers for up to 64 datagrams, sent by one sendmmsg. One thread at a time.</summary>
public sealed unsafe class SendBatch : IDisposable
{
    /// <summary>Most datagrams of a batch.</summary>
    public const int MaximumCapacity = 64;

    private readonly int[] _errors;
    private readonly bool[] _joinable;
    private readonly SendRuns _runs;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="capacity">1 to 64.</param>
    /// <param name="bufferSize">Longest datagram, octets.</param>
    public SendBatch(int capacity = MaximumCapacity, int bufferSize = MessageVector.DefaultBufferSize)
    {
        Vector = new MessageVector(capacity, bufferSize);
        _errors = new int[capacity];
        _joinable = new bool[capacity];
        _runs = new SendRuns(Vector);
    }

    /// <summary>Longest datagram, octets.</summary>
    public int BufferSize => Vector.BufferSize;

    /// <summary>Datagrams in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the batch has no space for another datagram.</summary>
    public bool IsFull => Count == Vector.Capacity;

    /// <summary>Datagrams that were sent or refused; <see cref="Count"/> when done.</summary>
    public int Done { get; private set; }

    /// <summary>Datagrams that were refused.</summary>
    public int Failed { get; private set; }

    internal MessageVector Vector { get; }

    /// <summary>Adds a copy of a datagram.</summary>
    /// <param name="destination">The peer; none on a connected socket.</param>
    /// <param name="source">
    /// Our address to send from (its port is not used), of the family of the destination; none: as bound, or as routing decides.
    /// </param>
    /// <param name="interfaceIndex">The interface to send through (pktinfo); 0: as routing decides.</param>
    /// <param name="payload">At most <see cref="BufferSize"/> octets.</param>
    /// <param name="mark">The mark to send with (SO_MARK), which needs CAP_NET_ADMIN; 0: the socket's.</param>
    /// <returns>False if the batch is full or the datagram too long.</returns>
    public bool TryAdd(in SockAddr destination, in SockAddr source, uint interfaceIndex, ReadOnlySpan<byte> payload, uint mark = 0)
    {
        if (IsFull || payload.Length > BufferSize)
            return false;
        payload.CopyTo(Vector.Buffer(Count));
        Commit(destination, source, interfaceIndex, payload.Length, mark: mark);
        return true;
    }

    /// <summary>The buffer of the next datagram, to write in place and add with <see cref="Commit"/>. Empty if the batch is full.</summary>
    public Span<byte> Reserve() => IsFull ? default : Vector.Buffer(Count);

    /// <summary>Adds the datagram that was written into the buffer of <see cref="Reserve"/>.</summary>
    /// <param name="destination">As of <see cref="TryAdd"/>.</param>
    /// <param name="source">As of <see cref="TryAdd"/>.</param>
    /// <param name="interfaceIndex">As of <see cref="TryAdd"/>.</param>
    /// <param name="length">Octets.</param>
    /// <param name="isJoinable">
    /// The datagram fits the MTU of the path: a socket with <see cref="DatagramSocket.JoinsDatagrams"/> may give it to the kernel in one
    /// piece with its neighbours (UDP_SEGMENT).
    /// </param>
    /// <param name="mark">As of <see cref="TryAdd"/>.</param>
    public void Commit(
        in SockAddr destination, in SockAddr source, uint interfaceIndex, int length, bool isJoinable = false, uint mark = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)BufferSize, nameof(length));
        var index = IsFull ? throw new InvalidOperationException("the batch is full") : Count;
        ref var header = ref Vector.Headers[index].msg_hdr;
        Vector.SetLength(index, length);
        destination.Bytes.CopyTo(Vector.Name(index));
        header.msg_namelen = destination.Length;
        var ipv6 = destination.IsNone ? source.IsIPv6 : destination.IsIPv6;
        var control = Vector.Control(index);
        var written = ControlMessages.WritePacketInfo(control, source, ipv6, interfaceIndex);
        header.msg_controllen = written + ControlMessages.WriteMark(control[written..], mark);
        _errors[index] = 0;
        _joinable[index] = isJoinable;
        Count++;
    }

    /// <summary>Why the kernel refused the datagram; 0 if it was sent or not tried yet.</summary>
    public int ErrorOf(int index) => _errors[Check(index)];

    /// <summary>The destination of a datagram.</summary>
    public SockAddr Destination(int index) => SockAddr.Read(Vector.Name(Check(index))[..(int)Vector.Headers[index].msg_hdr.msg_namelen]);

    /// <summary>The payload of a datagram.</summary>
    public ReadOnlySpan<byte> Payload(int index) => Vector.Buffer(Check(index))[..(int)Vector.Headers[index].msg_hdr.msg_iov->iov_len];

    /// <summary>Empties the batch.</summary>
    public void Clear() => (Count, Done, Failed) = (0, 0, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        _runs.Dispose();
        Vector.Dispose();
    }

    /// <summary>The datagrams left to send, joined with their neighbours if possible.</summary>
    /// <param name="join">Whether datagrams may be joined.</param>
    internal SendRuns Runs(bool join)
    {
        _runs.Gather(Done, Count, join ? _joinable : default);
        return _runs;
    }

    internal void Sent(int count) => Done += count;

    internal void Refused(int errno)
    {
        _errors[Done++] = errno;
        Failed++;
    }

    private int Check(int index) =>
        (uint)index < (uint)Count ? index : throw new ArgumentOutOfRangeException(nameof(index));
}
