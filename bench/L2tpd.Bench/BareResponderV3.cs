using System.Buffers.Binary;
using System.Security.Cryptography;
using L2tpd.Linux.Sockets;
using L2tpd.Protocol.Digests;

namespace L2tpd.Bench;

/// <summary>
/// <see cref="BareResponder"/> for L2TPv3, with or without digests. Its answers are signed, and what it receives is not checked: one HMAC
/// per answer, under a key that is scheduled once, is the least that a peer accepts.
/// </summary>
internal sealed class BareResponderV3 : AnswerLoop, IDisposable
{
    private const int MostTunnels = 65_536;
    private const int NonceSize = 16;
    private const int Header = 12;

    /// <summary>Where the digest is in a message of ours: behind header, Message Type, and the header and type octet of its AVP.</summary>
    private const int DigestAt = Header + 8 + 7;

    private readonly IncrementalHash? _hash;
    private readonly int _digestSize;
    private readonly uint[] _peerIds = new uint[MostTunnels];
    private readonly byte[][] _peerNonces = new byte[MostTunnels][];
    private readonly ushort[] _ns = new ushort[MostTunnels];
    private readonly ushort[] _nr = new ushort[MostTunnels];
    private readonly bool[] _owesAck = new bool[MostTunnels];
    private readonly List<(uint Tunnel, SockAddr Peer)> _acks = [];

    /// <summary>Both nonces, ours first, and the message: what an HMAC covers, in one piece.</summary>
    private readonly byte[] _scratch = new byte[512];
    private readonly byte[] _sccrp;
    private readonly byte[] _icrp;
    private readonly byte[] _ack;
    private uint _tunnels;
    private uint _sessions;

    /// <param name="socket">Where it answers.</param>
    /// <param name="digest">How its answers are signed; <c>null</c> for no digest.</param>
    /// <param name="secret">The secret that the digests are made with.</param>
    public BareResponderV3(UdpSocket socket, DigestType? digest, string secret)
        : base(socket)
    {
        _digestSize = digest switch { DigestType.HmacMd5 => 16, DigestType.HmacSha1 => 20, _ => 0 };
        if (digest is { } type)
        {
            var key = ControlMessageKeys.FromSecret(System.Text.Encoding.UTF8.GetBytes(secret)).AuthenticationKey;
            _hash = IncrementalHash.CreateHMAC(type == DigestType.HmacMd5 ? HashAlgorithmName.MD5 : HashAlgorithmName.SHA1, key);
        }

        var signed = digest is { } used ? Avp(59, [(byte)used, .. new byte[_digestSize]]) : [];
        var nonce = digest is null ? [] : Avp(73, _scratch.AsSpan(0, NonceSize));
        var capabilities = new byte[] { 0, 5, 0, 4 };
        _sccrp =
        [
            .. Type(2), .. signed, .. Avp(61, new byte[4]), .. Avp(7, "bare"u8), .. Avp(60, [0, 0, 0, 9]), .. Avp(62, capabilities),
            .. Avp(10, [0, 64]), .. nonce,
        ];
        _icrp = [.. Type(11), .. signed, .. Avp(63, new byte[4]), .. Avp(64, new byte[4]), .. Avp(71, [0, 1])];
        _ack = digest is null ? [] : [.. Type(20), .. signed];
    }

    public void Dispose() => _hash?.Dispose();

    private static byte[] Type(byte type) => Avp(0, [0, type]);

    private static byte[] Avp(byte type, ReadOnlySpan<byte> value) => [0x80, (byte)(6 + value.Length), 0, 0, 0, type, .. value];

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> message, ushort type)
    {
        for (var offset = Header; offset + 6 <= message.Length;)
        {
            var length = Math.Max(6, BinaryPrimitives.ReadUInt16BigEndian(message[offset..]) & 0x3ff);
            if (BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 4)..]) == type && offset + length <= message.Length)
                return message.Slice(offset + 6, length - 6);
            offset += length;
        }

        return default;
    }

    protected override void Answer(ReadOnlySpan<byte> message, in SockAddr peer, SendBatch output)
    {
        const int Sccrq = 1;
        const int Icrq = 10;
        const int Ack = 20;
        if (message.Length < 20 || BinaryPrimitives.ReadUInt16BigEndian(message) != 0xC803)
            return;
        var type = BinaryPrimitives.ReadUInt16BigEndian(message[18..]);
        var tunnel = type == Sccrq ? Open(message) : BinaryPrimitives.ReadUInt32BigEndian(message[4..]);
        if (type == Ack || tunnel == 0 || tunnel >= MostTunnels)
            return;
        _nr[tunnel] = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(message[8..]) + 1);
        switch (type)
        {
            case Sccrq:
                SendSccrp(tunnel, peer, output);
                break;
            case Icrq:
                SendIcrp(tunnel, Find(message, 63), peer, output);
                break;
            default:
                if (!_owesAck[tunnel])
                    _acks.Add((tunnel, peer));
                _owesAck[tunnel] = true;
                break;
        }
    }

    private uint Open(ReadOnlySpan<byte> message)
    {
        var tunnel = ++_tunnels;
        if (tunnel >= MostTunnels)
            return 0;
        _peerIds[tunnel] = BinaryPrimitives.ReadUInt32BigEndian(Find(message, 61));
        _peerNonces[tunnel] = Find(message, 73).ToArray();
        return tunnel;
    }

    private void SendSccrp(uint tunnel, in SockAddr peer, SendBatch output)
    {
        var reply = Begin(tunnel, _sccrp);
        BinaryPrimitives.WriteUInt32BigEndian(reply[(AfterDigest + 6)..], tunnel);
        Send(tunnel, reply, _ns[tunnel]++, peer, output);
    }

    private void SendIcrp(uint tunnel, ReadOnlySpan<byte> peerId, in SockAddr peer, SendBatch output)
    {
        var reply = Begin(tunnel, _icrp);
        BinaryPrimitives.WriteUInt32BigEndian(reply[(AfterDigest + 6)..], ++_sessions);
        peerId.CopyTo(reply[(AfterDigest + 16)..]);
        Send(tunnel, reply, _ns[tunnel]++, peer, output);
    }

    protected override void SendAcks(SendBatch output)
    {
        foreach (var (tunnel, peer) in _acks)
        {
            if (_owesAck[tunnel])
                Send(tunnel, Begin(tunnel, _ack), _ns[tunnel], peer, output);
        }

        _acks.Clear();
    }

    /// <summary>Where the AVPs behind Message Type and the digest begin.</summary>
    private int AfterDigest => Header + 8 + (_digestSize > 0 ? 7 + _digestSize : 0);

    private int NoncesOf(uint tunnel) => _digestSize == 0 ? 0 : NonceSize + _peerNonces[tunnel].Length;

    /// <summary>A message behind the place of the nonces of the tunnel, without a header.</summary>
    private Span<byte> Begin(uint tunnel, byte[] avps)
    {
        var message = _scratch.AsSpan(NoncesOf(tunnel), Header + avps.Length);
        avps.CopyTo(message[Header..]);
        return message;
    }

    private void Send(uint tunnel, Span<byte> reply, ushort ns, in SockAddr peer, SendBatch output)
    {
        BinaryPrimitives.WriteUInt16BigEndian(reply, 0xC803);
        BinaryPrimitives.WriteUInt16BigEndian(reply[2..], (ushort)reply.Length);
        BinaryPrimitives.WriteUInt32BigEndian(reply[4..], _peerIds[tunnel]);
        BinaryPrimitives.WriteUInt16BigEndian(reply[8..], ns);
        BinaryPrimitives.WriteUInt16BigEndian(reply[10..], _nr[tunnel]);
        _owesAck[tunnel] = false;
        Sign(tunnel, reply);
        Add(reply, peer, output);
    }

    private void Sign(uint tunnel, Span<byte> reply)
    {
        if (_hash is null)
            return;
        _peerNonces[tunnel].CopyTo(_scratch.AsSpan(NonceSize));
        _hash.AppendData(_scratch.AsSpan(0, NoncesOf(tunnel) + reply.Length));
        _hash.GetHashAndReset(reply.Slice(DigestAt, _digestSize));
    }
}
