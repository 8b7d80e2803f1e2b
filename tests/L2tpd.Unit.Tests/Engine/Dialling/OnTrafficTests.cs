using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary><c>dial: on-traffic</c>: a packet dials, an idle session waits again, and a failure has its wait.</summary>
public sealed class OnTrafficTests
{
    private static readonly Backoff Waits = new() { Initial = TimeSpan.FromSeconds(2), Maximum = TimeSpan.FromSeconds(8), Jitter = 0 };

    private static readonly LacSession Demand = new()
    {
        Name = "d", Dial = DialMode.OnTraffic, Backoff = Waits, Session = new SessionProfile { Ppp = "p" },
    };

    [Fact]
    public void Nothing_is_dialled_before_a_packet_waits_and_then_tunnel_and_session_are()
    {
        var (engine, peer) = Configured(Tunnel(Demand));
        engine.Wait(3_600_000);
        Assert.Empty(engine.Transports);
        Assert.Equal(["t/d"], engine.Engine.WaitingForTraffic);
        Assert.Empty(engine.Engine.HeldDown);
        Packet(engine);
        Assert.Single(engine.Transports);
        Assert.Empty(engine.Engine.WaitingForTraffic);
        // Further packets while it is being set up, and while it is up, are of no use.
        Packet(engine);
        peer.Answer();
        Packet(engine);
        Connect(peer, 1);
        Packet(engine);
        Assert.Single(engine.Tunnel.Sessions);
        Assert.Single(engine.EventsOf<DialledByTraffic>());
        engine.Tell(new TrafficWaits("t", "no-such-session"));
        engine.Tell(new TrafficWaits("no-such-tunnel", "d"));
    }

    [Fact]
    public void An_idle_session_ends_and_its_tunnel_one_second_later_until_the_next_packet()
    {
        var (engine, peer) = Configured(Tunnel(Demand));
        Up(engine, peer);
        engine.Wait(5_000);
        GoIdle(engine, peer);
        var waits = engine.EventsOf<WaitsForTraffic>().Last();
        Assert.Equal(("t/d", TimeSpan.Zero, "it was idle"), (waits.Name, waits.HoldOff, waits.Reason));
        engine.Wait(999);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
        engine.Wait(1);
        Assert.Equal("its sessions wait for traffic", Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Text);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
        engine.Wait(3_600_000);
        Assert.Single(engine.Transports);
        Assert.Equal(["t/d"], engine.Engine.WaitingForTraffic);
        peer.Restart();
        Packet(engine);
        Assert.Equal(2, engine.Transports.Count);
    }

    [Fact]
    public void The_peer_may_close_an_idle_session_first_and_that_is_no_failure()
    {
        var (engine, peer) = Configured(Tunnel(Demand));
        Up(engine, peer);
        var key = engine.Tunnel.Sessions.Values.Single().Key;
        engine.Tell(new PppIdle(key));
        peer.Send(new Cdn
        {
            LocalSessionId = new(1), RemoteSessionId = engine.Tunnel.Sessions.Values.Single().LocalId,
            Result = new ResultCode(CdnResult.Administrative),
        });
        engine.Tell(new PppEnded(key, CdnResult.Administrative, null, "the idle timeout was reached"));
        Assert.Equal(TimeSpan.Zero, engine.EventsOf<WaitsForTraffic>().Last().HoldOff);
    }

    [Fact]
    public void A_packet_within_the_second_needs_no_new_tunnel()
    {
        var (engine, peer) = Configured(Tunnel(Demand));
        Up(engine, peer);
        GoIdle(engine, peer);
        engine.Wait(500);
        Packet(engine);
        Connect(peer, 2);
        engine.Wait(10_000);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
        Assert.Single(engine.Tunnel.Sessions);
    }

    [Fact]
    public void A_tunnel_stays_for_its_other_session_and_closes_after_the_last_one()
    {
        var (engine, peer) = Configured(Tunnel(Demand, Demand with { Name = "e" }));
        Packet(engine);
        peer.Answer();
        Connect(peer, 1);
        engine.Tell(new TrafficWaits("t", "e"));
        Connect(peer, 2);
        GoIdle(engine, peer);
        peer.Acknowledge();
        engine.Wait(20_000);
        Assert.Equal(["t/e"], engine.Tunnel.Sessions.Values.Select(static one => one.Name));
        GoIdle(engine, peer);
        engine.Wait(1_000);
        Assert.Single(engine.EventsOf<TunnelEnded>());
    }

    [Fact]
    public void A_session_that_fails_waits_longer_each_time_and_no_packet_counts_meanwhile()
    {
        var (engine, peer) = Configured(Tunnel(Demand) with { Dial = DialMode.Always });
        peer.Answer();
        foreach (var seconds in (int[])[2, 4, 8, 8])
        {
            Packet(engine);
            peer.Send(new Cdn
            {
                LocalSessionId = new(1), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId,
                Result = new ResultCode(4),
            });
            peer.Acknowledge();
            Assert.Equal(TimeSpan.FromSeconds(seconds), engine.EventsOf<WaitsForTraffic>().Last().HoldOff);
            engine.Wait((seconds * 1_000) - 1);
            Packet(engine);
            engine.Wait(1);
            Assert.Equal(["t/d"], engine.Engine.WaitingForTraffic);
        }

        Assert.Empty(engine.EventsOf<RetryScheduled>());
        Assert.Single(engine.Transports);
    }

    [Fact]
    public void A_tunnel_that_nobody_answers_waits_as_well()
    {
        var (engine, _) = Configured(Tunnel(Demand));
        Packet(engine);
        engine.Wait(15_000);
        var waits = engine.EventsOf<WaitsForTraffic>().Last();
        Assert.Equal(("t", TimeSpan.FromSeconds(2)), (waits.Name, waits.HoldOff));
        engine.Wait(1_999);
        Packet(engine);
        Assert.Single(engine.Transports);
        engine.Wait(1);
        Packet(engine);
        Assert.Equal(2, engine.Transports.Count);
        engine.Wait(15_000);
        Assert.Equal(TimeSpan.FromSeconds(4), engine.EventsOf<WaitsForTraffic>().Last().HoldOff);
        engine.Wait(3_600_000);
        Assert.Equal(2, engine.Transports.Count);
    }

    [Fact]
    public void A_tunnel_that_the_peer_closes_is_dialled_again_by_the_next_packet_only()
    {
        var (engine, peer) = Configured(Tunnel(Demand));
        Up(engine, peer);
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new(StopCcnResult.ShuttingDown) });
        peer.Restart();
        engine.Wait(60_000);
        Assert.Single(engine.Transports);
        Assert.Equal(["t/d"], engine.Engine.WaitingForTraffic);
        Packet(engine);
        Assert.Equal(2, engine.Transports.Count);
    }

    [Fact]
    public void A_tunnel_that_is_up_anyway_stays_up()
    {
        var (engine, peer) = Configured(Tunnel(Demand) with { Dial = DialMode.Always });
        Assert.Single(engine.Transports);
        peer.Answer();
        engine.Wait(10_000);
        Packet(engine);
        Connect(peer, 1);
        GoIdle(engine, peer);
        peer.Acknowledge();
        engine.Wait(20_000);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.Equal(["t/d"], engine.Engine.WaitingForTraffic);
    }

    [Fact]
    public void The_operator_keeps_it_down_takes_that_back_and_opens_it()
    {
        var (engine, peer) = Configured(Tunnel(Demand));
        Tell(engine, ConfiguredCommand.StayDown, "d");
        Packet(engine);
        Assert.Empty(engine.Transports);
        Assert.Equal(["t/d"], engine.Engine.HeldDown);
        Tell(engine, ConfiguredCommand.Up, "d");
        Assert.Empty(engine.Transports);
        Assert.Empty(engine.Engine.HeldDown);
        Tell(engine, ConfiguredCommand.StayDown);
        Packet(engine);
        Assert.Empty(engine.Transports);
        Assert.Equal(["t"], engine.Engine.HeldDown);
        Tell(engine, ConfiguredCommand.Up);
        Assert.Empty(engine.Transports);
        Tell(engine, ConfiguredCommand.Open, "d");
        peer.Answer();
        Connect(peer, 1);
        Tell(engine, ConfiguredCommand.Reset, "d");
        peer.Expect<Cdn>();
        Connect(peer, 2);
        engine.Tell(new CloseSession(engine.Tunnel.Sessions.Values.Single().Key, "test"));
        Assert.Equal(["t/d"], engine.Engine.WaitingForTraffic);
        engine.Wait(1_000);
        Assert.Single(engine.EventsOf<TunnelEnded>());
    }

    [Fact]
    public void A_reload_to_and_from_on_traffic_sets_the_session_up_again()
    {
        var (engine, peer) = Configured(Tunnel(Demand));
        Up(engine, peer);
        engine.Tell(new Reconfigure(Given.Lac(Tunnel(Demand with { Dial = DialMode.Always }) with { Dial = DialMode.Always })));
        peer.Expect<Cdn>();
        Connect(peer, 2);
        Assert.Single(engine.Tunnel.Sessions);
        Assert.Empty(engine.Engine.WaitingForTraffic);
        engine.Tell(new Reconfigure(Given.Lac(Tunnel(Demand))));
        Assert.Equal(["t/d"], engine.Engine.WaitingForTraffic);
    }

    [Fact]
    public void Refused_credentials_have_their_own_wait()
    {
        var (engine, peer) = Configured(Tunnel(Demand));
        Up(engine, peer);
        var key = engine.Tunnel.Sessions.Values.Single().Key;
        engine.Tell(new PppRefused(key, "user", "no"));
        engine.Tell(new PppEnded(key, CdnResult.Administrative, null, "authentication failed"));
        var waits = engine.EventsOf<WaitsForTraffic>().Last();
        Assert.Equal(TimeSpan.FromSeconds(2), waits.HoldOff);
        Assert.Contains("refused the credentials", waits.Reason, StringComparison.Ordinal);
        engine.Wait(1_900);
        Packet(engine);
        Assert.Equal(["t/d"], engine.Engine.WaitingForTraffic);
    }

    [Fact]
    public void A_snapshot_keeps_what_waits_and_until_when()
    {
        var (engine, _) = Configured(Tunnel(Demand));
        Packet(engine);
        engine.Wait(15_500);
        var snapshot = EngineSnapshot.FromJson(engine.Engine.Snapshot(new(engine.Now)).ToJson());
        var restored = L2tpd.Engine.L2tpEngine.Restore(snapshot, engine.Engine.Configuration, new SeededRandom(3), new(engine.Now));
        Assert.Equal(["t/d"], restored.WaitingForTraffic);
        var other = new EngineUnderTest(engine.Engine.Configuration);
        restored.Handle(new TrafficWaits("t", "d"), new(engine.Now), other);
        Assert.Empty(other.Resolves);
        restored.Handle(new TrafficWaits("t", "d"), new(engine.Now + 1_500), other);
        Assert.Single(other.Resolves);
    }

    [Fact]
    public void Nothing_is_dialled_during_the_shut_down()
    {
        var (engine, peer) = Configured(Tunnel(Demand));
        Up(engine, peer);
        engine.Tell(new ShutDown());
        Packet(engine);
        engine.Wait(60_000);
        Assert.Single(engine.Transports);
        Assert.DoesNotContain(engine.EventsOf<WaitsForTraffic>(), static one => one.HoldOff > TimeSpan.Zero);
    }

    [Fact]
    public void A_million_packets_that_nobody_may_dial_cost_nothing()
    {
        var (engine, _) = Configured(Tunnel(Demand));
        Tell(engine, ConfiguredCommand.StayDown, "d");
        var before = engine.Events.Count;
        for (var i = 0; i < 1_000_000; i++)
            engine.Engine.Handle(new TrafficWaits("t", "d"), new(engine.Now), engine);
        Assert.Equal(before, engine.Events.Count);
        Assert.Empty(engine.Resolves);
    }

    private static LacTunnel Tunnel(params LacSession[] sessions) =>
        Given.Tunnel(null, sessions) with { Dial = DialMode.OnTraffic, Backoff = Waits };

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Configured(LacTunnel tunnel)
    {
        var engine = new EngineUnderTest(Given.Lac(tunnel));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        return (engine, peer);
    }

    private static void Packet(EngineUnderTest engine) => engine.Tell(new TrafficWaits("t", "d"));

    private static void Up(EngineUnderTest engine, ScriptedPeer peer)
    {
        Packet(engine);
        peer.Answer();
        Connect(peer, 1);
        engine.Tell(new PppUp(engine.Tunnel.Sessions.Values.Single().Key, "ppp0", "10.0.0.7", "10.0.0.1"));
    }

    /// <summary>PPP of the first session reports that it is idle, and ends.</summary>
    private static void GoIdle(EngineUnderTest engine, ScriptedPeer peer)
    {
        var key = engine.Tunnel.Sessions.Values.OrderBy(static one => one.Name).First().Key;
        engine.Tell(new PppIdle(key));
        engine.Tell(new PppEnded(key, CdnResult.Administrative, null, "the idle timeout was reached"));
        peer.Expect<Cdn>();
    }

    private static void Tell(EngineUnderTest engine, ConfiguredCommand command, string? session = null) =>
        engine.Tell(new ControlConfigured("t", session, command, "test"));

    private static void Connect(ScriptedPeer peer, ushort id)
    {
        peer.Send(new Icrp { LocalSessionId = new(id), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId });
        peer.Expect<Iccn>();
        peer.Acknowledge();
    }
}
