using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using static L2tpd.Unit.Tests.Engine.Exchange.NamedMessages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>Messages at the wrong time, or for no tunnel or session (RFC 2661 section 7, l2tpv2.md sections 7.2 and 9 to 13).</summary>
public sealed class WrongMessageTests
{
    public static TheoryData<string> StartMessages => ["SCCRQ", "SCCRP", "SCCCN"];

    [Theory]
    [MemberData(nameof(StartMessages))]
    public void A_start_message_in_an_established_tunnel_is_StopCCN_7(string name)
    {
        var (engine, peer) = Given.Established();
        peer.Send(Start(peer, name));
        Assert.Equal(StopCcnResult.FsmError, peer.Expect<StopCcn>().Result.Result);
        Assert.Empty(engine.Engine.Tunnels);
        Assert.Empty(engine.LiveTunnels);
    }

    [Theory]
    [InlineData("SCCRQ")]
    [InlineData("SCCRP")]
    public void A_start_message_in_wait_ctl_conn_is_StopCCN_7(string name)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        peer.Expect<Sccrp>();
        peer.Send(Start(peer, name));
        Assert.Equal(StopCcnResult.FsmError, peer.Expect<StopCcn>().Result.Result);
        Assert.Equal(0, engine.Engine.HalfOpenTunnels);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void SCCCN_in_wait_ctl_reply_is_StopCCN()
    {
        var engine = Given.Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.EngineId = (peer.Expect<Sccrq>().AssignedTunnelId).Value;
        peer.Send(new Scccn());
        peer.Expect<StopCcn>();
        Assert.Equal(StopCcnResult.FsmError, engine.Events.OfType<L2tpd.Engine.Events.TunnelEnded>().Single().Reason.Result!.Result);
    }

    [Fact]
    public void A_call_before_SCCCN_ends_the_tunnel()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        peer.Expect<Sccrp>();
        peer.Send(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 });
        Assert.Equal(StopCcnResult.FsmError, peer.Expect<StopCcn>().Result.Result);
        Assert.Equal(0, engine.Engine.SessionCount);
    }

    public static TheoryData<string, string, bool> IncomingLnsRows => new()
    {
        { "wait-connect", "ICRQ", true },
        { "wait-connect", "ICRP", true },
        { "wait-connect", "CDN", false },
        { "established", "ICRQ", true },
        { "established", "ICRP", true },
        { "established", "ICCN", true },
        { "established", "CDN", false },
    };

    [Theory]
    [MemberData(nameof(IncomingLnsRows))]
    public void A_message_out_of_place_ends_an_incoming_call_at_the_LNS(string state, string message, bool answersCdn)
    {
        var (engine, peer) = Given.Established();
        peer.Send(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 });
        var id = peer.Expect<Icrp>().LocalSessionId;
        if (state == "established")
            peer.Send(Call("ICCN", 1, id.Value));
        ExpectEnd(engine, peer, message, id.Value, answersCdn);
    }

    public static TheoryData<string, string, bool> IncomingLacRows => new()
    {
        { "wait-reply", "ICRQ", true },
        { "wait-reply", "ICCN", false },
        { "wait-reply", "CDN", false },
        { "wait-reply", "OCRP", true },
        { "established", "ICRQ", true },
        { "established", "ICRP", true },
        { "established", "ICCN", true },
        { "established", "CDN", false },
    };

    [Theory]
    [MemberData(nameof(IncomingLacRows))]
    public void A_message_out_of_place_ends_an_incoming_call_at_the_LAC(string state, string message, bool answersCdn)
    {
        var engine = Given.Dialling(null, new LacSession { Name = "s", Persist = false });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        var id = peer.Expect<Icrq>().LocalSessionId;
        if (state == "established")
        {
            peer.Send(Call("ICRP", 1, id.Value));
            peer.Expect<Iccn>();
            peer.Acknowledge();
        }

        ExpectEnd(engine, peer, message, id.Value, answersCdn);
    }

    public static TheoryData<string, string, bool> OutgoingLnsRows => new()
    {
        { "wait-reply", "OCRQ", true },
        { "wait-reply", "OCCN", true },
        { "wait-reply", "CDN", false },
        { "wait-reply", "ICRP", true },
        { "wait-connect", "OCRQ", true },
        { "wait-connect", "OCRP", true },
        { "wait-connect", "CDN", false },
        { "established", "OCRQ", true },
        { "established", "OCRP", true },
        { "established", "OCCN", true },
        { "established", "CDN", false },
    };

    [Theory]
    [MemberData(nameof(OutgoingLnsRows))]
    public void A_message_out_of_place_ends_an_outgoing_call_at_the_LNS(string state, string message, bool answersCdn)
    {
        var engine = Given.Dialling(
            null, new LacSession { Name = "s", Direction = CallDirection.Outgoing, CalledNumber = "1", Persist = false });
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Answer();
        var id = peer.Expect<Ocrq>().LocalSessionId;
        if (state != "wait-reply")
            peer.Send(Call("OCRP", 1, id.Value));
        if (state == "established")
            peer.Send(Call("OCCN", 1, id.Value));
        peer.ExpectNoMessage();
        ExpectEnd(engine, peer, message, id.Value, answersCdn);
    }

    public static TheoryData<string, bool> OutgoingLacRows => new()
    {
        { "OCRQ", true },
        { "OCRP", true },
        { "OCCN", true },
        { "CDN", false },
    };

    [Theory]
    [MemberData(nameof(OutgoingLacRows))]
    public void A_message_out_of_place_ends_an_outgoing_call_at_the_LAC(string message, bool answersCdn)
    {
        var (engine, peer) = Given.Established();
        peer.Send(Call("OCRQ", 1, 0));
        var id = peer.Expect<Ocrp>().LocalSessionId;
        peer.Expect<Occn>();
        ExpectEnd(engine, peer, message, id.Value, answersCdn);
    }

    public static TheoryData<string> SessionMessages => ["ICRP", "ICCN", "OCRP", "OCCN", "WEN", "SLI"];

    [Theory]
    [MemberData(nameof(SessionMessages))]
    public void A_message_for_an_unknown_session_is_CDN_2_5_where_the_peers_id_is_known_and_otherwise_ignored(string name)
    {
        var (engine, peer) = Given.Established();
        var other = peer.Call(1);
        peer.Send(Call(name, 77, other ^ 1));
        if (name is "ICRP" or "OCRP")
        {
            var cdn = peer.Expect<Cdn>();
            Assert.Equal((2, 5, 77u), (cdn.Result.Result, cdn.Result.Error!.Value, cdn.RemoteSessionId.Value));
        }

        peer.ExpectNoMessage();
        engine.Wait(10);
        Assert.Equal(peer.Ns, peer.All[^1].Header.Nr);
        Assert.Single(engine.Tunnel.Sessions);
    }

    [Fact]
    public void A_tunnel_id_nobody_has_is_dropped_and_counted()
    {
        var (engine, peer) = Given.Established();
        peer.Forget();
        peer.SendBytes(peer.Encode(new Hello(), 0, peer.EngineId ^ 1));
        Assert.Equal(1, engine.Engine.Counters.UnknownTunnel);
        peer.SendBytes(peer.Encode(new Hello(), 0, 0));
        Assert.Equal(2, engine.Engine.Counters.UnknownTunnel);
        peer.ExpectSilence();
    }

    private static void ExpectEnd(EngineUnderTest engine, ScriptedPeer peer, string message, uint id, bool answersCdn)
    {
        peer.Send(Call(message, 1, id));
        if (answersCdn)
        {
            var cdn = peer.Expect<Cdn>();
            Assert.Equal(id, cdn.LocalSessionId.Value);
            Assert.NotEqual(0, cdn.Result.Result);
        }

        peer.ExpectNoMessage();
        Assert.Equal(0, engine.Engine.SessionCount);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.Empty(engine.LiveSessions);
        Assert.Single(engine.Events.OfType<L2tpd.Engine.Events.SessionEnded>());
    }
}
