using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.Dialling;

/// <summary>Which LNS a configured tunnel dials, and when: docs/configuration.md, tunnels and backoff.</summary>
public sealed class DiallerTests
{
    /// <summary>1 + 2 + 4 + 8 s: the time after which an LNS counts as unreachable.</summary>
    private const long Cycle = 15_000;

    private static readonly Backoff Steady = new() { Jitter = 0 };

    private static readonly ResultCode Clear = new(StopCcnResult.GeneralRequest);

    [Fact]
    public void Every_address_of_every_LNS_is_tried_in_order_and_then_it_waits()
    {
        var engine = Dialling(Tunnel("first.example", "second.example") with
        {
            Remotes = [new RemoteHost("first.example"), new RemoteHost("second.example", 1702)],
        });
        engine.Resolver = static host => host == "first.example" ? Addresses("192.0.2.10", "2001:db8::11") : Addresses("192.0.2.20");
        var attempts = new List<(long At, Endpoint To)>();
        engine.Start();
        for (var tick = 0; tick <= 2 * (Cycle + Cycle + Cycle + 1000); tick += 500)
        {
            for (var i = attempts.Count; i < engine.Transports.Count; i++)
                attempts.Add((engine.Elapsed, engine.Transports[i].Request.Remote));
            engine.Wait(500);
        }

        (long, Endpoint)[] round =
        [
            (0, At("192.0.2.10", 1701)), (Cycle, At("2001:db8::11", 1701)), (2 * Cycle, At("192.0.2.20", 1702)),
        ];
        const long SecondRound = (3 * Cycle) + 1000;
        Assert.Equal([.. round, .. round.Select(a => (a.Item1 + SecondRound, a.Item2))], attempts.Take(6));
        Assert.Equal(
            ["first.example", "second.example", "first.example", "second.example"], engine.Resolves.Take(4).Select(r => r.Host.Host));
    }

    [Fact]
    public void A_name_is_resolved_again_at_every_attempt()
    {
        var engine = Dialling(Tunnel("lns.example"));
        var answers = 0;
        engine.Resolver = _ => Addresses($"192.0.2.{++answers}");
        engine.Start();
        engine.WaitUntil(Cycle + 1000);
        Assert.Equal([At("192.0.2.1", 1701), At("192.0.2.2", 1701)], engine.Transports.Select(t => t.Request.Remote));
    }

    [Fact]
    public void After_an_established_tunnel_ended_the_name_is_resolved_again_and_the_first_LNS_is_tried_first()
    {
        var engine = Dialling(Tunnel("first.example", "second.example"));
        var firstIsThere = false;
        engine.Resolver = host => host == "second.example" ? Addresses("192.0.2.20") : firstIsThere ? Addresses("192.0.2.10") : [];
        var second = new ScriptedPeer(engine, "192.0.2.20");
        engine.Start();
        second.Answer();
        firstIsThere = true;
        second.Send(new StopCcn { AssignedTunnelId = new(second.TunnelId), Result = Clear });
        engine.Wait(1000);
        Assert.Equal(At("192.0.2.10", 1701), engine.Transports[^1].Request.Remote);
    }

    [Fact]
    public void A_name_without_an_address_costs_no_time()
    {
        var engine = Dialling(Tunnel("gone.example", "192.0.2.2"));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
    }

    [Fact]
    public void When_no_name_resolves_the_reason_is_told()
    {
        var engine = Dialling(Tunnel("gone.example"));
        engine.Start();
        Assert.Empty(engine.Transports);
        var retry = Assert.Single(engine.EventsOf<RetryScheduled>());
        Assert.Equal(("t", 1, TimeSpan.FromSeconds(1), "no such host"), (retry.Name, retry.Attempt, retry.Delay, retry.Reason));
    }

    [Fact]
    public void An_answer_to_an_earlier_question_is_ignored()
    {
        var engine = Dialling(Tunnel("lns.example"));
        engine.Resolver = null;
        engine.Start();
        var first = Assert.Single(engine.Resolves).Key;
        engine.Tell(new HostResolved(first, [], "timed out"));
        engine.Wait(1000);
        Assert.Equal(2, engine.Resolves.Count);
        engine.Tell(new HostResolved(first, Addresses("192.0.2.66"), null));
        Assert.Empty(engine.Transports);
        engine.Tell(new HostResolved(engine.Resolves[1].Key, Addresses("192.0.2.2"), null));
        engine.Tell(new HostResolved(engine.Resolves[1].Key, Addresses("192.0.2.66"), null));
        Assert.Equal(At("192.0.2.2", 1701), Assert.Single(engine.Transports).Request.Remote);
    }

    [Fact]
    public void Waits_double_from_initial_to_maximum()
    {
        var backoff = new Backoff { Initial = TimeSpan.FromSeconds(2), Maximum = TimeSpan.FromSeconds(10), Jitter = 0 };
        var engine = Dialling(Tunnel("gone.example") with { Backoff = backoff });
        var tries = new List<long>();
        engine.Resolver = _ =>
        {
            tries.Add(engine.Elapsed);
            return [];
        };
        engine.Start();
        engine.WaitUntil(44_000);
        Assert.Equal([0L, 2000, 6000, 14_000, 24_000, 34_000, 44_000], tries);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], engine.EventsOf<RetryScheduled>().Select(r => r.Attempt));
    }

    [Fact]
    public void A_hundred_failures_and_the_wait_is_still_the_maximum()
    {
        var engine = Dialling(Tunnel("gone.example"));
        engine.Start();
        engine.WaitUntil(100 * 60_000);
        Assert.Equal(TimeSpan.FromSeconds(60), engine.EventsOf<RetryScheduled>().Last().Delay);
        Assert.True(engine.EventsOf<RetryScheduled>().Count() > 100);
    }

    [Fact]
    public void Jitter_spreads_each_wait_over_its_whole_range_and_not_beyond()
    {
        var first = new List<double>();
        var last = new List<double>();
        for (var seed = 0ul; seed < 200; seed++)
        {
            var engine = new EngineUnderTest(Given.Lac(Tunnel("gone.example") with { Backoff = new Backoff() }), seed);
            engine.Start();
            engine.WaitUntil(600_000);
            var waits = engine.EventsOf<RetryScheduled>().Select(r => r.Delay.TotalMilliseconds).ToArray();
            first.Add(waits[0]);
            last.Add(waits[^1]);
        }

        Assert.InRange(first.Min(), 750, 800);
        Assert.InRange(first.Max(), 1200, 1250);
        Assert.InRange(last.Min(), 45_000, 48_000);
        Assert.InRange(last.Max(), 72_000, 75_000);
        Assert.InRange(first.Average(), 950, 1050);
    }

    [Fact]
    public void A_tunnel_that_came_up_begins_the_waits_again()
    {
        var engine = Dialling(Tunnel("lns.example"));
        engine.Resolver = static _ => [];
        var peer = new ScriptedPeer(engine);
        engine.Start();
        engine.Wait(1000);
        engine.Wait(2000);
        engine.Resolver = static _ => Addresses("192.0.2.2");
        engine.Wait(4000);
        peer.Answer();
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear });
        Assert.Equal([1, 2, 4, 1], engine.EventsOf<RetryScheduled>().Select(r => (int)r.Delay.TotalSeconds));
        peer.Restart();
        engine.Wait(999);
        peer.ExpectNoMessage();
        engine.Wait(1);
        peer.Answer();
    }

    [Fact]
    public void Without_persist_all_addresses_are_tried_once()
    {
        var engine = Dialling(Tunnel("192.0.2.2", "192.0.2.3") with { Persist = false });
        engine.Start();
        engine.WaitUntil(2 * Cycle);
        Assert.Equal([At("192.0.2.2", 1701), At("192.0.2.3", 1701)], engine.Transports.Select(t => t.Request.Remote));
        Assert.Empty(engine.EventsOf<RetryScheduled>());
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void Without_persist_a_tunnel_that_ended_is_not_dialled_again()
    {
        var engine = Dialling(Tunnel("192.0.2.2", "192.0.2.3") with { Persist = false });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        peer.Send(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Clear });
        engine.Wait(1_000_000);
        Assert.Single(engine.Transports);
        Assert.Equal(Instant.Never, engine.Engine.NextDeadline);
    }

    [Fact]
    public void A_refusal_goes_on_to_the_next_address_at_once()
    {
        var engine = Dialling(Tunnel("192.0.2.2", "192.0.2.3"));
        var first = new ScriptedPeer(engine);
        var second = new ScriptedPeer(engine, "192.0.2.3");
        engine.Start();
        first.Expect<Sccrq>();
        first.Send(
            new StopCcn
            {
                AssignedTunnelId = new(first.TunnelId),
                Result = new ResultCode(StopCcnResult.GeneralError, GeneralError.InsufficientResources),
            });
        second.Answer();
        Assert.Equal(0, engine.Elapsed);
        Assert.Equal(At("192.0.2.3", 1701), engine.Tunnel.Path.Remote);
    }

    [Fact]
    public void A_refusal_is_acknowledged_to_where_it_came_from_under_the_id_it_gives()
    {
        var engine = Dialling(Tunnel("192.0.2.2"));
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        peer.Endpoint = At("192.0.2.2", 4711);
        engine.AddAlias(peer.Endpoint, peer);
        peer.Forget();
        var refusal = peer.Encode(
            new StopCcn { AssignedTunnelId = new(55), Result = new ResultCode(StopCcnResult.NotAuthorized) }, peer.Ns++);
        for (var i = 0; i < 2; i++)
        {
            peer.SendBytes(refusal);
            engine.Wait(200);
            var acknowledgement = peer.Next();
            Assert.True(acknowledgement.IsZlb);
            Assert.Equal((55u, (ushort)1), (acknowledgement.Header.TunnelId.Value, acknowledgement.Header.Nr));
        }

        Assert.Empty(engine.Unclaimed);
    }

    [Fact]
    public void A_socket_that_cannot_be_had_goes_on_to_the_next_address()
    {
        var engine = Dialling(Tunnel("2001:db8::1", "192.0.2.2"));
        engine.OpensTransports = false;
        engine.Start();
        engine.Tell(new TransportFailed(engine.Tunnel.Key, "connect: Network is unreachable (ENETUNREACH)"));
        var reason = Assert.Single(engine.EventsOf<TunnelEnded>()).Reason;
        Assert.Equal(
            (EndCause.Transport, "connect: Network is unreachable (ENETUNREACH)", (ResultCode?)null),
            (reason.Cause, reason.LastSocketError, reason.Result));
        Assert.Equal(At("192.0.2.2", 1701), engine.Transports[1].Request.Remote);
        Assert.Empty(engine.Unclaimed);
    }

    [Fact]
    public void Without_a_free_descriptor_it_waits_for_no_other_address_would_do_better()
    {
        var engine = Dialling(Tunnel("192.0.2.2", "192.0.2.3"));
        engine.OpensTransports = false;
        engine.Start();
        engine.Tell(new TransportFailed(engine.Tunnel.Key, "socket: Too many open files (EMFILE)", OutOfResources: true));
        var reason = Assert.Single(engine.EventsOf<TunnelEnded>()).Reason;
        Assert.Equal((EndCause.LimitReached, "socket: Too many open files (EMFILE)"), (reason.Cause, reason.Text));
        Assert.Single(engine.Transports);
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(engine.EventsOf<RetryScheduled>()).Delay);
        engine.Wait(1000);
        Assert.Equal(2, engine.Transports.Count);
    }

    [Fact]
    public void Without_a_tunnel_slot_it_waits()
    {
        var configuration = Given.Lac(Tunnel("192.0.2.2"), Tunnel("192.0.2.3") with { Name = "u" }) with
        {
            Limits = new EngineLimits { MaxTunnels = 1 },
        };
        var engine = new EngineUnderTest(configuration);
        engine.Start();
        Assert.Single(engine.Transports);
        Assert.Equal("u", Assert.Single(engine.EventsOf<RetryScheduled>()).Name);
    }

    private static EngineUnderTest Dialling(LacTunnel tunnel) => new(Given.Lac(tunnel));

    private static LacTunnel Tunnel(params string[] hosts) => Given.Tunnel() with
    {
        Remotes = [.. hosts.Select(h => new RemoteHost(h))],
        Backoff = Steady,
    };

    private static System.Collections.Immutable.ImmutableArray<IPAddress> Addresses(params string[] addresses) =>
        [.. addresses.Select(IPAddress.Parse)];

    private static Endpoint At(string address, ushort port) => Endpoint.From(IPAddress.Parse(address), port);
}
