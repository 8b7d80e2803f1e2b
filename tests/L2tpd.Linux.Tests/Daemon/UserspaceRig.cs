using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration;
using L2tpd.Daemon.Hosting;
using L2tpd.DataPlanes.Userspace;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Linux.Netlink;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// The userspace data plane on a listener of 127.0.0.1, and a plain UDP socket as the peer. The test takes the place of the loop.
/// </summary>
internal sealed class UserspaceRig : IDisposable
{
    public const uint OurTunnel = 0x1111;
    public const uint PeerTunnel = 0x2222;
    public const uint OurSession = 0x3333;
    public const uint PeerSession = 0x4444;

    private readonly LoopRig _rig = new();
    private readonly Transports _transports;
    private readonly Endpoint _local;

    public UserspaceRig()
    {
        Engine = new L2tpEngine(new EngineConfiguration { HostName = "rig" }, new SystemRandomSource());
        Loop = new EngineLoop(_rig.Events, Engine, _rig.Timers, _rig.Faults);
        var budget = new DescriptorBudget(_rig);
        _transports = new Transports(_rig.Events, Loop, _rig.Faults, budget);
        Assert.True(_transports.AddListener(new Listener(IPAddress.Loopback, (ushort)DaemonProcess.FreePort(), null, 0),
            out _local).IsNone);
        RtNetlink.TryOpen(out var links).ThrowIfError();
        DataPlane = new UserspaceDataPlane(_rig, _transports, budget, _rig.Timers, links!, offloads: true, _rig);
        DataPlane.Start(_rig.Events, _rig.Faults);
        var effects = new EngineEffects(_transports, null!, null!, DataPlane, null!, [], Loop.Trace);
        Loop.Connect(effects, new FlushingTurnEnd(DataPlane), DataPlane);
        Peer.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Peer.Connect(new IPEndPoint(IPAddress.Loopback, _local.Port));
    }

    public L2tpEngine Engine { get; }

    public EngineLoop Loop { get; }

    public UserspaceDataPlane DataPlane { get; }

    public Socket Peer { get; } = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5_000 };

    public IPEndPoint Listener => new(IPAddress.Loopback, _local.Port);

    public LoopRig Rig => _rig;

    public static TunnelKey TunnelKey => new(new TunnelId(OurTunnel), 1);

    public static SessionKey SessionKey => new(TunnelKey, new SessionId(OurSession), 1);

    public void MakeTunnel(ProtocolVersion version)
    {
        var remote = Endpoint.From(IPAddress.Loopback, ((IPEndPoint)Peer.LocalEndPoint!).Port);
        DataPlane.CreateTunnel(TunnelKey,
            new TunnelParameters(null!, version, new TunnelId(OurTunnel), new TunnelId(PeerTunnel), new Path(1, _local, remote), null, 0));
        Assert.IsType<TunnelCreated>(_rig.Inputs[^1]);
    }

    public UserspaceSession MakeSession(
        bool lns = true, bool send = false, bool require = false, TimeSpan reorder = default, PseudowireParameters? settings = null)
    {
        DataPlane.CreateSession(
            SessionKey,
            new SessionParameters(null!, new(OurSession), new(PeerSession), PseudowireType.Ppp, lns, send, require, reorder, settings));
        Assert.IsType<SessionCreated>(_rig.Inputs[^1]);
        Assert.True(DataPlane.TryFindSession(SessionKey, out var session));
        return session;
    }

    public static PseudowireParameters Settings(
        byte[] localCookie, byte[] peerCookie, L2SpecificSublayer sublayer = L2SpecificSublayer.None,
        DataSequencing level = DataSequencing.None) =>
        new(localCookie, peerCookie, sublayer, level, level, null, null, null, []);

    /// <summary>Sends hexadecimal octets from the peer and runs the loop until it has received them.</summary>
    public void PeerSends(string hex) => PeerSends(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    public void PeerSends(byte[] packet)
    {
        Peer.Send(packet);
        Assert.True(_rig.Events.RunOnce(MonotonicClock.NowMilliseconds + 5_000) > 0, "nothing came in");
        Loop.OnTurn(MonotonicClock.NowMilliseconds);
    }

    /// <summary>Sends what is queued, and returns the next datagram of the peer in hexadecimal.</summary>
    public string PeerReceives()
    {
        Loop.OnTurn(MonotonicClock.NowMilliseconds);
        var buffer = new byte[20_000];
        return Convert.ToHexStringLower(buffer.AsSpan(0, Peer.Receive(buffer)));
    }

    public void Dispose()
    {
        DataPlane.Dispose();
        _transports.Dispose();
        Peer.Dispose();
        _rig.Dispose();
    }

    private sealed class FlushingTurnEnd(UserspaceDataPlane dataPlane) : ITurnEnd
    {
        public long NextDeadline => long.MaxValue;

        public void OnTurnEnd(long now) => dataPlane.Flush();
    }
}

/// <summary>Records the frames that arrive, in hexadecimal.</summary>
internal sealed class RecordingPort : ISessionPort
{
    public List<string> Received { get; } = [];

    public void Receive(ReadOnlySpan<byte> payload) => Received.Add(Convert.ToHexStringLower(payload));
}
