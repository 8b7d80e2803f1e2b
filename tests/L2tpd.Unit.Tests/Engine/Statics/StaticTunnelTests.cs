using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Statics;

/// <summary>Static tunnels and their sessions: set up, changed, lost and ended.</summary>
public sealed class StaticTunnelTests
{
    [Fact]
    public void Tunnel_and_session_are_there_at_once_as_configured()
    {
        var session = StaticEnd.Session("lan", 11) with
        {
            Cookie = [1, 2, 3, 4], PeerCookie = [5, 6, 7, 8, 9, 10, 11, 12],
            Session = new SessionProfile
            {
                Sequencing = true,
                Pseudowire = new PseudowireProfile { Sublayer = L2SpecificSublayer.Default, Interface = "pw0" },
            },
        };
        var engine = StaticEnd.Start(StaticEnd.Tunnel(null, session));

        Assert.Equal((StaticEnd.Address, (ushort)5000, StaticEnd.PeerId), (
            engine.Transports[0].Request.Remote, engine.Transports[0].Request.SourcePort, engine.Transports[0].Request.PeerId.Value));
        var tunnel = Assert.Single(engine.CreatedTunnels);
        Assert.Equal((ProtocolVersion.V3, StaticEnd.OurId, StaticEnd.PeerId), (tunnel.Version, tunnel.LocalId.Value, tunnel.PeerId.Value));
        var made = Assert.Single(engine.CreatedSessions);
        Assert.Equal((11u, 10_011u, PseudowireType.Ethernet), (made.LocalId.Value, made.PeerId.Value, made.Pseudowire));
        Assert.Equal((true, true), (made.SendSequence, made.RequireSequence));
        var settings = made.Settings!;
        Assert.Equal(session.Cookie, settings.LocalCookie);
        Assert.Equal(session.PeerCookie, settings.PeerCookie);
        Assert.Equal((L2SpecificSublayer.Default, "pw0"), (settings.Sublayer, settings.Interface));
        Assert.Equal(("site", "site/lan"), (engine.Tunnel.Name, made.Session.Name));
        Assert.Equal((TunnelState.Established, true), (engine.Tunnel.State, engine.Tunnel.IsStatic));
        Assert.Single(engine.EventsOf<TunnelEstablished>());
        Assert.Single(engine.EventsOf<SessionEstablished>());
        Assert.Equal(1, engine.Engine.SessionCount);
        Assert.Empty(engine.Unclaimed);
    }

    [Fact]
    public void Sublayer_is_the_default_one_and_no_sequencing_as_ip_l2tp_has_it()
    {
        var made = Assert.Single(StaticEnd.Start(StaticEnd.Tunnel()).CreatedSessions);
        Assert.Equal(L2SpecificSublayer.Default, made.Settings!.Sublayer);
        Assert.Equal((false, false), (made.SendSequence, made.RequireSequence));
        Assert.Empty(made.Settings.LocalCookie);
    }

    [Theory]
    [InlineData(true, CallRole.IncomingLns)]
    [InlineData(false, CallRole.IncomingLac)]
    public void Ppp_is_run_as_server_or_client(bool server, CallRole role)
    {
        var session = StaticEnd.Session("ppp", 11) with { IsPppServer = server, Session = new SessionProfile { Ppp = "p" } };
        var engine = StaticEnd.Start(StaticEnd.Tunnel(null, session));
        Assert.Equal(PseudowireType.Ppp, Assert.Single(engine.CreatedSessions).Pseudowire);
        Assert.Equal(role, Assert.Single(engine.Tunnel.Sessions.Values).Role);
        Assert.Single(engine.StartedPpp);

        engine.Tell(new PppEnded(Assert.Single(engine.LiveSessions), 3, null, "LCP closed"));
        Assert.Empty(engine.LiveSessions);
        engine.Wait(1000);
        Assert.Equal(2, engine.StartedPpp.Count);
    }

    [Fact]
    public void A_session_that_is_lost_is_set_up_again_after_growing_waits()
    {
        var engine = StaticEnd.Start(StaticEnd.Tunnel());
        engine.AnswersDataPlane = false;
        foreach (var wait in new[] { 1000, 2000, 4000 })
        {
            engine.Tell(new SessionFailed(Assert.Single(engine.LiveSessions), "deleted from outside"));
            Assert.Empty(engine.LiveSessions);
            engine.Wait(wait - 1);
            Assert.Empty(engine.LiveSessions);
            engine.Wait(1);
            Assert.Single(engine.LiveSessions);
        }

        engine.Tell(new SessionCreated(Assert.Single(engine.LiveSessions)));
        engine.Tell(new SessionFailed(Assert.Single(engine.LiveSessions), "deleted from outside"));
        engine.Wait(1000);
        Assert.Single(engine.LiveSessions);
        var ended = engine.EventsOf<SessionEnded>().ToArray();
        Assert.All(ended, static end => Assert.Null(end.Reason.Result));
        Assert.Empty(engine.Unclaimed);
    }

    [Fact]
    public void A_tunnel_that_is_lost_or_closed_is_set_up_again()
    {
        var engine = StaticEnd.Start(StaticEnd.Tunnel());
        engine.Tell(new TunnelFailed(engine.Tunnel.Key, "deleted from outside"));
        Assert.Empty(engine.LiveTunnels);
        Assert.Empty(engine.LiveSessions);
        Assert.Single(engine.ClosedTransports);
        engine.Wait(1000);
        Assert.Single(engine.LiveSessions);

        engine.Tell(new CloseTunnel(engine.Tunnel.Key, "somebody"));
        Assert.Empty(engine.LiveTunnels);
        engine.Wait(1000);
        Assert.Equal(StaticEnd.OurId, engine.Tunnel.LocalId.Value);
        Assert.Single(engine.LiveSessions);
        Assert.Empty(engine.Unclaimed);
    }

    [Fact]
    public void A_socket_that_cannot_be_had_is_tried_again()
    {
        var engine = new EngineUnderTest(StaticEnd.Configuration(StaticEnd.Tunnel())) { OpensTransports = false };
        engine.Start();
        engine.Tell(new TransportFailed(engine.Tunnel.Key, "no such address"));
        Assert.Empty(engine.Engine.Tunnels);
        engine.OpensTransports = true;
        engine.Wait(1000);
        Assert.Single(engine.LiveSessions);
    }

    [Fact]
    public void Shutting_down_takes_everything_and_sends_nothing()
    {
        var engine = StaticEnd.Start(StaticEnd.Tunnel());
        engine.Tell(new ShutDown());
        Assert.True(engine.Engine.IsQuiet);
        Assert.Empty(engine.LiveTunnels);
        Assert.Empty(engine.LiveSessions);
        Assert.Single(engine.ClosedTransports);
        Assert.Equal(EndCause.ShutDown, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
        engine.Wait(100_000);
        Assert.Empty(engine.LiveTunnels);
        Assert.Empty(engine.Unclaimed);
    }

    [Fact]
    public void A_reload_changes_what_differs()
    {
        var lan = StaticEnd.Session("lan", 11);
        var engine = StaticEnd.Start(StaticEnd.Tunnel(null, lan, StaticEnd.Session("b", 12)));
        var tunnel = engine.Tunnel.Key;
        var kept = engine.Tunnel.Sessions[new SessionId(11)].Key;

        engine.Tell(new Reconfigure(StaticEnd.Configuration(
            StaticEnd.Tunnel(null, lan with { Cookie = [] }, StaticEnd.Session("b", 12) with { Cookie = [1, 2, 3, 4] }))));
        Assert.Equal([kept], engine.LiveSessions);
        engine.Wait(249);
        Assert.Single(engine.LiveSessions);
        engine.Wait(1);
        Assert.Equal(2, engine.LiveSessions.Count);
        Assert.Equal(tunnel, engine.Tunnel.Key);

        engine.Tell(new Reconfigure(StaticEnd.Configuration(StaticEnd.Tunnel(null, lan) with { PeerTunnelId = new(2001) })));
        Assert.Empty(engine.LiveTunnels);
        engine.Wait(250);
        Assert.Equal(2001u, engine.Tunnel.PeerId.Value);
        Assert.Single(engine.LiveSessions);

        engine.Tell(new Reconfigure(StaticEnd.Configuration()));
        engine.Wait(10_000);
        Assert.Empty(engine.LiveTunnels);
    }

    [Fact]
    public void An_id_that_is_taken_is_waited_for()
    {
        var second = StaticEnd.Tunnel(null, StaticEnd.Session("lan", 11)) with { Name = "second", TunnelId = new(1001), LocalPort = 5002 };
        var engine = StaticEnd.Start(StaticEnd.Tunnel(), second);
        Assert.Single(engine.LiveSessions);
        Assert.Equal("second/lan", Assert.Single(engine.EventsOf<RetryScheduled>()).Name);

        engine.Tell(new Reconfigure(StaticEnd.Configuration(second)));
        engine.Wait(1000);
        Assert.Equal("second/lan", Assert.Single(engine.Tunnel.Sessions.Values).Name);
    }

    [Fact]
    public void Circuit_status_and_errors_are_sent_to_nobody()
    {
        var engine = StaticEnd.Start(StaticEnd.Tunnel());
        engine.Tell(new CircuitStatusChanged(Assert.Single(engine.LiveSessions), CircuitStatus.None));
        Assert.Equal(CircuitStatus.None, Assert.Single(engine.Tunnel.Sessions.Values).Pseudowire!.LocalStatus);
        engine.Wait(10_000);
        Assert.Empty(engine.Unclaimed);
    }
}
