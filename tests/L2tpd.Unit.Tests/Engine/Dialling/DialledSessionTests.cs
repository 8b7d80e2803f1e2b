using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>
/// Configured sessions: requested when the tunnel is up, and again when they end (docs/configuration.md, sessions and backoff).
/// </summary>
public sealed class DialledSessionTests
{
    private static readonly ResultCode Busy = new(CdnResult.NoFacilitiesTemporary);

    [Fact]
    public void All_are_asked_for_when_the_tunnel_is_up_each_with_what_is_configured()
    {
        var (_, peer) = Up(
            new LacSession { Name = "a", CallingNumber = "17", CalledNumber = "18", SubAddress = "19", SessionDs = 0xb800 },
            new LacSession
            {
                Name = "b",
                TxConnectSpeed = 64_000,
                RxConnectSpeed = 32_000,
                FramingType = FramingTypes.Asynchronous,
                PrivateGroupId = "blue",
            });
        var a = peer.Expect<Icrq>();
        Assert.Equal(("17", "18", "19", (ushort?)0xb800), (a.CallingNumber, a.CalledNumber, a.SubAddress, a.SessionDs));
        var b = peer.Expect<Icrq>();
        Assert.NotEqual(a.LocalSessionId, b.LocalSessionId);
        peer.Send(new Icrp { LocalSessionId = new(2), RemoteSessionId = b.LocalSessionId });
        var connected = peer.Expect<Iccn>();
        Assert.Equal(
            (64_000ul, (ulong?)32_000, FramingTypes.Asynchronous),
            (connected.TxConnectSpeed, connected.RxConnectSpeed, connected.FramingType));
        Assert.Equal("blue"u8.ToArray(), connected.PrivateGroupId);
    }

    [Fact]
    public void One_that_is_refused_is_asked_for_again_after_waits_that_double()
    {
        var (engine, peer) = Up(Session());
        var asked = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            var request = peer.Expect<Icrq>();
            asked.Add(engine.Elapsed);
            peer.Send(new Cdn { LocalSessionId = new(1), RemoteSessionId = request.LocalSessionId, Result = Busy });
            var delay = engine.EventsOf<RetryScheduled>().Last().Delay;
            engine.Wait(delay.Milliseconds + (1000 * (long)delay.TotalSeconds));
        }

        Assert.Equal([0L, 1000, 3000, 7000, 11_000], asked);
        Assert.Equal(["t/s", "t/s", "t/s", "t/s", "t/s"], engine.EventsOf<RetryScheduled>().Select(r => r.Name));
    }

    [Fact]
    public void Success_begins_the_waits_again()
    {
        var (engine, peer) = Up(Session());
        Refuse(peer);
        engine.Wait(1000);
        Refuse(peer);
        engine.Wait(2000);
        Connect(peer, 5);
        // Up for as long as the longest wait: this counts as a success.
        engine.Wait(4_000);
        End(engine, peer);
        Assert.Equal([1, 2, 1], Waits(engine));
    }

    [Fact]
    public void One_that_the_peer_ends_as_soon_as_it_is_up_is_asked_for_ever_more_seldom()
    {
        // Below the HELLO interval, so that there are no HELLOs to answer.
        var (engine, peer) = Up(Session() with { Backoff = new Backoff { Maximum = TimeSpan.FromSeconds(40), Jitter = 0 } });
        for (var i = 0; i < 10; i++)
        {
            Connect(peer, 5);
            Assert.Single(engine.LiveSessions);
            End(engine, peer);
            engine.Wait(1000 * Waits(engine)[^1]);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 40, 40, 40, 40], Waits(engine));
    }

    [Theory]
    [InlineData(29_999, 4)]
    [InlineData(30_000, 1)]
    public void Half_a_minute_is_a_success_where_the_longest_wait_is_longer(int lasts, int wait)
    {
        var (engine, peer) = Up(Session() with { Backoff = new Backoff { Maximum = TimeSpan.FromMinutes(2), Jitter = 0 } });
        Refuse(peer);
        engine.Wait(1000);
        Refuse(peer);
        engine.Wait(2000);
        Connect(peer, 5);
        engine.Wait(lasts);
        End(engine, peer);
        Assert.Equal([1, 2, wait], Waits(engine));
    }

    [Fact]
    public void The_end_of_the_tunnel_is_no_failure_of_the_session()
    {
        var (engine, peer) = Up(Session());
        for (ushort i = 0; i < 3; i++)
        {
            Connect(peer, 5);
            peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
            peer.Restart();
            engine.Wait(1000);
            peer.TunnelId++;
            peer.Answer();
        }

        Refuse(peer);
        var retry = engine.EventsOf<RetryScheduled>().Last();
        Assert.Equal(("t/s", 1), (retry.Name, (int)retry.Delay.TotalSeconds));
    }

    [Fact]
    public void With_PPP_only_the_network_is_success()
    {
        var (engine, peer) = Up(Session() with { Session = new SessionProfile { Ppp = "p" } });
        foreach (var isUp in new[] { false, false, true, false })
        {
            Connect(peer, 5);
            var key = engine.Tunnel.Sessions.Values.Single().Key;
            if (isUp)
                engine.Tell(new PppUp(key, "ppp0", "10.0.0.1", "10.0.0.2"));
            engine.Wait(4_000);
            engine.Tell(new PppEnded(key, CdnResult.Administrative, null, "authentication failed"));
            peer.Expect<Cdn>();
            peer.Acknowledge();
            // A retry with PPP is announced after half a second: the LNS may close the tunnel next.
            engine.Wait(500);
            engine.Wait((long)engine.EventsOf<RetryScheduled>().Last().Delay.TotalMilliseconds - 500);
        }

        Assert.Equal([1, 2, 1, 2], engine.EventsOf<RetryScheduled>().Select(r => (int)r.Delay.TotalSeconds));
    }

    [Fact]
    public void Without_persist_it_is_asked_for_once()
    {
        var (engine, peer) = Up(Session() with { Persist = false });
        Refuse(peer);
        engine.Wait(50_000);
        peer.ExpectNoMessage();
        Assert.Empty(engine.EventsOf<RetryScheduled>());
    }

    [Fact]
    public void One_that_waits_is_asked_for_at_once_in_the_next_tunnel_and_not_twice()
    {
        var (engine, peer) = Up(Session() with { Backoff = new Backoff { Initial = TimeSpan.FromSeconds(20), Jitter = 0 } });
        Refuse(peer);
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
        peer.Restart();
        engine.Wait(1000);
        peer.TunnelId++;
        peer.Answer();
        Connect(peer, 5);
        engine.Wait(59_000);
        Assert.Equal(1, engine.Engine.SessionCount);
        peer.ExpectNoMessage();
    }

    [Fact]
    public void No_answer_to_the_request_is_CDN_10_after_the_guard_time()
    {
        var (engine, peer) = Up(Session());
        var request = peer.Expect<Icrq>();
        peer.Acknowledge();
        engine.WaitUntil(59_999);
        peer.ExpectNoMessage();
        engine.WaitUntil(60_000);
        var cdn = peer.Expect<Cdn>();
        Assert.Equal((request.LocalSessionId, CdnResult.NotEstablishedInTime), (cdn.LocalSessionId, cdn.Result.Result));
        Assert.Equal(EndCause.SetupTimeout, Assert.Single(engine.EventsOf<SessionEnded>()).Reason.Cause);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(0)]
    public void A_request_after_a_wait_is_repeated_like_any_other(int hello)
    {
        var timers = new TunnelTimers { HelloInterval = TimeSpan.FromSeconds(hello) };
        var engine = new EngineUnderTest(
            Given.Lac(Given.Tunnel(Given.AnyPeer with { Timers = timers }, Session()) with { Backoff = new Backoff { Jitter = 0 } }));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        Refuse(peer);
        engine.Wait(1000);
        peer.Expect<Icrq>();
        var asked = peer.All.Count;
        engine.Wait(999);
        Assert.Equal(asked, peer.All.Count);
        engine.Wait(1);
        Assert.Equal(MessageType.Icrq, peer.All[^1].Type);
        Assert.Equal(asked + 1, peer.All.Count);
    }

    private static LacSession Session() => new()
    {
        Name = "s",
        Backoff = new Backoff { Initial = TimeSpan.FromSeconds(1), Maximum = TimeSpan.FromSeconds(4), Jitter = 0 },
    };

    private static void Refuse(ScriptedPeer peer) =>
        peer.Send(new Cdn { LocalSessionId = new(1), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId, Result = Busy });

    private static void End(EngineUnderTest engine, ScriptedPeer peer) =>
        peer.Send(new Cdn { LocalSessionId = new(5), RemoteSessionId = engine.Tunnel.Sessions.Keys.Single(), Result = Busy });

    /// <summary>All waits so far, s.</summary>
    private static int[] Waits(EngineUnderTest engine) => [.. engine.EventsOf<RetryScheduled>().Select(r => (int)r.Delay.TotalSeconds)];

    private static void Connect(ScriptedPeer peer, uint id)
    {
        peer.Send(new Icrp { LocalSessionId = new(id), RemoteSessionId = peer.Expect<Icrq>().LocalSessionId });
        peer.Expect<Iccn>();
        peer.Acknowledge();
    }

    private static (EngineUnderTest Engine, ScriptedPeer Peer) Up(params LacSession[] sessions)
    {
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel(null, sessions) with { Backoff = new Backoff { Jitter = 0 } }));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        return (engine, peer);
    }
}
