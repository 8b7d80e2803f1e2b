using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace L2tpd.TestKit;

/// <summary>One LAC of <see cref="DelayedPeers"/>.</summary>
internal sealed class DelayedPeer
{
    /// <summary>Its tunnel id.</summary>
    public required ushort Id { get; init; }

    /// <summary>Round-trip time, ms.</summary>
    public required double RoundTrip { get; init; }

    /// <summary>When it begins, ms since the start.</summary>
    public required double StartAt { get; init; }

    /// <summary>When its SCCCN was acknowledged, ms after it began; <c>null</c>: not yet.</summary>
    public double? UpAfter { get; set; }

    /// <summary>SCCRQs sent.</summary>
    public int Requests { get; set; }

    internal byte[] Challenge { get; } = RandomNumberGenerator.GetBytes(16);

    internal ushort LnsId { get; set; }

    internal byte[]? Connected { get; set; }

    internal double RepeatAt { get; set; } = double.MaxValue;

    internal double RepeatWait { get; set; } = 1_000;
}

/// <summary>
/// Hundreds of LACs at round-trip times of their own, which are made by holding back what they send and receive: L2TPv2 with a secret,
/// messages repeated after 1 s, 2 s, ... (RFC 2661 section 5.8). Single-threaded; every octet is written and read here.
/// </summary>
internal sealed class DelayedPeers : IDisposable
{
    private readonly Socket _socket;
    private readonly string _secret;
    private readonly Dictionary<ushort, DelayedPeer> _byId = [];
    private readonly PriorityQueue<(DelayedPeer Peer, byte[] Message, bool IsOutgoing), double> _onTheWay = new();
    private readonly byte[] _buffer = new byte[4_096];

    public DelayedPeers(string networkNamespace, IPEndPoint lns, string secret, IReadOnlyList<DelayedPeer> peers)
    {
        _socket = NetworkNamespace.Make(networkNamespace, static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        _socket.ReceiveBufferSize = 4 << 20;
        _socket.Connect(lns);
        _secret = secret;
        Peers = peers;
        foreach (var peer in peers)
            _byId.Add(peer.Id, peer);
    }

    public IReadOnlyList<DelayedPeer> Peers { get; }

    /// <summary>Where they send from.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Runs until all are up, or for that time.</summary>
    public void Run(TimeSpan atMost)
    {
        var began = Stopwatch.GetTimestamp();
        var waiting = new Queue<DelayedPeer>(Peers.OrderBy(static peer => peer.StartAt));
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < atMost && Peers.Any(static peer => peer.UpAfter is null))
        {
            var now = elapsed.TotalMilliseconds;
            while (waiting.TryPeek(out var next) && next.StartAt <= now)
                Request(waiting.Dequeue(), now);
            foreach (var peer in Peers)
            {
                if (peer.RepeatAt <= now)
                    Repeat(peer, now);
            }

            Deliver(now);
            if (_socket.Poll(500, SelectMode.SelectRead))
                Receive(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Avp(int type, params byte[] value) => [.. UInt16(0x8000 | (6 + value.Length)), 0, 0, .. UInt16(type), .. value];

    private static byte[] Message(ushort tunnel, ushort ns, ushort nr, params byte[][] avps)
    {
        byte[] body = [.. avps.SelectMany(static avp => avp)];
        return [0xc8, 2, .. UInt16(12 + body.Length), .. UInt16(tunnel), 0, 0, .. UInt16(ns), .. UInt16(nr), .. body];
    }

    private void Request(DelayedPeer peer, double now)
    {
        peer.Requests++;
        Send(peer, now, Message(0, 0, 0, Avp(0, 0, 1), Avp(2, 1, 0), Avp(3, 0, 0, 0, 3), Avp(7, [.. "lac"u8]), Avp(9, UInt16(peer.Id)),
            Avp(10, 0, 4), Avp(11, peer.Challenge)));
    }

    private void Repeat(DelayedPeer peer, double now)
    {
        peer.RepeatWait = Math.Min(peer.RepeatWait * 2, 8_000);
        if (peer.Connected is { } connected)
            Send(peer, now, connected);
        else
            Request(peer, now);
    }

    private void Send(DelayedPeer peer, double now, byte[] message)
    {
        peer.RepeatAt = now + peer.RepeatWait;
        _onTheWay.Enqueue((peer, message, true), now + (peer.RoundTrip / 2));
    }

    private void Deliver(double now)
    {
        while (_onTheWay.TryPeek(out var item, out var at) && at <= now)
        {
            _onTheWay.Dequeue();
            if (item.IsOutgoing)
                _socket.Send(item.Message);
            else
                Take(item.Peer, item.Message, now);
        }
    }

    private void Receive(double now)
    {
        for (var i = 0; i < 64 && _socket.Available > 0; i++)
        {
            var length = _socket.Receive(_buffer);
            if (_byId.TryGetValue(BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(4)), out var peer))
                _onTheWay.Enqueue((peer, _buffer[..length], false), now + (peer.RoundTrip / 2));
        }
    }

    private void Take(DelayedPeer peer, ReadOnlySpan<byte> message, double now)
    {
        // The acknowledgement of our SCCCN, whatever it comes with.
        if (peer.Connected is not null && BinaryPrimitives.ReadUInt16BigEndian(message[10..]) == 2)
        {
            peer.UpAfter ??= now - peer.StartAt;
            peer.RepeatAt = double.MaxValue;
        }

        if (peer.Connected is not null || message.Length == 12)
            return;
        var avps = new Dictionary<int, byte[]>();
        for (var rest = message[12..]; !rest.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest) & 0x3ff;
            avps[BinaryPrimitives.ReadUInt16BigEndian(rest[4..])] = rest[6..length].ToArray();
            rest = rest[length..];
        }

        Assert.Equal(2, avps[0][1]);
        Assert.Equal(MD5.HashData([2, .. Encoding.ASCII.GetBytes(_secret), .. peer.Challenge]), avps[13]);
        peer.LnsId = BinaryPrimitives.ReadUInt16BigEndian(avps[9]);
        peer.Connected = Message(peer.LnsId, 1, 1, Avp(0, 0, 3),
            Avp(13, MD5.HashData([3, .. Encoding.ASCII.GetBytes(_secret), .. avps[11]])));
        peer.RepeatWait = 1_000;
        Send(peer, now, peer.Connected);
    }
}
