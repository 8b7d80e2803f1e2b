using L2tpd.Engine;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Statics;

/// <summary>HELLO and acknowledgement over a static tunnel, to the millisecond.</summary>
public sealed class StaticKeepaliveTests
{
    private const MessageType Hello = MessageType.Hello;
    private const MessageType Ack = MessageType.Ack;

    private static (EngineUnderTest Engine, StaticEnd Peer) Begin()
    {
        var engine = StaticEnd.Start(StaticEnd.Tunnel(StaticEnd.Keepalive));
        return (engine, new StaticEnd(engine));
    }

    private static bool IsUp(EngineUnderTest engine) => engine.Links.GetValueOrDefault(Assert.Single(engine.LiveSessions), true);

    [Fact]
    public void Without_a_keepalive_nothing_is_sent_and_a_HELLO_is_acknowledged()
    {
        var engine = StaticEnd.Start(StaticEnd.Tunnel());
        var peer = new StaticEnd(engine);
        engine.Wait(1_000_000);
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
        Assert.Empty(peer.Heard());

        peer.Hello(0, 0);
        peer.Hello(0, 0);
        peer.Hello(1, 0);

        Assert.Equal([(Ack, 0, 1), (Ack, 0, 1), (Ack, 0, 2)], peer.Heard());
        Assert.Null(engine.Tunnel.IsPeerSilent);
        Assert.Equal(1, engine.Tunnel.Counters.Duplicates);
    }

    [Fact]
    public void The_first_HELLO_goes_at_once_the_next_an_interval_after_the_answer()
    {
        var (engine, peer) = Begin();
        Assert.Equal([(Hello, 0, 0)], peer.Heard());

        engine.Wait(40);
        peer.Ack(0, 1);
        engine.Wait(9_999);
        Assert.Empty(peer.Heard());
        engine.Wait(1);

        Assert.Equal([(Hello, 1, 0)], peer.Heard());
        Assert.Equal(10_040, engine.Elapsed);
        Assert.False(engine.Tunnel.IsPeerSilent);
    }

    [Fact]
    public void Who_leaves_a_HELLO_unanswered_is_silent_when_the_wait_after_the_last_repetition_is_over()
    {
        var (engine, peer) = Begin();
        peer.Ack(0, 1);
        peer.Heard();
        engine.WaitUntil(10_000);
        var sent = new List<long>();
        for (var at = 10_000L; at < 25_000; at += 500)
        {
            if (peer.Heard().Length > 0)
                sent.Add(at);
            engine.Wait(500);
        }

        Assert.Equal([10_000, 11_000, 13_000, 17_000], sent);
        Assert.Equal(25_000, engine.Elapsed);
        Assert.False(IsUp(engine));
        Assert.True(engine.Tunnel.IsPeerSilent);
        Assert.Single(engine.EventsOf<PeerFellSilent>());
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
    }

    [Fact]
    public void It_is_up_to_the_last_millisecond()
    {
        var (engine, _) = Begin();
        engine.WaitUntil(14_999);
        Assert.True(IsUp(engine));
        engine.Wait(1);
        Assert.False(IsUp(engine));
    }

    [Fact]
    public void The_silent_one_is_asked_on_and_its_answer_sets_the_interface_up()
    {
        var (engine, peer) = Begin();
        engine.WaitUntil(100_000);
        Assert.False(IsUp(engine));
        Assert.Single(engine.EventsOf<PeerFellSilent>());
        var asked = peer.Heard();
        // A cycle of four, 15 s long, repeated; the number stays, because the peer may have received it.
        Assert.Equal(28, asked.Length);
        Assert.All(asked, static hello => Assert.Equal((Hello, (ushort)0, (ushort)0), hello));

        peer.Ack(0, 1);

        Assert.True(IsUp(engine));
        Assert.Single(engine.EventsOf<PeerAnsweredAgain>());
        engine.Wait(10_000);
        Assert.Equal([(Hello, 1, 0)], peer.Heard());
    }

    [Fact]
    public void The_peers_own_HELLO_shows_that_it_is_there_whatever_its_Nr()
    {
        var (engine, peer) = Begin();
        for (var at = 0; at < 20; at++)
        {
            peer.Hello((ushort)at, 0);
            engine.Wait(3_000);
        }

        Assert.True(IsUp(engine));
        Assert.Empty(engine.EventsOf<PeerFellSilent>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void A_restarted_ql2tpd_whose_queue_is_stuck_answers_every_HELLO_and_stays_up(int rounds)
    {
        var (engine, _) = Begin();
        var other = new Ql2tpdEnd(engine);
        other.Wait(10_000 * rounds);
        Assert.True(IsUp(engine));

        other.Stop();
        other.Wait(60_000);
        Assert.False(IsUp(engine));
        other.Start();
        other.Wait(20_000);
        Assert.True(IsUp(engine));

        other.Wait(200_000);
        Assert.True(IsUp(engine));
        Assert.Single(engine.EventsOf<PeerFellSilent>());
    }

    [Fact]
    public void A_ql2tpd_that_restarts_between_two_HELLOs_stays_up_although_it_acknowledges_none()
    {
        var (engine, _) = Begin();
        var other = new Ql2tpdEnd(engine);
        other.Wait(75_000);

        other.Stop();
        other.Start();
        other.Wait(300_000);

        Assert.True(IsUp(engine));
        Assert.Empty(engine.EventsOf<PeerFellSilent>());
    }

    [Fact]
    public void A_restarted_ql2tpd_that_drops_our_Nr_is_asked_as_by_an_end_that_starts()
    {
        var (engine, _) = Begin();
        var other = new Ql2tpdEnd(engine);
        for (var i = 0; i < 20; i++)
        {
            other.SendHello();
            other.Wait(10_000);
        }

        other.Stop();
        other.Wait(60_000);
        Assert.False(IsUp(engine));
        other.Start();
        other.Wait(20_000);

        Assert.True(IsUp(engine));
        other.Stop();
        other.Start();
        other.SendHello();
        other.Wait(100_000);
        Assert.Equal(0, other.Dropped);
        Assert.True(IsUp(engine));
    }

    [Fact]
    public void One_that_drops_our_Nr_from_the_first_comes_back_at_once_when_it_counts_as_silent()
    {
        var (engine, _) = Begin();
        var other = new Ql2tpdEnd(engine);
        for (var i = 0; i < 5; i++)
        {
            other.SendHello();
            other.Wait(10_000);
        }

        other.Stop();
        other.Start();
        other.Wait(10_000 + 15_000 + 1_000);

        Assert.NotEqual(0, other.Dropped);
        Assert.True(IsUp(engine));
    }

    [Fact]
    public void A_peer_that_starts_again_is_accepted()
    {
        var (engine, peer) = Begin();
        peer.Ack(0, 1);
        peer.Hello(0, 1);
        peer.Hello(1, 1);
        peer.Heard();

        peer.Hello(0, 0);
        Assert.Equal([(Ack, 0, 1)], peer.Heard());
        engine.Wait(10_000);
        Assert.Equal([(Hello, 0, 1)], peer.Heard());
        peer.Ack(1, 1);
        engine.Wait(10_000);
        Assert.Equal([(Hello, 1, 1)], peer.Heard());
        Assert.True(IsUp(engine));
    }

    [Fact]
    public void When_we_begin_anew_the_peers_numbers_count()
    {
        var (engine, peer) = Begin();
        Assert.Equal([(Hello, 0, 0)], peer.Heard());

        // Our number is an old one for the peer: it answers with the number that it expects.
        peer.Ack(7, 5);
        engine.Wait(10_000);

        Assert.Equal([(Hello, 5, 7)], peer.Heard());
        peer.Ack(7, 6);
        peer.Hello(7, 6);
        Assert.Equal([(Ack, 6, 8)], peer.Heard());
        Assert.Empty(engine.EventsOf<PeerFellSilent>());
    }

    [Fact]
    public void Numbers_go_round()
    {
        var (engine, peer) = Begin();
        peer.Ack(65_535, 65_535);
        engine.Wait(10_000);
        peer.Heard();
        peer.Hello(65_535, 0);
        engine.Wait(10_000);
        Assert.Equal([(Ack, 0, 0), (Hello, 0, 0)], peer.Heard());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_message_of_the_peers_shows_that_it_is_there_and_no_others(bool fromElsewhere)
    {
        var (engine, peer) = Begin();
        engine.WaitUntil(15_000);
        peer.Heard();
        Assert.False(IsUp(engine));
        var message = fromElsewhere
            ? StaticEnd.Encode(L2tpd.Protocol.Messages.Ack.Instance, 0, 1)
            : StaticEnd.Encode(new StopCcn { AssignedTunnelId = new(StaticEnd.PeerId), Result = new(1) }, 0, 1);

        engine.Deliver(fromElsewhere ? StaticEnd.Address with { Port = 5002 } : StaticEnd.Address, message);

        Assert.Equal(fromElsewhere ? 1 : 0, engine.Tunnel.Counters.WrongSource);
        Assert.Equal(fromElsewhere ? 0 : 1, engine.Tunnel.Counters.Malformed);
        Assert.Equal(!fromElsewhere, IsUp(engine));
        Assert.Empty(peer.Heard());
    }

    [Fact]
    public void A_session_that_comes_while_the_peer_is_silent_comes_down()
    {
        var (engine, _) = Begin();
        engine.WaitUntil(15_000);
        engine.Tell(new L2tpd.Engine.Inputs.Reconfigure(StaticEnd.Configuration(
            StaticEnd.Tunnel(StaticEnd.Keepalive, StaticEnd.Session("lan", 11), StaticEnd.Session("more", 12)))));
        engine.Wait(250);
        Assert.Equal(2, engine.LiveSessions.Count);
        Assert.All(engine.LiveSessions, session => Assert.False(engine.Links[session]));
    }
}
