using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>The operator opens, resets and holds down what is configured; <c>dial: manual</c>.</summary>
public sealed class OperatorCommandTests
{
    private static readonly LacSession Main = new() { Name = "main" };
    private static readonly LacSession ByHand = new() { Name = "hand", Dial = DialMode.Manual };

    [Fact]
    public void A_manual_tunnel_is_dialled_when_it_is_opened_and_until_it_is_closed()
    {
        var (engine, peer) = Configured(Tunnel() with { Dial = DialMode.Manual });
        engine.Wait(600_000);
        Assert.Empty(engine.Transports);
        Assert.Equal(["t"], engine.Engine.HeldDown);
        Tell(engine, ConfiguredCommand.Open);
        peer.Answer();
        Assert.Empty(engine.Engine.HeldDown);
        // It persists while it is wanted.
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new(StopCcnResult.ShuttingDown) });
        peer.Restart();
        engine.Wait(60_000);
        Assert.True(engine.Transports.Count > 1);
        Tell(engine, ConfiguredCommand.Reset);
        var dials = engine.Transports.Count;
        engine.Tell(new CloseTunnel(engine.Tunnel.Key, "test"));
        engine.Wait(600_000);
        Assert.Equal(dials, engine.Transports.Count);
        Assert.Equal(["t"], engine.Engine.HeldDown);
    }

    [Fact]
    public void One_that_stays_down_is_not_dialled_until_it_is_up_again()
    {
        var (engine, peer) = Configured(Tunnel());
        peer.Answer();
        Tell(engine, ConfiguredCommand.StayDown);
        Assert.Contains("to stay down", Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Text, StringComparison.Ordinal);
        peer.Expect<StopCcn>();
        engine.Wait(600_000);
        Assert.Single(engine.Transports);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
        peer.Restart();
        Tell(engine, ConfiguredCommand.Up);
        peer.Answer();
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Tell(engine, ConfiguredCommand.Up);
        Assert.Equal(2, engine.Transports.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_look_up_that_was_under_way_dials_nothing_that_stays_down(bool again)
    {
        var engine = new EngineUnderTest(Given.Lac(Tunnel())) { Resolver = null };
        engine.Start();
        var dial = Assert.Single(engine.Resolves).Key;
        Tell(engine, ConfiguredCommand.StayDown);
        if (again)
            Tell(engine, ConfiguredCommand.Up);
        engine.Tell(new HostResolved(dial, [System.Net.IPAddress.Parse("192.0.2.2")], null));
        Assert.Empty(engine.Transports);
        Assert.Equal(again ? 2 : 1, engine.Resolves.Count);
    }

    [Fact]
    public void A_reset_dials_again_at_once_and_without_a_wait()
    {
        var (engine, peer) = Configured(Tunnel());
        peer.Answer();
        Tell(engine, ConfiguredCommand.Reset);
        Assert.Contains("reset by test", Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Text, StringComparison.Ordinal);
        Assert.Equal(2, engine.Transports.Count);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
    }

    [Fact]
    public void A_reload_keeps_what_the_operator_holds_down_unless_it_changes_dial()
    {
        var (engine, _) = Configured(Tunnel());
        Tell(engine, ConfiguredCommand.StayDown);
        engine.Tell(new Reconfigure(Given.Lac(Tunnel() with { LocalAddress = "192.0.2.1" })));
        engine.Wait(60_000);
        Assert.Single(engine.Transports);
        engine.Tell(new Reconfigure(Given.Lac(Tunnel() with { LocalAddress = "192.0.2.1", Dial = DialMode.Manual })));
        Assert.Single(engine.Transports);
        engine.Tell(new Reconfigure(Given.Lac(Tunnel() with { LocalAddress = "192.0.2.1" })));
        Assert.Equal(2, engine.Transports.Count);
    }

    [Fact]
    public void A_reload_to_manual_leaves_up_what_is_up()
    {
        var (engine, peer) = Configured(Tunnel(Main));
        peer.Answer();
        Connect(peer, 1);
        engine.Tell(new Reconfigure(Given.Lac(Tunnel(Main with { Dial = DialMode.Manual }) with { Dial = DialMode.Manual })));
        Assert.Single(engine.Tunnel.Sessions);
        Assert.Empty(engine.Engine.HeldDown);
    }

    [Fact]
    public void A_manual_session_waits_and_its_opening_dials_a_manual_tunnel()
    {
        var (engine, peer) = Configured(Tunnel(Main, ByHand) with { Dial = DialMode.Manual });
        Assert.Equal(["t", "t/hand"], engine.Engine.HeldDown);
        Tell(engine, ConfiguredCommand.Open, "hand");
        peer.Answer();
        var requests = new[] { peer.Expect<Icrq>(), peer.Expect<Icrq>() };
        for (ushort id = 1; id <= 2; id++)
        {
            peer.Send(new Icrp { LocalSessionId = new(id), RemoteSessionId = requests[id - 1].LocalSessionId });
            peer.Expect<Iccn>();
        }

        Assert.Equal(["t/hand", "t/main"], engine.Tunnel.Sessions.Values.Select(static one => one.Name).Order());
        engine.Tell(new CloseSession(engine.Tunnel.Sessions.Values.Single(static one => one.Name == "t/hand").Key, "test"));
        peer.Expect<Cdn>();
        engine.Wait(30_000);
        Assert.Equal(["t/hand"], engine.Engine.HeldDown);
    }

    [Fact]
    public void A_session_stays_down_and_comes_up_and_is_reset()
    {
        var (engine, peer) = Configured(Tunnel(Main));
        peer.Answer();
        Connect(peer, 1);
        Tell(engine, ConfiguredCommand.StayDown, "main");
        peer.Expect<Cdn>();
        peer.Acknowledge();
        engine.Wait(30_000);
        Assert.Empty(engine.Tunnel.Sessions);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
        Tell(engine, ConfiguredCommand.Up, "main");
        Connect(peer, 2);
        Tell(engine, ConfiguredCommand.Reset, "main");
        peer.Expect<Cdn>();
        Connect(peer, 3);
        Assert.Single(engine.Tunnel.Sessions);
        Tell(engine, ConfiguredCommand.Open, "no-such-session");
        Assert.Single(engine.Tunnel.Sessions);
    }

    [Fact]
    public void A_snapshot_keeps_what_is_held_down_and_what_was_opened()
    {
        var (engine, peer) = Configured(Tunnel(Main, ByHand) with { Dial = DialMode.Manual });
        Tell(engine, ConfiguredCommand.Open);
        peer.Answer();
        Connect(peer, 1);
        Tell(engine, ConfiguredCommand.StayDown, "main");
        var snapshot = L2tpd.Engine.Snapshots.EngineSnapshot.FromJson(engine.Engine.Snapshot(new(engine.Now)).ToJson());
        var restored = L2tpd.Engine.L2tpEngine.Restore(snapshot, engine.Engine.Configuration, new SeededRandom(3), new(engine.Now));
        Assert.Equal(["t/main", "t/hand"], restored.HeldDown);
    }

    private static LacTunnel Tunnel(params LacSession[] sessions) => Given.Tunnel(null, sessions);

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Configured(LacTunnel tunnel)
    {
        var engine = new EngineUnderTest(Given.Lac(tunnel));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        return (engine, peer);
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
