using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>
/// The LNS refuses user or password: the reported reason, whatever the order of the messages; the retries; and the wait of a retry for the
/// earlier PPP.
/// </summary>
public sealed class RefusedCredentialsTests
{
    private static readonly ResultCode Clear = new(CdnResult.Administrative);

    [Theory]
    [InlineData("refusal, cdn")]
    [InlineData("cdn, refusal")]
    [InlineData("refusal, end")]
    [InlineData("stop, refusal")]
    [InlineData("cdn, stop, refusal")]
    [InlineData("refusal, cdn, stop")]
    public void Refused_credentials_are_reported_as_such_in_whatever_order_the_reports_come(string order)
    {
        var (engine, peer) = Up();
        var key = Connect(engine, peer);
        foreach (var step in order.Split(", "))
            Tell(engine, peer, key, step);
        engine.Wait(100);
        var reason = Assert.Single(engine.EventsOf<SessionEnded>()).Reason;
        Assert.Equal(
            (EndCause.CredentialsRefused,
                "LNS 192.0.2.2:1701 (peer.example) refused the credentials of user alice: CHAP authentication failed"),
            (reason.Cause, reason.Text));
        Assert.Equal(order.Contains("stop") ? 1 : 0, engine.EventsOf<TunnelEnded>().Count());
        engine.Wait(1000);
        var why = Assert.Single(engine.EventsOf<RetryScheduled>()).Reason;
        Assert.True(why.Contains("user alice") || order.Contains("stop"));
    }

    [Fact]
    public void The_cause_that_the_LNS_gives_in_its_CDN_is_enough()
    {
        var (engine, peer) = Up();
        Connect(engine, peer);
        peer.Send(new Cdn
        {
            LocalSessionId = new(5), RemoteSessionId = engine.Tunnel.Sessions.Keys.Single(), Result = Clear,
            PppDisconnectCause = new PppDisconnectCause(PppDisconnectCode.AuthenticationFailed, 0xc223, 1),
        });
        engine.Wait(1000);
        Assert.Equal(EndCause.CredentialsRefused, engine.EventsOf<SessionEnded>().Last().Reason.Cause);
    }

    [Fact]
    public void A_CDN_without_a_word_from_PPP_is_the_peers_end_after_a_second_and_at_once_when_the_network_was_up()
    {
        var (engine, peer) = Up();
        Connect(engine, peer);
        SendCdn(engine, peer);
        engine.Wait(999);
        Assert.Empty(engine.EventsOf<SessionEnded>());
        engine.Wait(1);
        Assert.Equal(EndCause.ClosedByPeer, engine.EventsOf<SessionEnded>().Single().Reason.Cause);
        engine.Wait(2000);
        engine.Tell(new PppUp(Connect(engine, peer), "ppp0", "10.0.0.1", "10.0.0.2"));
        SendCdn(engine, peer);
        Assert.Equal(2, engine.EventsOf<SessionEnded>().Count());
    }

    [Fact]
    public void Waits_double_beyond_the_back_off_to_max_refused_though_the_LNS_drops_the_tunnel_each_time()
    {
        var (engine, peer) = Up(Session() with { MaxRefused = TimeSpan.FromSeconds(100) });
        var asked = new List<long>();
        for (ushort i = 0; i < 9; i++)
        {
            var key = Connect(engine, peer);
            asked.Add(engine.Elapsed);
            Tell(engine, peer, key, "refusal");
            Tell(engine, peer, key, "cdn");
            peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
            peer.Restart();
            peer.TunnelId++;
            var retry = engine.EventsOf<RetryScheduled>().Last();
            Assert.Equal("t", retry.Name);
            engine.Wait((long)retry.Delay.TotalMilliseconds);
            peer.Answer();
        }

        Assert.Equal([1L, 2, 4, 8, 16, 32, 64, 100], asked.Zip(asked.Skip(1), (a, b) => (b - a) / 1000));
        // One line each: the end of the session is not reported, because that of the tunnel says the same.
        Assert.Equal(9, engine.EventsOf<RetryScheduled>().Count());
    }

    [Fact]
    public void Give_up_after_ends_it_until_a_reload()
    {
        var (engine, peer) = Up(Session() with { GiveUpAfter = 2 });
        Tell(engine, peer, Connect(engine, peer), "refusal", "cdn");
        engine.Wait(1000);
        Tell(engine, peer, Connect(engine, peer), "refusal", "cdn");
        Assert.Equal(("t/s", 2), engine.EventsOf<RetryAbandoned>().Select(e => (e.Name, e.Refusals)).Single());
        for (var i = 0; i < 60; i++)
        {
            peer.Send(new Hello());
            engine.Wait(30_000);
        }

        peer.ExpectNoMessage();
        engine.Tell(new Reconfigure(engine.Engine.Configuration));
        Connect(engine, peer);
    }

    [Fact]
    public void A_network_that_comes_up_begins_the_waits_again()
    {
        var (engine, peer) = Up();
        for (var i = 0; i < 3; i++)
        {
            Tell(engine, peer, Connect(engine, peer), "refusal", "cdn");
            engine.Wait(1000 << i);
        }

        var key = Connect(engine, peer);
        engine.Tell(new PppUp(key, "ppp0", "10.0.0.1", "10.0.0.2"));
        SendCdn(engine, peer);
        engine.Wait(1000);
        Tell(engine, peer, Connect(engine, peer), "refusal", "cdn");
        engine.Wait(500);
        Assert.Equal(1, engine.EventsOf<RetryScheduled>().Last().Delay.TotalSeconds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_next_attempt_waits_for_the_former_PPP_to_end_also_in_another_tunnel(bool drops)
    {
        var (engine, peer) = Up();
        engine.EndsPpp = false;
        var key = Connect(engine, peer);
        engine.Tell(new PppUp(key, "ppp0", "10.0.0.1", "10.0.0.2"));
        SendCdn(engine, peer);
        if (drops)
        {
            peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
            peer.Restart();
            peer.TunnelId++;
            engine.Wait(1000);
            peer.Answer();
        }

        engine.Wait(5000);
        peer.ExpectNoMessage();
        Assert.Single(engine.EventsOf<RetryScheduled>());
        engine.Tell(new PppEnded(key, CdnResult.Administrative, null, "stopped"));
        Connect(engine, peer);
    }

    [Fact]
    public void A_PPP_that_never_ends_keeps_the_session_down_for_a_minute()
    {
        var (engine, peer) = Up();
        engine.EndsPpp = false;
        engine.Tell(new PppUp(Connect(engine, peer), "ppp0", "10.0.0.1", "10.0.0.2"));
        SendCdn(engine, peer);
        engine.Wait(59_999);
        peer.ExpectNoMessage();
        engine.Wait(1);
        Connect(engine, peer);
    }

    private static void Tell(EngineUnderTest engine, ScriptedPeer peer, SessionKey key, params string[] steps)
    {
        foreach (var step in steps)
        {
            if (step == "refusal")
                engine.Tell(new PppRefused(key, "alice", "CHAP authentication failed"));
            else if (step == "end")
                engine.Tell(new PppEnded(key, CdnResult.Administrative, null, "the peer did not accept our authentication"));
            else if (step == "cdn")
                peer.Send(new Cdn { LocalSessionId = new(5), RemoteSessionId = key.LocalId, Result = Clear });
            else
                peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
        }
    }

    private static void SendCdn(EngineUnderTest engine, ScriptedPeer peer) =>
        peer.Send(new Cdn { LocalSessionId = new(5), RemoteSessionId = engine.Tunnel.Sessions.Keys.Single(), Result = Clear });

    private static SessionKey Connect(EngineUnderTest engine, ScriptedPeer peer)
    {
        peer.Send(new Icrp { LocalSessionId = new(5), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId });
        peer.Expect<Iccn>();
        peer.Acknowledge();
        return engine.Tunnel.Sessions.Values.Single().Key;
    }

    private static LacSession Session() => new()
    {
        Name = "s",
        Session = new SessionProfile { Ppp = "p" },
        Backoff = new Backoff { Initial = TimeSpan.FromSeconds(1), Maximum = TimeSpan.FromSeconds(4), Jitter = 0 },
    };

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Up(LacSession? session = null)
    {
        var tunnel = Given.Tunnel(Given.AnyPeer with { AcceptIncomingCalls = false, AcceptOutgoingCalls = false }, session ?? Session());
        var engine = new EngineUnderTest(Given.Lac(tunnel with { Backoff = new Backoff { Jitter = 0 } }));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        return (engine, peer);
    }
}
