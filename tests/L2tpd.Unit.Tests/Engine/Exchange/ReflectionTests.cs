using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.V3;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>
/// A daemon that dials and listens with one secret must not answer its own challenge (RFC 2661 section 5.1.1, RFC 3931 section 4.3).
/// </summary>
public sealed class ReflectionTests
{
    private const string Elsewhere = "192.0.2.66";

    private static PeerProfile Profile => Given.WithSecret with { Name = "t" };

    private static EngineUnderTest BothRoles(PeerProfile profile) =>
        new(Given.Lac(Given.Tunnel(profile) with { Backoff = new Backoff { Jitter = 0 } }) with { Peers = [profile] });

    [Fact]
    public void An_SCCRQ_with_the_challenge_of_our_SCCRQ_is_refused()
    {
        var engine = BothRoles(Profile);
        var lns = new ScriptedPeer(engine);
        engine.Start();
        var challenge = lns.Expect<Sccrq>().Challenge;

        var attacker = new ScriptedPeer(engine, Elsewhere);
        attacker.Send(attacker.Sccrq with { Challenge = challenge });

        Assert.Equal(StopCcnResult.NotAuthorized, attacker.Expect<StopCcn>().Result.Result);
        Assert.Contains("reflects", Assert.Single(engine.EventsOf<TunnelRefused>()).Reason, StringComparison.Ordinal);
        Assert.Equal(TunnelState.WaitCtlReply, engine.Tunnel.State);
    }

    [Fact]
    public void An_SCCRP_with_the_challenge_of_our_SCCRP_is_refused()
    {
        // We do not challenge the LNS: only its own challenge could make us answer.
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel(Profile with { Challenge = false })) with { Peers = [Profile] });
        var attacker = new ScriptedPeer(engine, Elsewhere);
        attacker.Send(attacker.Sccrq);
        var challenge = attacker.Expect<Sccrp>().Challenge;
        var lns = new ScriptedPeer(engine);
        engine.Start();
        lns.Expect<Sccrq>();

        lns.Send(lns.Sccrp with { Challenge = challenge });

        Assert.Equal(StopCcnResult.NotAuthorized, lns.Expect<StopCcn>().Result.Result);
        var ended = Assert.Single(engine.EventsOf<TunnelEnded>()).Reason;
        Assert.Equal(EndCause.AuthenticationFailed, ended.Cause);
        Assert.Contains("reflects", ended.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_SCCRP_with_the_challenge_of_our_SCCRQ_is_refused()
    {
        var engine = BothRoles(Profile);
        var lns = new ScriptedPeer(engine);
        engine.Start();
        var challenge = lns.Expect<Sccrq>().Challenge!;
        lns.Send(lns.Sccrp with
        {
            Challenge = challenge, ChallengeResponse = TunnelAuthentication.ComputeResponse(MessageType.Sccrp, ScriptedPeer.Secret, challenge),
        });
        Assert.Equal("reflected challenge", lns.Expect<StopCcn>().Result.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_challenge_that_was_answered_or_given_up_may_come_again(bool answered)
    {
        var engine = BothRoles(Profile);
        var lns = new ScriptedPeer(engine);
        engine.Start();
        var challenge = lns.Expect<Sccrq>().Challenge!;
        if (answered)
            lns.Send(lns.Sccrp with { ChallengeResponse = TunnelAuthentication.ComputeResponse(MessageType.Sccrp, ScriptedPeer.Secret, challenge) });
        else
            engine.Tell(new CloseTunnel(engine.Tunnel.Key, "the test"));

        var other = new ScriptedPeer(engine, Elsewhere);
        other.Send(other.Sccrq with { Challenge = challenge });

        Assert.NotNull(other.Expect<Sccrp>().ChallengeResponse);
    }

    [Fact]
    public void Our_own_v3_SCCRQ_sent_back_to_us_makes_no_tunnel_and_no_answer()
    {
        var profile = GivenV3.Signed with { Name = "t", Quirks = PeerQuirks.OmitTieBreaker };
        var engine = BothRoles(profile);
        engine.Start();
        var request = Assert.Single(engine.Unclaimed).Bytes;

        engine.Deliver(new ScriptedPeer(engine, Elsewhere).Endpoint, request);

        Assert.Single(engine.Unclaimed);
        Assert.Equal(TunnelState.WaitCtlReply, engine.Tunnel.State);
        Assert.Contains("reflects", Assert.Single(engine.EventsOf<TunnelRefused>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_v3_SCCRP_with_the_nonce_of_our_SCCRP_is_refused()
    {
        var profile = GivenV3.Signed with { Name = "t", Quirks = PeerQuirks.OmitTieBreaker };
        var engine = BothRoles(profile);
        var client = PeerV3.Authenticated(engine);
        client.Endpoint = client.Endpoint with { Port = 4000 };
        client.Send(client.Sccrq);
        var ours = client.Expect<Sccrp>().Nonce!;
        client.Forget();
        engine.Start();
        var request = client.NextBytes()!;
        Assert.True(MessageCodec.TryDecodeHeader(request, out var header, out _));
        var sccrq = Assert.IsType<Sccrq>(MessageCodec.Decode(header, request, default).Message);

        var reply = new byte[1460];
        var length = MessageCodec.Encode(
            client.Sccrp with { Nonce = ours }, ProtocolVersion.V3, sccrq.AssignedTunnelId, new EncodeOptions(Digest: DigestType.HmacSha1), reply);
        ControlHeader.PatchSequence(reply, 0, 1);
        MessageDigest.Seal(reply.AsSpan(0, length), ControlMessageKeys.FromSecret(PeerV3.Secret), ours, sccrq.Nonce!);
        engine.Deliver(client.Endpoint with { Port = 1701 }, reply.AsSpan(0, length));

        Assert.Contains("reflects", Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(engine.Events, e => e is TunnelEstablished);
    }
}
