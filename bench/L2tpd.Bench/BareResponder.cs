using System.Buffers.Binary;
using L2tpd.Linux.Sockets;

namespace L2tpd.Bench;

/// <summary>
/// The ceiling: an LNS that answers each message of the load generator and does nothing else. No authentication, no timers, no
/// retransmission, no sessions kept; of a tunnel only the peer's id, the two sequence numbers and the last session id. Same system calls as
/// l2tpd.
/// </summary>
internal sealed class BareResponder(UdpSocket socket) : AnswerLoop(socket)
{
    private readonly ushort[] _peerIds = new ushort[65536];
    private readonly ushort[] _ns = new ushort[65536];
    private readonly ushort[] _nr = new ushort[65536];
    private readonly ushort[] _sessions = new ushort[65536];
    private readonly bool[] _owesAck = new bool[65536];
    private readonly List<(ushort Tunnel, SockAddr Peer)> _acks = [];
    private readonly byte[] _reply = new byte[128];
    private ushort _tunnels;

    protected override void Answer(ReadOnlySpan<byte> message, in SockAddr peer, SendBatch output)
    {
        if (message.Length < 20 || BinaryPrimitives.ReadUInt16BigEndian(message) != 0xC802)
            return;
        var tunnel = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        var type = BinaryPrimitives.ReadUInt16BigEndian(message[18..]);
        if (type == 1)
            tunnel = Open(message);
        _nr[tunnel] = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(message[8..]) + 1);
        var length = type switch
        {
            1 => Sccrp(tunnel),
            10 => Icrp(++_sessions[tunnel], message),
            _ => 0,
        };
        if (length > 0)
        {
            Send(tunnel, length, _ns[tunnel]++, peer, output);
        }
        else if (!_owesAck[tunnel])
        {
            _owesAck[tunnel] = true;
            _acks.Add((tunnel, peer));
        }
    }

    private ushort Open(ReadOnlySpan<byte> message)
    {
        var tunnel = ++_tunnels;
        _ns[tunnel] = 0;
        _sessions[tunnel] = 0;
        _peerIds[tunnel] = FindU16(message, 9);
        return tunnel;
    }

    private static ushort FindU16(ReadOnlySpan<byte> message, ushort type)
    {
        for (var offset = 12; offset + 8 <= message.Length;)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 4)..]) == type)
                return BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 6)..]);
            offset += Math.Max(6, BinaryPrimitives.ReadUInt16BigEndian(message[offset..]) & 0x3ff);
        }

        return 0;
    }

    private int Sccrp(ushort tunnel)
    {
        ReadOnlySpan<byte> avps =
        [
            0x80, 8, 0, 0, 0, 0, 0, 2, 0x80, 8, 0, 0, 0, 2, 1, 0, 0x80, 10, 0, 0, 0, 3, 0, 0, 0, 3, 0x80, 10, 0, 0, 0, 7, (byte)'b',
            (byte)'a', (byte)'r', (byte)'e',
            0x80, 8, 0, 0, 0, 10, 0, 64, 0x80, 8, 0, 0, 0, 9, (byte)(tunnel >> 8), (byte)tunnel,
        ];
        avps.CopyTo(_reply.AsSpan(12));
        BinaryPrimitives.WriteUInt16BigEndian(_reply.AsSpan(6), 0);
        return 12 + avps.Length;
    }

    private int Icrp(ushort session, ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> avps = [0x80, 8, 0, 0, 0, 0, 0, 11, 0x80, 8, 0, 0, 0, 14, (byte)(session >> 8), (byte)session];
        avps.CopyTo(_reply.AsSpan(12));
        BinaryPrimitives.WriteUInt16BigEndian(_reply.AsSpan(6), FindU16(message, 14));
        return 12 + avps.Length;
    }

    protected override void SendAcks(SendBatch output)
    {
        foreach (var (tunnel, peer) in _acks)
        {
            if (!_owesAck[tunnel])
                continue;
            BinaryPrimitives.WriteUInt16BigEndian(_reply.AsSpan(6), 0);
            Send(tunnel, 12, _ns[tunnel], peer, output);
        }

        _acks.Clear();
    }

    private void Send(ushort tunnel, int length, ushort ns, in SockAddr peer, SendBatch output)
    {
        var reply = _reply.AsSpan(0, length);
        BinaryPrimitives.WriteUInt16BigEndian(reply, 0xC802);
        BinaryPrimitives.WriteUInt16BigEndian(reply[2..], (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(reply[4..], _peerIds[tunnel]);
        BinaryPrimitives.WriteUInt16BigEndian(reply[8..], ns);
        BinaryPrimitives.WriteUInt16BigEndian(reply[10..], _nr[tunnel]);
        _owesAck[tunnel] = false;
        Add(reply, peer, output);
    }
}
