using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace L2tpd.Linux.Offload;

/// <summary>
/// Joins consecutive TCP segments on their way to a device, so that the kernel takes them as one (as its own GRO does): one call and one
/// pass through the network stack for dozens of packets. One run of segments is open at a time, for all devices together, and the order is
/// kept. Call <see cref="Flush"/> when no more packets are available. One thread.
/// </summary>
public sealed class TcpCoalescer
{
    private const int LongestPacket = 65_535;
    private const int EthernetHeader = 14;
    private const int TcpChecksum = 16;
    private const byte Push = 0x08;

    private static readonly byte[] NothingToDo = new byte[VirtioHeader.Size];

    private readonly byte[] _run = new byte[EthernetHeader + LongestPacket];
    private IOffloadDevice? _device;
    private Action? _refused;
    private TcpFrame _first;
    private int _length;
    private int _count;
    private uint _next;

    /// <summary>Writes a packet immediately, or joins it with others until a flush.</summary>
    /// <param name="device">The device.</param>
    /// <param name="packet">A frame or packet with complete checksums.</param>
    /// <param name="refused">Called if the device refuses the write; <c>null</c>: refusals are not counted.</param>
    public void Write(IOffloadDevice device, ReadOnlySpan<byte> packet, Action? refused = null)
    {
        if (!device.HasOffloads || !TcpFrame.TryParse(packet, device.IsEthernet, out var frame))
        {
            Flush();
            WriteAlone(device, packet, refused);
            return;
        }

        if (_count == 0 || !Follows(device, packet, frame))
        {
            Flush();
            Begin(device, packet, frame, refused);
        }
        else
        {
            packet[frame.Payload..].CopyTo(_run.AsSpan(_length));
            _length += frame.PayloadLength;
            _next += (uint)frame.PayloadLength;
            _count++;
        }

        // PSH asks for delivery now, and no segment may follow a shorter one.
        if (!frame.IsPush(packet) && frame.PayloadLength == _first.PayloadLength)
            return;
        if (frame.IsPush(packet))
            _run[_first.Tcp + 13] |= Push;
        Flush();
    }

    /// <summary>Writes the open run.</summary>
    public void Flush()
    {
        if (_count == 0)
            return;
        var (device, refused, count) = (_device!, _refused, _count);
        (_device, _refused, _count) = (null, null, 0);
        var run = _run.AsSpan(0, _length);
        if (count == 1)
        {
            WriteAlone(device, run, refused);
            return;
        }

        Span<byte> header = stackalloc byte[VirtioHeader.Size];
        Finish(run).Write(header);
        if (device.Write(header, run) != 0)
            refused?.Invoke();
    }

    /// <summary>Drops what is held for a device that will be closed.</summary>
    public void Forget(IOffloadDevice device)
    {
        if (ReferenceEquals(device, _device))
            (_device, _refused, _count) = (null, null, 0);
    }

    private static void WriteAlone(IOffloadDevice device, ReadOnlySpan<byte> packet, Action? refused)
    {
        if (device.Write(device.HasOffloads ? NothingToDo : default, packet) != 0)
            refused?.Invoke();
    }

    private void Begin(IOffloadDevice device, ReadOnlySpan<byte> packet, TcpFrame frame, Action? refused)
    {
        packet.CopyTo(_run);
        (_device, _refused, _first, _length, _count) = (device, refused, frame, packet.Length, 1);
        _next = frame.Sequence(packet) + (uint)frame.PayloadLength;
    }

    private bool Follows(IOffloadDevice device, ReadOnlySpan<byte> packet, TcpFrame frame) =>
        ReferenceEquals(device, _device)
        && frame.Tcp == _first.Tcp && frame.Payload == _first.Payload && frame.PayloadLength <= _first.PayloadLength
        && _length - _first.Network + frame.PayloadLength <= LongestPacket
        && frame.Sequence(packet) == _next && frame.HasSameHeaders(packet, _run)
        && (frame.IsIpv6 || FollowsById(packet));

    /// <summary>The kernel gives consecutive IPv4 ids to the segments of a packet when it segments it again.</summary>
    private bool FollowsById(ReadOnlySpan<byte> packet)
    {
        var place = _first.Network + 4;
        var id = BinaryPrimitives.ReadUInt16BigEndian(packet[place..]);
        var first = BinaryPrimitives.ReadUInt16BigEndian(_run.AsSpan(place));
        return id == (ushort)(first + _count);
    }

    /// <summary>Sets lengths and checksums of the run, and makes its virtio header.</summary>
    private VirtioHeader Finish(Span<byte> run)
    {
        var packet = run[_first.Network..];
        var tcp = run[_first.Tcp..];
        if (_first.IsIpv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)tcp.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
            packet[10..12].Clear();
            InternetChecksum.Write(packet[10..], InternetChecksum.Sum(packet[..(_first.Tcp - _first.Network)]));
        }

        // The kernel completes this when it segments the packet: the sum of the pseudo-header, not complemented.
        MemoryMarshal.Write(tcp[TcpChecksum..], InternetChecksum.Fold(InternetChecksum.SumPseudoHeader(packet, tcp.Length)));
        return new VirtioHeader(
            VirtioHeader.NeedsChecksumFlag, _first.IsIpv6 ? VirtioHeader.TcpIpv6 : VirtioHeader.TcpIpv4,
            (ushort)_first.Payload, (ushort)_first.PayloadLength,
            (ushort)_first.Tcp, TcpChecksum);
    }
}
