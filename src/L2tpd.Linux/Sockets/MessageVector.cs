using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>The mmsghdr vector of a batch, with one name, control and payload buffer for each message, in one block of memory.</summary>
internal sealed unsafe class MessageVector : IDisposable
{
    public const int DefaultBufferSize = 2048;
    public const int NameSize = 32;

    // in6_pktinfo takes 40 octets, the mark 24 and the segment size 24.
    public const int ControlSize = 96;

    private readonly NativeBlock _block;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly byte* _buffers;

    public MessageVector(int capacity, int bufferSize = DefaultBufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, ReceiveBatch.MaximumCapacity);
        (Capacity, BufferSize) = (capacity, bufferSize);
        var headersSize = capacity * sizeof(Native.mmsghdr);
        var vectorsSize = capacity * sizeof(iovec);
        _block = new NativeBlock(headersSize + vectorsSize + (capacity * (NameSize + ControlSize + BufferSize)));
        Headers = (Native.mmsghdr*)_block.Start;
        var vectors = (iovec*)(_block.Start + headersSize);
        _names = (byte*)(vectors + capacity);
        _controls = _names + (capacity * NameSize);
        _buffers = _controls + (capacity * ControlSize);
        for (var i = 0; i < capacity; i++)
        {
            vectors[i].iov_base = _buffers + (i * BufferSize);
            vectors[i].iov_len = bufferSize;
            Headers[i].msg_hdr.msg_iov = vectors + i;
            Headers[i].msg_hdr.msg_iovlen = 1;
            Headers[i].msg_hdr.msg_name = _names + (i * NameSize);
            Headers[i].msg_hdr.msg_control = _controls + (i * ControlSize);
        }
    }

    public int Capacity { get; }

    /// <summary>Octets of each payload buffer. Memory of a page is used only when a datagram needs it.</summary>
    public int BufferSize { get; }

    public Native.mmsghdr* Headers { get; }

    public Span<byte> Name(int index) => new(_names + (index * NameSize), NameSize);

    public Span<byte> Control(int index) => new(_controls + (index * ControlSize), ControlSize);

    public Span<byte> Buffer(int index) => new(_buffers + (index * BufferSize), BufferSize);

    public int Length(int index) => (int)Headers[index].msg_hdr.msg_iov->iov_len;

    public void SetLength(int index, int octets) => Headers[index].msg_hdr.msg_iov->iov_len = octets;

    public void Dispose() => _block.Dispose();
}
