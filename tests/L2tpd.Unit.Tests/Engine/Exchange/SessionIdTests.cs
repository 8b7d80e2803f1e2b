using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Ids of both ends: ours are drawn without repeats, the peer's name one call each (l2tpv2.md sections 1 and 7.2).</summary>
public sealed class SessionIdTests
{
    private static readonly ResultCode Done = new(CdnResult.Administrative);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_second_ICRQ_with_the_id_of_a_call_is_CDN_2_5_and_the_call_goes_on(bool established)
    {
        var (engine, peer) = Given.Established();
        var first = established ? peer.Call(7) : 0;
        if (!established)
        {
            peer.Send(new Icrq { LocalSessionId = new(7), CallSerialNumber = 1 });
            first = (peer.Expect<Icrp>().LocalSessionId).Value;
        }

        ExpectRefused(peer, new Icrq { LocalSessionId = new(7), CallSerialNumber = 2 }, first);
        Assert.Equal(first, Assert.Single(engine.Tunnel.Sessions.Keys).Value);
        Assert.Empty(engine.EventsOf<SessionEnded>());
        if (!established)
            peer.Send(new Iccn { RemoteSessionId = new(first), TxConnectSpeed = 1, FramingType = FramingTypes.Synchronous });
        Assert.Equal(SessionState.Established, engine.Tunnel.Sessions[new SessionId(first)].State);
        Assert.Equal(2, Assert.Single(engine.EventsOf<SessionRefused>()).Result.Result);
    }

    [Fact]
    public void A_second_refused_one_does_not_free_the_id()
    {
        var (engine, peer) = Given.Established();
        var first = peer.Call(7);
        for (uint serial = 2; serial < 5; serial++)
            ExpectRefused(peer, new Icrq { LocalSessionId = new(7), CallSerialNumber = serial }, first);
        Assert.Single(engine.Tunnel.Sessions);
    }

    [Fact]
    public void An_OCRQ_may_not_have_the_id_of_an_incoming_call_nor_the_reverse()
    {
        var (_, peer) = Given.Established();
        var first = peer.Call(7);
        ExpectRefused(peer, Ocrq(7), first);
        peer.Send(Ocrq(8));
        var second = peer.Expect<Ocrp>().LocalSessionId;
        peer.Expect<Occn>();
        ExpectRefused(peer, new Icrq { LocalSessionId = new(8), CallSerialNumber = 2 }, second.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_the_end_of_its_call_an_id_may_be_used_again(bool byPeer)
    {
        var (engine, peer) = Given.Established();
        for (var i = 0; i < 3; i++)
        {
            var ours = peer.Call(7);
            if (byPeer)
            {
                peer.Send(new Cdn { LocalSessionId = new(7), RemoteSessionId = new(ours), Result = Done });
                continue;
            }

            engine.Tell(new CloseSession(engine.Tunnel.Sessions[new SessionId(ours)].Key, "test"));
            peer.Expect<Cdn>();
        }

        Assert.Empty(engine.EventsOf<SessionRefused>());
    }

    [Fact]
    public void Another_tunnel_has_ids_of_its_own()
    {
        var engine = new EngineUnderTest(Given.Lns());
        new ScriptedPeer(engine, port: 1).Dial().Call(7);
        new ScriptedPeer(engine, port: 2).Dial().Call(7);
        Assert.Equal(2, engine.Engine.SessionCount);
    }

    [Fact]
    public void An_ICRP_with_the_id_of_another_call_ends_its_own_call_only()
    {
        var engine = Given.Dialling(null, new LacSession { Name = "a" }, new LacSession { Name = "b" });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        var a = peer.Expect<Icrq>().LocalSessionId;
        peer.Send(new Icrp { LocalSessionId = new(7), RemoteSessionId = a });
        var b = peer.Expect<Icrq>().LocalSessionId;
        peer.Expect<Iccn>();
        peer.Send(new Icrp { LocalSessionId = new(7), RemoteSessionId = b });
        var cdn = peer.Expect<Cdn>();
        // Named by our id alone: under 7 the peer would find the other call.
        Assert.Equal((b, 0u), (cdn.LocalSessionId, cdn.RemoteSessionId.Value));
        Assert.Equal((CdnResult.GeneralError, (ushort?)GeneralError.InvalidSessionId), (cdn.Result.Result, cdn.Result.Error));
        Assert.Equal(
            (a, SessionState.Established), (engine.Tunnel.Sessions.Values.Single().LocalId, engine.Tunnel.Sessions.Values.Single().State));
    }

    [Fact]
    public void Many_calls_that_come_and_go_in_any_order_keep_the_book_right()
    {
        Seeds.ForEach(5, seed =>
        {
            var random = new Random((int)seed);
            var (engine, peer) = Given.Established();
            var calls = new Dictionary<ushort, uint>();
            for (var step = 0; step < 3000; step++)
            {
                var id = (ushort)random.Next(1, 400);
                if (!calls.TryGetValue(id, out var ours))
                {
                    calls[id] = peer.Call(id);
                }
                else if (random.Next(3) == 0)
                {
                    ExpectRefused(peer, new Icrq { LocalSessionId = new(id), CallSerialNumber = 1 }, ours);
                }
                else
                {
                    peer.Send(new Cdn { LocalSessionId = new(id), RemoteSessionId = new(ours), Result = Done });
                    calls.Remove(id);
                }

                peer.All.Clear();
            }

            Assert.Equal(calls.Count, engine.Tunnel.Sessions.Count);
        });
    }

    [Fact]
    public void No_session_id_of_ours_comes_again_before_all_65535_have_been_used()
    {
        var (_, peer) = Given.Established();
        var ids = new HashSet<uint>();
        for (var i = 0; i < 65_535; i++)
        {
            var ours = peer.Call(7);
            Assert.True(ids.Add(ours), $"id {ours} again after {i}");
            peer.Send(new Cdn { LocalSessionId = new(7), RemoteSessionId = new(ours), Result = Done });
            peer.All.Clear();
        }

        Assert.DoesNotContain(0u, ids);
    }

    [Fact]
    public void Sixty_five_thousand_tunnels_use_each_id_once_and_one_more_is_StopCCN_2_4()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits
        {
            MaxTunnels = 65_535, SccrqBurstPerSource = 1_000_000, MaxHalfOpen = 65_535, MaxHalfOpenPerSource = 65_535,
        }));
        var ids = new HashSet<uint>();
        ScriptedPeer last = null!;
        for (var port = 1; port <= 65_535; port++)
        {
            last = new ScriptedPeer(engine, port: (ushort)port).Dial();
            last.All.Clear();
            Assert.True(ids.Add(last.EngineId));
        }

        Assert.DoesNotContain(0u, ids);
        var late = new ScriptedPeer(engine, "192.0.2.3");
        late.Send(late.Sccrq);
        var stop = late.Expect<StopCcn>();
        Assert.Equal((StopCcnResult.GeneralError, (ushort?)GeneralError.InsufficientResources), (stop.Result.Result, stop.Result.Error));
        Assert.NotEqual(0u, stop.AssignedTunnelId.Value);

        // An ended tunnel keeps its id until its peer can no longer repeat the StopCCN: 31 s (l2tpv2.md section 7.1).
        last.Send(new StopCcn { AssignedTunnelId = new(last.TunnelId), Result = new ResultCode(StopCcnResult.GeneralRequest) });
        late.Restart();
        late.Send(late.Sccrq with { HostName = "again" });
        late.Expect<StopCcn>();
        engine.Wait(31_000);
        late.Restart();
        late.Send(late.Sccrq with { HostName = "and again" });
        late.Expect<Sccrp>();
        Assert.Equal(last.EngineId, late.EngineId);
    }

    private static Ocrq Ocrq(uint id) => new()
    {
        LocalSessionId = new(id), CallSerialNumber = 1, MinimumBps = 1, MaximumBps = 2, BearerType = BearerTypes.Digital,
        FramingType = FramingTypes.Synchronous, CalledNumber = "1",
    };

    private static void ExpectRefused(ScriptedPeer peer, CallRequest request, uint inUse)
    {
        peer.Send(request);
        var cdn = peer.Expect<Cdn>();
        Assert.Equal((CdnResult.GeneralError, (ushort?)GeneralError.InvalidSessionId), (cdn.Result.Result, cdn.Result.Error));
        Assert.Equal(request.LocalSessionId, cdn.RemoteSessionId);
        // The id of ours in it is nobody's: who looks can tell which of the two calls is meant.
        Assert.NotEqual(inUse, cdn.LocalSessionId.Value);
        Assert.NotEqual(0u, cdn.LocalSessionId.Value);
    }
}
