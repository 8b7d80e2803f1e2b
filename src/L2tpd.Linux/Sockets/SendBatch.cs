namespace L2tpd.Linux.Sockets;

/// <summary>Fixed buffers for up to 64 datagrams to send by one sendmmsg. One thread at a time.</summary>
public sealed unsafe class SendBatch : IDisposable
{
    /// <summary>Most datagrams a batch.</summary>
    public const int MaximumCapacity = 64;

    private readonly int[] errors;
    private readonly bool[] joinable;
    private readonly SendRuns runs;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="capacity">1 to 64.</param>
    /// <param name="bufferSize">Longest datagram, octets.</param>
    public SendBatch(int capacity = MaximumCapacity, int bufferSize = MessageVector.DefaultBufferSize)
    {
        Vector = new MessageVector(capacity, bufferSize);
        errors = new int[capacity];
        joinable = new bool[capacity];
        runs = new SendRuns(Vector);
    }

    /// <summary>Longest datagram, octets.</summary>
    public int BufferSize => Vector.BufferSize;

    /// <summary>How many datagrams are queued.</summary>
    public int Count { get; private set; }

    /// <summary>No room for another.</summary>
    public bool IsFull => Count == Vector.Capacity;

    /// <summary>How many were sent or refused so far; <see cref="Count"/> when done.</summary>
    public int Done { get; private set; }

    /// <summary>How many were refused so far.</summary>
    public int Failed { get; private set; }

    internal MessageVector Vector { get; }

    /// <summary>Copies one datagram in.</summary>
    /// <param name="destination">The peer; none on a connected socket.</param>
    /// <param name="source">Our address it shall leave from (its port is not used); none: as bound, or as routing decides. Same family as the destination.</param>
    /// <param name="interfaceIndex">The interface it shall leave by (pktinfo), 0: as routing decides.</param>
    /// <param name="payload">At most <see cref="BufferSize"/> octets.</param>
    /// <returns>False when the batch is full or the datagram too long.</returns>
    public bool TryAdd(in SockAddr destination, in SockAddr source, uint interfaceIndex, ReadOnlySpan<byte> payload)
    {
        if (IsFull || payload.Length > BufferSize)
            return false;
        payload.CopyTo(Vector.Buffer(Count));
        Commit(destination, source, interfaceIndex, payload.Length);
        return true;
    }

    /// <summary>The buffer of the next datagram, to be written in place and added with <see cref="Commit"/>; empty when the batch is full.</summary>
    public Span<byte> Reserve() => IsFull ? default : Vector.Buffer(Count);

    /// <summary>Adds the datagram written into what <see cref="Reserve"/> gave; parameters as of <see cref="TryAdd"/>.</summary>
    /// <param name="destination">As of <see cref="TryAdd"/>.</param>
    /// <param name="source">As of <see cref="TryAdd"/>.</param>
    /// <param name="interfaceIndex">As of <see cref="TryAdd"/>.</param>
    /// <param name="length">Octets.</param>
    /// <param name="isJoinable">
    /// It fits the path's MTU whole: a socket with <see cref="DatagramSocket.JoinsDatagrams"/> may give it to the kernel in one piece with its neighbours (UDP_SEGMENT).
    /// </param>
    public void Commit(in SockAddr destination, in SockAddr source, uint interfaceIndex, int length, bool isJoinable = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)BufferSize, nameof(length));
        var index = IsFull ? throw new InvalidOperationException("the batch is full") : Count;
        ref var header = ref Vector.Headers[index].msg_hdr;
        Vector.SetLength(index, length);
        destination.Bytes.CopyTo(Vector.Name(index));
        header.msg_namelen = destination.Length;
        var ipv6 = destination.IsNone ? source.IsIPv6 : destination.IsIPv6;
        header.msg_controllen = ControlMessages.WritePacketInfo(Vector.Control(index), source, ipv6, interfaceIndex);
        errors[index] = 0;
        joinable[index] = isJoinable;
        Count++;
    }

    /// <summary>0: sent or not tried yet; else why the kernel refused the datagram.</summary>
    public int ErrorOf(int index) => errors[Check(index)];

    /// <summary>Where the datagram goes, as added.</summary>
    public SockAddr Destination(int index) => SockAddr.Read(Vector.Name(Check(index))[..(int)Vector.Headers[index].msg_hdr.msg_namelen]);

    /// <summary>The datagram, as added.</summary>
    public ReadOnlySpan<byte> Payload(int index) => Vector.Buffer(Check(index))[..(int)Vector.Headers[index].msg_hdr.msg_iov->iov_len];

    /// <summary>Empties the batch.</summary>
    public void Clear() => (Count, Done, Failed) = (0, 0, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        runs.Dispose();
        Vector.Dispose();
    }

    /// <summary>What is left to send, neighbours in one piece where they can be.</summary>
    /// <param name="join">Joining is allowed.</param>
    internal SendRuns Runs(bool join)
    {
        runs.Gather(Done, Count, join ? joinable : default);
        return runs;
    }

    internal void Sent(int count) => Done += count;

    internal void Refused(int errno)
    {
        errors[Done++] = errno;
        Failed++;
    }

    private int Check(int index) =>
        (uint)index < (uint)Count ? index : throw new ArgumentOutOfRangeException(nameof(index));
}
