using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>Hidden AVPs in L2TPv3, also while a secret is changed (RFC 3931 section 5.3).</summary>
public sealed class HidingV3Tests
{
    [Fact]
    public void Hidden_values_take_the_derived_key_both_ways()
    {
        var engine = GivenV3.Responder(GivenV3.Signed with { HideAvps = true });
        var peer = PeerV3.Authenticated(engine);
        peer.HidingKey = peer.Keys!.HidingKey;

        peer.Dial();
        peer.Call(7, new PseudowireOptions { AssignedCookie = [1, 2, 3, 4], CircuitStatus = CircuitStatus.Active });

        var session = Assert.Single(engine.Tunnel.Sessions.Values);
        Assert.Equal([1, 2, 3, 4], session.Pseudowire!.PeerCookie);
        Assert.Equal(7u, session.PeerId.Value);
    }

    /// <summary>The first key is the one that a peer hides with, whatever the order of the secrets is here.</summary>
    [Theory]
    [InlineData("new", "old")]
    [InlineData("old", "new")]
    [InlineData("new", null)]
    public void During_a_change_a_peer_that_hides_is_understood_in_either_order(string secret, string? second)
    {
        var engine = GivenV3.Responder(AuthenticationV3Tests.Changing("old", "new") with { HideAvps = true });
        var peer = Hiding(engine, secret, second);

        peer.Dial();
        peer.Call(7, new PseudowireOptions { AssignedCookie = [1, 2, 3, 4], CircuitStatus = CircuitStatus.Active });

        Assert.Equal((0, 0), (engine.Engine.Counters.MalformedHeaders, engine.Engine.Counters.DigestFailures));
        Assert.Equal([1, 2, 3, 4], Assert.Single(engine.Tunnel.Sessions.Values).Pseudowire!.PeerCookie);
    }

    [Theory]
    [InlineData("new", "old")]
    [InlineData("old", "new")]
    [InlineData("new", null)]
    [InlineData("old", null)]
    public void During_a_change_we_hide_by_the_key_that_the_peer_we_dialled_has(string secret, string? second)
    {
        var engine = GivenV3.Initiator(AuthenticationV3Tests.Changing("old", "new") with { HideAvps = true }, GivenV3.Ethernet());
        var peer = Hiding(engine, secret, second);

        peer.Answer();
        var icrq = peer.NextBytes()!;

        Assert.Equal(MessageType.Icrq, MessageTypePeek.Read(icrq));
        Assert.Equal("pw"u8.ToArray(), peer.Take<Icrq>(icrq).RemoteEndId);
        Assert.Equal(0, engine.Tunnel.Counters.DigestFailures);
    }

    [Fact]
    public void A_signed_request_whose_id_cannot_be_unhidden_is_reported()
    {
        var engine = GivenV3.Responder(GivenV3.Signed);
        var peer = PeerV3.Authenticated(engine);
        peer.SecondKeys = peer.Keys;
        peer.Keys = AuthenticationV3Tests.KeysOf("unknown");
        peer.HidingKey = peer.Keys.HidingKey;

        peer.Send(peer.Sccrq);

        Assert.Equal(0, peer.Waiting);
        var refused = Assert.Single(engine.EventsOf<TunnelRefused>());
        Assert.Null(refused.Result);
        Assert.Contains("61", refused.Reason, StringComparison.Ordinal);
        Assert.Equal((1, 1), (engine.Engine.Counters.MalformedHeaders, engine.Engine.Counters.TunnelsRefused));
    }

    /// <summary>RFC 3931 allows an SCCRP to begin hiding although our SCCRQ did not: its own AVPs may then be hidden already.</summary>
    [Fact]
    public void A_reply_that_begins_authentication_may_hide_its_avps()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed with { Authentication = MessageAuthentication.WhenSigned }, GivenV3.Ethernet());
        var peer = new PeerV3(engine);
        peer.Expect<Sccrq>();
        peer.Keys = AuthenticationV3Tests.KeysOf("l2tpd-secret");
        peer.HidingKey = peer.Keys.HidingKey;

        peer.Send(peer.Sccrp);
        peer.Expect<Scccn>();

        Assert.Equal((TunnelState.Established, PeerV3.Id), (engine.Tunnel.State, engine.Tunnel.PeerId.Value));
        Assert.True(engine.Tunnel.IsAuthenticated);
    }

    /// <summary>A peer that hides with its first secret.</summary>
    private static PeerV3 Hiding(EngineUnderTest engine, string secret, string? second) => new(engine)
    {
        Keys = AuthenticationV3Tests.KeysOf(secret),
        SecondKeys = second is null ? null : AuthenticationV3Tests.KeysOf(second),
        HidingKey = AuthenticationV3Tests.KeysOf(secret).HidingKey,
    };
}
