using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Protocol;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Floods of SCCRQs and of half-open tunnels: real peers are served, and memory and ids are bounded (ADR 3).</summary>
public sealed class FloodTests
{
    [Fact]
    public void Tunnels_of_one_source_that_answer_without_completing_are_capped_exactly()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { MaxHalfOpenPerSource = 5 }));
        for (var i = 0; i < 8; i++)
        {
            var peer = new ScriptedPeer(engine, port: (ushort)(2000 + i));
            peer.Send(peer.Sccrq);
            peer.Expect<Sccrp>();
            peer.Send(Hello.Instance);
        }

        Assert.Equal((5, 3L), (engine.Engine.Tunnels.Count, engine.Engine.Counters.HalfOpenLimited));
        var elsewhere = new ScriptedPeer(engine, "192.0.2.99");
        elsewhere.Dial();
        Assert.Equal(6, engine.Engine.Tunnels.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SCCRQs_from_the_address_of_a_known_peer_do_not_keep_it_out(bool fromItsPort)
    {
        var engine = new EngineUnderTest(Given.Lns(Given.WithSecret, new EngineLimits { MaxHalfOpen = 4_096 }));
        var peer = new ScriptedPeer(engine) { SecretToUse = ScriptedPeer.Secret };
        Forge(0, 1_000);
        peer.Send(peer.Sccrq);
        var challenge = peer.Expect<Sccrp>().Challenge!;
        Forge(1_000, 2_000);
        peer.Send(
            new Scccn { ChallengeResponse = TunnelAuthentication.ComputeResponse(MessageType.Scccn, ScriptedPeer.Secret, challenge) });
        peer.Call(1);
        Assert.Equal((1, true), (engine.Engine.SessionCount, engine.Tunnel.IsAuthenticated));

        void Forge(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                // Every other one even guesses its tunnel id.
                var forged = peer.Sccrq with { AssignedTunnelId = new(i % 2 == 0 ? peer.TunnelId : (uint)i), TieBreaker = (ulong)i };
                engine.Deliver(
                    peer.Endpoint with { Port = fromItsPort ? peer.Endpoint.Port : (ushort)(2_000 + i) }, Wire.Encode(forged, 0));
            }

            peer.Forget();
        }
    }

    [Fact]
    public void Peers_that_begin_at_the_same_time_get_ids_of_their_own()
    {
        const int peers = 2_000;
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { MaxHalfOpen = 4_096 }));
        var ids = new HashSet<uint>();
        for (var i = 0; i < peers; i++)
        {
            var peer = new ScriptedPeer(engine, port: (ushort)(2_000 + i));
            peer.Send(peer.Sccrq);
            ids.Add((peer.Expect<Sccrp>().AssignedTunnelId).Value);
        }

        Assert.Equal(peers, ids.Count);
    }

    [Fact]
    public void Refused_SCCRQs_from_the_address_of_a_peer_without_a_secret_do_not_keep_it_out()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { SccrqRatePerSource = 1, SccrqBurstPerSource = 3 }));
        var peer = new ScriptedPeer(engine);
        for (var i = 0; i < 100; i++)
        {
            // A challenge where there is no secret.
            var forged = Wire.Encode(peer.Sccrq with { AssignedTunnelId = new((uint)(i + 1)), Challenge = [1, 2, 3] }, 0);
            engine.Deliver(peer.Endpoint with { Port = (ushort)(2_000 + i) }, forged);
        }

        Assert.Equal((3, 97L), (engine.Unclaimed.Count, engine.Engine.Counters.RateLimited));
        peer.Dial().Call(1);
        Assert.Equal(1, engine.Engine.SessionCount);
    }

    [Fact]
    public void While_more_SCCRQs_come_than_can_be_answered_those_are_that_come_again()
    {
        var engine = new EngineUnderTest(Given.Lns());
        engine.Tell(new RequestBacklog(true));
        var peer = new ScriptedPeer(engine);
        var request = peer.Encode(peer.Sccrq, peer.Ns++);
        peer.SendBytes(request);
        peer.ExpectSilence();
        engine.Wait(1_000);
        peer.SendBytes(request);
        peer.Expect<Sccrp>();
        peer.Send(new Scccn());
        peer.Call(1);
        // The same from another source is another one.
        var other = new ScriptedPeer(engine, "192.0.2.99");
        other.SendBytes(request);
        engine.Wait(10_000);
        LimitTests.Flood(engine, 1);
        engine.Wait(10_000);
        LimitTests.Flood(engine, 2);
        LimitTests.Flood(engine, 1 + 65_536).ExpectSilence();
        // Forgotten by now.
        other.SendBytes(request);
        other.ExpectSilence();
        Assert.Equal(6, engine.Engine.Counters.RequestsDeferred);
        engine.Tell(new RequestBacklog(false));
        new ScriptedPeer(engine, "192.0.2.98").Dial();
        Assert.Equal(2, engine.Engine.Tunnels.Count);
    }

    [Fact]
    public void Early_messages_of_a_half_open_tunnel_are_not_kept_and_the_tunnel_comes_up_all_the_same()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        peer.Expect<Sccrp>();
        var memory = engine.Engine.HalfOpenMemory;
        var icrq = peer.Encode(new Icrq { LocalSessionId = new(7), CallSerialNumber = 7 }, 2);
        for (var ns = 2; ns < 64; ns++)
        {
            peer.SendBytes(
                ScriptedPeer.Append(
                    peer.Encode(new Icrq { LocalSessionId = new(7), CallSerialNumber = 7 }, (ushort)ns),
                    [.. Enumerable.Range(0, 60).SelectMany(_ => ScriptedPeer.Avp(false, 99, 1, new byte[1_000]))]));
        }

        Assert.Equal(memory, engine.Engine.HalfOpenMemory);
        Assert.Empty(engine.Engine.Tunnels);
        peer.Send(new Scccn());
        // Sent again, for it was not acknowledged.
        peer.SendBytes(icrq);
        Assert.Equal(1, engine.Engine.SessionCount);
    }

    [Fact]
    public void Memory_of_half_open_requests_is_bounded_and_given_back()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var request = ScriptedPeer.Append(Wire.Encode(new ScriptedPeer(engine).Sccrq, 0), ScriptedPeer.Avp(false, 99, 1, new byte[900]));
        for (var i = 0; i < 200_000; i++)
        {
            engine.Deliver(Endpoint.From(new System.Net.IPAddress(0x0a00_0000L + i), 1_701), request);
            engine.Unclaimed.Clear();
        }

        Assert.InRange(engine.Engine.HalfOpenMemory, 1, 64 << 20);
        engine.Wait(61_000);
        Assert.Equal((0, 0L), (engine.Engine.HalfOpenTunnels, engine.Engine.HalfOpenMemory));
    }

    [Fact]
    public void Ids_that_strangers_get_do_not_tell_those_of_the_next()
    {
        // One permutation for the daemon's life gave the same 65,535 ids in the same order again.
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { MaxHalfOpen = 16 }));
        var rounds = new uint[2][];
        for (var round = 0; round < 2; round++)
        {
            rounds[round] = new uint[65_535];
            for (var i = 0; i < 65_535; i++)
            {
                var peer = LimitTests.Flood(engine, (round * 100_000) + i);
                rounds[round][i] = (peer.Expect<Sccrp>().AssignedTunnelId).Value;
            }
        }

        Assert.InRange(rounds[0].Zip(rounds[1]).Count(pair => pair.First == pair.Second), 0, 20);
        Assert.InRange(rounds[0].Distinct().Count(), 35_000, 48_000);
    }

    [Fact]
    public void A_flood_of_half_open_tunnels_leaves_real_peers_served()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { MaxHalfOpen = 100, MaxHalfOpenPerSource = 10 }));
        for (var i = 0; i < 500; i++)
            LimitTests.Flood(engine, i);
        Assert.Equal((100, 400L), (engine.Engine.HalfOpenTunnels, engine.Engine.Counters.HalfOpenLimited));

        var peer = new ScriptedPeer(engine, "192.0.2.77");
        peer.Send(peer.Sccrq);
        peer.Expect<Sccrp>();
        for (var i = 0; i < 50; i++)
            LimitTests.Flood(engine, 1000 + i);
        peer.Send(new Scccn());
        peer.Call(1);
        Assert.Equal(1, engine.Engine.SessionCount);
        Assert.Equal(99, engine.Engine.HalfOpenTunnels);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_flood_of_half_open_tunnels_leaves_real_peers_served_where_tunnels_are_limited(bool overall)
    {
        var engine = new EngineUnderTest(Given.Lns(
            Given.AnyPeer with { MaxTunnels = overall ? 60_000 : 50 }, new EngineLimits { MaxTunnels = overall ? 50 : 60_000 }));
        for (var i = 0; i < 500; i++)
            LimitTests.Flood(engine, i);
        new ScriptedPeer(engine, "192.0.2.77").Dial().Call(1);
        Assert.Equal((1, 500), (engine.Engine.SessionCount, engine.Engine.HalfOpenTunnels));
    }

    [Fact]
    public void Refusals_to_all_sources_together_have_a_rate_that_a_reload_changes()
    {
        var engine = new EngineUnderTest(Given.Lns(limits: new EngineLimits { RefusalRate = 3 }));
        Assert.Equal(3, RefusalsFor(10, "192.0.2"));
        engine.Tell(new Reconfigure(Given.Lns(limits: new EngineLimits { RefusalRate = 5 })));
        Assert.Equal(5, RefusalsFor(10, "198.51.100"));
        engine.Wait(1_000);
        Assert.Equal(5, RefusalsFor(10, "203.0.113"));

        int RefusalsFor(int requests, string network)
        {
            var before = engine.Unclaimed.Count;
            for (var i = 1; i <= requests; i++)
            {
                // A challenge where there is no secret.
                var peer = new ScriptedPeer(engine, $"{network}.{i}");
                engine.Deliver(peer.Endpoint with { Port = 2_000 }, Wire.Encode(peer.Sccrq with { Challenge = [1, 2, 3] }, 0));
            }

            return engine.Unclaimed.Count - before;
        }
    }
}
