using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.V3;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>
/// A secret is changed: L2TPv2 peers with the old and with the new one, in both roles, and a reload that changes secrets only.
/// </summary>
public sealed class SecretChangeTests
{
    private static readonly byte[] Challenge = [0xa1, 0xb2, 0xc3, 0xd4];
    private static readonly byte[] Old = "old-secret"u8.ToArray();
    private static readonly byte[] New = "new-secret"u8.ToArray();

    private static PeerProfile Both => Given.AnyPeer with { Secret = New, SecondSecret = Old };

    public static TheoryData<byte[]> Secrets() => [New, Old];

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_peer_that_dials_proves_itself_by_either(byte[] secret)
    {
        var engine = new EngineUnderTest(Given.Lns(Both));
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        peer.Send(new Scccn { ChallengeResponse = Response(MessageType.Scccn, secret, peer.Expect<Sccrp>().Challenge!) });
        Assert.Equal((TunnelState.Established, true), (engine.Tunnel.State, engine.Tunnel.IsAuthenticated));
    }

    // RFC 2661 has no way to say which secret a challenge is for: the old one costs one refused attempt, once for each peer.
    [Fact]
    public void A_peer_that_challenges_us_gets_the_new_one_first_and_the_old_one_the_next_time()
    {
        var engine = new EngineUnderTest(Given.Lns(Both));
        var peer = new ScriptedPeer(engine);
        Assert.Equal(["new", "old", "old"], Enumerable.Range(0, 3).Select(_ => DialWithTheOld(engine, peer)));
        Assert.Equal("new", DialWithTheOld(engine, new ScriptedPeer(engine, "192.0.2.77")));
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_peer_that_we_dial_gets_its_answer_by_the_secret_that_it_used(byte[] secret)
    {
        var engine = Given.Dialling(Both);
        var peer = new ScriptedPeer(engine);
        engine.Start();
        var challenge = peer.Expect<Sccrq>().Challenge!;
        peer.Send(peer.Sccrp with { Challenge = Challenge, ChallengeResponse = Response(MessageType.Sccrp, secret, challenge) });
        Assert.Equal(Response(MessageType.Scccn, secret, Challenge), peer.Expect<Scccn>().ChallengeResponse);
        Assert.True(engine.Tunnel.IsAuthenticated);
    }

    [Fact]
    public void A_peer_that_we_dial_and_do_not_challenge_gets_the_other_secret_after_a_refusal()
    {
        var engine = Given.Dialling(Both with { Challenge = false });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        peer.Send(peer.Sccrp with { Challenge = Challenge });
        Assert.Equal(Response(MessageType.Scccn, New, Challenge), peer.Expect<Scccn>().ChallengeResponse);
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.NotAuthorized) });
        peer.Restart();
        WaitForDial(engine, 2);
        peer.Expect<Sccrq>();
        peer.Send(peer.Sccrp with { Challenge = Challenge, AssignedTunnelId = new(0x77) });
        Assert.Equal(Response(MessageType.Scccn, Old, Challenge), peer.Expect<Scccn>().ChallengeResponse);
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_peer_that_hides_its_avps_is_read_and_answered_by_its_secret(byte[] secret)
    {
        var engine = new EngineUnderTest(Given.Lns(Both with { HideAvps = true }));
        var peer = new ScriptedPeer(engine) { SecretToUse = secret, Hiding = new EncodeOptions(secret, new byte[16]) };
        peer.Send(peer.Sccrq with { Challenge = Challenge });
        var reply = peer.Expect<Sccrp>();
        Assert.Contains(peer.All, static one => one.Type == MessageType.Sccrp && HasHidden(one.Bytes));
        Assert.Equal(Response(MessageType.Sccrp, secret, Challenge), reply.ChallengeResponse);
        peer.Send(new Scccn { ChallengeResponse = Response(MessageType.Scccn, secret, reply.Challenge!) });
        Assert.Equal(0x1234u, engine.Tunnel.PeerId.Value);
        Assert.NotEqual(0u, peer.Call(7));
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void Nothing_is_hidden_until_the_peer_has_shown_its_secret(byte[] secret)
    {
        var engine = Given.Dialling(Both with { HideAvps = true }, new LacSession { Name = "s" });
        var peer = new ScriptedPeer(engine) { SecretToUse = secret };
        engine.Start();
        var challenge = peer.Expect<Sccrq>().Challenge!;
        Assert.DoesNotContain(peer.All, static one => HasHidden(one.Bytes));
        peer.Hiding = new EncodeOptions(secret, new byte[16]);
        peer.Send(peer.Sccrp with { ChallengeResponse = Response(MessageType.Sccrp, secret, challenge) });
        peer.Expect<Scccn>();
        peer.Acknowledge();
        peer.Expect<Icrq>();
        Assert.Contains(peer.All, static one => one.Type == MessageType.Icrq && HasHidden(one.Bytes));
    }

    [Fact]
    public void A_third_secret_is_refused()
    {
        var engine = new EngineUnderTest(Given.Lns(Both));
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        peer.Send(new Scccn { ChallengeResponse = Response(MessageType.Scccn, [1, 2, 3], peer.Expect<Sccrp>().Challenge!) });
        Assert.Equal(StopCcnResult.NotAuthorized, peer.Expect<StopCcn>().Result.Result);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void A_reload_that_changes_only_the_secret_keeps_the_tunnel_with_its_own()
    {
        var engine = Given.Dialling(Given.AnyPeer with { Secret = Old, HideAvps = true });
        var peer = new ScriptedPeer(engine) { SecretToUse = Old, Hiding = new EncodeOptions(Old, new byte[16]) };
        engine.Start();
        var challenge = peer.Expect<Sccrq>().Challenge!;
        peer.Send(peer.Sccrp with { ChallengeResponse = Response(MessageType.Sccrp, Old, challenge) });
        peer.Expect<Scccn>();
        peer.Acknowledge();
        var sessions = new List<LacSession>();
        foreach (var profile in (PeerProfile[])[Both, Both with { SecondSecret = null }])
        {
            sessions.Add(new LacSession { Name = $"s{sessions.Count}" });
            engine.Tell(new Reconfigure(Given.Lac(Given.Tunnel(profile with { HideAvps = true }, [.. sessions]))));
            Assert.Equal(TunnelState.Established, engine.Tunnel.State);
            peer.Expect<Icrq>();
            peer.Acknowledge();
        }

        Assert.Empty(engine.EventsOf<TunnelEnded>());
        Assert.Equal(0, engine.Tunnel.Counters.Malformed);
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.ShuttingDown) });
        peer.Restart();
        peer.SecretToUse = New;
        WaitForDial(engine, 2);
        Assert.NotNull(peer.Expect<Sccrq>().Challenge);
    }

    [Fact]
    public void The_same_in_L2TPv3()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed, GivenV3.Ethernet());
        var peer = PeerV3.Authenticated(engine);
        peer.Answer();
        var tunnel = engine.Tunnel;
        var changed = engine.Engine.Configuration.Tunnels[0];
        changed = changed with { Peer = changed.Peer with { Secret = New, SecondSecret = changed.Peer.Secret } };
        engine.Tell(new Reconfigure(engine.Engine.Configuration with { Tunnels = [changed] }));
        peer.Send(Hello.Instance);
        Assert.Same(tunnel, engine.Tunnel);
        Assert.Equal(1, engine.Engine.Counters.TunnelsEstablished);
        Assert.Equal(0, tunnel.Counters.DigestFailures);
    }

    [Fact]
    public void A_tunnel_that_is_not_up_yet_is_dialled_again_with_the_new_secret()
    {
        var engine = Given.Dialling(Given.AnyPeer with { Secret = Old });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        engine.Tell(new Reconfigure(Given.Lac(Given.Tunnel(Given.AnyPeer with { Secret = New }))));
        Assert.Single(engine.EventsOf<TunnelEnded>());
        peer.Restart();
        Assert.Equal(2, engine.Transports.Count);
    }

    [Fact]
    public void A_secret_where_there_was_none_dials_again()
    {
        var now = Given.Tunnel(Given.AnyPeer);
        Assert.Equal(["secret"], TunnelDifference.Between(now, Given.Tunnel(Given.AnyPeer with { Secret = New })).NeedsRedial);
        Assert.Equal(["secret"], TunnelDifference.Between(Given.Tunnel(Given.AnyPeer with { Secret = New }), now).NeedsRedial);
        Assert.Equal(
            ["secret", "second-secret"],
            TunnelDifference.Between(Given.Tunnel(Given.AnyPeer with { Secret = Old }), Given.Tunnel(Both)).Applied);
    }

    private static void WaitForDial(EngineUnderTest engine, int count)
    {
        for (var i = 0; i < 1_000 && engine.Transports.Count < count; i++)
            engine.Wait(100);
        Assert.Equal(count, engine.Transports.Count);
    }

    private static byte[] Response(MessageType carrier, byte[] secret, byte[] challenge) =>
        TunnelAuthentication.ComputeResponse(carrier, secret, challenge);

    /// <summary>A peer with the old secret that challenges us; which secret it was answered with.</summary>
    private static string DialWithTheOld(EngineUnderTest engine, ScriptedPeer peer)
    {
        peer.TunnelId++;
        peer.Restart();
        peer.Send(peer.Sccrq with { Challenge = Challenge });
        var reply = peer.Expect<Sccrp>();
        if (reply.ChallengeResponse.AsSpan().SequenceEqual(Response(MessageType.Sccrp, Old, Challenge)))
        {
            peer.Send(new Scccn { ChallengeResponse = Response(MessageType.Scccn, Old, reply.Challenge!) });
            Assert.True(engine.Engine.Tunnels.Last().IsAuthenticated);
            return "old";
        }

        Assert.Equal(Response(MessageType.Sccrp, New, Challenge), reply.ChallengeResponse);
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.NotAuthorized) });
        return "new";
    }

    private static bool HasHidden(byte[] message)
    {
        for (var at = ControlHeader.Size; at + 6 <= message.Length; at += ((message[at] & 3) << 8) | message[at + 1])
        {
            if ((message[at] & 0x40) != 0)
                return true;
        }

        return false;
    }
}
