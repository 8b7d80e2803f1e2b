namespace L2tpd.Linux.Sockets;

/// <summary>Pinned buffers for up to 64 datagrams to send by one sendmmsg. One thread at a time.</summary>
public sealed class SendBatch : IDisposable
{
    /// <summary>Most datagrams a batch.</summary>
    public const int MaximumCapacity = 64;

    /// <summary>Longest datagram.</summary>
    public const int BufferSize = 2048;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="capacity">1 to 64.</param>
    public SendBatch(int capacity = MaximumCapacity) => throw new NotImplementedException();

    /// <summary>How many datagrams are queued.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>No room for another.</summary>
    public bool IsFull => throw new NotImplementedException();

    /// <summary>How many were sent or refused so far; <see cref="Count"/> when done.</summary>
    public int Done => throw new NotImplementedException();

    /// <summary>How many were refused so far.</summary>
    public int Failed => throw new NotImplementedException();

    /// <summary>Copies one datagram in.</summary>
    /// <param name="destination">The peer; none on a connected socket.</param>
    /// <param name="source">Our address it shall leave from (its port is not used); none: as bound, or as routing decides. Same family as the destination.</param>
    /// <param name="interfaceIndex">The interface it shall leave by (pktinfo), 0: as routing decides.</param>
    /// <param name="payload">At most <see cref="BufferSize"/> octets.</param>
    /// <returns>False when the batch is full or the datagram too long.</returns>
    public bool TryAdd(in SockAddr destination, in SockAddr source, uint interfaceIndex, ReadOnlySpan<byte> payload) => throw new NotImplementedException();

    /// <summary>0: sent or not tried yet; else why the kernel refused the datagram.</summary>
    public int ErrorOf(int index) => throw new NotImplementedException();

    /// <summary>Where the datagram goes, as added.</summary>
    public SockAddr Destination(int index) => throw new NotImplementedException();

    /// <summary>The datagram, as added.</summary>
    public ReadOnlySpan<byte> Payload(int index) => throw new NotImplementedException();

    /// <summary>Empties the batch.</summary>
    public void Clear() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
