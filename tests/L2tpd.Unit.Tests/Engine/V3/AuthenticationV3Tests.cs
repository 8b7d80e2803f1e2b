using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>Control message authentication of L2TPv3 in whole conversations (l2tpv3.md section 5).</summary>
public sealed class AuthenticationV3Tests
{
    [Theory]
    [InlineData(DigestType.HmacMd5)]
    [InlineData(DigestType.HmacSha1)]
    public void A_signed_conversation_is_signed_throughout_in_the_peers_digest(DigestType digest)
    {
        var engine = GivenV3.Responder(GivenV3.Signed);
        var peer = PeerV3.Authenticated(engine, digest);

        peer.Dial();

        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.True(engine.Tunnel.IsAuthenticated);
        Assert.Equal(ProtocolVersion.V3, engine.Tunnel.Version);
        Assert.True(engine.Tunnel.LocalId.Value > ushort.MaxValue);
        engine.Wait(0);
        var ack = Assert.IsType<byte[]>(peer.NextBytes());
        Assert.Equal(MessageType.Ack, MessageTypePeek.Read(ack));
        peer.AssertSigned(ack);
        Assert.Equal(digest, MessageDigest.FirstType(ack));
    }

    [Fact]
    public void Our_own_conversation_is_signed_and_a_retransmission_is_sealed_again()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed, GivenV3.Ethernet());
        var peer = PeerV3.Authenticated(engine).Answer();
        peer.Send(PeerV3.Icrq(9, endId: "other"));
        var first = Assert.IsType<byte[]>(peer.NextBytes());
        Assert.Equal(MessageType.Icrq, MessageTypePeek.Read(first));
        peer.AssertSigned(first);
        peer.Forget();

        engine.Wait(999);
        Assert.Equal(0, peer.Waiting);
        engine.Wait(1);

        var again = Assert.IsType<byte[]>(peer.NextBytes());
        Assert.Equal(MessageType.Icrq, MessageTypePeek.Read(again));
        Assert.True(MessageCodec.TryDecodeHeader(first, out var before, out _));
        Assert.True(MessageCodec.TryDecodeHeader(again, out var after, out _));
        Assert.Equal(before.Ns, after.Ns);
        Assert.Equal(before.Nr + 1, after.Nr);
        peer.AssertSigned(again);
    }

    [Fact]
    public void A_wrong_digest_is_as_if_nothing_had_come()
    {
        var engine = GivenV3.Responder(GivenV3.Signed);
        var peer = PeerV3.Authenticated(engine).Dial();
        engine.Wait(100);
        peer.Forget();
        var received = engine.Tunnel.Counters.MessagesReceived;
        var bad = peer.Encode(Hello.Instance, peer.Ns);
        bad[^1] ^= 1;

        peer.SendBytes(bad);
        engine.Wait(100);

        Assert.Equal(0, peer.Waiting);
        Assert.Equal(1, engine.Tunnel.Counters.DigestFailures);
        Assert.Equal(1, engine.Engine.Counters.DigestFailures);
        Assert.Equal(1, engine.Engine.Counters.DigestFailuresByPeer["any"]);
        Assert.Equal(received, engine.Tunnel.Counters.MessagesReceived);
        peer.Send(Hello.Instance);
        Assert.Equal(received + 1, engine.Tunnel.Counters.MessagesReceived);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tunnel_that_waits_while_digests_fail_says_at_once_and_at_its_end_that_the_secrets_may_differ(bool answers)
    {
        var engine = GivenV3.Initiator(GivenV3.Signed);
        var peer = new PeerV3(engine) { Keys = ControlMessageKeys.FromSecret("another"u8.ToArray()) };
        Assert.True(MessageCodec.TryDecodeHeader(peer.NextBytes(), out var header, out _));
        peer.EngineId = engine.Tunnel.LocalId.Value;
        peer.Nr = 1;
        Assert.False(engine.Tunnel.AwaitsPeerInVain);
        for (var i = 0; answers && i < 3; i++)
            peer.SendBytes(peer.Encode(peer.Sccrp, 0));

        Assert.Equal(answers, engine.Tunnel.AwaitsPeerInVain);
        Assert.Equal(answers ? 1 : 0, engine.EventsOf<DigestsFail>().Count());
        engine.Wait(71_000);
        Assert.Contains(
            answers ? "3; the secrets may differ" : "secret differs", engine.EventsOf<TunnelEnded>().First().Reason.Hint,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_SCCRQ_dropped_for_its_digest_is_reported_with_the_hint_that_the_secrets_may_differ()
    {
        var engine = GivenV3.Responder(GivenV3.Signed);
        var peer = new PeerV3(engine) { Keys = ControlMessageKeys.FromSecret("another"u8.ToArray()) };
        peer.Send(peer.Sccrq);
        Assert.Contains("secrets may differ", Assert.Single(engine.EventsOf<TunnelRefused>()).Reason, StringComparison.Ordinal);
        Assert.Equal(0, peer.Waiting);
    }

    [Theory]
    [InlineData(DigestType.HmacMd5)]
    [InlineData(DigestType.HmacSha1)]
    public void An_SCCRQ_sent_again_with_another_Nr_is_the_same_and_makes_no_second_tunnel(DigestType digest)
    {
        var engine = GivenV3.Responder(GivenV3.Signed);
        var peer = PeerV3.Authenticated(engine, digest);
        peer.SendBytes(peer.Encode(peer.Sccrq, 0));
        peer.Nr = 1;
        peer.SendBytes(peer.Encode(peer.Sccrq, 0));

        Assert.Equal(1, engine.Engine.HalfOpenTunnels);
        Assert.Equal(2, engine.Unclaimed.Count);
        Assert.Equal(engine.Unclaimed[0].Bytes, engine.Unclaimed[1].Bytes);
    }

    [Fact]
    public void A_forged_acknowledgement_does_not_stop_retransmission()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed, GivenV3.Ethernet());
        var peer = PeerV3.Authenticated(engine).Answer();
        peer.Expect<Icrq>();

        peer.Zlb();
        Assert.Equal(1, engine.Tunnel.Outstanding);
        Assert.Equal(1, engine.Tunnel.Counters.DigestFailures);
        peer.Acknowledge();
        Assert.Equal(0, engine.Tunnel.Outstanding);
    }

    [Fact]
    public void Without_a_digest_where_one_is_required_there_is_no_answer()
    {
        var engine = GivenV3.Responder(GivenV3.Signed);
        var peer = new PeerV3(engine);

        peer.Send(peer.Sccrq);
        engine.Wait(5_000);

        Assert.Equal(0, peer.Waiting);
        Assert.Empty(engine.Engine.Tunnels);
        Assert.Equal(1, engine.Engine.Counters.DigestFailures);
    }

    [Fact]
    public void An_unsigned_reply_to_our_signed_request_is_dropped()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed);
        var peer = PeerV3.Authenticated(engine);
        peer.Expect<Sccrq>();
        peer.Keys = null;

        peer.Send(peer.Sccrp);

        Assert.Equal(TunnelState.WaitCtlReply, engine.Tunnel.State);
        Assert.Equal(1, engine.Tunnel.Counters.DigestFailures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void When_signed_goes_by_the_peer(bool signs)
    {
        var engine = GivenV3.Responder(GivenV3.Signed with { Authentication = MessageAuthentication.WhenSigned });
        var peer = signs ? PeerV3.Authenticated(engine) : new PeerV3(engine);

        peer.Dial();

        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.Equal(signs, engine.Tunnel.IsAuthenticated);
        peer.Call(1);
        Assert.Single(engine.Tunnel.Sessions);
    }

    [Fact]
    public void When_signed_does_not_take_a_wrong_signature_for_none()
    {
        var engine = GivenV3.Responder(GivenV3.Signed with { Authentication = MessageAuthentication.WhenSigned });
        var peer = PeerV3.Authenticated(engine);
        peer.Keys = ControlMessageKeys.FromSecret("wrong"u8);

        peer.Send(peer.Sccrq);

        Assert.Equal(0, peer.Waiting);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Theory]
    [InlineData("l2tpd-secret")]
    [InlineData("old-secret")]
    public void During_a_change_either_secret_will_do(string secret)
    {
        var engine = GivenV3.Responder(GivenV3.Signed with { SecondSecret = "old-secret"u8.ToArray() });
        var peer = PeerV3.Authenticated(engine);
        peer.Keys = ControlMessageKeys.FromSecret(System.Text.Encoding.ASCII.GetBytes(secret));

        peer.Dial();
        peer.Call(1);

        Assert.True(engine.Tunnel.IsAuthenticated);
        Assert.Single(engine.Tunnel.Sessions);
    }

    [Fact]
    public void Integrity_only_needs_no_secret_and_drops_what_is_damaged()
    {
        var engine = GivenV3.Responder(GivenV3.Open with { Authentication = MessageAuthentication.Integrity });
        var peer = new PeerV3(engine) { Keys = ControlMessageKeys.IntegrityOnly };

        peer.Dial();
        var bad = peer.Encode(Hello.Instance, peer.Ns);
        bad[^1] ^= 1;
        peer.SendBytes(bad);

        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.False(engine.Tunnel.IsAuthenticated);
        Assert.Equal(1, engine.Tunnel.Counters.DigestFailures);
    }

    [Fact]
    public void A_StopCCN_of_who_never_saw_our_reply_is_acknowledged_each_time()
    {
        var engine = GivenV3.Responder(GivenV3.Signed);
        var peer = PeerV3.Authenticated(engine);
        peer.Send(peer.Sccrq);
        peer.Expect<Sccrp>();
        peer.ForgetReply();
        peer.Nr = 0;
        var stop = peer.Encode(new StopCcn { AssignedTunnelId = new(PeerV3.Id), Result = new ResultCode(StopCcnResult.GeneralRequest) }, 1);

        peer.SendBytes(stop);
        peer.SendBytes(stop);

        Assert.Empty(engine.Engine.Tunnels);
        Assert.Equal(0, engine.Engine.Counters.DigestFailures);
        Assert.Equal(2, peer.Waiting);
    }

    [Fact]
    public void Once_the_peer_has_our_nonce_nothing_without_it_passes()
    {
        var engine = GivenV3.Responder(GivenV3.Signed);
        var peer = PeerV3.Authenticated(engine).Dial();
        var id = peer.EngineId;
        peer.ForgetReply();

        peer.SendBytes(
            peer.Encode(new StopCcn { AssignedTunnelId = new(PeerV3.Id), Result = new ResultCode(StopCcnResult.GeneralRequest) }, peer.Ns));
        peer.EngineId = id;
        peer.SendBytes(
            peer.Encode(new StopCcn { AssignedTunnelId = new(PeerV3.Id), Result = new ResultCode(StopCcnResult.GeneralRequest) }, peer.Ns));

        Assert.Equal(TunnelState.Established, engine.Tunnel.State);
        Assert.Equal(2, engine.Tunnel.Counters.DigestFailures);
    }

    /// <summary>Two engines: one gives up its dial before it is answered, and the other does not wait for its SCCCN.</summary>
    [Theory]
    [InlineData(ProtocolPreference.V3)]
    [InlineData(ProtocolPreference.Auto)]
    public void Giving_up_a_dial_is_acknowledged_by_the_other_end(ProtocolPreference protocol)
    {
        var profile = GivenV3.Signed with { Protocol = protocol, HideAvps = true };
        var dialling = GivenV3.Initiator(profile);
        var answering = GivenV3.Responder(profile);
        var from = Endpoint.From(System.Net.IPAddress.Parse("192.0.2.7"), 1701);
        foreach (var (_, bytes) in dialling.Unclaimed.ToArray())
            answering.Deliver(from, bytes);
        Assert.Equal(1, answering.Engine.HalfOpenTunnels);
        var answers = answering.Unclaimed.Count;
        var sent = dialling.Unclaimed.Count;

        dialling.Tell(new CloseTunnel(dialling.Tunnel.Key, "test"));
        foreach (var (_, bytes) in dialling.Unclaimed.Skip(sent).ToArray())
            answering.Deliver(from, bytes);

        Assert.Empty(answering.Engine.Tunnels);
        Assert.Equal((0, answers + 1), (answering.Engine.Counters.DigestFailures, answering.Unclaimed.Count));
    }

    [Fact]
    public void A_reply_that_cannot_be_used_is_refused_with_its_nonce()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed);
        var peer = PeerV3.Authenticated(engine);
        peer.Expect<Sccrq>();

        // No Host Name.
        peer.Send(peer.Sccrp with { HostName = "" });

        Assert.Equal(StopCcnResult.GeneralError, peer.Expect<StopCcn>().Result.Result);
    }

    [Theory]
    [InlineData(ProtocolPreference.V3, ProtocolVersion.V3)]
    [InlineData(ProtocolPreference.Auto, ProtocolVersion.V2)]
    [InlineData(ProtocolPreference.V2, ProtocolVersion.V2)]
    public void A_message_to_a_dial_whose_socket_is_not_open_yet_is_dropped(ProtocolPreference protocol, ProtocolVersion version)
    {
        var peer = GivenV3.Signed with { Protocol = protocol };
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel(peer))) { OpensTransports = false };
        engine.Start();
        var other = PeerV3.Authenticated(engine);
        other.EngineId = engine.Tunnel.LocalId.Value;
        var reply = version == ProtocolVersion.V3 ? other.Sccrp : other.Sccrp with { AssignedTunnelId = new(7), ProtocolVersion = 0x0100 };

        other.SendBytes(other.Encode(reply, 0, version));

        Assert.Equal((TunnelState.Idle, 0), (engine.Tunnel.State, other.Waiting));
        Assert.Equal(1, engine.Engine.Counters.UnknownTunnel);
    }

    [Fact]
    public void A_refusal_is_signed_too()
    {
        var engine = GivenV3.Responder(GivenV3.Signed with { MaxTunnels = 0 });
        var peer = PeerV3.Authenticated(engine);

        peer.Send(peer.Sccrq);

        var stop = peer.Expect<StopCcn>();
        Assert.Equal(StopCcnResult.GeneralError, stop.Result.Result);
        Assert.Equal(0u, stop.AssignedTunnelId.Value);
    }

    internal static ControlMessageKeys KeysOf(string secret) => ControlMessageKeys.FromSecret(System.Text.Encoding.ASCII.GetBytes(secret));

    internal static PeerProfile Changing(string secret, string second) => GivenV3.Open with
    {
        Secret = System.Text.Encoding.ASCII.GetBytes(secret), SecondSecret = System.Text.Encoding.ASCII.GetBytes(second),
    };
}
