using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.V3;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Drained peers get no new tunnels and sessions, and keep those that they have.</summary>
public sealed class DrainTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("any")]
    public void A_drained_peer_keeps_what_it_has_and_gets_nothing_new(string? name)
    {
        var (engine, peer) = Given.Established();
        peer.Call(7);
        engine.Tell(new DrainPeers(name, true));
        peer.Send(new Icrq { LocalSessionId = new(8), CallSerialNumber = 8 });
        Assert.Equal(CdnResult.NoFacilitiesTemporary, peer.Expect<Cdn>().Result.Result);
        Assert.Single(engine.Tunnel.Sessions);

        var other = new ScriptedPeer(engine, "192.0.2.77");
        other.Send(other.Sccrq);
        var refused = other.Expect<StopCcn>().Result;
        Assert.Equal((StopCcnResult.GeneralError, GeneralError.TryAnother), (refused.Result, refused.Error!.Value));
        Assert.Contains("drain", Assert.Single(engine.EventsOf<TunnelRefused>()).Reason, StringComparison.Ordinal);

        engine.Tell(new DrainPeers(name, false));
        Assert.NotEqual(0u, peer.Call(9));
        other.Restart();
        other.TunnelId++;
        other.Dial();
        Assert.Equal(2, engine.Engine.Tunnels.Count);
    }

    [Fact]
    public void Other_peers_are_not_concerned()
    {
        var engine = new EngineUnderTest(Given.Lns());
        engine.Tell(new DrainPeers("another", true));
        Assert.NotEqual(0u, new ScriptedPeer(engine).Dial().Call(7));
    }

    [Fact]
    public void A_set_up_that_had_begun_is_refused()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        peer.Expect<Sccrp>();
        engine.Tell(new DrainPeers(null, true));
        peer.Send(new Scccn());
        Assert.Equal(GeneralError.TryAnother, peer.Expect<StopCcn>().Result.Error);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void In_L2TPv3_the_refusals_are_the_same()
    {
        var engine = GivenV3.Responder(GivenV3.Signed);
        engine.Tell(new DrainPeers(null, true));
        var peer = PeerV3.Authenticated(engine);
        peer.Send(peer.Sccrq);
        Assert.Equal(GeneralError.TryAnother, peer.Take<StopCcn>(peer.NextBytes()!).Result.Error);
    }

    [Fact]
    public void What_we_dial_is_not_concerned()
    {
        var engine = Given.Dialling();
        engine.Tell(new DrainPeers(null, true));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
    }

    [Fact]
    public void A_reload_forgets_names_that_are_gone_and_a_snapshot_keeps_the_others()
    {
        var engine = new EngineUnderTest(Given.Lns());
        engine.Tell(new DrainPeers("any", true));
        engine.Tell(new DrainPeers("gone", true));
        engine.Tell(new Reconfigure(Given.Lns()));
        Assert.Equal(["any"], engine.Engine.Drain.Peers);
        var snapshot = EngineSnapshot.FromJson(engine.Engine.Snapshot(new(engine.Now)).ToJson());
        var restored = L2tpd.Engine.L2tpEngine.Restore(snapshot, Given.Lns(), new SeededRandom(2), new(engine.Now));
        Assert.Equal(["any"], restored.Drain.Peers);
        engine.Tell(new DrainPeers(null, false));
        Assert.Empty(engine.Engine.Drain.Peers);
    }
}
