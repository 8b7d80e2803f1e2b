using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Runtime;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux.Sockets;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Bench;

/// <summary>A LAC on l2tpd's own engine that dials many tunnels with many sessions each, over one socket, and takes times.</summary>
internal sealed class LoadGenerator : ControlPlaneEffects, IDisposable
{
    /// <summary>Octets: three times what 10,000 sessions need.</summary>
    private const long AllocatedAtMost = 100 << 20;

    private const ushort Icrq = 10;
    private const ushort Icrp = 11;
    private const ushort LocalSessionId = 63;
    private const ushort RemoteSessionId = 64;

    private readonly UdpSocket _socket;
    private readonly L2tpEngine _engine;
    private readonly ReceiveBatch _input = new();
    private readonly SendBatch _output = new();
    private readonly Queue<TunnelKey> _waiting = new();
    private readonly Dictionary<ulong, long> _asked = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly int _tunnelsAtOnce;
    private int _opening;
    private int _sessionsLost;

    /// <param name="server">Where the LNS listens.</param>
    /// <param name="tunnels">How many tunnels.</param>
    /// <param name="sessions">How many sessions in each.</param>
    /// <param name="tunnelsAtOnce">How many tunnels are set up at a time.</param>
    /// <param name="rules">Version and authentication.</param>
    /// <param name="local">Its own address.</param>
    public LoadGenerator(IPEndPoint server, int tunnels, int sessions, int tunnelsAtOnce, PeerProfile rules, IPAddress local)
    {
        _socket = UdpSocket.Open(new UdpSocketOptions
        {
            Local = SockAddr.From(local, 0), ReceiveBuffer = 8 << 20, SendBuffer = 8 << 20, PacketInfo = false,
        });
        _tunnelsAtOnce = tunnelsAtOnce;
        var remote = Endpoint.From(server.Address, server.Port);
        Path = new Path(0, Endpoint.From(local, _socket.LocalAddress.Port), remote);
        _engine = new L2tpEngine(Dialling(rules, tunnels, sessions, server.Port, null), this);
    }

    /// <summary>Microseconds from each ICRQ to its ICRP.</summary>
    public List<double> Latencies { get; } = [];

    public int TunnelsUp { get; private set; }

    public int SessionsUp { get; private set; }

    public int Failures { get; private set; }

    private long Now => _clock.ElapsedMilliseconds;

    /// <summary>The configuration of a LAC that dials everything once.</summary>
    /// <param name="rules">Version and authentication.</param>
    /// <param name="tunnels">How many tunnels.</param>
    /// <param name="sessions">How many sessions in each.</param>
    /// <param name="port">The server's.</param>
    /// <param name="endId">The Remote End ID of all sessions; <c>null</c> for one of its own for each session of a tunnel.</param>
    public static EngineConfiguration Dialling(PeerProfile rules, int tunnels, int sessions, int port, string? endId)
    {
        var peer = rules with
        {
            Timers = new TunnelTimers { TunnelSetup = TimeSpan.FromMinutes(5), SessionSetup = TimeSpan.FromMinutes(5) },
        };
        ImmutableArray<LacSession> calls =
            [.. Enumerable.Range(0, sessions).Select(i => new LacSession { Name = $"s{i}", Persist = false, RemoteEndId = endId })];
        return new EngineConfiguration
        {
            HostName = "bench",
            Tunnels = [.. Enumerable.Range(0, tunnels).Select(i => new LacTunnel
            {
                Name = $"t{i}", Persist = false, Peer = peer, Sessions = calls, Remotes = [new RemoteHost("server", (ushort)port)],
            })],
        };
    }

    /// <summary>
    /// Brings everything up; seconds taken. Under a small load no garbage is collected meanwhile: the pause would count as a slow answer.
    /// </summary>
    public double SetUp(int tunnels, int sessions, TimeSpan limit)
    {
        var isPauseless = GC.TryStartNoGCRegion(AllocatedAtMost);
        var watch = Stopwatch.StartNew();
        Inputs.Enqueue(new Start());
        RunUntil(() => TunnelsUp + Failures >= tunnels && SessionsUp >= sessions, limit);
        var seconds = watch.Elapsed.TotalSeconds;
        if (isPauseless && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            GC.EndNoGCRegion();
        return seconds;
    }

    /// <summary>Keeps the conversation going for a time.</summary>
    public void Idle(TimeSpan duration)
    {
        var watch = Stopwatch.StartNew();
        RunUntil(() => watch.Elapsed >= duration, duration);
    }

    /// <summary>Closes all tunnels; seconds taken.</summary>
    public double TearDown(TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        Inputs.Enqueue(new ShutDown());
        RunUntil(() => Inputs.Count == 0 && _engine.IsQuiet, limit);
        return watch.Elapsed.TotalSeconds;
    }

    public override void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
    {
        if (IsOfType(datagram, Icrq))
        {
            var id = IsV2(datagram) ? BinaryPrimitives.ReadUInt16BigEndian(datagram[26..]) : FindV3(datagram, LocalSessionId);
            _asked[Key(tunnel.LocalId.Value, id)] = Stopwatch.GetTimestamp();
        }

        if (_output.IsFull)
            Flush();
        _output.TryAdd(ToSockAddr(path.Remote), default, 0, datagram);
    }

    public override void OpenTransport(TunnelKey tunnel, TransportRequest request)
    {
        _waiting.Enqueue(tunnel);
        OpenMore();
    }

    public override void Notify(EngineEvent engineEvent)
    {
        switch (engineEvent)
        {
            case TunnelEstablished:
                TunnelsUp++;
                _opening--;
                OpenMore();
                break;
            case SessionEstablished:
                SessionsUp++;
                break;
            case SessionEnded { Reason.Cause: not EndCause.ShutDown } ended when _sessionsLost++ == 0:
                Console.Error.WriteLine($"first session that ended: {ended.Reason}");
                break;
            case TunnelEnded { Reason.Cause: not EndCause.ShutDown } ended:
                if (Failures++ == 0)
                    Console.Error.WriteLine($"first tunnel that ended: {ended.Reason}");
                break;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _input.Dispose();
        _output.Dispose();
    }

    private static bool IsV2(ReadOnlySpan<byte> message) => (message[1] & 0xf) == 2;

    private static bool IsOfType(ReadOnlySpan<byte> message, ushort type) =>
        message.Length > 20 && BinaryPrimitives.ReadUInt16BigEndian(message[18..]) == type;

    /// <summary>A 32-bit AVP of a message of L2TPv3.</summary>
    private static uint FindV3(ReadOnlySpan<byte> message, ushort type)
    {
        for (var offset = 12; offset + 10 <= message.Length;)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 4)..]) == type)
                return BinaryPrimitives.ReadUInt32BigEndian(message[(offset + 6)..]);
            offset += Math.Max(6, BinaryPrimitives.ReadUInt16BigEndian(message[offset..]) & 0x3ff);
        }

        return 0;
    }

    private static ulong Key(uint tunnel, uint session) => ((ulong)tunnel << 32) | session;

    private static SockAddr ToSockAddr(Endpoint endpoint) => SockAddr.IPv4((uint)endpoint.Address, endpoint.Port);

    private void OpenMore()
    {
        while (_opening < _tunnelsAtOnce && _waiting.TryDequeue(out var tunnel))
        {
            _opening++;
            Inputs.Enqueue(new TransportOpened(tunnel, Path));
        }
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
            Flush();
            if (Receive() == 0 && Inputs.Count == 0)
                Poll.ForInput(_socket.Descriptor, (int)Math.Clamp(_engine.NextDeadline.Milliseconds - Now, 0, 100));
        }
    }

    private int Receive()
    {
        var count = Math.Max(_socket.Receive(_input), 0);
        for (var i = 0; i < count; i++)
        {
            var message = _input.Payload(i);
            if (IsOfType(message, Icrp))
                TakeTime(message);
            _engine.Handle(new Datagram(Path, message), new(Now), this);
        }

        Flush();
        return count;
    }

    private void TakeTime(ReadOnlySpan<byte> message)
    {
        var key = IsV2(message)
            ? Key(BinaryPrimitives.ReadUInt16BigEndian(message[4..]), BinaryPrimitives.ReadUInt16BigEndian(message[6..]))
            : Key(BinaryPrimitives.ReadUInt32BigEndian(message[4..]), FindV3(message, RemoteSessionId));
        if (_asked.Remove(key, out var asked))
            Latencies.Add(Stopwatch.GetElapsedTime(asked).TotalMicroseconds);
    }

    private void Flush()
    {
        while (_output.Count > 0 && !_socket.Send(_output))
            Thread.Yield();
        _output.Clear();
    }
}
