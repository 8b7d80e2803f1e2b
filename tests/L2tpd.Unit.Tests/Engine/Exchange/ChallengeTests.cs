using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Tunnel authentication by challenge and response (RFC 2661 section 5.1.1).</summary>
public sealed class ChallengeTests
{
    private static readonly byte[] Challenge = [0xa1, 0xb2, 0xc3, 0xd4];

    [Fact]
    public void A_challenge_is_answered_and_our_own_must_be()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.WithSecret));
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq with { Challenge = Challenge });
        var reply = peer.Expect<Sccrp>();
        Assert.Equal(Convert.FromHexString("43ba055e5f50470e59e821e65f5ba896"), reply.ChallengeResponse);
        Assert.True(reply.Challenge!.Length >= 16);
        peer.Send(new Scccn
        {
            ChallengeResponse = TunnelAuthentication.ComputeResponse(MessageType.Scccn, ScriptedPeer.Secret, reply.Challenge),
        });
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.True(engine.Tunnel.IsAuthenticated);
        peer.ExpectNoMessage();
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData("missing")]
    [InlineData("for the other message")]
    public void A_bad_response_in_SCCCN_is_StopCCN_4(string kind)
    {
        var engine = new EngineUnderTest(Given.Lns(Given.WithSecret));
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        var challenge = peer.Expect<Sccrp>().Challenge!;
        peer.Send(new Scccn { ChallengeResponse = Response(kind, MessageType.Scccn, challenge) });
        var stop = peer.Expect<StopCcn>();
        Assert.Equal(StopCcnResult.NotAuthorized, stop.Result.Result);
        Assert.Equal(peer.EngineId, stop.AssignedTunnelId.Value);
        Assert.Empty(engine.Engine.Tunnels);
        Assert.Empty(engine.CreatedTunnels);
        Assert.Equal(EndCause.AuthenticationFailed, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData("missing")]
    [InlineData("for the other message")]
    public void A_bad_response_in_SCCRP_is_StopCCN_4(string kind)
    {
        var engine = Given.Dialling(Given.WithSecret);
        var peer = new ScriptedPeer(engine);
        engine.Start();
        var challenge = peer.Expect<Sccrq>().Challenge!;
        peer.Send(peer.Sccrp with { ChallengeResponse = Response(kind, MessageType.Sccrp, challenge) });
        Assert.Equal(StopCcnResult.NotAuthorized, peer.Expect<StopCcn>().Result.Result);
        Assert.Empty(engine.CreatedTunnels);
    }

    [Fact]
    public void The_initiator_answers_the_challenge_of_the_SCCRP()
    {
        var engine = Given.Dialling(Given.WithSecret);
        var peer = new ScriptedPeer(engine);
        engine.Start();
        var challenge = peer.Expect<Sccrq>().Challenge!;
        peer.Send(peer.Sccrp with
        {
            Challenge = Challenge,
            ChallengeResponse = TunnelAuthentication.ComputeResponse(MessageType.Sccrp, ScriptedPeer.Secret, challenge),
        });
        Assert.Equal(Convert.FromHexString("2909ad016439b5a7eb606c28179003d5"), peer.Expect<Scccn>().ChallengeResponse);
        Assert.True(engine.Tunnel.IsAuthenticated);
    }

    [Fact]
    public void A_response_nobody_asked_for_is_ignored()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        Assert.Null(peer.Expect<Sccrp>().Challenge);
        peer.Send(new Scccn { ChallengeResponse = new byte[16] });
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.False(engine.Tunnel.IsAuthenticated);
    }

    [Fact]
    public void A_challenge_without_a_secret_is_StopCCN_4_from_the_responder()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq with { Challenge = Challenge });
        Assert.Equal(StopCcnResult.NotAuthorized, peer.Expect<StopCcn>().Result.Result);
        Assert.Empty(engine.Engine.Tunnels);
        Assert.Equal(1, engine.Engine.Counters.TunnelsRefused);
    }

    [Fact]
    public void A_challenge_without_a_secret_is_StopCCN_4_from_the_initiator()
    {
        var engine = Given.Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        peer.Send(peer.Sccrp with { Challenge = Challenge });
        Assert.Equal(StopCcnResult.NotAuthorized, peer.Expect<StopCcn>().Result.Result);
    }

    private static byte[]? Response(string kind, MessageType carrier, byte[] challenge) => kind switch
    {
        "missing" => null,
        "wrong" => TunnelAuthentication.ComputeResponse(carrier, "other"u8, challenge),
        _ => TunnelAuthentication.ComputeResponse(
            carrier == MessageType.Sccrp ? MessageType.Scccn : MessageType.Sccrp, ScriptedPeer.Secret, challenge),
    };
}
