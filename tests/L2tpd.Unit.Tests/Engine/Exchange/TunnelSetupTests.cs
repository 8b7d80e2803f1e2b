using L2tpd.Engine;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Control connection setup and authentication as octets on the wire (l2tpv2.md sections 5, 6, 7.3, 8 and 9).</summary>
public sealed class TunnelSetupTests
{
    private static readonly byte[] Challenge = [0xa1, 0xb2, 0xc3, 0xd4];

    [Fact]
    public void Sequence_numbers_of_the_responder_are_those_of_the_example()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        engine.Wait(1);
        peer.Call(0x42);
        engine.Wait(100);
        Assert.Equal(
            [(MessageType.Sccrp, 0, 1), (default, 1, 2), (MessageType.Icrp, 1, 3), (default, 2, 4)],
            peer.All.Select(a => (a.Type, (int)a.Header.Ns, (int)a.Header.Nr)));
        Assert.All(peer.All, a => Assert.Equal(0x1234u, a.Header.TunnelId.Value));
        Assert.Equal([0, 0, 0x42, 0], peer.All.Select(a => (int)a.Header.SessionId.Value));
    }

    [Fact]
    public void Sequence_numbers_of_the_initiator_are_those_of_the_example()
    {
        var engine = Given.Dialling(null, new LacSession { Name = "s" });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        var call = peer.Expect<Icrq>();
        peer.Send(new Icrp { LocalSessionId = new(9), RemoteSessionId = call.LocalSessionId });
        peer.Expect<Iccn>();
        peer.Acknowledge();
        Assert.Equal(
            [(MessageType.Sccrq, 0, 0), (MessageType.Scccn, 1, 1), (MessageType.Icrq, 2, 1), (MessageType.Iccn, 3, 2)],
            peer.All.Where(a => !a.IsZlb).Select(a => (a.Type, (int)a.Header.Ns, (int)a.Header.Nr)));
        Assert.Equal(0u, peer.All[0].Header.TunnelId.Value);
        Assert.All(peer.All.Skip(1), a => Assert.Equal(0x1234u, a.Header.TunnelId.Value));
    }

    [Theory]
    [InlineData(0x0200)]
    [InlineData(0x0000)]
    [InlineData(0x0001)]
    public void Another_protocol_version_is_StopCCN_5_with_the_version_we_speak(int version)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq with { ProtocolVersion = (ushort)version });
        var result = peer.Expect<StopCcn>().Result;
        Assert.Equal((StopCcnResult.ProtocolVersionUnsupported, (ushort?)1), (result.Result, result.Error));
        Assert.Empty(engine.Engine.Tunnels);

        var dialling = Given.Dialling();
        var other = new ScriptedPeer(dialling);
        dialling.Start();
        other.Expect<Sccrq>();
        other.Send(other.Sccrp with { ProtocolVersion = (ushort)version });
        Assert.Equal(StopCcnResult.ProtocolVersionUnsupported, other.Expect<StopCcn>().Result.Result);
    }

    [Fact]
    public void A_refusal_names_an_id_and_acknowledges_the_SCCRQ()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq with { ProtocolVersion = 0x0200 });
        var refusal = Assert.Single(peer.All);
        Assert.Equal((0x1234u, (ushort)0, (ushort)0, (ushort)1),
            (refusal.Header.TunnelId.Value, refusal.Header.SessionId.Value, refusal.Header.Ns, refusal.Header.Nr));
        Assert.NotEqual(0u, ((StopCcn)refusal.Message!).AssignedTunnelId.Value);
    }

    [Fact]
    public void Hidden_AVPs_are_read_and_sent()
    {
        var profile = Given.WithSecret with { HideAvps = true };
        var engine = new EngineUnderTest(Given.Lns(profile));
        var peer = new ScriptedPeer(engine)
        {
            SecretToUse = ScriptedPeer.Secret,
            Hiding = new EncodeOptions(ScriptedPeer.Secret, new byte[16]),
        };
        peer.Send(peer.Sccrq with { Challenge = Challenge });
        var reply = peer.Expect<Sccrp>();
        Assert.NotEqual(0u, reply.AssignedTunnelId.Value);
        peer.Send(new Scccn
        {
            ChallengeResponse = TunnelAuthentication.ComputeResponse(MessageType.Scccn, ScriptedPeer.Secret, reply.Challenge!),
        });
        var session = peer.Call(0x0777);
        Assert.Equal(0x0777u, engine.Tunnel.Sessions[new SessionId(session)].PeerId.Value);

        // A reader without the secret sees no id in what the engine sent.
        var sccrp = peer.All.Single(a => a.Type == MessageType.Sccrp);
        var blind = MessageCodec.Decode(sccrp.Header, sccrp.Bytes, default);
        Assert.Equal(DecodeErrorKind.CannotUnhide, blind.Error.Kind);
        Assert.Equal(0u, blind.PeerTunnelId.Value);
    }

    [Fact]
    public void Each_hidden_message_has_a_random_vector_of_its_own()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.WithSecret with { HideAvps = true, Challenge = false }));
        var peer = new ScriptedPeer(engine) { SecretToUse = ScriptedPeer.Secret };
        peer.Dial();
        peer.Call(1);
        peer.Call(2);
        var vectors = peer.All.Where(a => !a.IsZlb).Select(a => Convert.ToHexString(a.Bytes.AsSpan(26, 16))).ToArray();
        Assert.Equal(3, vectors.Length);
        Assert.Equal(vectors.Length, vectors.Distinct().Count());
    }

    [Fact]
    public void A_retransmitted_SCCRQ_makes_no_second_tunnel_and_is_answered()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        var request = peer.Encode(peer.Sccrq, 0);
        peer.SendBytes(request);
        peer.Expect<Sccrp>();
        for (var i = 0; i < 3; i++)
        {
            peer.Forget();
            peer.SendBytes(request);
            var answer = peer.Next();
            Assert.Equal(1, answer.Header.Nr);
            Assert.Equal(1, engine.Engine.HalfOpenTunnels);
        }

        engine.WaitUntil(1000);
        Assert.Equal([0L, 0L, 0L, 0L], peer.All.Where(a => a.Type == MessageType.Sccrp).Select(a => a.At - 1_000_000));
        Assert.Single(peer.All.Where(a => a.Type == MessageType.Sccrp).Select(a => ((Sccrp)a.Message!).AssignedTunnelId).Distinct());

        peer.Ns = 1;
        peer.Send(new Scccn());
        peer.SendBytes(request);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
    }

    [Fact]
    public void Peers_behind_one_address_with_the_same_id_have_a_tunnel_each()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peers = Enumerable.Range(0, 20).Select(i => new ScriptedPeer(engine, port: (ushort)(20_000 + i))).ToArray();
        foreach (var peer in peers)
            peer.Dial();
        Assert.Equal(20, engine.Engine.Tunnels.Count(t => t.State == TunnelState.Established));
        foreach (var peer in peers)
            peer.Call(7);
        Assert.All(engine.Engine.Tunnels, t => Assert.Single(t.Sessions));
        peers[3].Send(new StopCcn { AssignedTunnelId = new(0x1234), Result = new ResultCode(1) });
        Assert.Equal(19, engine.Engine.Tunnels.Count);
        Assert.DoesNotContain(engine.Engine.Tunnels, t => t.Path.Remote == peers[3].Endpoint);
    }

    [Fact]
    public void The_reply_may_come_from_another_port_which_then_is_the_peers()
    {
        var engine = Given.Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        var elsewhere = peer.Endpoint with { Port = 5555 };
        engine.AddAlias(elsewhere, peer);
        peer.Endpoint = elsewhere;
        peer.Send(peer.Sccrp);
        peer.Expect<Scccn>();
        Assert.Equal(elsewhere, engine.Tunnel.Path.Remote);
        Assert.Equal(elsewhere, engine.CreatedTunnels.Single().Path.Remote);

        // Locked: the first port is wrong now.
        peer.SendBytes(peer.Encode(new Hello(), peer.Ns), elsewhere with { Port = 1701 });
        Assert.Equal(1, engine.Tunnel.Counters.WrongSource);
    }

    [Fact]
    public void The_reply_from_another_address_needs_a_quirk()
    {
        foreach (var quirks in new[] { PeerQuirks.None, PeerQuirks.AcceptReplyFromAnyAddress })
        {
            var engine = Given.Dialling(Given.AnyPeer with { Quirks = quirks });
            var peer = new ScriptedPeer(engine);
            engine.Start();
            peer.Expect<Sccrq>();
            var other = new ScriptedPeer(engine, "198.51.100.7");
            other.SendBytes(peer.Encode(peer.Sccrp, 0));
            Assert.Equal(quirks == PeerQuirks.None ? TunnelState.WaitCtlReply : TunnelState.Established, engine.Tunnel.State);
            Assert.Equal(quirks == PeerQuirks.None ? 1 : 0, engine.Engine.Counters.WrongSource);
        }
    }

    [Theory]
    [InlineData("192.0.2.2", 1702)]
    [InlineData("192.0.2.3", 1701)]
    public void Packets_for_a_tunnel_from_elsewhere_are_dropped_and_counted(string address, int port)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        peer.Forget();
        var stranger = new ScriptedPeer(engine, address, (ushort)port);
        stranger.SendBytes(peer.Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(1) }, peer.Ns));
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.Equal((1, 1), (engine.Tunnel.Counters.WrongSource, engine.Engine.Counters.WrongSource));
        peer.ExpectSilence();
        stranger.ExpectSilence();
    }

    [Theory]
    [InlineData("000200081234004200000000")]
    [InlineData("400200ff1234004200")]
    [InlineData("020200421234ffff")]
    [InlineData("0002")]
    public void Data_messages_are_dropped_and_counted(string octets)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        peer.Forget();
        peer.SendBytes(Convert.FromHexString(octets));
        Assert.Equal(1, engine.Engine.Counters.DataDropped);
        peer.ExpectSilence();
    }

    [Theory]
    [InlineData("c801000c0000000000000000")]
    [InlineData("c80f000c0000000000000000")]
    public void Other_versions_are_dropped_and_counted(string octets)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.SendBytes(Convert.FromHexString(octets));
        Assert.Equal(1, engine.Engine.Counters.UnknownVersion);
        peer.ExpectSilence();
    }

    [Theory]
    [InlineData("8802000c0000000000000000")]
    [InlineData("c002000c0000000000000000")]
    [InlineData("ca02000c0000000000000000")]
    [InlineData("c802000b0000000000000000")]
    [InlineData("c802000d0000000000000000")]
    public void Malformed_headers_are_dropped_and_counted(string octets)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.SendBytes(Convert.FromHexString(octets));
        Assert.Equal(1, engine.Engine.Counters.MalformedHeaders);
        peer.ExpectSilence();
    }

    [Fact]
    public void The_setup_guard_of_the_responder_fires_at_exactly_its_time()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        peer.Expect<Sccrp>();
        peer.Acknowledge();
        engine.WaitUntil(59_999);
        Assert.Equal(1, engine.Engine.HalfOpenTunnels);
        engine.WaitUntil(60_000);
        peer.ExpectNoMessage();
        Assert.Equal(EndCause.SetupTimeout, Assert.Single(engine.EventsOf<TunnelNotCompleted>()).Reason.Cause);
        Assert.Equal((0, Instant.Never), (engine.Engine.HalfOpenTunnels, engine.Engine.NextDeadline));
    }

    [Fact]
    public void The_setup_guard_of_the_initiator_fires_at_exactly_its_time()
    {
        var engine = Given.Dialling(Given.AnyPeer with { Timers = new TunnelTimers { TunnelSetup = TimeSpan.FromMilliseconds(12_345) } });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.EngineId = (peer.Expect<Sccrq>().AssignedTunnelId).Value;
        peer.Acknowledge();
        engine.WaitUntil(12_344);
        Assert.Empty(engine.EventsOf<TunnelEnded>());
        engine.WaitUntil(12_345);
        Assert.Equal(EndCause.SetupTimeout, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
        Assert.Equal(StopCcnResult.FsmError, peer.Expect<StopCcn>().Result.Result);
    }

    [Fact]
    public void A_restarted_peer_with_the_same_id_replaces_its_tunnel_once_the_new_one_is_up()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        peer.Call(5);
        var former = engine.Tunnel.Key;
        engine.Wait(40_000);

        peer.Ns = peer.Nr = 0;
        peer.EngineId = 0;
        peer.Forget();
        peer.Send(peer.Sccrq with { TieBreaker = 99 });
        peer.Expect<Sccrp>();
        Assert.NotNull(engine.Engine.FindTunnel(former));
        peer.Send(new Scccn());
        Assert.Null(engine.Engine.FindTunnel(former));
        Assert.Equal(EndCause.Replaced, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
        Assert.Empty(engine.LiveSessions);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        peer.ExpectNoMessage();
    }

    [Fact]
    public void A_restarted_peer_whose_first_try_fails_replaces_its_tunnel_with_the_second()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        var former = engine.Tunnel.Key;
        peer.Restart();
        peer.Send(peer.Sccrq with { TieBreaker = 1 });
        peer.Expect<Sccrp>();
        engine.Wait(35_000);
        Assert.Equal(former, engine.Tunnel.Key);

        peer.Restart();
        peer.Dial(peer.Sccrq with { TieBreaker = 2 });
        Assert.NotEqual(former, engine.Tunnel.Key);
        Assert.Contains(engine.EventsOf<TunnelEnded>(), e => e.Reason.Cause == EndCause.Replaced);
    }

    [Fact]
    public void A_restarted_peer_whose_first_try_is_refused_replaces_its_tunnel_with_the_second_and_hears_of_the_new_one_only()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.WithSecret));
        var peer = new ScriptedPeer(engine) { SecretToUse = ScriptedPeer.Secret };
        DialWith(peer, 1, "right");
        var first = engine.Tunnel.Key;
        peer.Restart();
        DialWith(peer, 2, "wrong");
        engine.Wait(500);
        peer.Restart();
        var begin = peer.All.Count;
        DialWith(peer, 3, "right");
        Assert.NotEqual(first, engine.Tunnel.Key);
        Assert.Equal(EndCause.Replaced, engine.EventsOf<TunnelEnded>().Last().Reason.Cause);

        engine.Wait(50_000);
        Assert.DoesNotContain(peer.All.Skip(begin), a => a.Type is MessageType.StopCcn or MessageType.Hello);
    }

    [Fact]
    public void An_SCCRQ_acknowledges_nothing_whatever_its_Nr_says()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine) { Nr = 1 };
        var request = peer.Encode(peer.Sccrq, peer.Ns++);
        peer.SendBytes(request);
        peer.SendBytes(request);
        peer.Nr = 0;
        peer.Expect<Sccrp>();
        Assert.Equal(1, engine.Engine.HalfOpenTunnels);
        peer.Send(new Scccn());
        peer.Call(1);
    }

    private static void DialWith(ScriptedPeer peer, ulong tieBreaker, string kind)
    {
        peer.Send(peer.Sccrq with { TieBreaker = tieBreaker });
        var challenge = peer.Expect<Sccrp>().Challenge!;
        var response = TunnelAuthentication.ComputeResponse(MessageType.Scccn, ScriptedPeer.Secret, challenge);
        peer.Send(new Scccn { ChallengeResponse = kind == "right" ? response : new byte[16] });
    }
}
