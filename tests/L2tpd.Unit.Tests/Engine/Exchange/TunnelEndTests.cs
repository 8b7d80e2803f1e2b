using L2tpd.Engine;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>How tunnels end: StopCCN both ways, silence, ties, operator, shutdown (l2tpv2.md sections 7, 7.1 and 9).</summary>
public sealed class TunnelEndTests
{
    private static readonly ResultCode Clear = new(StopCcnResult.GeneralRequest);

    [Fact]
    public void A_retransmitted_StopCCN_is_acknowledged_for_31_s_and_then_nobody_knows_it()
    {
        var (engine, peer) = Given.Established();
        peer.Call(1);
        engine.Wait(1000);
        peer.Forget();
        var began = engine.Elapsed;
        var stop = peer.Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear }, peer.Ns);
        peer.SendBytes(stop);
        Assert.Empty(engine.Engine.Tunnels);
        Assert.Empty(engine.LiveSessions);
        Assert.Empty(engine.LiveTunnels);
        foreach (var at in new[] { 100L, 1000, 3000, 30_999 })
        {
            engine.WaitUntil(began + at);
            peer.Forget();
            peer.SendBytes(stop);
            Assert.Equal((ushort)(peer.Ns + 1), peer.Next().Header.Nr);
            Assert.Equal(0, engine.Engine.Counters.UnknownTunnel);
        }

        engine.WaitUntil(began + 31_000);
        peer.Forget();
        peer.SendBytes(stop);
        peer.ExpectSilence();
        Assert.Equal(1, engine.Engine.Counters.UnknownTunnel);
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void While_it_lingers_nothing_but_a_retransmission_is_answered()
    {
        var (engine, peer) = Given.Established();
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear });
        engine.Wait(10);
        peer.Forget();
        peer.Send(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 });
        peer.Send(new Hello());
        peer.Acknowledge();
        engine.Wait(1000);
        peer.ExpectSilence();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_StopCCN_with_tunnel_id_0_or_unknown_is_found_by_the_peers_id_and_acknowledged_each_time(bool unknown)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        var id = peer.Expect<Sccrp>().AssignedTunnelId;
        peer.Forget();
        // It never received the SCCRP.
        peer.Nr = 0;
        var stop = peer.Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear }, 1, unknown ? id.Value ^ 1 : 0);
        for (var i = 0; i < 4; i++)
        {
            peer.SendBytes(stop);
            Assert.Equal((true, (ushort)2), (peer.All[^1].IsZlb, peer.Next().Header.Nr));
            Assert.Empty(engine.Engine.Tunnels);
            peer.Forget();
            engine.Wait(1000);
        }

        // Anybody could have sent it: a peer that is still there completes its tunnel.
        (peer.Ns, peer.Nr) = (1, 1);
        peer.EngineId = id.Value;
        peer.Send(new Scccn());
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_established_tunnel_answers_a_StopCCN_that_does_not_name_it_with_a_HELLO_and_stays(bool unknown)
    {
        var (engine, peer) = Given.Established();
        var id = engine.Tunnel.LocalId;
        peer.Forget();
        for (var i = 0; i < 50; i++)
        {
            var stop = new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear };
            peer.SendBytes(peer.Encode(stop, (ushort)i, unknown ? id.Value ^ 1 : 0));
        }

        peer.Expect<Hello>();
        peer.ExpectSilence();
        peer.Acknowledge();
        engine.Wait(59_000);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.Equal(50, engine.Engine.Counters.UnknownTunnel);
        Assert.Single(engine.EventsOf<PeerOddity>());
    }

    [Fact]
    public void A_peer_that_lost_its_state_is_found_dead_by_the_HELLO_that_its_StopCCN_causes()
    {
        var (engine, peer) = Given.Established();
        peer.SendBytes(peer.Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear }, 0, 0));
        engine.Wait(31_000);
        Assert.Equal(EndCause.PeerUnreachable, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
    }

    [Fact]
    public void While_an_established_tunnel_ends_a_StopCCN_that_does_not_name_it_changes_nothing()
    {
        var (engine, peer) = Given.Established();
        engine.Tell(new CloseTunnel(engine.Tunnel.Key, "the test"));
        peer.Expect<StopCcn>();
        peer.SendBytes(peer.Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear }, 0, 0));
        engine.Wait(1_000);
        Assert.Equal(MessageType.StopCcn, peer.All[^1].Type);
        Assert.Equal(2, peer.All.Count(arrived => arrived.Type == MessageType.StopCcn));
    }

    [Fact]
    public void A_StopCCN_with_tunnel_id_0_from_elsewhere_finds_nothing()
    {
        var (engine, peer) = Given.Established();
        var stranger = new ScriptedPeer(engine, port: 999);
        stranger.SendBytes(peer.Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear }, 2, 0));
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.Equal(1, engine.Engine.Counters.UnknownTunnel);
    }

    [Fact]
    public void A_CDN_with_session_id_0_finds_the_call_by_the_peers_id()
    {
        var (engine, peer) = Given.Established();
        peer.Send(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 });
        peer.Send(new Cdn { LocalSessionId = new(1), Result = new ResultCode(CdnResult.Administrative) });
        Assert.Equal(0, engine.Engine.SessionCount);
    }

    [Fact]
    public void A_CDN_with_session_id_0_finds_an_outgoing_call_that_was_answered_at_once()
    {
        var (engine, peer) = Given.Established();
        // The peer gives up before it hears OCRP and OCCN.
        peer.Send(new Ocrq
        {
            LocalSessionId = new(1), CallSerialNumber = 1, MinimumBps = 1, MaximumBps = 2, BearerType = BearerTypes.Digital,
            FramingType = FramingTypes.Synchronous, CalledNumber = "1",
        });
        peer.Send(new Cdn { LocalSessionId = new(1), Result = new ResultCode(CdnResult.Administrative) });
        Assert.Equal(0, engine.Engine.SessionCount);
        Assert.Empty(engine.LiveSessions);
    }

    [Fact]
    public void Retransmissions_of_SCCRQ_go_out_at_1_3_7_and_the_end_says_what_was_unanswered()
    {
        var engine = Given.Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        engine.Wait(2000);
        engine.Tell(new TransportError(engine.Tunnel.Key, "connection refused"));
        engine.WaitUntil(14_999);
        Assert.Equal([0L, 1000, 3000, 7000], peer.All.Select(a => a.At - 1_000_000));
        Assert.All(peer.All, a => Assert.Equal((MessageType.Sccrq, (ushort)0), (a.Type, a.Header.Ns)));
        Assert.Empty(engine.EventsOf<TunnelEnded>());
        engine.WaitUntil(15_000);
        var reason = Assert.Single(engine.EventsOf<TunnelEnded>()).Reason;
        Assert.Equal(
            (EndCause.PeerUnreachable, (MessageType?)MessageType.Sccrq, 4, TimeSpan.FromSeconds(15), "connection refused"),
            (reason.Cause, reason.UnansweredMessage, reason.Transmissions, reason.UnansweredFor, reason.LastSocketError));
    }

    [Fact]
    public void HELLO_goes_out_after_exactly_60_s_of_silence_and_the_tunnel_dies_with_the_cycle()
    {
        var (engine, peer) = Given.Established();
        peer.Call(1);
        engine.Wait(10_000);
        peer.Send(new Hello());
        var heard = engine.Elapsed;
        engine.Wait(100);
        peer.Forget();
        engine.WaitUntil(heard + 59_999);
        peer.ExpectSilence();
        engine.WaitUntil(heard + 60_000);
        Assert.Equal(MessageType.Hello, peer.Next().Type);
        engine.WaitUntil(heard + 90_999);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        engine.WaitUntil(heard + 91_000);
        Assert.Empty(engine.Engine.Tunnels);
        Assert.Empty(engine.LiveSessions);
        Assert.Empty(engine.LiveTunnels);
        var reason = Assert.Single(engine.EventsOf<TunnelEnded>()).Reason;
        Assert.Equal(
            (EndCause.PeerUnreachable, (MessageType?)MessageType.Hello, 6), (reason.Cause, reason.UnansweredMessage, reason.Transmissions));
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void Any_received_message_postpones_the_HELLO()
    {
        var (engine, peer) = Given.Established();
        engine.Wait(59_000);
        peer.Acknowledge();
        peer.Forget();
        engine.Wait(59_999);
        peer.ExpectSilence();
        engine.Wait(1);
        Assert.Equal(MessageType.Hello, peer.Next().Type);
        peer.Nr++;
        peer.Acknowledge();
        engine.Wait(59_999);
        peer.ExpectSilence();
        engine.Wait(1);
        Assert.Equal(MessageType.Hello, peer.Next().Type);
    }

    [Theory]
    [InlineData(PeerQuirks.NoHello, 60)]
    [InlineData(PeerQuirks.None, 0)]
    public void No_HELLO_by_quirk_or_interval_0(PeerQuirks quirks, int interval)
    {
        var engine = new EngineUnderTest(Given.Lns(Given.AnyPeer with
        {
            Quirks = quirks,
            Timers = new TunnelTimers { HelloInterval = TimeSpan.FromSeconds(interval) },
        }));
        var peer = new ScriptedPeer(engine).Dial();
        engine.Wait(10);
        peer.Forget();
        engine.Wait(1_000_000);
        peer.ExpectSilence();
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
    }

    [Fact]
    public void The_operator_closes_a_tunnel()
    {
        var (engine, peer) = Given.Established();
        var session = peer.Call(1);
        engine.Tell(new CloseTunnel(engine.Tunnel.Key, "the test"));
        Assert.Equal(session, peer.Expect<Cdn>().LocalSessionId.Value);
        var stop = peer.Expect<StopCcn>();
        Assert.Equal((StopCcnResult.GeneralRequest, peer.EngineId), (stop.Result.Result, stop.AssignedTunnelId.Value));
        Assert.Empty(engine.Engine.Tunnels);
        Assert.False(engine.Engine.IsQuiet);
        peer.Acknowledge();
        Assert.True(engine.Engine.IsQuiet);
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void The_operator_closes_a_session()
    {
        var (engine, peer) = Given.Established();
        var session = peer.Call(1);
        peer.Call(2);
        engine.Tell(new CloseSession(engine.Tunnel.Sessions[new SessionId(session)].Key, "the test"));
        var cdn = peer.Expect<Cdn>();
        Assert.Equal((CdnResult.Administrative, session, 1u), (cdn.Result.Result, cdn.LocalSessionId.Value, cdn.RemoteSessionId.Value));
        Assert.Single(engine.Tunnel.Sessions);
    }

    [Fact]
    public void Shutdown_tells_all_and_is_quiet_when_they_have_acknowledged()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peers = Enumerable.Range(0, 3).Select(i => new ScriptedPeer(engine, port: (ushort)(2000 + i)).Dial()).ToArray();
        engine.Tell(new ShutDown());
        foreach (var peer in peers)
        {
            Assert.Equal(StopCcnResult.ShuttingDown, peer.Expect<StopCcn>().Result.Result);
            Assert.False(engine.Engine.IsQuiet);
            peer.Acknowledge();
        }

        Assert.True(engine.Engine.IsQuiet);
        var late = new ScriptedPeer(engine, port: 3000);
        late.Send(late.Sccrq);
        late.Expect<StopCcn>();
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void A_shutdown_whose_StopCCN_nobody_acknowledges_ends_with_the_cycle()
    {
        var (engine, peer) = Given.Established();
        engine.Tell(new ShutDown());
        peer.Expect<StopCcn>();
        engine.WaitUntil(30_999);
        Assert.False(engine.Engine.IsQuiet);
        engine.WaitUntil(31_000);
        Assert.True(engine.Engine.IsQuiet);
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void A_reload_during_shutdown_dials_nothing()
    {
        var engine = Given.Dialling();
        _ = new ScriptedPeer(engine);
        engine.Start();
        engine.Tell(new ShutDown());
        var resolves = engine.Resolves.Count;
        engine.Tell(new Reconfigure(engine.Engine.Configuration));
        engine.Wait(100_000);
        Assert.Equal(resolves, engine.Resolves.Count);
        Assert.True(engine.Engine.IsQuiet);
    }

    [Fact]
    public void Both_close_at_once()
    {
        var (engine, peer) = Given.Established();
        engine.Tell(new CloseTunnel(engine.Tunnel.Key, "the test"));
        var stop = peer.Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear }, peer.Ns);
        peer.SendBytes(stop);
        engine.Wait(10);
        Assert.Equal(peer.Ns + 1, peer.All[^1].Header.Nr);
        Assert.True(engine.Engine.IsQuiet);
        Assert.Single(engine.EventsOf<TunnelEnded>());
    }

    [Fact]
    public void Late_answers_for_what_has_ended_are_ignored()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.AnyPeer with { Session = new SessionProfile { Ppp = "p" } }))
        {
            AnswersDataPlane = false,
        };
        var peer = new ScriptedPeer(engine).Dial();
        var tunnel = engine.Tunnel.Key;
        engine.Tell(new TunnelCreated(tunnel));
        var session = engine.Tunnel.Sessions[new SessionId(peer.Call(1))].Key;
        peer.Send(new Cdn { LocalSessionId = new(1), RemoteSessionId = session.LocalId, Result = new ResultCode(3) });
        engine.Wait(10);
        peer.Forget();
        engine.Tell(new SessionCreated(session));
        engine.Tell(new SessionFailed(session, "late"));
        engine.Tell(new PppUp(session, "ppp0", null, null));
        engine.Tell(new PppEnded(session, 1, null, "late"));
        engine.Tell(new CloseSession(session, "late"));
        Assert.Empty(engine.StartedPpp);
        peer.ExpectSilence();
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear });
        engine.Wait(10);
        peer.Forget();
        engine.Tell(new TunnelCreated(tunnel));
        engine.Tell(new TunnelFailed(tunnel, "late"));
        engine.Tell(new TransportFailed(tunnel, "late"));
        engine.Tell(new CloseTunnel(tunnel, "late"));
        peer.ExpectSilence();
        Assert.Single(engine.EventsOf<TunnelEnded>());
    }

    [Fact]
    public void An_answer_of_another_generation_is_ignored()
    {
        var (engine, peer) = Given.Established();
        var key = engine.Tunnel.Key;
        var session = engine.Tunnel.Sessions[new SessionId(peer.Call(1))].Key;
        engine.Tell(new CloseTunnel(key with { Generation = key.Generation + 100 }, "late"));
        engine.Tell(new CloseSession(session with { Generation = session.Generation + 100 }, "late"));
        engine.Tell(new CloseSession(session with { Tunnel = key with { Generation = 77 } }, "late"));
        Assert.Single(engine.Tunnel.Sessions);
    }
}
