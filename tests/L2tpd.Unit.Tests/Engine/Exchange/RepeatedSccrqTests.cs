using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;
using L2tpd.TestKit;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>
/// The SCCRQ of an established tunnel comes again, octet by octet: late, forged, or from a client that has lost its state and chose the
/// same tunnel id (Windows). The peer is asked with HELLO, and nothing ends unless a new tunnel is established.
/// </summary>
public sealed class RepeatedSccrqTests
{
    private const int Answer = 2_000;

    private static PeerProfile Profile => Given.AnyPeer;

    /// <summary>Windows repeats its SCCRQ after 1, 2 and 4 s.</summary>
    [Fact]
    public void Windows_that_comes_back_with_the_same_SCCRQ_gets_in_with_its_third()
    {
        var engine = new EngineUnderTest(Given.Lns(Profile with { MaxTunnels = 1 }));
        var client = ScriptedPeer.Client(engine);
        client.Dial().Call(1);
        var former = engine.Tunnel;
        engine.Wait(5_000);
        client.Restart();
        Repeat(client);
        engine.Wait(1_000);
        Repeat(client);
        Assert.Equal(
            ["Hello at 0", "Hello at 1000"],
            client.All.Where(static one => one.At >= 1_005_000 && !one.IsZlb).Select(static one => $"{one.Type} at {one.At - 1_005_000}"));
        engine.Wait(2_000);
        client.Forget();
        client.Dial().Call(1);
        Assert.Equal(8_000, engine.Elapsed);
        var ended = Assert.Single(engine.EventsOf<TunnelEnded>());
        Assert.Same(former, ended.Tunnel);
        Assert.Equal(EndCause.Replaced, ended.Reason.Cause);
        Assert.NotSame(former, engine.Tunnel);
        Assert.Single(engine.LiveSessions);
        client.Forget();
        engine.Wait(20_000);
        client.ExpectNoMessage();
        Assert.Empty(engine.EventsOf<TunnelRefused>());
    }

    [Theory]
    [InlineData(Answer - 1, false)]
    [InlineData(Answer, true)]
    public void Two_seconds_without_an_answer_make_the_next_SCCRQ_a_new_one(int after, bool isNew)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var client = ScriptedPeer.Client(engine);
        client.Dial();
        engine.Wait(5_000);
        client.Restart();
        Repeat(client);
        engine.Wait(after);
        client.Forget();
        Repeat(client);
        Assert.Equal(isNew ? MessageType.Sccrp : MessageType.Ack, TypeOfNext(client));
        Assert.Empty(engine.EventsOf<TunnelEnded>());
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, SamePeerPolicy.Keep, false)]
    [InlineData(true, SamePeerPolicy.Replace, true)]
    [InlineData(false, null, false)]
    [InlineData(false, SamePeerPolicy.Replace, true)]
    public void The_key_decides_and_without_it_whether_the_peer_is_in_IPsec(bool isProtected, SamePeerPolicy? policy, bool isAsked)
    {
        var engine = new EngineUnderTest(Given.Lns(Profile with { SamePeer = policy }));
        var client = ScriptedPeer.Client(engine, isProtected);
        Assert.Equal(isAsked, IsAsked(engine, client));
    }

    [Fact]
    public void A_peer_with_the_quirk_no_hello_is_not_asked_and_waits_for_the_rest_of_the_31_s()
    {
        var engine = new EngineUnderTest(Given.Lns(Profile with { Quirks = PeerQuirks.NoHello }));
        var client = ScriptedPeer.Client(engine);
        Assert.False(IsAsked(engine, client));
        engine.Wait(26_000);
        client.Forget();
        Repeat(client);
        Assert.Equal(MessageType.Ack, TypeOfNext(client));
        engine.Wait(1);
        Repeat(client);
        Assert.Equal(MessageType.Sccrp, TypeOfNext(client));
    }

    [Fact]
    public void A_message_that_awaits_its_acknowledgement_asks_as_well_as_HELLO()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var client = ScriptedPeer.Client(engine);
        client.Dial().Call(1);
        engine.Wait(5_000);
        engine.Tell(new PppEnded(Assert.Single(engine.LiveSessions), CdnResult.Administrative, null, "the user logged out"));
        client.Restart();
        Repeat(client);
        Assert.Equal(0, engine.Tunnel.Counters.HellosSent);
        engine.Wait(Answer);
        client.Forget();
        Repeat(client);
        Assert.Equal(MessageType.Sccrp, TypeOfNext(client));
    }

    [Fact]
    public void A_million_forged_copies_at_once_cost_one_HELLO()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var client = ScriptedPeer.Client(engine);
        client.Dial();
        var (tunnel, ns, id) = (engine.Tunnel, client.Ns, client.EngineId);
        engine.Wait(1_000);
        client.Restart();
        var copy = client.Encode(client.Sccrq, 0);
        var sent = new Counted();
        for (var i = 0; i < 1_000_000; i++)
            engine.Engine.Handle(new Datagram(tunnel.Path, copy), new Instant(engine.Now), sent);
        Assert.Equal((1, 1), (sent.Hellos, tunnel.Counters.HellosSent));
        client.Acknowledge(id, ns, 2);
        engine.Wait(Answer);
        Assert.Same(tunnel, engine.Tunnel);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
    }

    /// <summary>A copy every 10 ms, and a peer that answers each HELLO at once, or only its second repetition.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Forged_copies_never_end_a_tunnel_whose_peer_lives(int answered)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var client = ScriptedPeer.Client(engine);
        client.Dial();
        var (tunnel, ns, id) = (engine.Tunnel, client.Ns, client.EngineId);
        client.Restart();
        var copy = client.Encode(client.Sccrq, 0);
        var heard = new Dictionary<ushort, int>();
        for (var (i, seen) = (0, 0); i < 3_300; i++)
        {
            engine.Wait(10);
            engine.Deliver(client.Endpoint, copy);
            for (; seen < client.All.Count; seen++)
            {
                if (client.All[seen].Type != MessageType.Hello)
                    continue;
                var number = client.All[seen].Header.Ns;
                heard[number] = heard.GetValueOrDefault(number) + 1;
                if (heard[number] == answered)
                    client.Acknowledge(id, ns, (ushort)(number + 1));
            }
        }

        Assert.InRange(tunnel.Counters.HellosSent, 1, (31_000 / Answer) + 1);
        Assert.Same(tunnel, engine.Tunnel);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
        Assert.Single(engine.EventsOf<TunnelEstablished>());
    }

    [Fact]
    public void An_answer_that_comes_late_makes_the_SCCRQ_a_repeated_one_again()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var client = ScriptedPeer.Client(engine);
        client.Dial();
        var (ns, id) = (client.Ns, client.EngineId);
        engine.Wait(1_000);
        client.Restart();
        Repeat(client);
        engine.Wait(Answer);
        client.Acknowledge(id, ns, 2);
        Repeat(client);
        Assert.Equal(2, engine.Tunnel.Counters.HellosSent);
        Assert.Single(client.All, static one => one.Type == MessageType.Sccrp);
    }

    /// <summary>An attacker with a recorded SCCRQ must not keep a tunnel alive whose peer is gone.</summary>
    [Fact]
    public void A_copy_does_not_put_off_the_HELLO_that_is_due()
    {
        var profile = Profile with { SamePeer = SamePeerPolicy.Keep };
        var timers = profile.Timers with { HelloInterval = TimeSpan.FromSeconds(10) };
        var engine = new EngineUnderTest(Given.Lns(profile with { Timers = timers }));
        var client = ScriptedPeer.Client(engine);
        client.Dial();
        client.Restart();
        for (var second = 0; second < 12; second++)
        {
            engine.Wait(1_000);
            Repeat(client);
        }

        Assert.Equal(1, engine.Tunnel.Counters.HellosSent);
    }

    [Fact]
    public void A_question_survives_in_a_snapshot()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var client = ScriptedPeer.Client(engine);
        client.Dial();
        engine.Wait(5_000);
        client.Restart();
        Repeat(client);
        engine.Wait(1_000);
        var json = engine.Engine.Snapshot(new(engine.Now)).ToJson();
        var restored = L2tpEngine.Restore(EngineSnapshot.FromJson(json), Given.Lns(), new SeededRandom(3), new(engine.Now));
        Assert.Equal(json, restored.Snapshot(new(engine.Now)).ToJson());
        var copy = new Datagram(engine.Tunnel.Path, client.Encode(client.Sccrq, 0));
        var sent = new Counted();
        restored.Handle(copy, new(engine.Now + 999), sent);
        Assert.Equal(0, sent.Replies);
        restored.Handle(copy, new(engine.Now + 1_000), sent);
        Assert.Equal(1, sent.Replies);
    }

    /// <summary>Whether a tunnel of the client is asked when its SCCRQ comes again after 5 s.</summary>
    private static bool IsAsked(EngineUnderTest engine, ScriptedPeer client)
    {
        client.Dial();
        engine.Wait(5_000);
        client.Restart();
        Repeat(client);
        return engine.Tunnel.Counters.HellosSent == 1;
    }

    private static MessageType TypeOfNext(ScriptedPeer client) => client.Next() is { IsZlb: false } next ? next.Type : MessageType.Ack;

    private static void Repeat(ScriptedPeer client) => client.SendBytes(client.Encode(client.Sccrq, 0));

    private sealed class Counted : GrantingEffects
    {
        public int Hellos { get; private set; }

        public int Replies { get; private set; }

        public override void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
        {
            Assert.True(MessageCodec.TryDecodeHeader(datagram, out var header, out _));
            var type = header.IsZlb ? MessageType.Ack : MessageCodec.Decode(header, datagram, default).Type;
            Hellos += type == MessageType.Hello ? 1 : 0;
            Replies += type == MessageType.Sccrp ? 1 : 0;
        }

        protected override System.Net.IPAddress AddressOf(string host) => System.Net.IPAddress.None;

        protected override Path PathTo(Endpoint remote) => default;
    }
}
