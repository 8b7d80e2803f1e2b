using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using static L2tpd.Unit.Tests.Engine.Exchange.NamedMessages;

namespace L2tpd.Unit.Tests.Engine.Exchange;

/// <summary>What cannot be used: unknown, malformed and missing AVPs, each by the matrix (l2tpv2.md section 2.1).</summary>
public sealed class WrongAvpTests
{
    private static readonly byte[] Unknown = ScriptedPeer.Avp(true, 0, 4711, 1, 2);
    private static readonly byte[] UnknownVendor = ScriptedPeer.Avp(true, 9, 1, 1, 2);
    private static readonly byte[] Harmless = ScriptedPeer.Avp(false, 9, 1, 1, 2);
    private static readonly ResultCode Any = new(StopCcnResult.GeneralRequest);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_unknown_mandatory_AVP_in_SCCRQ_is_StopCCN_2_8(bool vendor)
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.SendWith(peer.Sccrq, vendor ? UnknownVendor : Unknown);
        ExpectStop(peer, GeneralError.UnknownMandatoryAvp);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void An_unknown_mandatory_AVP_in_SCCRP_is_StopCCN_2_8()
    {
        var engine = Given.Dialling();
        var peer = new ScriptedPeer(engine);
        engine.Start();
        peer.Expect<Sccrq>();
        peer.SendWith(peer.Sccrp, Unknown);
        Assert.Contains("4711", ExpectStop(peer, GeneralError.UnknownMandatoryAvp).Message!, StringComparison.Ordinal);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void An_unknown_mandatory_AVP_in_SCCCN_is_StopCCN_2_8()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.Send(peer.Sccrq);
        peer.Expect<Sccrp>();
        peer.SendWith(new Scccn(), Unknown);
        ExpectStop(peer, GeneralError.UnknownMandatoryAvp);
        Assert.Equal(0, engine.Engine.HalfOpenTunnels);
    }

    [Fact]
    public void An_unknown_mandatory_AVP_in_HELLO_is_StopCCN_2_8_and_ends_all_sessions()
    {
        var (engine, peer) = Given.Established();
        peer.Call(1);
        peer.Call(2);
        peer.SendWith(new Hello(), Unknown);
        peer.Expect<Cdn>();
        peer.Expect<Cdn>();
        ExpectStop(peer, GeneralError.UnknownMandatoryAvp);
        Assert.Equal(0, engine.Engine.SessionCount);
        Assert.Empty(engine.LiveSessions);
        Assert.Empty(engine.LiveTunnels);
    }

    [Fact]
    public void An_unknown_mandatory_AVP_in_ICRQ_is_CDN_2_8_and_nothing_else()
    {
        var (engine, peer) = Given.Established();
        peer.Call(1);
        peer.SendWith(new Icrq { LocalSessionId = new(2), CallSerialNumber = 2 }, UnknownVendor);
        var cdn = peer.Expect<Cdn>();
        Assert.Equal(
            (CdnResult.GeneralError, (ushort?)GeneralError.UnknownMandatoryAvp, 2u),
            (cdn.Result.Result, cdn.Result.Error, cdn.RemoteSessionId.Value));
        Assert.NotEqual(0u, cdn.LocalSessionId.Value);
        Assert.Single(engine.Tunnel.Sessions);
    }

    [Fact]
    public void An_unknown_mandatory_AVP_in_ICCN_is_CDN_2_8_for_that_session_only()
    {
        var (engine, peer) = Given.Established();
        var good = peer.Call(1);
        peer.Send(new Icrq { LocalSessionId = new(2), CallSerialNumber = 2 });
        var reply = peer.Expect<Icrp>();
        peer.SendWith(
            new Iccn { RemoteSessionId = reply.LocalSessionId, TxConnectSpeed = 1, FramingType = FramingTypes.Synchronous }, Unknown);
        var cdn = peer.Expect<Cdn>();
        Assert.Equal(
            (2, 8, reply.LocalSessionId, 2u), (cdn.Result.Result, cdn.Result.Error!.Value, cdn.LocalSessionId, cdn.RemoteSessionId.Value));
        Assert.Equal(good, Assert.Single(engine.Tunnel.Sessions).Key.Value);
    }

    [Fact]
    public void An_unknown_mandatory_AVP_in_CDN_or_StopCCN_changes_nothing()
    {
        var (engine, peer) = Given.Established();
        var session = peer.Call(1);
        peer.SendWith(new Cdn { LocalSessionId = new(1), RemoteSessionId = new(session), Result = Any }, Unknown);
        peer.ExpectNoMessage();
        Assert.Empty(engine.Tunnel.Sessions);
        peer.SendWith(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = Any }, Unknown);
        engine.Wait(10);
        peer.ExpectNoMessage();
        Assert.Empty(engine.Engine.Tunnels);
        Assert.Equal(peer.Ns, peer.All[^1].Header.Nr);
    }

    [Fact]
    public void Unknown_AVPs_that_may_be_ignored_are()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.SendWith(peer.Sccrq, Harmless);
        peer.Expect<Sccrp>();
        peer.SendWith(new Scccn(), Harmless);
        peer.SendWith(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 }, Harmless);
        peer.Expect<Icrp>();
        Assert.Single(engine.Tunnel.Sessions);
    }

    [Fact]
    public void The_quirk_ignores_unknown_mandatory_AVPs()
    {
        var engine = new EngineUnderTest(Given.Lns(Given.AnyPeer with { Quirks = PeerQuirks.IgnoreUnknownMandatoryAvps }));
        var peer = new ScriptedPeer(engine);
        peer.SendWith(peer.Sccrq, Unknown);
        peer.Expect<Sccrp>();
        peer.SendWith(new Scccn(), UnknownVendor);
        peer.SendWith(new Icrq { LocalSessionId = new(1), CallSerialNumber = 1 }, Unknown);
        peer.Expect<Icrp>();
    }

    [Fact]
    public void An_AVP_with_reserved_bits_is_unknown()
    {
        var (engine, peer) = Given.Established();
        var avp = ScriptedPeer.Avp(true, 0, (ushort)AvpType.CalledNumber, 0x31);
        avp[0] |= 0x04;
        peer.SendWith(new Icrq { LocalSessionId = new(2), CallSerialNumber = 2 }, avp);
        Assert.Equal(GeneralError.UnknownMandatoryAvp, peer.Expect<Cdn>().Result.Error);
        Assert.Empty(engine.Tunnel.Sessions);
    }

    [Theory]
    [InlineData(0x8005)]
    [InlineData(0x8000)]
    [InlineData(0x83ff)]
    public void An_AVP_length_that_cannot_be_is_2_2(int head)
    {
        byte[] broken = [(byte)(head >> 8), (byte)head, 0, 0, 0, 21];
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.SendWith(peer.Sccrq, broken);
        ExpectStop(peer, GeneralError.WrongLength);

        var (other, caller) = Given.Established();
        var session = caller.Call(1);
        caller.SendWith(new Icrq { LocalSessionId = new(2), CallSerialNumber = 2 }, broken);
        Assert.Equal(GeneralError.WrongLength, caller.Expect<Cdn>().Result.Error);
        Assert.Equal(session, Assert.Single(other.Tunnel.Sessions).Key.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_known_AVP_of_wrong_length_counts_by_its_M_bit(bool mandatory)
    {
        var (engine, peer) = Given.Established();
        peer.SendWith(
            new Icrq { LocalSessionId = new(2), CallSerialNumber = 2 }, ScriptedPeer.Avp(mandatory, 0, (ushort)AvpType.BearerType, 1, 2));
        if (mandatory)
            Assert.Equal(GeneralError.WrongLength, peer.Expect<Cdn>().Result.Error);
        else
            peer.Expect<Icrp>();
        Assert.Equal(mandatory ? 0 : 1, engine.Tunnel.Sessions.Count);
    }

    [Fact]
    public void A_teardown_without_result_code_is_a_teardown()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        var session = peer.Call(1);
        byte[] cdn = [.. peer.Encode(
            new Cdn { LocalSessionId = new(1), RemoteSessionId = new(session), Result = new ResultCode(3) }, peer.Ns++)[..20]];
        peer.SendBytes(ScriptedPeer.Append(cdn, ScriptedPeer.Avp(true, 0, 14, 0, 1)));
        Assert.Empty(engine.Tunnel.Sessions);
        byte[] stop = [.. peer.Encode(new StopCcn { AssignedTunnelId = new(peer.TunnelId), Result = new ResultCode(1) }, peer.Ns++)[..20]];
        peer.SendBytes(ScriptedPeer.Append(stop, ScriptedPeer.Avp(true, 0, 9, 0x12, 0x34)));
        Assert.Empty(engine.Engine.Tunnels);
        peer.ExpectNoMessage();
    }

    [Fact]
    public void A_receive_window_of_0_is_StopCCN_2_3()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine);
        peer.SendWith(peer.Sccrq with { ReceiveWindowSize = null }, ScriptedPeer.Avp(true, 0, (ushort)AvpType.ReceiveWindowSize, 0, 0));
        ExpectStop(peer, GeneralError.ValueOutOfRange);
    }

    [Fact]
    public void A_missing_AVP_costs_the_call_or_the_tunnel()
    {
        var (engine, peer) = Given.Established();
        // ICRQ without Call Serial Number.
        peer.SendBytes(Message(peer, 0, MessageType.Icrq, ScriptedPeer.Avp(true, 0, (ushort)AvpType.AssignedSessionId, 0, 9)));
        var cdn = peer.Expect<Cdn>();
        Assert.Equal((2, 9u), (cdn.Result.Result, cdn.RemoteSessionId.Value));
        Assert.Single(engine.Engine.Tunnels);

        // SCCRQ with nothing but its id.
        var second = new ScriptedPeer(engine, port: 3333);
        second.SendBytes(Message(second, 0, MessageType.Sccrq, ScriptedPeer.Avp(true, 0, (ushort)AvpType.AssignedTunnelId, 0x12, 0x34)));
        Assert.Equal(StopCcnResult.GeneralError, second.Expect<StopCcn>().Result.Result);
        Assert.Single(engine.Engine.Tunnels);
    }

    [Fact]
    public void An_unknown_message_type_ends_the_tunnel_or_is_acknowledged_by_its_M_bit()
    {
        var (engine, peer) = Given.Established();
        peer.Forget();
        var optional = Message(peer, 0, (MessageType)99);
        optional[12] &= 0x7f;
        peer.SendBytes(optional);
        engine.Wait(10);
        Assert.Equal(peer.Ns, peer.Next().Header.Nr);
        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        peer.SendBytes(Message(peer, 0, (MessageType)99));
        Assert.Equal(StopCcnResult.GeneralError, peer.Expect<StopCcn>().Result.Result);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void A_message_that_does_not_begin_with_its_type_ends_the_tunnel()
    {
        var (engine, peer) = Given.Established();
        peer.SendBytes(ScriptedPeer.Append(Zlb(peer), ScriptedPeer.Avp(true, 0, (ushort)AvpType.HostName, 0x61)));
        Assert.Equal(StopCcnResult.GeneralError, peer.Expect<StopCcn>().Result.Result);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void Hidden_without_a_secret_is_malformed()
    {
        var engine = new EngineUnderTest(Given.Lns());
        var peer = new ScriptedPeer(engine).Dial();
        var hidden = ScriptedPeer.Avp(true, 0, (ushort)AvpType.CalledNumber, 1, 2, 3, 4);
        hidden[0] |= 0x40;
        peer.SendWith(new Icrq { LocalSessionId = new(2), CallSerialNumber = 2 }, hidden);
        Assert.Equal(CdnResult.GeneralError, peer.Expect<Cdn>().Result.Result);
        hidden[0] &= 0x7f;
        peer.SendWith(new Icrq { LocalSessionId = new(3), CallSerialNumber = 3 }, hidden);
        peer.Expect<Icrp>();
    }

    private static ResultCode ExpectStop(ScriptedPeer peer, ushort error)
    {
        var result = peer.Expect<StopCcn>().Result;
        Assert.Equal((StopCcnResult.GeneralError, (ushort?)error), (result.Result, result.Error));
        return result;
    }

    private static byte[] Zlb(ScriptedPeer peer)
    {
        var bytes = new byte[ControlHeader.Size];
        _ = MessageCodec.EncodeZlb(ProtocolVersion.V2, new TunnelId(peer.EngineId), peer.Ns++, peer.Nr, bytes);
        return bytes;
    }

    private static byte[] Message(ScriptedPeer peer, ushort sessionId, MessageType type, params byte[][] avps)
    {
        var bytes = ScriptedPeer.Append(Zlb(peer), [ScriptedPeer.Avp(true, 0, 0, (byte)((int)type >> 8), (byte)type), .. avps]);
        (bytes[6], bytes[7]) = ((byte)(sessionId >> 8), (byte)sessionId);
        return bytes;
    }
}
