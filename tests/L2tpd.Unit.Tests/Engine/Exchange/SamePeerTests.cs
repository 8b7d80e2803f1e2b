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
/// <c>same-peer</c>: a peer that has a new tunnel under another tunnel id, from the address, port and mark of its former one and with the
/// same host name. A client that lost its state does not answer in the former tunnel, a LAC with several tunnels does.
/// </summary>
public sealed class SamePeerTests
{
    private const int Answer = 3_000;

    /// <summary>Nr that acknowledges a HELLO in a tunnel in which the SCCRP was the only message before it.</summary>
    private const ushort AfterHello = 2;

    private static PeerProfile Profile => Given.AnyPeer;

    [Fact]
    public void A_client_in_IPsec_that_comes_back_is_up_at_once_and_its_former_tunnel_ends_in_silence()
    {
        var engine = new EngineUnderTest(Given.Lns(Profile with { MaxTunnels = 1 }));
        var client = ScriptedPeer.Client(engine);
        client.Dial().Call(1);
        var former = engine.Tunnel;
        engine.Wait(5_000);
        ComeBack(client, 2).Call(1);
        Assert.Equal(2, engine.EventsOf<SessionEstablished>().Count());
        Assert.Empty(engine.EventsOf<TunnelRefused>());
        engine.Wait(Answer - 1);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
        engine.Wait(1);
        var ended = Assert.Single(engine.EventsOf<TunnelEnded>());
        Assert.Same(former, ended.Tunnel);
        Assert.Equal(EndCause.Replaced, ended.Reason.Cause);
        Assert.Contains("did not answer HELLO", ended.Reason.Text, StringComparison.Ordinal);
        Assert.NotSame(former, engine.Tunnel);
        Assert.Single(engine.LiveSessions);
        engine.Wait(10_000);
        // The question and its repetitions; neither CDN nor StopCCN to somebody who knows nothing of the tunnel.
        var afterwards = client.All.Where(static one => one.Header.TunnelId.Value == 1 && one.At >= 1_005_000 && !one.IsZlb);
        Assert.Equal(
            ["Hello at 0", "Hello at 1000", "Hello at 3000"], afterwards.Select(static one => $"{one.Type} at {one.At - 1_005_000}"));
    }

    [Fact]
    public void A_LAC_that_answers_in_its_former_tunnel_keeps_both()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var lac = ScriptedPeer.Client(engine);
        lac.Dial();
        var (ns, id) = (lac.Ns, lac.EngineId);
        engine.Wait(5_000);
        ComeBack(lac, 2);
        lac.Acknowledge(id, ns, AfterHello);
        engine.Wait(Answer + 1_000);
        Assert.Equal(2, engine.Engine.Tunnels.Count);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
    }

    [Fact]
    public void A_LAC_that_answers_in_its_former_tunnel_gets_no_tunnel_beyond_the_limit()
    {
        var engine = new EngineUnderTest(Given.Lns(Profile with { MaxTunnels = 1 }));
        var lac = ScriptedPeer.Client(engine);
        lac.Dial();
        var (former, ns, id) = (engine.Tunnel, lac.Ns, lac.EngineId);
        engine.Wait(5_000);
        ComeBack(lac, 2);
        lac.Acknowledge(id, ns, AfterHello);
        engine.Wait(Answer);
        var ended = Assert.Single(engine.EventsOf<TunnelEnded>());
        Assert.NotSame(former, ended.Tunnel);
        Assert.Equal(EndCause.LimitReached, ended.Reason.Cause);
        Assert.Same(former, engine.Tunnel);
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, SamePeerPolicy.Keep, false)]
    [InlineData(true, SamePeerPolicy.Replace, true)]
    [InlineData(false, null, false)]
    [InlineData(false, SamePeerPolicy.Replace, true)]
    public void The_key_decides_and_without_it_whether_the_peer_is_in_IPsec(bool isProtected, SamePeerPolicy? policy, bool isReplaced)
    {
        var engine = new EngineUnderTest(Given.Lns(Profile with { SamePeer = policy }));
        var client = ScriptedPeer.Client(engine, isProtected: isProtected);
        client.Dial();
        engine.Wait(5_000);
        ComeBack(client, 2);
        engine.Wait(Answer);
        Assert.Equal(isReplaced ? 1 : 2, engine.Engine.Tunnels.Count);
    }

    [Fact]
    public void Another_host_name_port_or_mark_is_another_peer()
    {
        var engine = new EngineUnderTest(Given.Lns());
        ScriptedPeer.Client(engine).Dial();
        engine.Wait(1_000);
        ScriptedPeer.Client(engine, port: 1702).Dial();
        ScriptedPeer.Client(engine, mark: 7).Dial();
        var named = engine.Engine.Tunnels.Count;
        engine.Wait(Answer);
        Assert.Equal((3, 3), (named, engine.Engine.Tunnels.Count));
        var other = new EngineUnderTest(Given.Lns());
        var client = ScriptedPeer.Client(other);
        client.Dial();
        other.Wait(1_000);
        client.Restart();
        client.TunnelId = 2;
        client.Dial(client.Sccrq with { HostName = "another" });
        other.Wait(Answer);
        Assert.Equal(2, other.Engine.Tunnels.Count);
        // The same name in capitals is the same name.
        client.Restart();
        client.TunnelId = 3;
        client.Dial(client.Sccrq with { HostName = "ANOTHER" });
        other.Wait(Answer);
        Assert.Equal(2, other.Engine.Tunnels.Count);
    }

    [Fact]
    public void Windows_which_has_tunnel_id_1_always_takes_its_own_place_without_a_question()
    {
        var engine = new EngineUnderTest(Given.Lns(Profile with { MaxTunnels = 1 }));
        var client = ScriptedPeer.Client(engine);
        client.Dial().Call(1);
        engine.Wait(31_001);
        ComeBack(client, 1).Call(1);
        Assert.Single(engine.Engine.Tunnels);
        Assert.Equal(EndCause.Replaced, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
        Assert.Equal(0, engine.Tunnel.Counters.HellosSent);
    }

    [Fact]
    public void A_client_that_comes_back_again_and_again_leaves_one_tunnel_and_meets_no_limit()
    {
        var engine = new EngineUnderTest(Given.Lns(Profile with { MaxTunnels = 1 }));
        var client = ScriptedPeer.Client(engine);
        client.Dial();
        for (ushort id = 2; id < 50; id++)
        {
            engine.Wait(1_000);
            ComeBack(client, id).Call(1);
        }

        Assert.InRange(engine.Engine.Tunnels.Count, 1, 4);
        engine.Wait(Answer);
        Assert.Single(engine.Engine.Tunnels);
        Assert.Single(engine.LiveSessions);
        Assert.Empty(engine.EventsOf<TunnelRefused>());
    }

    [Fact]
    public void A_peer_with_the_quirk_no_hello_is_not_asked()
    {
        var engine = new EngineUnderTest(Given.Lns(Profile with { Quirks = PeerQuirks.NoHello }));
        var client = ScriptedPeer.Client(engine);
        client.Dial();
        engine.Wait(1_000);
        ComeBack(client, 2);
        Assert.Single(engine.Engine.Tunnels);
    }

    [Fact]
    public void A_question_survives_in_a_snapshot_with_the_marks_and_the_latest_tunnel_of_each_peer()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var client = ScriptedPeer.Client(engine, mark: 9);
        client.Dial();
        engine.Wait(5_000);
        ComeBack(client, 2);
        engine.Wait(1_000);
        var json = engine.Engine.Snapshot(new(engine.Now)).ToJson();
        var restored = L2tpEngine.Restore(EngineSnapshot.FromJson(json), Given.Lns(), new SeededRandom(3), new(engine.Now));
        Assert.Equal(json, restored.Snapshot(new(engine.Now)).ToJson());
        Assert.All(restored.Tunnels, static tunnel => Assert.Equal(9u, tunnel.Path.Remote.Mark));
        Assert.Equal(engine.Engine.NextDeadline, restored.NextDeadline);
        restored.Handle(DeadlineReached.Instance, new(engine.Now + 1_999), new Nothing());
        Assert.Equal(2, restored.Tunnels.Count);
        restored.Handle(DeadlineReached.Instance, new(engine.Now + 2_000), new Nothing());
        Assert.Equal(2u, Assert.Single(restored.Tunnels).PeerId.Value);
    }

    /// <summary>A request proves nothing: neither a question nor an end follows, however many there are.</summary>
    [Fact]
    public void A_million_forged_requests_of_the_peer_ask_nothing()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var client = ScriptedPeer.Client(engine);
        client.Dial();
        var tunnel = engine.Tunnel;
        engine.Wait(1_000);
        client.Restart();
        var nothing = new Nothing();
        for (var i = 0; i < 1_000_000; i++)
        {
            client.TunnelId = (ushort)(2 + (i % 60_000));
            engine.Engine.Handle(new Datagram(tunnel.Path, client.Encode(client.Sccrq, 0)), new Instant(engine.Now), nothing);
        }

        engine.Wait(Answer);
        Assert.Equal(0, tunnel.Counters.HellosSent);
        Assert.Same(tunnel, engine.Tunnel);
    }

    private static ScriptedPeer ComeBack(ScriptedPeer client, ushort id)
    {
        client.Restart();
        client.TunnelId = id;
        client.Dial();
        // The question in the former tunnel, of which the client knows nothing.
        client.Forget();
        return client;
    }

    private sealed class Nothing : GrantingEffects
    {
        public override void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
        {
        }

        protected override System.Net.IPAddress AddressOf(string host) => System.Net.IPAddress.None;

        protected override Path PathTo(Endpoint remote) => default;
    }
}
