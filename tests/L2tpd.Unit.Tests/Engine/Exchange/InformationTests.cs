using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>WEN, LAC to LNS, at most one in 60 s, and SLI, LNS to LAC (RFC 2661 sections 6.13 and 6.14, l2tpv2.md section 4).</summary>
public sealed class InformationTests
{
    private static readonly Accm Map = new(0x000a0000, 0x00000001);

    [Fact]
    public void WEN_tells_new_errors_at_once_and_then_once_in_60_s()
    {
        var (engine, peer, session) = Lac();
        Observe(engine, session, 1);
        var wen = peer.Expect<Wen>();
        Assert.Equal((Errors(1), 5u), (wen.CallErrors, wen.RemoteSessionId.Value));
        peer.Acknowledge();
        var first = engine.Elapsed;
        Observe(engine, session, 2);
        engine.WaitUntil(first + 59_999);
        Observe(engine, session, 3);
        peer.ExpectNoMessage();
        engine.WaitUntil(first + 60_000);
        Observe(engine, session, 3);
        Assert.Equal(Errors(3), peer.Expect<Wen>().CallErrors);
        peer.Acknowledge();
        engine.WaitUntil(first + 119_999);
        Observe(engine, session, 4);
        peer.ExpectNoMessage();
        engine.WaitUntil(first + 120_000);
        Observe(engine, session, 4);
        peer.Expect<Wen>();
    }

    [Fact]
    public void WEN_says_nothing_when_there_is_nothing_new()
    {
        var (engine, peer, session) = Lac();
        Observe(engine, session, 0);
        peer.ExpectNoMessage();
        Observe(engine, session, 1);
        peer.Expect<Wen>();
        peer.Acknowledge();
        engine.Wait(300_000);
        Observe(engine, session, 1);
        peer.ExpectNoMessage();
    }

    [Fact]
    public void Each_session_has_a_minute_of_its_own()
    {
        var engine = Given.Dialling(null, new LacSession { Name = "a" }, new LacSession { Name = "b" });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        foreach (var id in new uint[] { 5, 6 })
        {
            peer.Send(new Icrp { LocalSessionId = new(id), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId });
            peer.Acknowledge();
        }

        peer.Expect<Iccn>();
        peer.Expect<Iccn>();
        peer.Acknowledge();
        foreach (var session in engine.Tunnel.Sessions.Values.OrderBy(s => s.PeerId.Value).ToArray())
        {
            Observe(engine, session, 1);
            Assert.Equal(session.PeerId, peer.Expect<Wen>().RemoteSessionId);
        }
    }

    [Fact]
    public void No_WEN_before_the_session_is_established_and_none_from_the_LNS()
    {
        var engine = Given.Dialling(null, new LacSession { Name = "s" });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        peer.Expect<Icrq>();
        Observe(engine, engine.Tunnel.Sessions.Values.Single(), 1);
        peer.Acknowledge();
        peer.ExpectNoMessage();

        var (lns, caller, session) = Lns();
        Observe(lns, session, 1);
        caller.ExpectNoMessage();
    }

    [Fact]
    public void A_WEN_that_came_is_kept_and_told()
    {
        var (engine, peer, session) = Lns();
        peer.Send(new Wen { LocalSessionId = new(5), RemoteSessionId = session.LocalId, CallErrors = Errors(7) });
        Assert.Equal(Errors(7), session.CallErrors);
        Assert.IsType<Wen>(Assert.Single(engine.EventsOf<SessionInformed>()).Message);
        // The rate binds the sender; what it sends too often is taken all the same.
        peer.Send(new Wen { LocalSessionId = new(5), RemoteSessionId = session.LocalId, CallErrors = Errors(8) });
        Assert.Equal(Errors(8), session.CallErrors);
    }

    [Fact]
    public void The_LNS_sends_the_configured_map_with_SLI_once_the_session_is_up()
    {
        var (_, peer, session) = Lns(Map);
        var sli = peer.Expect<Sli>();
        Assert.Equal((Map, 5u), (sli.Accm, sli.RemoteSessionId.Value));
        Assert.Equal(Map, session.Accm);
    }

    [Fact]
    public void Without_a_configured_map_there_is_no_SLI() => Lns().Peer.ExpectNoMessage();

    [Fact]
    public void The_LAC_keeps_the_map_of_an_SLI_and_tells()
    {
        var (engine, peer, session) = Lac();
        peer.Send(new Sli { LocalSessionId = new(5), RemoteSessionId = session.LocalId, Accm = Map });
        Assert.Equal(Map, session.Accm);
        Assert.IsType<Sli>(Assert.Single(engine.EventsOf<SessionInformed>()).Message);
    }

    [Fact]
    public void From_the_wrong_side_they_are_odd_and_change_nothing()
    {
        var (lac, lns, ours) = Lac();
        lns.Send(new Wen { LocalSessionId = new(5), RemoteSessionId = ours.LocalId, CallErrors = Errors(1) });
        Assert.Null(ours.CallErrors);
        Assert.Single(lac.EventsOf<PeerOddity>());
        Assert.Equal(SessionState.Established, ours.State);

        var (engine, caller, session) = Lns();
        caller.Send(new Sli { LocalSessionId = new(5), RemoteSessionId = session.LocalId, Accm = Map });
        Assert.Null(session.Accm);
        Assert.Single(engine.EventsOf<PeerOddity>());
        Assert.Equal(SessionState.Established, session.State);
    }

    [Fact]
    public void For_a_session_nobody_has_they_are_acknowledged_and_nothing_else()
    {
        var (engine, peer, session) = Lns();
        peer.Send(new Wen { RemoteSessionId = new(session.LocalId.Value ^ 1), CallErrors = Errors(1) });
        peer.Send(new Sli { RemoteSessionId = new(session.LocalId.Value ^ 1), Accm = Map });
        engine.Wait(100);
        peer.ExpectNoMessage();
        Assert.Equal(peer.Ns, peer.All[^1].Header.Nr);
        Assert.Empty(engine.EventsOf<SessionInformed>());
    }

    private static CallErrors Errors(uint framing) => new(0, framing, 0, 0, 0, 0);

    private static void Observe(EngineUnderTest engine, Session session, uint framing) =>
        engine.Tell(new CallErrorsObserved(session.Key, Errors(framing)));

    private static (EngineUnderTest Engine, ScriptedPeer Peer, Session Session) Lac()
    {
        var quiet = Given.AnyPeer with { Timers = new TunnelTimers { HelloInterval = TimeSpan.Zero } };
        var engine = Given.Dialling(quiet, new LacSession { Name = "s", Session = new SessionProfile { ReportErrors = true } });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        peer.Send(new Icrp { LocalSessionId = new(5), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId });
        peer.Expect<Iccn>();
        peer.Acknowledge();
        return (engine, peer, engine.Tunnel.Sessions.Values.Single());
    }

    private static (EngineUnderTest Engine, ScriptedPeer Peer, Session Session) Lns(Accm? accm = null)
    {
        var engine = new EngineUnderTest(Given.Lns(Given.AnyPeer with { Session = new SessionProfile { Accm = accm } }));
        var peer = new ScriptedPeer(engine).Dial();
        var id = peer.Call(5);
        return (engine, peer, engine.Tunnel.Sessions[new SessionId(id)]);
    }
}
