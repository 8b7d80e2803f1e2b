using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Two engines dial each other at once: what both ends are left with (RFC 2661 sections 4.4.3 and 5.8).</summary>
public sealed class TieOutcomeTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(0)]
    public void Tie_breakers(int theirs)
    {
        var engine = Given.Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        var ours = peer.Expect<Sccrq>().TieBreaker!.Value;
        peer.Restart();
        peer.Send(peer.Sccrq with { TieBreaker = ours + (ulong)theirs });
        switch (theirs)
        {
            case < 0:
                // The lower wins: theirs. Our own is dropped in silence and theirs is answered.
                peer.Expect<Sccrp>();
                peer.Send(new Scccn());
                Assert.False(engine.Tunnel.IsInitiator);
                Assert.Equal(("t", TunnelState.Established), (engine.Tunnel.Name, engine.Tunnel.State));
                break;
            case > 0:
                peer.ExpectSilence();
                Assert.Equal(TunnelState.WaitCtlReply, engine.Tunnel.State);
                Assert.True(engine.Tunnel.IsInitiator);
                break;
            default:
                peer.ExpectSilence();
                Assert.Empty(engine.Engine.Tunnels);
                Assert.Equal(EndCause.TieBreaker, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
                engine.Wait(1250);
                Assert.NotEqual(ours, peer.Expect<Sccrq>().TieBreaker);
                break;
        }
    }

    [Fact]
    public void The_only_end_that_sends_a_tie_breaker_wins()
    {
        var engine = Given.Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        peer.Restart();
        peer.Send(peer.Sccrq);
        peer.ExpectNoMessage();
        Assert.True(engine.Tunnel.IsInitiator);

        var without = Given.Dialling(Given.AnyPeer with { Quirks = PeerQuirks.OmitTieBreaker });
        var other = new ScriptedPeer(without);
        without.Start();
        Assert.Null(other.Expect<Sccrq>().TieBreaker);
        other.Restart();
        other.Send(other.Sccrq with { TieBreaker = ulong.MaxValue });
        other.Expect<Sccrp>();
        Assert.True(without.Tunnel.IsInitiator);
        other.Send(new Scccn());
        Assert.False(without.Tunnel.IsInitiator);
    }

    [Fact]
    public void Without_tie_breakers_both_tunnels_proceed()
    {
        var engine = Given.Dialling(Given.AnyPeer with { Quirks = PeerQuirks.OmitTieBreaker });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        var ours = peer.Expect<Sccrq>().AssignedTunnelId;
        var second = new ScriptedPeer(engine, port: 1702, tunnelId: 0x77).Dial();
        Assert.NotEqual(ours.Value, second.EngineId);
        peer.EngineId = ours.Value;
        peer.Send(peer.Sccrp);
        peer.Expect<Scccn>();
        Assert.Equal(2, engine.Engine.Tunnels.Count(t => t.State == TunnelState.Established));
    }

    [Fact]
    public void Sessions_of_the_losing_side_use_the_adopted_tunnel()
    {
        var engine = Given.Dialling(null, new LacSession { Name = "s" });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        var ours = peer.Expect<Sccrq>().TieBreaker!.Value;
        peer.Restart();
        peer.Send(peer.Sccrq with { TieBreaker = ours - 1 });
        peer.Expect<Sccrp>();
        peer.Send(new Scccn());
        peer.Expect<Icrq>();
        engine.Wait(500);
        peer.Acknowledge();
        engine.Wait(20_000);
        Assert.Single(engine.Engine.Tunnels);
        Assert.Single(engine.Transports);
    }
}
