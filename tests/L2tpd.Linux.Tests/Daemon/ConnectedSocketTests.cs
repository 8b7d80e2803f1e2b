using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration;
using L2tpd.Daemon.Hosting;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Protocol;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The connected sockets of the kernel's data path, one for each tunnel.</summary>
public sealed class ConnectedSocketTests : IDisposable
{
    private readonly LoopRig _rig = new();
    private readonly Transports _transports;

    public ConnectedSocketTests()
    {
        var engine = new L2tpEngine(new EngineConfiguration { HostName = "rig" }, new SystemRandomSource());
        var loop = new EngineLoop(_rig.Events, engine, _rig.Timers, _rig.Faults);
        _transports = new Transports(_rig.Events, loop, _rig.Faults, new DescriptorBudget(_rig));
    }

    public void Dispose()
    {
        _transports.Dispose();
        _rig.Dispose();
    }

    /// <summary>
    /// With two connected sockets the kernel chooses by the processor that receives (sk_incoming_cpu): data of the new tunnel would go to
    /// the socket of one that lingers.
    /// </summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_peer_that_comes_back_from_the_same_port_has_one_socket(string address)
    {
        var ip = IPAddress.Parse(address);
        Assert.True(_transports.AddListener(new Listener(ip, (ushort)DaemonProcess.FreePort(), null, 0), out var local).IsNone);
        var before = _transports.Count;
        Connect(Key(1), local, Endpoint.From(ip, 40_001));
        Assert.Equal(before + 1, _transports.Count);
        Connect(Key(2), local, Endpoint.From(ip, 40_001));
        Assert.Equal(before + 1, _transports.Count);
        Connect(Key(3), local, Endpoint.From(ip, 40_002));
        Assert.Equal(before + 2, _transports.Count);
        _transports.Close(Key(1));
        _transports.Close(Key(2));
        Assert.Equal(before + 1, _transports.Count);
    }

    /// <summary>In IPsec with `marks`: the new association has another mark, at which the kernel does not look.</summary>
    [Fact]
    public void A_peer_that_comes_back_from_the_same_port_with_another_mark_has_one_socket_once_its_tunnel_has_ended()
    {
        var listener = new Listener(IPAddress.Loopback, (ushort)DaemonProcess.FreePort(), null, 0);
        Assert.True(_transports.AddListener(listener, out var local).IsNone);
        var before = _transports.Count;
        var remote = Endpoint.From(IPAddress.Loopback, 40_001);
        Connect(Key(1), local, remote with { Mark = 1 });
        Connect(Key(2), local, remote with { Mark = 2 });
        Assert.Equal(before + 2, _transports.Count);
        _transports.Leave(Key(1));
        Connect(Key(3), local, remote with { Mark = 3 });
        Assert.Equal(before + 2, _transports.Count);
        _transports.Close(Key(1));
        _transports.Leave(Key(3));
        _transports.Close(Key(3));
        Assert.Equal(before + 1, _transports.Count);
        Connect(Key(4), local, remote with { Mark = 4 });
        Assert.Equal(before + 2, _transports.Count);
    }

    /// <summary>The same where we dial: the last messages of the tunnel that lingers leave by the new socket.</summary>
    [Fact]
    public void A_tunnel_dialled_again_from_a_configured_port_has_one_socket()
    {
        using var peer = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var remote = Endpoint.From(IPAddress.Loopback, (ushort)((IPEndPoint)peer.Client.LocalEndPoint!).Port);
        var port = (ushort)DaemonProcess.FreePort();
        Assert.True(_transports.AddListener(new Listener(IPAddress.Loopback, (ushort)DaemonProcess.FreePort(), null, 0), out _).IsNone);
        var paths = new List<Path>();
        for (var tunnel = 1u; tunnel <= 3; tunnel++)
        {
            _transports.Open(Key(tunnel), new TransportRequest(remote, "127.0.0.1", port, null, 0) { Name = "dialled" });
            paths.Add(new Path((int)tunnel + 1, Endpoint.From(IPAddress.Loopback, port), remote));
            Connect(Key(tunnel), paths[^1].Local, remote);
            Assert.Equal(1, SocketsOn(port));
            _transports.Send(paths[0], Key(1), [1, 2, (byte)tunnel]);
            _transports.Outbox.FlushAll();
            IPEndPoint? from = null;
            Assert.Equal([1, 2, (byte)tunnel], peer.Receive(ref from));
            Assert.Equal(port, from.Port);
            _transports.Leave(Key(tunnel));
        }

        _transports.Close(Key(3));
        Assert.Equal(0, SocketsOn(port));
        _transports.Send(paths[0], Key(1), [9]);
        Assert.Equal(1, _transports.WithoutSocket);
        _transports.Close(Key(1));
        _transports.Close(Key(2));
    }

    private static int SocketsOn(ushort port) =>
        File.ReadLines("/proc/self/net/udp").Count(line => line.Contains($"0100007F:{port:X4} ", StringComparison.Ordinal));

    private static TunnelKey Key(uint id) => new(new TunnelId(id), 1);

    private void Connect(TunnelKey tunnel, Endpoint local, Endpoint remote)
    {
        var parameters = new TunnelParameters(
            null!, ProtocolVersion.V2, tunnel.LocalId, new TunnelId(9), new Path(1, local, remote), null, 0);
        Assert.True(_transports.Connect(tunnel, parameters, out _).IsNone);
    }
}
