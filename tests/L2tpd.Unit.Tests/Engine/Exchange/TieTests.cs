using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Tunnels;
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

    [Fact]
    public void When_the_peer_that_won_must_make_room_for_others_ours_is_dialled_again()
    {
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel() with { Backoff = new Backoff { Jitter = 0 } }) with { Limits = new EngineLimits { MaxHalfOpen = 1 } });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        peer.Restart();
        peer.Send(peer.Sccrq with { TieBreaker = Lowest });
        peer.Expect<Sccrp>();
        var other = new ScriptedPeer(engine, "192.0.2.99");
        other.Send(other.Sccrq);
        other.Expect<Sccrp>();
        Assert.Equal(2, engine.EventsOf<RetryScheduled>().Last().Attempt);
        peer.Restart();
        engine.Wait(2000);
        peer.Expect<Sccrq>();
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
        Contend(engine, Highest).Expect<Sccrp>();
        Assert.False(Assert.Single(engine.Engine.Tunnels).IsInitiator);
    }

    [Fact]
    public void Without_any_value_both_tunnels_proceed()
    {
        var (engine, peer) = Dialled(Given.AnyPeer with { Quirks = PeerQuirks.OmitTieBreaker });
        Contend(engine, null).Expect<Sccrp>();
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

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Dialled(PeerProfile? profile = null)
    {
        var engine = Given.Dialling(profile, new LacSession { Name = "s", CalledNumber = "s" });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        return (engine, peer);
    }

    /// <summary>The same host sends an SCCRQ of its own, from another port so that the answers stay apart.</summary>
    private static ScriptedPeer Contend(EngineUnderTest engine, ulong? tieBreaker)
    {
        var other = new ScriptedPeer(engine, port: 4000, tunnelId: 0x777);
        other.Send(other.Sccrq with { TieBreaker = tieBreaker });
        return other;
    }
}
