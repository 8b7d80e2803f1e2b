using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>A reload applies what changed and leaves the rest alone.</summary>
public sealed class ReconfigureTests
{
    [Fact]
    public void What_is_the_same_stays_as_it_is()
    {
        var (engine, peer) = Established(A());
        engine.Tell(new Reconfigure(Given.Lac(A())));
        engine.Wait(1000);
        peer.ExpectNoMessage();
        Assert.Single(engine.Transports);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
    }

    [Fact]
    public void A_new_one_is_dialled_and_the_others_stay()
    {
        var (engine, peer) = Established(A());
        var other = new ScriptedPeer(engine, "192.0.2.3");
        engine.Tell(new Reconfigure(Given.Lac(A(), B())));
        other.Answer();
        peer.ExpectNoMessage();
        Assert.Equal(["a", "b"], engine.Engine.Tunnels.Select(t => t.Name).Order());
    }

    [Fact]
    public void A_removed_tunnel_is_closed_with_StopCCN_1_and_not_dialled_again()
    {
        var (engine, peer) = Established(A());
        engine.Tell(new Reconfigure(Given.Lac()));
        Assert.Equal(StopCcnResult.GeneralRequest, peer.Expect<StopCcn>().Result.Result);
        peer.Acknowledge();
        engine.Wait(1_000_000);
        Assert.Single(engine.Transports);
        Assert.Equal(EndCause.Administrative, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Theory]
    [InlineData("remote")]
    [InlineData("secret")]
    [InlineData("quirks")]
    public void One_that_changed_is_closed_and_dialled_as_it_is_now(string what)
    {
        var changed = what switch
        {
            "remote" => A() with { Remotes = [new RemoteHost("192.0.2.3")] },
            "secret" => A() with { Peer = A().Peer with { Secret = [1, 2, 3] } },
            _ => A() with { Peer = A().Peer with { Quirks = PeerQuirks.WindowOfOne } },
        };
        var (engine, peer) = Established(A());
        engine.Tell(new Reconfigure(Given.Lac(changed)));
        peer.Expect<StopCcn>();
        Assert.Equal(2, engine.Transports.Count);
        Assert.Equal(changed.Remotes[0].Host, engine.Transports[1].Request.Remote.ToIPAddress().ToString());
        Assert.Equal(changed, Assert.Single(engine.Engine.Configuration.Tunnels));
    }

    [Fact]
    public void New_sessions_of_a_tunnel_that_is_up_are_set_up_as_its_profile_says_now()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.AnyPeer with { Session = new SessionProfile { Ppp = "before" } }));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Dial().Call(1);
        engine.Tell(new Reconfigure(Given.Lns(Given.AnyPeer with { Session = new SessionProfile { Ppp = "after" } })));
        peer.Call(2);
        Assert.Equal(["before", "after"], engine.CreatedSessions.Select(static made => made.Session.Profile.Ppp));
    }

    [Fact]
    public void One_that_waits_is_not_hurried_by_a_reload_that_does_not_concern_it()
    {
        var engine = new EngineUnderTest(Given.Lac(A())) { Resolver = static _ => [] };
        engine.Start();
        engine.Wait(500);
        engine.Tell(new Reconfigure(Given.Lac(A(), B())));
        Assert.Single(engine.Resolves, r => r.Host.Host == "192.0.2.2");
        engine.Wait(500);
        Assert.Equal(2, engine.Resolves.Count(r => r.Host.Host == "192.0.2.2"));
    }

    [Fact]
    public void One_that_waits_and_is_removed_is_not_dialled()
    {
        var engine = new EngineUnderTest(Given.Lac(A())) { Resolver = static _ => [] };
        engine.Start();
        engine.Tell(new Reconfigure(Given.Lac()));
        engine.Wait(100_000);
        Assert.Single(engine.Resolves);
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void One_whose_name_is_being_resolved_and_that_is_removed_is_not_dialled()
    {
        var engine = new EngineUnderTest(Given.Lac(A())) { Resolver = null };
        engine.Start();
        engine.Tell(new Reconfigure(Given.Lac()));
        engine.Tell(new HostResolved(engine.Resolves[0].Key, [IPAddress.Parse("192.0.2.2")], null));
        Assert.Empty(engine.Transports);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void One_whose_socket_is_being_opened_and_that_is_removed_sends_nothing()
    {
        var engine = new EngineUnderTest(Given.Lac(A())) { OpensTransports = false };
        engine.Start();
        engine.Tell(new Reconfigure(Given.Lac()));
        var key = engine.Transports[0].Key;
        Assert.Equal(key, Assert.Single(engine.ClosedTransports));
        engine.Tell(new TransportOpened(key, default));
        engine.Wait(100_000);
        Assert.Empty(engine.Unclaimed);
    }

    [Fact]
    public void One_that_is_half_open_and_is_removed_tells_the_peer_once()
    {
        var engine = new EngineUnderTest(Given.Lac(A()));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        engine.Tell(new Reconfigure(Given.Lac()));
        peer.Expect<StopCcn>();
        engine.Wait(100_000);
        peer.ExpectSilence();
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void Removed_and_added_again_it_is_dialled_again()
    {
        var (engine, peer) = Established(A());
        engine.Tell(new Reconfigure(Given.Lac()));
        peer.Expect<StopCcn>();
        engine.Tell(new Reconfigure(Given.Lac(A())));
        Assert.Equal(2, engine.Transports.Count);
    }

    [Fact]
    public void Peers_that_come_in_are_judged_by_the_new_profiles_and_those_that_are_in_stay()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var inside = new ScriptedPeer(engine).Dial();
        engine.Tell(new Reconfigure(Given.Lns(Given.AnyPeer with { HostNamePattern = "nobody" })));
        var late = new ScriptedPeer(engine, "192.0.2.3");
        late.Send(late.Sccrq);
        Assert.Equal(StopCcnResult.NotAuthorized, late.Expect<StopCcn>().Result.Result);
        inside.Call(1);
        Assert.Equal(1, engine.Engine.SessionCount);
    }

    [Fact]
    public void The_rate_of_a_source_is_that_of_the_new_limits()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { SccrqRatePerSource = 1, SccrqBurstPerSource = 1 }));
        new ScriptedPeer(engine, port: 1).Dial();
        engine.Tell(new Reconfigure(Given.Lns(limits: new EngineLimits { SccrqRatePerSource = 1, SccrqBurstPerSource = 4 })));
        engine.Wait(60_000);
        for (ushort port = 2; port <= 5; port++)
            new ScriptedPeer(engine, port: port).Dial();
        Assert.Equal(0, engine.Engine.Counters.RateLimited);
        Assert.Equal(5, engine.Engine.Tunnels.Count);
    }

    private static LacTunnel A() => Given.Tunnel() with { Name = "a", Backoff = new Backoff { Jitter = 0 }, Sessions = [] };

    private static LacTunnel B() => A() with { Name = "b", Remotes = [new RemoteHost("192.0.2.3")] };

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Established(LacTunnel tunnel)
    {
        var engine = new EngineUnderTest(Given.Lac(tunnel));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        engine.Wait(100);
        return (engine, peer);
    }
}
