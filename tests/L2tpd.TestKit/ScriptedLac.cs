using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace L2tpd.TestKit;

/// <summary>
/// A LAC of another make: one L2TPv2 tunnel with one incoming call, every octet written and read here and nothing of our codec or engine
/// used (RFC 2661). Its link loses nothing, so it never repeats a message; it takes none twice, and acknowledges all.
/// </summary>
internal sealed class ScriptedLac : IDisposable
{
    public const ushort OurTunnel = 0x4C41;
    public const ushort OurSession = 0x5345;

    private const ushort Sccrq = 1, Sccrp = 2, Scccn = 3, StopCcn = 4, Hello = 6, Icrq = 10, Icrp = 11, Iccn = 12,
    CallDisconnectNotify = 14;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly LacManner _manner;
    private readonly Queue<byte[]> _frames = new();
    private readonly Queue<Dictionary<int, byte[]>> _messages = new();
    private readonly byte[] _buffer = new byte[4_096];
    private byte[] _request = [];
    private ushort _peerTunnel;
    private ushort _peerSession;
    private ushort _ns;
    private ushort _nr;

    private ScriptedLac(Socket socket, LacManner manner) => (_socket, _manner) = (socket, manner);

    /// <summary>Brings up a tunnel in which both ends prove that they know the secret. Source port 0: any.</summary>
    public static ScriptedLac Connect(string networkNamespace, string lns, string secret, int sourcePort = 0) =>
        Connect(networkNamespace, lns, new LacManner { Secret = secret, Local = new IPEndPoint(IPAddress.Any, sourcePort) });

    /// <summary>Brings up a tunnel as a client of that manner does.</summary>
    public static ScriptedLac Connect(string networkNamespace, string lns, LacManner manner)
    {
        var lac = new ScriptedLac(NetworkNamespace.Make(networkNamespace, static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)), manner);
        if (manner.Local is { } local)
        {
            lac._socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            lac._socket.Bind(local);
        }

        lac._socket.Connect(IPAddress.Parse(lns), 1701);
        var challenge = RandomNumberGenerator.GetBytes(16);
        (int, byte[])[] proven = manner.Secret is null ? [] : [(11, challenge)];
        lac.Send(Sccrq, 0, [(2, [1, 0]), (3, manner.Framing), .. manner.More, (7, Encoding.ASCII.GetBytes(manner.HostName)),
            (9, UInt16(manner.TunnelId)), (10, UInt16(manner.Window)), .. proven]);
        var reply = lac.ReceiveReply();
        lac._peerTunnel = BinaryPrimitives.ReadUInt16BigEndian(reply[9]);
        if (manner.Secret is { } secret)
        {
            Assert.Equal(Proof(2, secret, challenge), reply[13]);
            lac.Send(Scccn, 0, (13, Proof(3, secret, reply[11])));
        }
        else
        {
            lac.Send(Scccn, 0);
        }

        return lac;
    }

    /// <summary>An incoming call; the ICCN carries these AVPs besides those it must.</summary>
    public void Call(params (int Type, byte[] Value)[] more)
    {
        Send(Icrq, 0, (14, UInt16(_manner.SessionId)), (15, [0, 0, 0, 7]), (22, "5551234"u8.ToArray()));
        _peerSession = BinaryPrimitives.ReadUInt16BigEndian(Receive(Icrp)[14]);
        Send(Iccn, _peerSession, [(24, [0, 1, 0, 0]), (19, [0, 0, 0, 1]), .. more]);
    }

    /// <summary>An incoming call whose ICRQ has three numbers of that many digits.</summary>
    public void CallWithNumbers(int digits)
    {
        var number = Enumerable.Repeat((byte)'5', digits).ToArray();
        Send(Icrq, 0, (14, UInt16(_manner.SessionId)), (15, [0, 0, 0, 7]), (21, number), (22, number), (23, number));
        _peerSession = BinaryPrimitives.ReadUInt16BigEndian(Receive(Icrp)[14]);
        Send(Iccn, _peerSession, (24, [0, 1, 0, 0]), (19, [0, 0, 0, 1]));
    }

    /// <summary>Our address and port, as the daemon sees them.</summary>
    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>A PPP frame of the subscriber's, with FF 03.</summary>
    public void SendFrame(ReadOnlySpan<byte> frame)
    {
        byte[] header = [.. UInt16(_peerTunnel), .. UInt16(_peerSession), 0xff, 3];
        byte[] packet = _manner.HasLength ? [0x40, 2, .. UInt16(4 + header.Length + frame.Length), .. header, .. frame]
            : [0, 2, .. header, .. frame];
        _socket.Send(packet);
    }

    /// <summary>The next PPP frame for the subscriber, without FF 03, in hexadecimal.</summary>
    public string NextFrame()
    {
        ReadUntil(() => _frames.Count > 0, "a PPP frame");
        return Convert.ToHexStringLower(_frames.Dequeue());
    }

    /// <summary>The next PPP frame for the subscriber, as <see cref="NextFrame"/>; null: none came in that time.</summary>
    public string? TryNextFrame(TimeSpan wait)
    {
        for (var watch = Stopwatch.StartNew(); _frames.Count == 0 && watch.Elapsed < wait;)
        {
            if (_socket.Poll(wait, SelectMode.SelectRead))
                Take(_buffer.AsSpan(0, _socket.Receive(_buffer)));
        }

        return _frames.TryDequeue(out var frame) ? Convert.ToHexStringLower(frame) : null;
    }

    /// <summary>The AVPs of the CDN that ends the call.</summary>
    public Dictionary<int, byte[]> WaitForCallDisconnect() => Receive(CallDisconnectNotify);

    /// <summary>Ends the call: result 1, loss of carrier.</summary>
    public void HangUp() => Send(CallDisconnectNotify, _peerSession, (1, [0, 1]), (14, UInt16(_manner.SessionId)));

    /// <summary>The tunnel's end, StopCCN, comes and is acknowledged; calls may end before.</summary>
    public void WaitForStop()
    {
        ReadUntil(() => _messages.Any(static avps => avps[0].SequenceEqual(UInt16(StopCcn))), "StopCCN");
        _messages.Clear();
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Proof(byte message, string secret, byte[] challenge) =>
        MD5.HashData([message, .. Encoding.ASCII.GetBytes(secret), .. challenge]);

    private static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Avp(int type, byte[] value, bool mandatory) =>
        [.. UInt16((mandatory ? 0x8000 : 0) | (6 + value.Length)), 0, 0, .. UInt16(type), .. value];

    private void Send(int message, ushort session, params (int Type, byte[] Value)[] avps)
    {
        // RFC 2661 section 4.4.5: the proxy AVPs, 26 to 33, are not mandatory.
        byte[] body = [.. Avp(0, UInt16(message), true),
            .. avps.SelectMany(static avp => Avp(avp.Type, avp.Value, avp.Type is < 26 or > 33))];
        SendControl(session, body);
        _ns++;
    }

    /// <summary>SCCRP. The SCCRQ is repeated every second, as long as that is what the manner says.</summary>
    private Dictionary<int, byte[]> ReceiveReply()
    {
        for (var watch = Stopwatch.StartNew(); _manner.RepeatsRequest && _messages.Count == 0 && watch.Elapsed < Patience;)
        {
            if (_socket.Poll(1_000_000, SelectMode.SelectRead))
                TakeIfOurs(_buffer.AsSpan(0, _socket.Receive(_buffer)));
            else
                _socket.Send(_request);
        }

        return Receive(Sccrp);
    }

    // What comes for a tunnel that was cut off is not ours any more: data, and messages with a number of its own.
    private void TakeIfOurs(ReadOnlySpan<byte> packet)
    {
        if ((packet[0] & 0x80) != 0 && packet.Length > 12 && packet[8] == 0 && packet[9] == 0)
            TakeControl(packet);
    }

    private void SendControl(ushort session, byte[] body)
    {
        byte[] packet = [0xc8, 2, .. UInt16(12 + body.Length), .. UInt16(_peerTunnel), .. UInt16(session), .. UInt16(_ns), .. UInt16(_nr),
            .. body];
        _socket.Send(packet);
        _request = _request.Length == 0 ? packet : _request;
    }

    private Dictionary<int, byte[]> Receive(int message)
    {
        ReadUntil(() => _messages.Count > 0, $"message {message}");
        var received = _messages.Dequeue();
        Assert.Equal(message, BinaryPrimitives.ReadUInt16BigEndian(received[0]));
        return received;
    }

    private void ReadUntil(Func<bool> condition, string what)
    {
        for (var watch = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(watch.Elapsed < Patience,
                $"there is no {what}; frames: {string.Join(' ', _frames.Select(Convert.ToHexStringLower))}");
            if (_socket.Poll(100_000, SelectMode.SelectRead))
                Take(_buffer.AsSpan(0, _socket.Receive(_buffer)));
        }
    }

    private void Take(ReadOnlySpan<byte> packet)
    {
        var flags = BinaryPrimitives.ReadUInt16BigEndian(packet);
        Assert.Equal(2, flags & 0xf);
        if ((flags & 0x8000) == 0)
            TakeData(packet, flags);
        else
            TakeControl(packet);
    }

    private void TakeData(ReadOnlySpan<byte> packet, int flags)
    {
        Assert.Equal(0, flags & 0x0200);
        var at = 2 + ((flags & 0x4000) == 0 ? 0 : 2);
        Assert.Equal(_manner.TunnelId, BinaryPrimitives.ReadUInt16BigEndian(packet[at..]));
        Assert.Equal(_manner.SessionId, BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]));
        var frame = packet[(at + 4 + ((flags & 0x0800) == 0 ? 0 : 4))..];
        _frames.Enqueue(frame is [0xff, 3, ..] ? frame[2..].ToArray() : frame.ToArray());
    }

    private void TakeControl(ReadOnlySpan<byte> packet)
    {
        Assert.Equal(packet.Length, BinaryPrimitives.ReadUInt16BigEndian(packet[2..]));
        Assert.Equal(_manner.TunnelId, BinaryPrimitives.ReadUInt16BigEndian(packet[4..]));
        if (packet.Length == 12)
            return;
        if (BinaryPrimitives.ReadUInt16BigEndian(packet[8..]) == _nr)
        {
            _nr++;
            Dictionary<int, byte[]> avps = [];
            for (var rest = packet[12..]; !rest.IsEmpty;)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(rest) & 0x3ff;
                avps[BinaryPrimitives.ReadUInt16BigEndian(rest[4..])] = rest[6..length].ToArray();
                rest = rest[length..];
            }

            // A HELLO is only acknowledged.
            if (!avps[0].SequenceEqual(UInt16(Hello)))
                _messages.Enqueue(avps);
            _peerTunnel = _peerTunnel == 0 && avps.TryGetValue(9, out var id) ? BinaryPrimitives.ReadUInt16BigEndian(id) : _peerTunnel;
        }

        SendControl(0, []);
    }
}
