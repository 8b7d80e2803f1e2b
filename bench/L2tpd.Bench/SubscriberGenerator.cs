using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Ipv6.Packets;
using L2tpd.Linux.Sockets;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Bench;

/// <summary>
/// A LAC with subscribers behind it, in one thread on one socket: each session negotiates LCP, CHAP and IPCP, and with dual stack IPv6CP
/// and a delegated prefix by DHCPv6 with Rapid Commit (RFC 8415 section 18.2.1). A subscriber waits for the LNS's first frame: its own
/// could arrive before the session is known there.
/// </summary>
internal sealed class SubscriberGenerator : ControlPlaneEffects, IPppEffects, IPppRandom, IDisposable
{
    private const int SessionsATunnel = 1000;
    private const int DataHeader = 6;
    private const int LongestFrame = 1_500;
    private const long TimersEvery = 100;

    // Header, client identifier (DUID-LL), Rapid Commit, elapsed time, IA_PD without T1 and T2.
    private static readonly byte[] _solicit = Convert.FromHexString(
        "01000000" + "0001000a" + "00030001020000000000" + "000e0000" + "000800020000" + "0019000c" + "000000010000000000000000");

    private static readonly byte[] _prefixOption = [0, 26, 0, 25];

    private readonly Dictionary<uint, Subscriber> _subscribers = [];
    private readonly List<Subscriber> _all = [];
    private readonly Dictionary<TunnelKey, ushort> _peerTunnels = [];
    private readonly ReceiveBatch _input = new();
    private readonly SendBatch _output = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly UdpSocket _socket;
    private readonly L2tpEngine _engine;
    private readonly SockAddr _server;
    private readonly PppProfile _profile;
    private long _nextTimers;

    /// <param name="server">Where the LNS listens.</param>
    /// <param name="local">Its own address.</param>
    /// <param name="sessions">How many subscribers; whole tunnels of a thousand are dialled, or one tunnel.</param>
    /// <param name="isDual">With IPv6 and a delegated prefix.</param>
    private SubscriberGenerator(IPEndPoint server, IPAddress local, int sessions, bool isDual)
    {
        _socket = UdpSocket.Open(new UdpSocketOptions
        {
            Local = SockAddr.From(local, 0), ReceiveBuffer = 8 << 20, SendBuffer = 8 << 20, PacketInfo = false,
        });
        _server = SockAddr.From(server.Address, server.Port);
        Path = new Path(0, Endpoint.From(local, _socket.LocalAddress.Port), Endpoint.From(server.Address, server.Port));
        var tunnels = Math.Max(1, sessions / SessionsATunnel);
        Expected = tunnels * (sessions / tunnels);
        var rules = new PeerProfile { Name = "server", Secret = "test"u8.ToArray() };
        _engine = new L2tpEngine(LoadGenerator.Dialling(rules, tunnels, sessions / tunnels, server.Port, null), this);
        _profile = new PppProfile { Ipv6 = isDual, SetupTimeout = 0 };
    }

    /// <summary>Sessions that are dialled.</summary>
    private int Expected { get; }

    /// <summary>Subscribers that have all they want.</summary>
    private int Up { get; set; }

    private int Failures { get; set; }

    private long Now => _clock.ElapsedMilliseconds;

    /// <summary>
    /// Brings all subscribers up and prints how many seconds that took; ends everything when a line, or the end, comes on standard input.
    /// </summary>
    public static int Run(IPAddress local, IPAddress remote, int sessions, bool isDual)
    {
        using var generator = new SubscriberGenerator(new IPEndPoint(remote, 1701), local, sessions, isDual);
        var watch = Stopwatch.StartNew();
        generator.Inputs.Enqueue(new Start());
        generator.RunUntil(() => generator.Up + generator.Failures >= generator.Expected, TimeSpan.FromMinutes(4));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{generator.Up} {watch.Elapsed.TotalSeconds:0.000}"));
        var asked = Task.Run(Console.In.ReadLine);
        generator.RunUntil(() => asked.IsCompleted, TimeSpan.FromMinutes(1));
        generator.Inputs.Enqueue(new ShutDown());
        generator.RunUntil(() => generator.Inputs.Count == 0 && generator._engine.IsQuiet, TimeSpan.FromSeconds(30));
        return generator.Up == generator.Expected ? 0 : 1;
    }

    public override void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram) => Add(datagram);

    public override void OpenTransport(TunnelKey tunnel, TransportRequest request) => Inputs.Enqueue(new TransportOpened(tunnel, Path));

    public override void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters)
    {
        _peerTunnels[tunnel] = (ushort)parameters.PeerId.Value;
        base.CreateTunnel(tunnel, parameters);
    }

    public override void CreateSession(SessionKey session, SessionParameters parameters)
    {
        var peer = ((uint)_peerTunnels[session.Tunnel] << 16) | parameters.PeerId.Value;
        var endpoint = new PppEndpoint(_all.Count, _profile, this, new PppCredentials("test", "test"));
        var subscriber = new Subscriber(endpoint, peer);
        _all.Add(subscriber);
        _subscribers[(session.Tunnel.LocalId.Value << 16) | parameters.LocalId.Value] = subscriber;
        Inputs.Enqueue(new SessionCreated(session));
    }

    public override void Notify(EngineEvent engineEvent)
    {
        if (engineEvent is not SessionEnded { Reason.Cause: not EndCause.ShutDown, Session.Key: var key } ended)
            return;
        var subscriber = _subscribers.GetValueOrDefault((key.Tunnel.LocalId.Value << 16) | key.LocalId.Value);
        Fail(subscriber, $"session: {ended.Reason}");
    }

    public void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame)
    {
        Span<byte> message = stackalloc byte[LongestFrame];
        message[0] = 0;
        message[1] = 2;
        BinaryPrimitives.WriteUInt32BigEndian(message[2..], _all[(int)endpoint.Key].Peer);
        frame.CopyTo(message[DataHeader..]);
        Add(message[..(DataHeader + frame.Length)]);
    }

    public void NetworkUp(PppEndpoint endpoint, PppNetwork network)
    {
        var subscriber = _all[(int)endpoint.Key];
        if (network is Ipv6Network six)
        {
            subscriber.Identifier = six.LocalIdentifier;
            Solicit(subscriber);
        }
        else
        {
            Have(subscriber, Subscriber.Ipv4);
        }
    }

    public void Ended(PppEndpoint endpoint, PppEnd end) => Fail(_all[(int)endpoint.Key], $"PPP: {end.Text}");

    public void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest request)
    {
    }

    public void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation)
    {
    }

    public void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant)
    {
    }

    public void LinkUp(PppEndpoint endpoint, LinkParameters link)
    {
    }

    public void NetworkDown(PppEndpoint endpoint, PppNetwork network)
    {
    }

    public void LinkRestarted(PppEndpoint endpoint)
    {
    }

    public void Dispose()
    {
        _socket.Dispose();
        _input.Dispose();
        _output.Dispose();
    }

    private void Solicit(Subscriber subscriber)
    {
        Span<byte> frame = stackalloc byte[4 + Ipv6Packet.UdpDataOffset + _solicit.Length];
        (frame[0], frame[1], frame[2], frame[3]) = (0xff, 3, 0, (byte)PppProtocol.Ipv6);
        var packet = frame[4..];
        var data = packet[Ipv6Packet.UdpDataOffset..];
        _solicit.CopyTo(data);
        var number = (int)subscriber.Endpoint.Key;
        (data[1], data[2], data[3]) = ((byte)(number >> 16), (byte)(number >> 8), (byte)number);
        BinaryPrimitives.WriteInt32BigEndian(data[14..], number);
        Ipv6Packet.CompleteUdp(
            packet, Ipv6Address.LinkLocal(subscriber.Identifier), 546, Ipv6Address.AllDhcpServers, 547, hopLimit: 1);
        SendFrame(subscriber.Endpoint, frame);
        subscriber.Solicited = Now;
    }

    private void TakePacket(Subscriber subscriber, ReadOnlySpan<byte> frame)
    {
        const byte reply = 7;
        if (PppFrame.TryParse(frame, out var parsed) && Ipv6Packet.TryParse(parsed.Payload, out var packet)
            && packet.NextHeader == 17 && UdpDatagram.TryParse(packet, out var datagram)
            && datagram.Data.Length > 4 && datagram.Data[0] == reply && datagram.Data.IndexOf(_prefixOption) > 0)
        {
            Have(subscriber, Subscriber.Prefix);
        }
    }

    /// <summary>Counts a subscriber that will not come up, once. <c>null</c>: it has not got as far as a session.</summary>
    private void Fail(Subscriber? subscriber, string reason)
    {
        if (subscriber is { IsUp: true } or { HasFailed: true })
            return;
        if (subscriber is not null)
            subscriber.HasFailed = true;
        if (Failures++ == 0)
            Console.Error.WriteLine($"the first subscriber that failed: {reason}");
    }

    private void Have(Subscriber subscriber, int what)
    {
        var before = subscriber.IsUp;
        subscriber.Has |= what;
        subscriber.IsUp = subscriber.Has == (_profile.Ipv6 ? Subscriber.Ipv4 | Subscriber.Prefix : Subscriber.Ipv4);
        if (!before && subscriber is { IsUp: true, HasFailed: false })
            Up++;
    }

    private void Add(ReadOnlySpan<byte> datagram)
    {
        if (_output.IsFull)
            Flush();
        _output.TryAdd(_server, default, 0, datagram);
    }

    private void RunUntil(Func<bool> done, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (!done() && watch.Elapsed < limit)
        {
            while (Inputs.TryDequeue(out var input))
                _engine.Handle(input, new(Now), this);
            if (_engine.NextDeadline.Milliseconds <= Now)
                _engine.Handle(DeadlineReached.Instance, new(Now), this);
            if (Now >= _nextTimers)
                RunTimers();
            Flush();
            if (Receive() == 0 && Inputs.Count == 0)
                Poll.ForInput(_socket.Descriptor, (int)Math.Clamp(_engine.NextDeadline.Milliseconds - Now, 0, TimersEvery));
        }
    }

    private void RunTimers()
    {
        _nextTimers = Now + TimersEvery;
        foreach (var subscriber in _all)
        {
            if (subscriber.Endpoint.NextDeadline <= Now)
                subscriber.Endpoint.HandleDeadline(Now, this);
            // SOL_TIMEOUT (RFC 8415 section 7.6); the time doubles there.
            if (subscriber is { IsUp: false, Identifier: not 0 } && Now - subscriber.Solicited > 1_000)
                Solicit(subscriber);
        }
    }

    private int Receive()
    {
        var count = Math.Max(_socket.Receive(_input), 0);
        for (var i = 0; i < count; i++)
        {
            var message = _input.Payload(i);
            if (message.Length > 0 && (message[0] & 0x80) != 0)
                _engine.Handle(new Datagram(Path, message), new(Now), this);
            else
                TakeData(message);
        }

        Flush();
        return count;
    }

    // L, S and O (RFC 2661 section 3.1): a length before the ids, Ns and Nr, and an offset behind them.
    private void TakeData(ReadOnlySpan<byte> message)
    {
        var ids = message.Length > 0 && (message[0] & 0x40) != 0 ? 4 : 2;
        if (message.Length < ids + 4 || (message[0] & 0x0a) != 0
            || !_subscribers.TryGetValue(BinaryPrimitives.ReadUInt32BigEndian(message[ids..]), out var subscriber))
        {
            return;
        }

        var frame = message[(ids + 4)..];
        if (subscriber.Endpoint.Phase == PppPhase.Dead)
            subscriber.Endpoint.Open(Now, this);
        if (subscriber.Endpoint.HandleFrame(frame, Now, this) == PppFrameKind.Ipv6)
            TakePacket(subscriber, frame);
    }

    private void Flush()
    {
        while (_output.Count > 0 && !_socket.Send(_output))
            Thread.Yield();
        _output.Clear();
    }

    /// <param name="endpoint">Its PPP.</param>
    /// <param name="peer">The LNS's ids of tunnel and session.</param>
    private sealed class Subscriber(PppEndpoint endpoint, uint peer)
    {
        public const int Ipv4 = 1;
        public const int Prefix = 2;

        public PppEndpoint Endpoint => endpoint;

        public uint Peer => peer;

        /// <summary>0 before IPv6CP is up.</summary>
        public ulong Identifier { get; set; }

        /// <summary>When the last Solicit was sent, ms.</summary>
        public long Solicited { get; set; }

        public int Has { get; set; }

        public bool IsUp { get; set; }

        public bool HasFailed { get; set; }
    }
}
