using L2tpd.Configuration;
using L2tpd.Daemon.Hosting;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>Every key of L2TPv3, and the resulting configuration.</summary>
public sealed class V3KeyTests
{
    public const string Text = """
        listen: 127.0.0.1
        data-plane: "null"
        router-id: 10.0.0.1
        peers:
          p:
            protocol: auto
            secret: new
            second-secret: old
            authentication: when-signed
            digest: md5
            router-id: 10.0.0.2
            identity: host-name
            pseudowires: [vlan, ppp]
            lns: { pseudowire: { cookie: 4 } }
            endpoints:
              lan:
                remote-end-id: "0x00000017"
                pseudowire: { sublayer: none, mtu: 1400, interface: "pw-{end-id}", addresses: [10.1.0.1/24, "2001:db8::1/64"] }
              other: {}
              tagged: { pseudowire: { type: vlan, vlan: 4094, bridge: br0 } }
          q: { match: { address: 192.0.2.1 }, protocol: v3, secret: new, second-secret-file: s }
          r: { match: { address: 192.0.2.2 }, protocol: v3, secret: new, second-secret-credential: s }
          both: { match: { address: 192.0.2.3 }, secrets: [new, old] }
        tunnels:
          t:
            lns: 192.0.2.9
            protocol: v3
            router-id: 7
            identity: address
            sessions:
              s:
                { direction: outgoing, remote-end-id: x, pseudowire: { type: vlan, cookie: 0, sublayer: default, data-sequencing: non-ip } }
        """;

    private static EngineConfiguration Load()
    {
        using var files = new TemporaryConfiguration(Text);
        files.Write("s", "from a file\n");
        files.CredentialsDirectory = files.Directory;
        var result = files.Load();
        Assert.Empty(files.Lines(result.Errors));
        return result.Configuration!.Engine;
    }

    [Fact]
    public void Peer()
    {
        var engine = Load();
        Assert.Equal(0x0a000001u, engine.RouterId);
        var peer = engine.Peers[0];
        Assert.Equal("new"u8.ToArray(), engine.Peers[3].Secret);
        Assert.Equal("old"u8.ToArray(), engine.Peers[3].SecondSecret);
        Assert.All(engine.Peers.Skip(1).Take(2), static other => Assert.Equal("from a file"u8.ToArray(), other.SecondSecret));
        Assert.Equal((ProtocolPreference.Auto, MessageAuthentication.WhenSigned, DigestType.HmacMd5),
            (peer.Protocol, peer.Authentication, peer.Digest));
        Assert.Equal("old"u8.ToArray(), peer.SecondSecret);
        Assert.Equal((0x0a000002u, PeerIdentity.HostName), (peer.LocalRouterId, peer.Identity));
        Assert.Equal((null, PeerIdentity.RouterId), (engine.Peers[1].LocalRouterId, engine.Peers[1].Identity));
        Assert.Equal([PseudowireType.EthernetVlan, PseudowireType.Ppp], peer.Pseudowires.ToArray());
        Assert.Equal(4, peer.Session.Pseudowire.CookieSize);
        Assert.Equal(["lan", "other", "tagged"], peer.Endpoints.Select(e => e.Name));
        Assert.Equal(["0x00000017", "other", "tagged"], peer.Endpoints.Select(e => e.RemoteEndId));
        Assert.Equal(
            new PseudowireProfile
            {
                CookieSize = 4, Sublayer = L2SpecificSublayer.None, Mtu = 1400, Interface = "pw-{end-id}",
                Addresses = ["10.1.0.1/24", "2001:db8::1/64"],
            },
            peer.Endpoints[0].Session.Pseudowire);
        Assert.Equal(peer.Session, peer.Endpoints[1].Session);
        Assert.Equal(
            new PseudowireProfile { CookieSize = 4, Type = PseudowireType.EthernetVlan, Vlan = 4094, Bridge = "br0" },
            peer.Endpoints[2].Session.Pseudowire);
    }

    /// <summary>The first four octets of HMAC-SHA-256, computed by another program.</summary>
    [Theory]
    [InlineData("", null, 0xd1353c2cu)]
    [InlineData("", "0123456789abcdef0123456789abcdef", 0x5d92a966u)]
    [InlineData("host-name: lns.example", "0123456789abcdef0123456789abcdef", 0x1ab2d1b4u)]
    [InlineData("router-id: 5", "0123456789abcdef0123456789abcdef", 5u)]
    public void Router_id_names_machine_and_host(string text, string? machineId, uint expected)
    {
        using var files = new TemporaryConfiguration(text);
        var path = Path.Combine(files.Directory, TemporaryConfiguration.Main);

        Assert.Equal(expected, ConfigurationLoader.Load(path,
            new LoadEnvironment("machine", null, machineId)).Configuration!.Engine.RouterId);
    }

    [Fact]
    public void Router_id_of_this_machine_stays_the_same()
    {
        using var files = new TemporaryConfiguration("data-plane: userspace");
        var path = Path.Combine(files.Directory, TemporaryConfiguration.Main);
        var first = ConfigurationLoader.Load(path, MachineEnvironment.OfProcess()).Configuration!.Engine.RouterId;

        Assert.Equal(first, ConfigurationLoader.Load(path, MachineEnvironment.OfProcess()).Configuration!.Engine.RouterId);
        Assert.NotEqual(0u, first);
    }

    [Fact]
    public void The_name_of_its_tunnel_keeps_one_template_apart_for_sessions_of_several()
    {
        const string Sessions = "protocol: v3, sessions: { s: { pseudowire: { interface: '{peer}' } } }";
        using var files = new TemporaryConfiguration($"tunnels: {{ t: {{ lns: a, {Sessions} }}, u: {{ lns: b, {Sessions} }} }}");
        var path = Path.Combine(files.Directory, TemporaryConfiguration.Main);

        Assert.Equal(["t", "u"], ConfigurationLoader.Load(path,
            MachineEnvironment.OfProcess()).Configuration!.Engine.Tunnels.Select(static tunnel => tunnel.Name));
    }

    [Fact]
    public void Session()
    {
        var tunnel = Assert.Single(Load().Tunnels);
        Assert.Equal(ProtocolPreference.V3, tunnel.Peer.Protocol);
        Assert.Equal((7u, PeerIdentity.Address), (tunnel.Peer.LocalRouterId, tunnel.Peer.Identity));
        var session = Assert.Single(tunnel.Sessions);
        Assert.Equal((CallDirection.Outgoing, "x"), (session.Direction, session.RemoteEndId));
        Assert.Equal(
            new PseudowireProfile
            {
                Type = PseudowireType.EthernetVlan, CookieSize = 0, Sublayer = L2SpecificSublayer.Default,
                DataSequencing = DataSequencing.NonIpOnly,
            },
            session.Session.Pseudowire);
    }
}
