using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>
/// The messages for sendmmsg from the datagrams of a <see cref="SendBatch"/>. Neighbours of the same length and addresses become one
/// message of several pieces, which the kernel segments as late as it can (UDP_SEGMENT). Only the last datagram of a run may be shorter.
/// Nothing is copied: the vectors of the buffers are consecutive.
/// </summary>
internal sealed unsafe class SendRuns(MessageVector vector) : IDisposable
{
    /// <summary>UDP_MAX_SEGMENTS of older kernels; also the size of a batch.</summary>
    private const int MostDatagrams = 64;

    /// <summary>The payload that fits one UDP datagram over IPv4 or IPv6.</summary>
    private const int MostOctets = 65_000;

    private readonly NativeBlock _block = new(vector.Capacity * sizeof(Native.mmsghdr));
    private readonly int[] _lengths = new int[vector.Capacity];

    /// <summary>One header per run.</summary>
    public Native.mmsghdr* Headers => (Native.mmsghdr*)_block.Start;

    public int Count { get; private set; }

    /// <summary>Whether the first run has more than one datagram.</summary>
    public bool IsJoined => Count > 0 && _lengths[0] > 1;

    /// <summary>The number of datagrams in the first <paramref name="runs"/> runs.</summary>
    public int DatagramsIn(int runs)
    {
        var sum = 0;
        for (var i = 0; i < runs; i++)
            sum += _lengths[i];
        return sum;
    }

    /// <summary>Builds the runs.</summary>
    /// <param name="from">First datagram.</param>
    /// <param name="to">One after the last datagram.</param>
    /// <param name="joinable">The datagrams that may be joined; empty: none.</param>
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
        while (end < to && end - from < MostDatagrams && joinable[end]
            && vector.Length(end) <= size && octets + vector.Length(end) <= MostOctets && IsSameWay(from, end))
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
