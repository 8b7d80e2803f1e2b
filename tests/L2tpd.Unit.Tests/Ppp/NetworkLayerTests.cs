using L2tpd.Ppp;
using L2tpd.Ppp.Data;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>Layers other than IPCP and IPv6CP: their place in the endpoint's list, and the packets that they claim.</summary>
public sealed class NetworkLayerTests
{
    private const string PeerIdentifier = "010a 0000000000000005";

    // From 2001:db8::5 to 2001:db8::9, UDP.
    private const string Data =
        "6000000000081140" + "20010db8000000000000000000000005" + "20010db8000000000000000000000009" + "1388138800080000";

    private readonly AnsweringLayer.Factory _factory = new();

    private PppProfile Profile => new() { Ipv4 = false, EchoInterval = 0, NetworkLayers = [_factory, .. NetworkLayers.Standard] };

    private AnsweringLayer Layer => _factory.Made[^1];

    [Fact]
    public void A_layer_hears_of_the_link_and_of_the_other_layers()
    {
        var rig = Opened(Profile);
        Assert.Equal(["link up", "Ipv6Network up"], Layer.Heard);
        rig.Receive(PppProtocol.Lcp, 5, 9);
        Assert.Equal(["link up", "Ipv6Network up", "link down"], Layer.Heard[..3]);
        Assert.Equal("Ipv6Network down", Layer.Heard[3]);
    }

    [Fact]
    public void A_layer_answers_what_it_claims_and_leaves_the_rest()
    {
        var rig = Opened(Profile);
        Assert.Equal(PppFrameKind.Control, rig.Receive("0057" + AnsweringLayer.Solicitation));
        Assert.Equal("0057" + AnsweringLayer.Advertisement, rig.Sent());
        Assert.Equal(PppFrameKind.Ipv6, rig.Receive("0057" + Data));
        Assert.Empty(rig.Frames);
    }

    [Fact]
    public void A_layer_claims_packets_that_pass_the_endpoint_by()
    {
        var rig = Opened(Profile);
        Assert.True(rig.Endpoint.HandlePacket(PppProtocol.Ipv6, Convert.FromHexString(AnsweringLayer.Solicitation), rig.Now, rig));
        Assert.Equal("0057" + AnsweringLayer.Advertisement, rig.Sent());
        Assert.False(rig.Endpoint.HandlePacket(PppProtocol.Ipv6, Convert.FromHexString(Data), rig.Now, rig));
    }

    [Fact]
    public void Packets_of_a_layer_are_framed_as_the_peer_asked_and_bounded_by_its_MRU()
    {
        var rig = Opened(Profile, peerOptions: "0104 0514 0702");
        rig.Endpoint.HandlePacket(PppProtocol.Ipv6, Convert.FromHexString(AnsweringLayer.Solicitation), rig.Now, rig);
        Assert.Equal("57" + AnsweringLayer.Advertisement, rig.Sent());
        rig.Endpoint.SendPacket(PppProtocol.Ipv6, new byte[0x514], rig);
        Assert.Single(rig.Frames);
        rig.Endpoint.SendPacket(PppProtocol.Ipv6, new byte[0x515], rig);
        Assert.Single(rig.Frames);
    }

    [Fact]
    public void A_layers_deadline_is_the_endpoints()
    {
        var rig = Opened(Profile);
        rig.ExpireAt(rig.Now + 600_000);
        Assert.Equal("0057" + AnsweringLayer.Advertisement, rig.Sent());
    }

    [Fact]
    public void A_layer_without_a_network_below_does_not_keep_the_link()
    {
        var rig = Opened(Profile);
        rig.Receive(PppProtocol.Ipv6cp, 5, 9);
        rig.ExpireAt(rig.Now + 3_000);
        Assert.Equal(PppEndCause.ClosedByPeer, rig.Endpoint.Ending?.Cause);
    }

    [Fact]
    public void Only_a_link_without_any_layer_that_keeps_it_ends_at_once()
    {
        var rig = new PppRig(Profile with { NetworkLayers = [_factory] });
        rig.Open();
        rig.AckOwnRequest(PppProtocol.Lcp);
        rig.Receive(PppProtocol.Lcp, 1, 1, "0506 99999999");
        Assert.Equal(PppEndCause.NetworkFailed, rig.Endpoint.Ending?.Cause);
        Assert.Equal(["link up", "link down"], Layer.Heard);
    }

    [Theory]
    [InlineData(AnsweringLayer.Solicitation, true)]
    [InlineData(AnsweringLayer.Advertisement, true)]
    [InlineData(Data, false)]
    // NS, duplicate address detection
    [InlineData("6000000000083aff00000000000000000000000000000000ff0200000000000000000001ff0000058700000000000000", true)]
    // source is a group
    [InlineData("6000000000083affff020000000000000000000000000002fe8000000000000000000000000000018700000000000000", false)]
    // hop limit 64: it passed a router
    [InlineData("6000000000083a40fe800000000000000000000000000005ff0200000000000000000000000000028500000000000000", false)]
    [InlineData("6000000000083afffe800000000000000000000000000005ff0200000000000000000000000000028000000000000000", false)] // echo request
    [InlineData("6000000000083afffe800000000000000000000000000005ff0500000000000000000000000000028500000000000000", false)] // site scope
    // DHCPv6 to servers
    [InlineData("6000000000081101fe800000000000000000000000000005ff0200000000000000000000000100020222022300080000", true)]
    [InlineData("6000000000081140fe800000000000000000000000000005fe8000000000000000000000000000010223022200080000", true)]  // and back
    // from a global address
    [InlineData("600000000008114020010db8000000000000000000000005ff0200000000000000000000000100020222022300080000", false)]
    [InlineData("6000000000081140fe800000000000000000000000000005ff0200000000000000000000000100020222003500080000", false)] // DNS
    [InlineData("6000000000083afffe800000000000000000000000000005ff02000000000000000000000000000285000000000000", false)]   // cut short
    [InlineData("", false)]
    public void Control_packets_of_a_link_are_told_from_data(string packet, bool expected) =>
        Assert.Equal(expected, Ipv6Control.IsControl(Convert.FromHexString(packet)));

    private static PppRig Opened(PppProfile profile, string peerOptions = "0506 99999999")
    {
        var rig = new PppRig(profile);
        rig.OpenLcp(peerOptions);
        rig.AckOwnRequest(PppProtocol.Ipv6cp);
        rig.Receive(PppProtocol.Ipv6cp, 1, 1, PeerIdentifier);
        Assert.Equal(PppState.Opened, rig.Endpoint.StateOf(PppProtocol.Ipv6cp));
        rig.Frames.Clear();
        return rig;
    }
}
