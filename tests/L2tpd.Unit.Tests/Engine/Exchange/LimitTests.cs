using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Protocol;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Admission and limits, each with its code (issue 2, admission; l2tpv2.md sections 4.1 to 4.3).</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_peer_that_completes_when_others_have_filled_the_limit_gets_StopCCN_2_4(bool overall)
    {
        var engine = new EngineUnderTest(Given.Lns(
            Given.AnyPeer with { MaxTunnels = overall ? 100 : 1 }, new EngineLimits { MaxTunnels = overall ? 1 : 100 }));
        var slow = new ScriptedPeer(engine, port: 1);
        slow.Send(slow.Sccrq);
        slow.Expect<Sccrp>();
        new ScriptedPeer(engine, port: 2).Dial();
        slow.Send(new Scccn());
        var result = slow.Expect<StopCcn>().Result;
        Assert.Equal((StopCcnResult.GeneralError, (ushort?)GeneralError.InsufficientResources), (result.Result, result.Error));
        Assert.Equal((1, 0), (engine.Engine.Tunnels.Count, engine.Engine.HalfOpenTunnels));
    }

    [Fact]
    public void Half_open_tunnels_do_not_keep_ours_from_being_dialled()
    {
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel()) with { Limits = new EngineLimits { MaxTunnels = 1 } });
        for (var i = 0; i < 5; i++)
            Flood(engine, i);
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
    }

    [Fact]
    public void A_peer_that_started_again_gets_the_place_of_its_former_tunnel()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.AnyPeer with { MaxTunnels = 1 }));
        var peer = new ScriptedPeer(engine).Dial();
        var former = engine.Tunnel.Key;
        peer.Restart();
        peer.Dial(peer.Sccrq with { TieBreaker = 1 }).Call(1);
        Assert.NotEqual(former, engine.Tunnel.Key);
    }

    [Fact]
    public void Tunnels_that_were_not_authenticated_do_not_use_up_the_ids_when_they_end()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.WithSecret, new EngineLimits { MaxHalfOpen = 100 }));
        for (var i = 0; i < 66_000; i++)
        {
            var peer = Flood(engine, i);
            peer.Expect<Sccrp>();
            peer.Send(new Scccn { ChallengeResponse = new byte[16] });
        }

        Assert.Empty(engine.Engine.Tunnels);
        var real = new ScriptedPeer(engine, "192.0.2.77");
        real.Send(real.Sccrq);
        real.Expect<Sccrp>();
    }

    [Fact]
    public void Tunnels_that_need_no_secret_do_not_use_up_the_ids_when_they_end()
    {
        var engine = new EngineUnderTest(Given.Lns());
        for (var i = 0; i < 66_000; i++)
        {
            var peer = Flood(engine, i);
            peer.Expect<Sccrp>();
            peer.Send(new Scccn());
            peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(1) });
        }

        Assert.Empty(engine.Engine.Tunnels);
        new ScriptedPeer(engine, "192.0.2.77").Dial();
        Assert.Single(engine.Engine.Tunnels);
    }

    [Fact]
    public void Who_asks_on_and_hardly_acknowledges_gets_no_more_answers()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        for (var i = 0; i < 40_000; i++)
        {
            peer.Send(new Icrp { LocalSessionId = new(1), RemoteSessionId = new(7) });
            peer.All.Clear();
        }

        Assert.Equal(16_384, engine.Tunnel.Outstanding);
        var told = Assert.Single(engine.EventsOf<PeerOddity>());
        Assert.Contains("16384", told.What, StringComparison.Ordinal);
        for (var i = 0; engine.Tunnel.Outstanding > 100; i++)
        {
            Assert.True(i < 20_000);
            peer.Expect<Cdn>();
            peer.Acknowledge();
            peer.All.Clear();
        }

        peer.Send(new Icrq { LocalSessionId = new(9), CallSerialNumber = 9 });
        Assert.Equal(1, engine.Engine.SessionCount);
    }

    [Fact]
    public void A_request_for_a_call_and_its_end_over_and_over_leave_a_bounded_queue()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        for (var i = 0; i < 30_000; i++)
        {
            peer.Send(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 });
            peer.Send(new Cdn { LocalSessionId = new(1), Result = new ResultCode(3) });
            peer.All.Clear();
        }

        Assert.Equal(0, engine.Engine.SessionCount);
        Assert.InRange(engine.Tunnel.Outstanding, 16_000, 16_400);
    }

    [Fact]
    public void Half_open_tunnels_that_were_ended_do_not_use_up_the_ids()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { MaxHalfOpen = 100 }));
        for (var i = 0; i < 70_000; i++)
        {
            var peer = Flood(engine, i);
            peer.Expect<Sccrp>();
            peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(1) });
        }

        Assert.Equal(0, engine.Engine.HalfOpenTunnels);
        new ScriptedPeer(engine, "192.0.2.77").Dial();
        Assert.Single(engine.Engine.Tunnels);
    }

    [Fact]
    public void One_that_is_established_or_ended_makes_room()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { MaxHalfOpenPerSource = 1 }));
        for (var i = 0; i < 5; i++)
            new ScriptedPeer(engine, port: (ushort)(2000 + i)).Dial();
        var stopped = new ScriptedPeer(engine, port: 3000);
        stopped.Send(stopped.Sccrq);
        stopped.Expect<Sccrp>();
        stopped.Send(new StopCcn { AssignedTunnelId = new(stopped.TunnelId), Result = new ResultCode(1) });
        new ScriptedPeer(engine, port: 3001).Dial();
        Assert.Equal((6, 0), (engine.Engine.Tunnels.Count, engine.Engine.HalfOpenTunnels));
    }

    [Fact]
    public void The_rate_of_a_source_is_exact()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { SccrqRatePerSource = 10, SccrqBurstPerSource = 3 }));
        Assert.Equal(3, AdmittedOf(engine, 10, 1000));
        engine.Wait(99);
        Assert.Equal(0, AdmittedOf(engine, 1, 2000));
        engine.Wait(1);
        Assert.Equal(1, AdmittedOf(engine, 5, 3000));
        engine.Wait(10_000);
        Assert.Equal(3, AdmittedOf(engine, 10, 4000));
        Assert.Equal(19, engine.Engine.Counters.RateLimited);
    }

    [Fact]
    public void Tunnels_of_a_profile_and_overall_are_limited_with_StopCCN_2_4()
    {
        foreach (var overall in new[] { false, true })
        {
            var engine = new EngineUnderTest(Given.Lns(
                Given.AnyPeer with { MaxTunnels = overall ? 100 : 2 }, new EngineLimits { MaxTunnels = overall ? 2 : 100 }));
            var first = new ScriptedPeer(engine, port: 1).Dial();
            new ScriptedPeer(engine, port: 2).Dial();
            var third = new ScriptedPeer(engine, port: 3);
            third.Send(third.Sccrq);
            var result = third.Expect<StopCcn>().Result;
            Assert.Equal((StopCcnResult.GeneralError, (ushort?)GeneralError.InsufficientResources), (result.Result, result.Error));
            first.Send(new StopCcn { AssignedTunnelId = new(first.TunnelId), Result = new ResultCode(1) });
            new ScriptedPeer(engine, port: 4).Dial();
            Assert.Equal(2, engine.Engine.Tunnels.Count);
        }
    }

    [Fact]
    public void Sessions_of_a_tunnel_and_overall_are_limited_with_CDN_4()
    {
        foreach (var overall in new[] { false, true })
        {
            var engine = new EngineUnderTest(Given.Lns(
                Given.AnyPeer with { MaxSessionsPerTunnel = overall ? 100 : 2 }, new EngineLimits { MaxSessions = overall ? 2 : 100 }));
            var peer = new ScriptedPeer(engine).Dial();
            var first = peer.Call(1);
            peer.Call(2);
            peer.Send(new Icrq { LocalSessionId = new(3), CallSerialNumber = 3 });
            var cdn = peer.Expect<Cdn>();
            Assert.Equal((CdnResult.NoFacilitiesTemporary, 3u), (cdn.Result.Result, cdn.RemoteSessionId.Value));
            Assert.NotEqual(0u, cdn.LocalSessionId.Value);
            peer.Send(new Cdn { LocalSessionId = new(1), RemoteSessionId = new(first), Result = new ResultCode(3) });
            peer.Call(4);
            Assert.Equal(2, engine.Engine.SessionCount);
        }
    }

    [Fact]
    public void A_tunnel_takes_65535_sessions_and_refuses_one_more_with_CDN_4()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        var ids = new HashSet<uint>();
        for (var i = 1; i <= 65_535; i++)
        {
            Assert.True(ids.Add(peer.Call((ushort)i)), "no id twice");
            peer.All.Clear();
        }

        Assert.DoesNotContain(0u, ids);
        Assert.Equal(65_535, engine.Tunnel.Sessions.Count);
        peer.Send(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 });
        var cdn = peer.Expect<Cdn>();
        Assert.Equal(CdnResult.NoFacilitiesTemporary, cdn.Result.Result);
        Assert.NotEqual(0u, cdn.LocalSessionId.Value);
        Assert.Equal(65_535, engine.Tunnel.Sessions.Count);
        peer.Send(new Cdn { LocalSessionId = new(1), RemoteSessionId = new(ids.First()), Result = new ResultCode(3) });
        peer.Call(1);
        Assert.Equal(65_535, engine.Tunnel.Sessions.Count);
    }

    [Fact]
    public void Thirty_thousand_tunnels()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { SccrqBurstPerSource = 1_000_000 }));
        for (var i = 0; i < 30_000; i++)
            new ScriptedPeer(engine, port: (ushort)(i + 1)).Dial();
        Assert.Equal(30_000, engine.Engine.Tunnels.Count(t => t.State == TunnelState.Established));
        Assert.Equal(30_000, engine.Engine.Tunnels.Select(t => t.LocalId).Distinct().Count());
    }

    [Fact]
    public void No_profile_is_StopCCN_4_and_profiles_match_in_order_by_prefix_and_host_name()
    {
        var configuration = Given.Lns() with
        {
            Peers =
            [
                Given.AnyPeer with
                {
                    Name = "site",
                    Prefixes = [System.Net.IPNetwork.Parse("198.51.100.0/24")],
                    HostNamePattern = "site-*",
                },
                Given.AnyPeer with { Name = "lan", Prefixes = [System.Net.IPNetwork.Parse("192.0.2.0/24")] },
            ],
        };
        var engine = new EngineUnderTest(configuration);
        var lan = new ScriptedPeer(engine).Dial();
        var site = new ScriptedPeer(engine, "198.51.100.1");
        site.Dial(site.Sccrq with { HostName = "SITE-7" });
        var stranger = new ScriptedPeer(engine, "198.51.100.2");
        stranger.Send(stranger.Sccrq);
        Assert.Equal(StopCcnResult.NotAuthorized, stranger.Expect<StopCcn>().Result.Result);
        Assert.Equal(["lan", "site"], engine.Engine.Tunnels.OrderBy(t => t.Profile.Name).Select(t => t.Profile.Name));
        Assert.NotEqual(lan.EngineId, site.EngineId);
    }

    [Fact]
    public void Calls_the_profile_does_not_take_are_CDN_5()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.AnyPeer with { AcceptIncomingCalls = false, AcceptOutgoingCalls = false }));
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        Assert.Null(peer.Expect<Sccrp>().BearerCapabilities);
        peer.Send(new Scccn());
        peer.Send(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 });
        Assert.Equal(CdnResult.NoFacilitiesPermanent, peer.Expect<Cdn>().Result.Result);
        peer.Send(Outgoing(BearerTypes.Digital));
        Assert.Equal(CdnResult.NoFacilitiesPermanent, peer.Expect<Cdn>().Result.Result);
        Assert.Equal(0, engine.Engine.SessionCount);
    }

    [Fact]
    public void An_outgoing_call_must_ask_for_what_was_advertised()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        var offered = peer.Expect<Sccrp>().BearerCapabilities!.Value;
        peer.Send(new Scccn());
        Assert.False(offered.HasFlag(BearerTypes.Atm));
        peer.Send(Outgoing(BearerTypes.Atm));
        Assert.NotEqual(0, peer.Expect<Cdn>().Result.Result);
        peer.Send(Outgoing(BearerTypes.Digital) with { FramingType = (FramingTypes)4 });
        Assert.NotEqual(0, peer.Expect<Cdn>().Result.Result);
        peer.Send(Outgoing(BearerTypes.Digital));
        peer.Expect<Ocrp>();
        var connected = peer.Expect<Occn>();
        Assert.Equal((2_000u, FramingTypes.Synchronous), (connected.TxConnectSpeed, connected.FramingType));
        Assert.Equal(
            (CallRole.OutgoingLac, SessionState.Established), Assert.Single(engine.Tunnel.Sessions.Values.Select(s => (s.Role, s.State))));
    }

    [Fact]
    public void An_outgoing_call_is_not_asked_of_a_peer_that_cannot_place_it()
    {
        var engine = Given.Dialling(null, new LacSession { Name = "s", Direction = CallDirection.Outgoing, CalledNumber = "1" });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer(peer.Sccrp with { BearerCapabilities = null });
        peer.ExpectNoMessage();
        Assert.Equal(0, engine.Engine.SessionCount);
    }

    internal static ScriptedPeer Flood(EngineUnderTest engine, int number)
    {
        var peer = new ScriptedPeer(engine, $"10.{number / 65_536}.{number / 256 % 256}.{number % 256}");
        peer.Send(peer.Sccrq);
        return peer;
    }

    private static Ocrq Outgoing(BearerTypes bearer) => new()
    {
        LocalSessionId = new(9), CallSerialNumber = 1, MinimumBps = 1_000, MaximumBps = 2_000, BearerType = bearer,
        FramingType = FramingTypes.Synchronous, CalledNumber = "1",
    };

    private static int AdmittedOf(EngineUnderTest engine, int count, int firstPort)
    {
        var before = engine.Engine.Tunnels.Count;
        for (var i = 0; i < count; i++)
        {
            var peer = new ScriptedPeer(engine, port: (ushort)(firstPort + i));
            peer.Send(peer.Sccrq);
            if (peer.All.Count > 0)
            {
                peer.Expect<Sccrp>();
                peer.Send(new Scccn());
            }
        }

        return engine.Engine.Tunnels.Count - before;
    }
}
