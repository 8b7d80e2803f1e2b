using L2tpd.Configuration;
using L2tpd.Unit.Tests.Ppp;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>IPv6 control packets from a session's link to its network layers.</summary>
public sealed class ControlPacketTests
{
    private static readonly PppProfile _client = new() { Name = "p", Backend = PppBackend.BuiltIn, EchoInterval = TimeSpan.Zero,
        IPv6 = true };

    [Fact]
    public void A_claimed_packet_is_answered_on_the_session()
    {
        using var rig = new BuiltInRig(_client, _client);
        var layers = new AnsweringLayer.Factory();
        rig.Lns.Backend.NetworkLayersOf = _ => [layers, .. L2tpd.Ppp.NetworkLayers.Standard];
        rig.Start(0);
        var link = rig.Lns.Links[0];
        link.Sent.Clear();
        Assert.True(link.Observer.OnControlPacket(Convert.FromHexString(AnsweringLayer.Solicitation)));
        Assert.Equal("0057" + AnsweringLayer.Advertisement, Assert.Single(link.Sent));
    }

    [Fact]
    public void Without_a_layer_that_claims_it_a_packet_is_data()
    {
        using var rig = new BuiltInRig(_client, _client);
        rig.Start(0);
        var link = rig.Lns.Links[0];
        link.Sent.Clear();
        Assert.False(link.Observer.OnControlPacket(Convert.FromHexString(AnsweringLayer.Solicitation)));
        Assert.Empty(link.Sent);
    }
}
