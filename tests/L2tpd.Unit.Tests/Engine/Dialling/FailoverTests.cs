using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>Failover to the next LNS and back: refused ports, the order after a loss, <c>prefer-back</c>.</summary>
public sealed class FailoverTests
{
    private const string First = "192.0.2.2";
    private const string Second = "192.0.2.3";

    [Fact]
    public void A_port_refused_twice_by_the_dialled_host_moves_on_with_the_second_try()
    {
        var engine = Dialling();
        engine.Start();
        Refuse(engine);
        engine.WaitUntil(999);
        Assert.Single(engine.Transports);
        engine.WaitUntil(1000);
        Assert.Single(engine.Transports);
        Refuse(engine);
        Assert.Equal([At(First), At(Second)], engine.Transports.Select(t => t.Request.Remote));
        Assert.Equal(1000, engine.Elapsed);
        var reason = Assert.Single(engine.EventsOf<TunnelEnded>()).Reason;
        Assert.Equal((EndCause.PeerUnreachable, "Connection refused"), (reason.Cause, reason.LastSocketError));
        Assert.Contains("nothing listens at 192.0.2.2:1701", reason.Text);
        // No peer would receive a StopCCN.
        Assert.All(engine.Unclaimed.Where(sent => sent.To == At(First)), sent => Assert.NotEqual(4, sent.Bytes[19]));
    }

    [Fact]
    public void Two_refusals_of_one_transmission_are_one()
    {
        var engine = Dialling();
        engine.Start();
        Refuse(engine);
        Refuse(engine);
        Refuse(engine);
        Assert.Single(engine.Transports);
    }

    [Fact]
    public void A_refusal_does_nothing_to_a_tunnel_that_is_up_nor_does_another_error_to_one_that_is_not()
    {
        var engine = Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        for (var i = 0; i < 3; i++)
        {
            engine.Tell(new TransportError(engine.Tunnel.Key, "No route to host"));
            engine.Wait(1000);
        }

        Assert.Single(engine.Transports);
        peer.Answer();
        for (var i = 0; i < 3; i++)
        {
            Refuse(engine);
            engine.Wait(1000);
        }

        Assert.Empty(engine.EventsOf<TunnelEnded>());
    }

    [Fact]
    public void A_silent_LNS_costs_fifteen_seconds_and_what_follows_the_SCCRQ_is_sent_as_often_as_ever()
    {
        var engine = Dialling();
        var peer = new ScriptedPeer(engine, Second);
        engine.Start();
        engine.WaitUntil(14_999);
        Assert.Single(engine.Transports);
        engine.WaitUntil(15_000);
        Assert.Equal(At(Second), engine.Transports[1].Request.Remote);
        peer.Expect<Sccrq>();
        peer.Send(peer.Sccrp);
        peer.Expect<Scccn>();
        engine.Wait(30_999);
        Assert.Single(engine.EventsOf<TunnelEnded>());
        engine.Wait(1);
        Assert.Equal(6, engine.EventsOf<TunnelEnded>().Last().Reason.Transmissions);
    }

    [Fact]
    public void After_the_first_LNS_was_lost_the_second_is_dialled_first_and_until_prefer_back_is_over()
    {
        var engine = Dialling();
        var first = new ScriptedPeer(engine);
        engine.Start();
        first.Answer();
        engine.Wait(60_000 + 31_000 + 1_000);
        Assert.Equal([At(First), At(Second)], engine.Transports.Select(t => t.Request.Remote));
        // Both are lost: the one that was lost first is tried first.
        engine.Wait(15_000 + 15_000 + 60_000);
        Assert.Equal([At(First), At(Second), At(First)], engine.Transports.Take(3).Select(t => t.Request.Remote));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void When_the_second_has_served_for_prefer_back_the_first_is_tried_in_addition(bool answers)
    {
        var engine = Dialling(new LacSession { Name = "s" });
        var second = new ScriptedPeer(engine, Second);
        engine.Start();
        engine.WaitUntil(15_000);
        second.Answer();
        Connect(second);
        KeepUp(engine, second, 599_999);
        Assert.Equal(2, engine.Transports.Count);
        var first = answers ? new ScriptedPeer(engine) : null;
        KeepUp(engine, second, 1);
        Assert.Equal(At(First), engine.Transports[2].Request.Remote);
        Assert.Single(engine.LiveSessions);
        if (first is null)
        {
            KeepUp(engine, second, 15_000);
            Assert.Single(engine.LiveSessions);
            Assert.Equal(At(Second), engine.Tunnel.Path.Remote);
            KeepUp(engine, second, 600_000);
            Assert.Equal(4, engine.Transports.Count);
            return;
        }

        first.Answer();
        Assert.Equal(At(First), engine.Tunnel.Path.Remote);
        Connect(first);
        Assert.Single(engine.LiveSessions);
        second.Expect<Cdn>();
        second.Expect<StopCcn>();
        Assert.Contains("moves back", engine.EventsOf<TunnelEnded>().Last().Reason.Text);
        Assert.Empty(engine.EventsOf<RetryScheduled>());
    }

    [Fact]
    public void With_prefer_back_never_it_stays_where_it_is()
    {
        var engine = new EngineUnderTest(Given.Lac(Tunnel() with { PreferBack = TimeSpan.Zero }));
        var second = new ScriptedPeer(engine, Second);
        engine.Start();
        engine.WaitUntil(15_000);
        second.Answer();
        KeepUp(engine, second, 4_000_000);
        Assert.Equal(2, engine.Transports.Count);
    }

    [Theory]
    [InlineData(120, 3)]
    [InlineData(0, 2)]
    public void Another_prefer_back_counts_from_the_reload_and_the_tunnel_stays(int seconds, int transports)
    {
        var engine = Dialling();
        var second = new ScriptedPeer(engine, Second);
        engine.Start();
        engine.WaitUntil(15_000);
        second.Answer();
        KeepUp(engine, second, 300_000);
        engine.Tell(new Reconfigure(Given.Lac(Tunnel() with { PreferBack = TimeSpan.FromSeconds(seconds) })));
        KeepUp(engine, second, 119_999);
        Assert.Equal(2, engine.Transports.Count);
        KeepUp(engine, second, 500_000);
        Assert.InRange(engine.Transports.Count, transports, seconds == 0 ? 2 : 99);
        Assert.Equal(At(Second), engine.Tunnel.Path.Remote);
    }

    [Fact]
    public void When_the_serving_tunnel_ends_during_the_way_back_the_next_round_is_the_only_one()
    {
        var engine = Dialling();
        var second = new ScriptedPeer(engine, Second);
        engine.Start();
        engine.WaitUntil(15_000);
        second.Answer();
        KeepUp(engine, second, 600_000);
        Assert.Equal(2, engine.Engine.Tunnels.Count);
        second.Send(new StopCcn { AssignedTunnelId = new(second.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
        Assert.Empty(engine.Engine.Tunnels);
        engine.Wait(1000);
        Assert.Single(engine.Engine.Tunnels);
    }

    private static void Refuse(EngineUnderTest engine) =>
        engine.Tell(new TransportError(engine.Tunnel.Key, "Connection refused", Refused: true));

    private static void Connect(ScriptedPeer peer)
    {
        peer.Send(new Icrp { LocalSessionId = new(5), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId });
        peer.Expect<Iccn>();
        peer.Acknowledge();
    }

    /// <summary>Moves the clock while the peer sends HELLOs.</summary>
    private static void KeepUp(EngineUnderTest engine, ScriptedPeer peer, long milliseconds)
    {
        for (var left = milliseconds; left > 0; left -= 30_000)
        {
            peer.Send(new Hello());
            engine.Wait(Math.Min(left, 30_000));
        }
    }

    private static EngineUnderTest Dialling(params LacSession[] sessions) => new(Given.Lac(Tunnel(sessions)));

    private static LacTunnel Tunnel(params LacSession[] sessions) => Given.Tunnel(null, sessions) with
    {
        Remotes = [new RemoteHost(First), new RemoteHost(Second)],
        Backoff = new Backoff { Jitter = 0 },
    };

    private static Endpoint At(string address) => Endpoint.From(IPAddress.Parse(address), 1701);
}
