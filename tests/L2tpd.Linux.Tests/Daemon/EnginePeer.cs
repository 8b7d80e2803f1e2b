using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using L2tpd.Daemon.Hosting;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using EnginePath = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>An engine on one plain UDP socket of the test's own: the daemon's other end, LAC or LNS.</summary>
internal sealed class EnginePeer : GrantingEffects, IDisposable
{
    private readonly L2tpEngine _engine;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _buffer = new byte[4_096];
    private readonly Endpoint _local;

    public EnginePeer(EngineConfiguration configuration)
    {
        _engine = new L2tpEngine(configuration, new SystemRandomSource());
        _socket.ReceiveBufferSize = 8 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        _local = Endpoint.From(IPAddress.Loopback, Port);
        Inputs.Enqueue(new Start());
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public L2tpEngine Engine => _engine;

    public List<EngineEvent> Events { get; } = [];

    public List<string> Endings { get; } = [];

    /// <summary>What the engine asked PPP for.</summary>
    public Dictionary<SessionKey, PppRequest> PppRequests { get; } = [];

    /// <summary>A LAC with one tunnel to a port of this host.</summary>
    public static EnginePeer Lac(int port, int sessions, string? secret = "test", bool persist = false, string host = "127.0.0.1") =>
        new(new EngineConfiguration
    {
        HostName = "lac",
        Tunnels =
        [
            new LacTunnel
            {
                Name = "t",
                Remotes = [new RemoteHost(host, (ushort)port)],
                Peer = new PeerProfile { Name = "lns", Secret = secret is null ? null : System.Text.Encoding.ASCII.GetBytes(secret) },
                Persist = persist,
                Sessions = [.. Enumerable.Range(1, sessions).Select(number => new LacSession { Name = $"s{number}", Persist = persist })],
            },
        ],
    });

    /// <summary>A LAC with many tunnels to a port of this host.</summary>
    public static EnginePeer LacWith(int tunnels, int port) => new(new EngineConfiguration
    {
        HostName = "lac",
        Tunnels =
        [
            .. Enumerable.Range(1, tunnels).Select(number => new LacTunnel
            {
                Name = $"t{number}",
                Remotes = [new RemoteHost("127.0.0.1", (ushort)port)],
                Peer = new PeerProfile { Name = "lns", Secret = "test"u8.ToArray() },
                Persist = false,
            }),
        ],
    });

    /// <summary>An LNS for anyone.</summary>
    /// <param name="ppp">Name of the PPP profile that its sessions want; null: none.</param>
    public static EnginePeer Lns(string? ppp = null) => new(new EngineConfiguration
    {
        HostName = "lns",
        Limits = new EngineLimits { MaxHalfOpenPerSource = 60_000, MaxHalfOpen = 60_000, SccrqBurstPerSource = 1_000_000,
            SccrqRatePerSource = 1_000_000 },
        Peers = [new PeerProfile { Name = "any", Session = new SessionProfile { Ppp = ppp } }],
    });

    public void Tell(EngineInput input) => Inputs.Enqueue(input);

    /// <summary>Runs both ends until the condition holds.</summary>
    public void RunUntil(Func<bool> condition, string what, int seconds = 60)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed.TotalSeconds < seconds, $"not in {seconds} s: {what}; ended: {string.Join("; ", Endings)}");
            Turn();
        }
    }

    /// <summary>Sends what the configuration asks for, and reads no answer.</summary>
    public void Ask()
    {
        while (Inputs.TryDequeue(out var input))
            _engine.Handle(input, new(Now), this);
    }

    /// <summary>One turn of the loop: waits 1 ms at most for a datagram.</summary>
    public void Turn()
    {
        Ask();
        if (_engine.NextDeadline.Milliseconds <= Now)
            _engine.Handle(DeadlineReached.Instance, new(Now), this);
        if (!_socket.Poll(1_000, SelectMode.SelectRead))
            return;
        while (_socket.Available > 0)
        {
            EndPoint source = new IPEndPoint(IPAddress.Any, 0);
            var length = _socket.ReceiveFrom(_buffer, ref source);
            var from = (IPEndPoint)source;
            _engine.Handle(new Datagram(new EnginePath(1, _local, Endpoint.From(from.Address, from.Port)), _buffer.AsSpan(0, length)),
                new(Now), this);
        }
    }

    public override void Send(in EnginePath path, TunnelKey tunnel, ReadOnlySpan<byte> datagram) =>
        _socket.SendTo(datagram, SocketFlags.None, new IPEndPoint(path.Remote.ToIPAddress(), path.Remote.Port));

    public override void StartPpp(SessionKey session, PppRequest request) => PppRequests[session] = request;

    public override void Notify(EngineEvent engineEvent)
    {
        Events.Add(engineEvent);
        if (engineEvent is TunnelEnded ended)
            Endings.Add(ended.Reason.Text);
    }

    public void Dispose() => _socket.Dispose();

    protected override IPAddress AddressOf(string host) => IPAddress.Parse(host);

    protected override EnginePath PathTo(Endpoint remote) => new(1, _local, remote);

    private static long Now => MonotonicClock.NowMilliseconds;
}
