using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Data;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>Every key of static tunnels and of L2TP over IP, and the resulting configuration.</summary>
public sealed class StaticKeyTests
{
    public const string Text = """
        listen: [0.0.0.0, "ip:192.0.2.1", "ip:[2001:db8::1]", { address: 192.0.2.3, transport: ip, bind-device: eth0 }]
        peers:
          p: { protocol: v3, match: { transport: ip } }
        ppp:
          x: { auth: chap, local: 10.0.0.1, pool: 10.1.0.0/24 }
        tunnels:
          dynamic: { lns: 192.0.2.9, protocol: v3, transport: ip, sessions: { wire: {} } }
          site:
            protocol: static
            transport: udp
            remote: "[2001:db8::2]:5001"
            local-address: 2001:db8::1
            source-port: 5000
            tunnel-id: 0x10000
            peer-tunnel-id: 4294967295
            bind-device: eth1
            fwmark: 7
            keepalive: { interval: 2s, retransmit-initial: 500ms, retransmit-cap: 4s, max-retransmits: 2 }
            backoff: { initial: 3s }
            sessions:
              lan:
                session-id: 11
                peer-session-id: 21
                cookie: 01234567
                peer-cookie: 0x0123456789abcdef
                sequencing: true
                reorder-timeout: 50ms
                pseudowire: { interface: pw0, mtu: 1400 }
              ppp: { session-id: 12, peer-session-id: 22, ppp: x, ppp-role: server }
          other: { protocol: static, transport: ip, remote: 192.0.2.2, tunnel-id: 1, peer-tunnel-id: 2, keepalive: 30s,
            sessions: { s: { session-id: 13, peer-session-id: 23 } } }
        hooks:
          peer-silent: silent
          peer-answers: answers
        """;

    private static DaemonConfiguration Load() => TemporaryConfiguration.Good(Text);

    [Fact]
    public void Listeners()
    {
        var listeners = Load().Listeners;
        Assert.Equal(
            [
                new Listener(IPAddress.Any), new Listener(IPAddress.Parse("192.0.2.1"), Carrier: DataCarrier.Ip),
                new Listener(IPAddress.Parse("2001:db8::1"), Carrier: DataCarrier.Ip),
                new Listener(IPAddress.Parse("192.0.2.3"), 1701, "eth0", 0, DataCarrier.Ip),
            ],
            listeners.ToArray());
        Assert.Equal(["0.0.0.0:1701/udp", "192.0.2.1/ip"], listeners.Take(2).Select(static listener => listener.ToString()));
    }

    [Fact]
    public void Peer_and_dialled_tunnel()
    {
        var configuration = Load();
        Assert.Equal(DataCarrier.Ip, configuration.Engine.Peers[0].Carrier);
        var tunnel = Assert.Single(configuration.Engine.Tunnels);
        Assert.Equal(("dynamic", DataCarrier.Ip), (tunnel.Name, tunnel.Carrier));
        Assert.Equal("silent", configuration.Hooks.PeerSilent[^1]);
        Assert.Equal("answers", configuration.Hooks.PeerAnswers[^1]);
    }

    [Fact]
    public void Static_tunnels()
    {
        var tunnels = Load().Engine.StaticTunnels;
        var site = tunnels[0];
        Assert.Equal(("site", Endpoint.From(IPAddress.Parse("2001:db8::2"), 5001)), (site.Name, site.Remote));
        Assert.Equal(("2001:db8::1", (ushort)5000, 65_536u, uint.MaxValue),
            (site.LocalAddress, site.LocalPort, site.TunnelId.Value, site.PeerTunnelId.Value));
        Assert.Equal(("eth1", 7u, TimeSpan.FromSeconds(3)), (site.BindDevice, site.FwMark, site.Backoff.Initial));
        Assert.Equal(new StaticKeepaliveSettings(TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(4), 2),
            site.Keepalive);
        var other = tunnels[1];
        Assert.Equal(("ip:192.0.2.2", (ushort)0), (other.Remote.ToString(), other.LocalPort));
        Assert.Equal(new StaticKeepaliveSettings(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), 3),
            other.Keepalive);
    }

    [Fact]
    public void Static_sessions()
    {
        var sessions = Load().Engine.StaticTunnels[0].Sessions;
        var lan = sessions[0];
        Assert.Equal(("lan", 11u, 21u, false), (lan.Name, lan.SessionId.Value, lan.PeerSessionId.Value, lan.IsPppServer));
        Assert.Equal([0x01, 0x23, 0x45, 0x67], lan.Cookie);
        Assert.Equal([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef], lan.PeerCookie);
        Assert.Equal((true, TimeSpan.FromMilliseconds(50)), (lan.Session.Sequencing, lan.Session.ReorderTimeout));
        Assert.Equal((PseudowireType.Ethernet, "pw0", (ushort?)1400),
            (lan.Session.Pseudowire.Type, lan.Session.Pseudowire.Interface, lan.Session.Pseudowire.Mtu));
        Assert.Equal(("x", true), (sessions[1].Session.Ppp, sessions[1].IsPppServer));
    }

    [Fact]
    public void A_reload_of_the_same_text_finds_nothing_changed()
    {
        var (one, other) = (Load().Engine.StaticTunnels, Load().Engine.StaticTunnels);
        Assert.Equal(one[0].Sessions.ToArray(), other[0].Sessions.ToArray());
        Assert.Equal(one[0] with { Sessions = [] }, other[0] with { Sessions = [] });
    }
}
