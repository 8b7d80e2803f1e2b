using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Both ends dial at once (RFC 2661 sections 4.4.3 and 5.8, l2tpv2.md section 9).</summary>
public sealed class TieTests
{
    private const ulong Lowest = 0;
    private const ulong Highest = ulong.MaxValue;

    [Fact]
    public void The_lower_value_wins_and_our_sessions_use_the_peers_tunnel()
    {
        var (engine, peer) = Dialled();
        peer.Restart();
        peer.Dial(peer.Sccrq with { TieBreaker = Lowest });
        var tunnel = Assert.Single(engine.Engine.Tunnels);
        Assert.Equal((false, TunnelState.Established, "t"), (tunnel.IsInitiator, tunnel.State, tunnel.Name));
        Assert.Equal("s", peer.Expect<Icrq>().CalledNumber);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_forged_tie_breaker_of_0_costs_our_attempt_nothing(bool hasSecret)
    {
        var (engine, peer) = Dialled(hasSecret ? Given.WithSecret : Given.AnyPeer);
        for (var i = 0; i < 20; i++)
        {
            // The forger sees no answer, so that its SCCCN has a wrong id.
            var forger = new ScriptedPeer(engine, "192.0.2.2", (ushort)(5_000 + i), 0x777);
            forger.Send(forger.Sccrq with { TieBreaker = Lowest });
            forger.EngineId = forger.Expect<Sccrp>().AssignedTunnelId.Value ^ 1;
            forger.Send(new Scccn());
        }

        peer.SecretToUse = hasSecret ? ScriptedPeer.Secret : null;
        var request = peer.Expect<Sccrq>();
        peer.Send(peer.Sccrp with
        {
            ChallengeResponse = request.Challenge is { } challenge
                ? TunnelAuthentication.ComputeResponse(MessageType.Sccrp, ScriptedPeer.Secret, challenge)
                : null,
        });
        peer.Expect<Scccn>();
        Assert.Equal((true, TunnelState.Established), (engine.Tunnel.IsInitiator, engine.Tunnel.State));
        Assert.Empty(engine.EventsOf<TunnelEnded>());
    }

    [Fact]
    public void A_sender_that_wins_the_tie_and_does_not_prove_the_secret_does_not_end_our_attempt()
    {
        var (engine, peer) = Dialled(Given.WithSecret);
        var other = Contend(engine, Lowest, Given.WithSecret);
        other.Expect<Sccrp>();
        other.Send(new Scccn { ChallengeResponse = new byte[16] });
        Assert.Equal(4, other.Expect<StopCcn>().Result.Result);
        Assert.Equal((true, TunnelState.WaitCtlReply), (engine.Tunnel.IsInitiator, engine.Tunnel.State));
    }

    [Fact]
    public void With_a_secret_an_equal_value_from_somebody_unproven_ends_nothing()
    {
        var (engine, peer) = Dialled(Given.WithSecret);
        Contend(engine, peer.Expect<Sccrq>().TieBreaker).ExpectNoMessage();
        Assert.Equal(TunnelState.WaitCtlReply, engine.Tunnel.State);
    }

    [Fact]
    public void Our_lower_value_wins_and_the_peers_SCCRQ_is_ignored()
    {
        var (engine, peer) = Dialled();
        Contend(engine, Highest).ExpectNoMessage();
        peer.Answer();
        Assert.True(Assert.Single(engine.Engine.Tunnels).IsInitiator);
    }

    [Fact]
    public void A_peer_without_a_value_loses()
    {
        var (engine, peer) = Dialled();
        Contend(engine, null).ExpectNoMessage();
        peer.Answer();
        Assert.True(Assert.Single(engine.Engine.Tunnels).IsInitiator);
    }

    [Fact]
    public void A_value_beats_ours_when_we_sent_none()
    {
        var (engine, _) = Dialled(Given.AnyPeer with { Quirks = PeerQuirks.OmitTieBreaker });
        var other = Contend(engine, Highest);
        other.Expect<Sccrp>();
        other.Send(new Scccn());
        Assert.False(Assert.Single(engine.Engine.Tunnels).IsInitiator);
    }

    [Fact]
    public void Without_any_value_both_tunnels_proceed()
    {
        var (engine, peer) = Dialled(Given.AnyPeer with { Quirks = PeerQuirks.OmitTieBreaker });
        var other = Contend(engine, null);
        other.Expect<Sccrp>();
        other.Send(new Scccn());
        peer.Answer();
        Assert.Equal(2, engine.Engine.Tunnels.Count);
    }

    [Fact]
    public void Equal_values_end_both_and_ours_is_dialled_again_with_another()
    {
        var (engine, peer) = Dialled();
        var first = peer.Expect<Sccrq>().TieBreaker!.Value;
        Contend(engine, first).ExpectNoMessage();
        Assert.Empty(engine.Engine.Tunnels);
        peer.Restart();
        engine.Wait(2_000);
        Assert.NotEqual(first, peer.Expect<Sccrq>().TieBreaker);
    }

    [Fact]
    public void Our_tunnel_yields_only_to_an_SCCRQ_that_is_acceptable()
    {
        var (engine, peer) = Dialled();
        var refused = new ScriptedPeer(engine, port: 4000, tunnelId: 0x777);
        refused.Send(refused.Sccrq with { TieBreaker = Lowest, Challenge = [1, 2, 3] });
        Assert.Equal(4, refused.Expect<StopCcn>().Result.Result);
        peer.Answer();
        Assert.True(Assert.Single(engine.Engine.Tunnels).IsInitiator);
    }

    [Fact]
    public void The_winner_takes_the_place_of_our_next_attempt_whose_socket_is_not_open_yet()
    {
        var (engine, peer) = Dialled();
        var other = Contend(engine, Lowest);
        other.Expect<Sccrp>();
        engine.OpensTransports = false;
        peer.Expect<Sccrq>();
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.ControlChannelExists) });
        engine.Wait(2_000);
        Assert.Equal((true, TunnelState.Idle), (engine.Tunnel.IsInitiator, engine.Tunnel.State));
        other.Send(new Scccn());
        var tunnel = Assert.Single(engine.Engine.Tunnels);
        Assert.Equal((false, TunnelState.Established, "t"), (tunnel.IsInitiator, tunnel.State, tunnel.Name));
        Assert.Equal(EndCause.TieBreaker, engine.EventsOf<TunnelEnded>().Last().Reason.Cause);
    }

    [Fact]
    public void Our_attempt_that_is_established_first_goes_on_in_addition_to_the_winner()
    {
        var (engine, peer) = Dialled();
        var other = Contend(engine, Lowest);
        other.Expect<Sccrp>();
        peer.Answer();
        other.Send(new Scccn());
        Assert.Equal([true, false], engine.Engine.Tunnels.Select(t => t.IsInitiator).OrderDescending());
        Assert.Equal("t", engine.Engine.Tunnels.Single(t => t.IsInitiator).Name);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
    }

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Dialled(PeerProfile? profile = null)
    {
        var session = new LacSession { Name = "s", CalledNumber = "s" };
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel(profile, session)) with { Peers = [profile ?? Given.AnyPeer] });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        return (engine, peer);
    }

    /// <summary>The same host sends an SCCRQ of its own, from another port so that the answers stay apart.</summary>
    private static ScriptedPeer Contend(EngineUnderTest engine, ulong? tieBreaker, PeerProfile? profile = null)
    {
        var other = new ScriptedPeer(engine, port: 4000, tunnelId: 0x777) { SecretToUse = profile?.Secret };
        other.Send(other.Sccrq with { TieBreaker = tieBreaker });
        return other;
    }
}
