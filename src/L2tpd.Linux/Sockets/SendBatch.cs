namespace L2tpd.Linux.Sockets;

/// <summary>Fixed buffers for up to 64 datagrams to send by one sendmmsg. One thread at a time.</summary>
public sealed unsafe class SendBatch : IDisposable
{
    /// <summary>Most datagrams a batch.</summary>
    public const int MaximumCapacity = 64;

    /// <summary>Longest datagram.</summary>
    public const int BufferSize = MessageVector.BufferSize;

    private readonly int[] errors;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="capacity">1 to 64.</param>
    public SendBatch(int capacity = MaximumCapacity)
    {
        Vector = new MessageVector(capacity);
        errors = new int[capacity];
    }

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
        var index = Count;
        ref var header = ref Vector.Headers[index].msg_hdr;
        payload.CopyTo(Vector.Buffer(index));
        Vector.SetLength(index, payload.Length);
        destination.Bytes.CopyTo(Vector.Name(index));
        header.msg_namelen = (uint)destination.Length;
        var ipv6 = destination.IsNone ? source.IsIPv6 : destination.IsIPv6;
        header.msg_controllen = (nuint)ControlMessages.WritePacketInfo(Vector.Control(index), source, ipv6, interfaceIndex);
        errors[index] = 0;
        Count++;
        return true;
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
        Vector.Dispose();
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
