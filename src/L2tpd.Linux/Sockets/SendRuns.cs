using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// The datagrams of a <see cref="SendBatch"/> as sendmmsg gets them. Neighbours of one length and one way are one message in pieces, which the kernel cuts again as late as
/// it can (UDP_SEGMENT); only the last of a run may be shorter. No octet is moved for it: the buffers' vectors lie in a row.
/// </summary>
internal sealed unsafe class SendRuns(MessageVector vector) : IDisposable
{
    /// <summary>UDP_MAX_SEGMENTS of older kernels; also a batch.</summary>
    private const int MostDatagrams = 64;

    /// <summary>What fits one UDP datagram over IPv4 or IPv6.</summary>
    private const int MostOctets = 65_000;

    private readonly NativeBlock _block = new(vector.Capacity * sizeof(Native.mmsghdr));
    private readonly int[] _lengths = new int[vector.Capacity];

    /// <summary>One for each run.</summary>
    public Native.mmsghdr* Headers => (Native.mmsghdr*)_block.Start;

    public int Count { get; private set; }

    /// <summary>The first run is more than one datagram.</summary>
    public bool IsJoined => Count > 0 && _lengths[0] > 1;

    /// <summary>Datagrams in the first runs.</summary>
    public int DatagramsIn(int runs)
    {
        var sum = 0;
        for (var i = 0; i < runs; i++)
            sum += _lengths[i];
        return sum;
    }

    /// <summary>Makes the runs.</summary>
    /// <param name="from">First datagram.</param>
    /// <param name="to">One behind the last.</param>
    /// <param name="joinable">Which may be joined; empty: none.</param>
    public void Gather(int from, int to, ReadOnlySpan<bool> joinable)
    {
        Count = 0;
        while (from < to)
        {
            var length = joinable.IsEmpty || !joinable[from] ? 1 : LengthOfRun(from, to, joinable);
            Headers[Count] = vector.Headers[from];
            if (length > 1)
                Join(ref Headers[Count].msg_hdr, from, length);
            _lengths[Count++] = length;
            from += length;
        }
    }

    public void Dispose() => _block.Dispose();

    private int LengthOfRun(int from, int to, ReadOnlySpan<bool> joinable)
    {
        var size = vector.Length(from);
        var octets = size;
        var end = from + 1;
        while (end < to && end - from < MostDatagrams && joinable[end] && vector.Length(end) <= size && octets + vector.Length(end) <= MostOctets && IsSameWay(from, end))
        {
            octets += vector.Length(end);
            if (vector.Length(end++) < size)
                break;
        }

        return end - from;
    }

    private bool IsSameWay(int one, int other)
    {
        ref var first = ref vector.Headers[one].msg_hdr;
        ref var second = ref vector.Headers[other].msg_hdr;
        return first.msg_namelen == second.msg_namelen && first.msg_controllen == second.msg_controllen
            && vector.Name(one)[..(int)first.msg_namelen].SequenceEqual(vector.Name(other)[..(int)second.msg_namelen])
            && vector.Control(one)[..(int)first.msg_controllen].SequenceEqual(vector.Control(other)[..(int)second.msg_controllen]);
    }

    private void Join(ref msghdr header, int from, int length)
    {
        header.msg_iovlen = length;
        header.msg_controllen += ControlMessages.WriteSegmentSize(vector.Control(from)[(int)header.msg_controllen..], vector.Length(from));
    }
}
