using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Data;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>Tunnels over IP and over UDP are separate: messages of one never find a tunnel of the other.</summary>
public sealed class OverIpTests
{
    private static readonly IPAddress Host = IPAddress.Parse("192.0.2.2");

    [Theory]
    [InlineData("192.0.2.2", "ip:192.0.2.2")]
    [InlineData("2001:db8::1", "ip:[2001:db8::1]")]
    public void An_endpoint_over_IP_has_no_port_and_is_another(string address, string text)
    {
        var udp = Endpoint.From(IPAddress.Parse(address), 1701);
        var ip = Endpoint.From(IPAddress.Parse(address), 1701, DataCarrier.Ip);
        Assert.Equal(udp.OverIp, ip);
        Assert.Equal((text, (ushort)0), (ip.ToString(), ip.Port));
        Assert.NotEqual(udp.WithoutPort, ip.WithoutPort);
        // A source is counted as one source over both carriers.
        Assert.Equal(udp.SourceNetwork, ip.SourceNetwork);
    }

    [Fact]
    public void A_tunnel_over_IP_is_not_to_be_reached_over_UDP()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        var peer = new PeerV3(engine) { Endpoint = Endpoint.From(Host, 0, DataCarrier.Ip) };
        peer.Dial();
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.True(engine.Tunnel.Path.Remote.IsOverIp);

        peer.Endpoint = Endpoint.From(Host, 1701);
        peer.Send(Hello.Instance);

        Assert.Equal(1, engine.Tunnel.Counters.WrongSource);
    }

    [Fact]
    public void The_same_peer_may_come_by_both_with_the_same_id()
    {
        var engine = GivenV3.Responder(GivenV3.Open);
        new PeerV3(engine) { Endpoint = Endpoint.From(Host, 0, DataCarrier.Ip) }.SendBytes(Request(engine));
        new PeerV3(engine) { Endpoint = Endpoint.From(Host, 0) }.SendBytes(Request(engine));
        Assert.Equal(2, engine.Engine.HalfOpenTunnels);
    }

    [Fact]
    public void L2TPv2_over_IP_is_dropped()
    {
        var engine = new EngineUnderTest(Given.Lns(GivenV3.Open with { Protocol = ProtocolPreference.Auto }));
        engine.Start();
        var peer = new PeerV3(engine) { Endpoint = Endpoint.From(Host, 0, DataCarrier.Ip) };
        peer.SendBytes(peer.Encode(Hello.Instance, 0, ProtocolVersion.V2));
        Assert.Equal(1, engine.Engine.Counters.UnknownVersion);
        Assert.Empty(engine.Unclaimed);
    }

    [Theory]
    [InlineData(DataCarrier.Udp, DataCarrier.Udp, true)]
    [InlineData(DataCarrier.Udp, DataCarrier.Ip, false)]
    [InlineData(DataCarrier.Ip, DataCarrier.Ip, true)]
    [InlineData(DataCarrier.Ip, DataCarrier.Udp, false)]
    [InlineData(null, DataCarrier.Ip, true)]
    public void A_profile_may_be_for_one_of_them(DataCarrier? profile, DataCarrier peer, bool isLetIn)
    {
        var engine = GivenV3.Responder(GivenV3.Open with { Carrier = profile });
        new PeerV3(engine) { Endpoint = Endpoint.From(Host, 1701, peer) }.SendBytes(Request(engine));
        Assert.Equal(isLetIn ? 1 : 0, engine.Engine.HalfOpenTunnels);
    }

    [Fact]
    public void A_configured_tunnel_dials_over_IP_without_a_port()
    {
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel(GivenV3.Open) with { Carrier = DataCarrier.Ip }));
        engine.Start();
        var (key, request) = Assert.Single(engine.Transports);
        Assert.Equal(Endpoint.From(request.Remote.ToIPAddress(), 0, DataCarrier.Ip), request.Remote);
        // The socket is bound to it before the SCCRQ is sent.
        Assert.Equal(engine.Tunnel.LocalId, key.LocalId);
    }

    private static byte[] Request(EngineUnderTest engine)
    {
        var peer = new PeerV3(engine);
        return peer.Encode(peer.Sccrq, 0);
    }
}
