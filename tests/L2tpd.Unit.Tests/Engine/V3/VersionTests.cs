using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>The version used with each peer, and the timers that differ (l2tpv3.md sections 9 and 11).</summary>
public sealed class VersionTests
{
    private static readonly PeerProfile Auto = new() { Name = "any", Protocol = ProtocolPreference.Auto, AcceptOutgoingCalls = true };

    [Fact]
    public void A_v2_peer_never_sees_v3()
    {
        var engine = GivenV3.Responder(Auto with { Protocol = ProtocolPreference.V2 });
        var peer = new PeerV3(engine);

        peer.Send(peer.Sccrq);
        engine.Wait(5_000);

        Assert.Empty(engine.Unclaimed);
        Assert.Equal(1, engine.Engine.Counters.UnknownVersion);
    }

    [Fact]
    public void A_v3_peer_never_sees_v2()
    {
        var engine = GivenV3.Responder(Auto with { Protocol = ProtocolPreference.V3 });
        var peer = new ScriptedPeer(engine);

        peer.Send(peer.Sccrq);
        engine.Wait(5_000);

        peer.ExpectSilence();
        Assert.Equal(1, engine.Engine.Counters.UnknownVersion);
    }

    [Fact]
    public void One_listener_serves_both()
    {
        var engine = GivenV3.Responder(Auto);
        var old = new ScriptedPeer(engine, "192.0.2.9").Dial();
        new PeerV3(engine).Dial();

        Assert.Equal([ProtocolVersion.V2, ProtocolVersion.V3], engine.Engine.Tunnels.Select(t => t.Version).Order());
        old.Call(1);
        Assert.Equal(1, engine.Engine.SessionCount);
    }

    [Theory]
    [InlineData(ProtocolPreference.Auto, ProtocolVersion.V3)]
    [InlineData(ProtocolPreference.V3, ProtocolVersion.V3)]
    [InlineData(ProtocolPreference.V2, ProtocolVersion.V2)]
    public void An_offer_of_both_is_answered_as_the_profile_says(ProtocolPreference preference, ProtocolVersion version)
    {
        var engine = GivenV3.Responder(Auto with { Protocol = preference });
        var peer = new PeerV3(engine);
        var offer = new ScriptedPeer(engine, "192.0.2.77").Sccrq with
        {
            RouterId = 2, DualControlConnectionId = new TunnelId(PeerV3.Id), PseudowireCapabilities = [PseudowireType.Ethernet],
        };
        var bytes = peer.Encode(offer, 0, ProtocolVersion.V2);

        peer.SendBytes(bytes);
        peer.SendBytes(bytes);

        // The repeated SCCRQ is answered by the same SCCRP, except for the values that are random for each message.
        var replies = engine.Unclaimed.Select(u => u.Bytes).ToArray();
        Assert.Equal((2, 1), (replies.Length, engine.Engine.HalfOpenTunnels));
        Assert.All(replies, reply =>
        {
            Assert.True(MessageCodec.TryDecodeHeader(reply, out var header, out _));
            Assert.Equal((version, version == ProtocolVersion.V3 ? PeerV3.Id : 0x1234u), (header.Version, header.TunnelId.Value));
        });
        Assert.Equal(replies[0], replies[1]);
    }

    [Fact]
    public void We_offer_both_and_go_on_in_v3_if_the_peer_does()
    {
        var engine = GivenV3.Initiator(Auto with { Secret = PeerV3.Secret }, GivenV3.Ethernet());
        var peer = PeerV3.Authenticated(engine);
        var offer = peer.NextBytes()!;
        Assert.Equal(0xC802, (offer[0] << 8) | offer[1]);
        var request = peer.Take<Sccrq>(offer);
        Assert.InRange(request.AssignedTunnelId.Value, 1u, ushort.MaxValue);
        Assert.True(request.DualControlConnectionId?.Value > ushort.MaxValue);
        peer.Ns = 0;

        peer.Send(peer.Sccrp);
        peer.Expect<Scccn>();
        peer.Acknowledge();

        Assert.Equal((ProtocolVersion.V3, TunnelState.Established), (engine.Tunnel.Version, engine.Tunnel.State));
        Assert.Equal(request.DualControlConnectionId, engine.Tunnel.LocalId);
        Assert.Equal(engine.Tunnel.LocalId, Assert.Single(engine.CreatedTunnels).LocalId);
        peer.Expect<Icrq>();
    }

    [Fact]
    public void We_offer_both_and_go_on_in_v2_if_the_peer_does()
    {
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel(Auto, new LacSession { Name = "s" })));
        var peer = new ScriptedPeer(engine);
        engine.Start();

        peer.Answer();

        Assert.Equal((ProtocolVersion.V2, TunnelState.Established), (engine.Tunnel.Version, engine.Tunnel.State));
        Assert.Equal(peer.EngineId, engine.Tunnel.LocalId.Value);
        Assert.Null(peer.Expect<Icrq>().PseudowireType);
    }

    [Fact]
    public void A_v3_request_may_be_sent_eleven_times()
    {
        var engine = GivenV3.Initiator(GivenV3.Open with { Timers = new TunnelTimers { SccrqRetransmits = 10 } });
        var peer = new PeerV3(engine);

        engine.WaitUntil(1_000 + 2_000 + 4_000 + (7 * 8_000) - 1);
        Assert.Equal(10, peer.Waiting);
        engine.Wait(1);
        Assert.Equal(11, peer.Waiting);
        engine.Wait(7_999);
        Assert.Single(engine.Engine.Tunnels);
        engine.Wait(1);
        Assert.Empty(engine.Engine.Tunnels);
        Assert.Equal(EndCause.PeerUnreachable, Assert.Single(engine.EventsOf<TunnelEnded>()).Reason.Cause);
    }

    [Theory]
    [InlineData(ProtocolPreference.V2)]
    [InlineData(ProtocolPreference.V3)]
    [InlineData(ProtocolPreference.Auto)]
    public void No_default_guard_ends_a_tunnel_or_session_before_its_retransmission_cycle(ProtocolPreference protocol)
    {
        TunnelTimers[] various =
        [
            new TunnelTimers(),
            new TunnelTimers { RetransmitCap = TimeSpan.FromSeconds(30) },
            new TunnelTimers { MaxRetransmits = 20, MaxRetransmitsV3 = 20 },
        ];
        foreach (var timers in various)
        {
            var dialling = new EngineUnderTest(Given.Lac(Given.Tunnel(GivenV3.Open with { Protocol = protocol, Timers = timers })));
            dialling.Start();
            dialling.Wait(3_600_000);
            Assert.Equal(EndCause.PeerUnreachable, dialling.EventsOf<TunnelEnded>().First().Reason.Cause);
            if (protocol == ProtocolPreference.V2)
                continue;

            var answering = GivenV3.Responder(GivenV3.Open with { Timers = timers });
            var peer = new PeerV3(answering);
            peer.Send(peer.Sccrq);
            answering.Wait(3_600_000);
            Assert.Equal(EndCause.SetupTimeout, Assert.Single(answering.EventsOf<TunnelNotCompleted>()).Reason.Cause);

            var calling = GivenV3.Initiator(GivenV3.Open with { Timers = timers }, GivenV3.Ethernet());
            new PeerV3(calling).Answer();
            calling.Wait(3_600_000);
            Assert.Equal(EndCause.PeerUnreachable, calling.EventsOf<TunnelEnded>().First().Reason.Cause);
        }
    }

    [Fact]
    public void Hellos_are_spread_over_the_last_tenth_of_the_interval()
    {
        var times = new HashSet<long>();
        for (var seed = 1ul; seed <= 10; seed++)
        {
            var engine = new EngineUnderTest(Given.Lns(GivenV3.Open), seed);
            var peer = new PeerV3(engine).Dial();
            engine.Wait(1_000);
            peer.Forget();
            while (peer.Waiting == 0)
                engine.Wait(1);
            peer.Expect<Hello>();
            Assert.InRange(engine.Elapsed, 54_000, 60_000);
            times.Add(engine.Elapsed);
        }

        Assert.True(times.Count > 5);
    }

    [Fact]
    public void Without_authentication_a_zlb_acknowledges_both_ways_and_ack_is_taken_too()
    {
        var engine = GivenV3.Initiator(GivenV3.Open, GivenV3.Ethernet());
        var peer = new PeerV3(engine);
        peer.Expect<Sccrq>();
        // Some acknowledge the SCCRQ before they answer it.
        peer.Zlb();
        Assert.Equal(0, engine.Tunnel.Outstanding);
        peer.Send(peer.Sccrp);
        peer.Expect<Scccn>();
        peer.Acknowledge();
        peer.Expect<Icrq>();
        peer.Acknowledge();
        Assert.Equal(0, engine.Tunnel.Outstanding);
        peer.Send(Hello.Instance);
        engine.Wait(0);
        Assert.Equal(ControlHeader.Size, peer.NextBytes()!.Length);
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(ulong.MaxValue)]
    public void Both_dial_at_once(ulong theirs)
    {
        var engine = GivenV3.Initiator(GivenV3.Open);
        var peer = new PeerV3(engine);
        var ours = peer.Expect<Sccrq>();
        peer.EngineId = 0;
        peer.Ns = peer.Nr = 0;

        peer.Send(peer.Sccrq with { TieBreaker = theirs });

        if (theirs == 0)
        {
            peer.Expect<Sccrp>();
            Assert.True(engine.Tunnel.IsInitiator);
            peer.Send(new Scccn());
            AssertTie(engine, isTie: true);
        }
        else
        {
            Assert.Equal(StopCcnResult.ControlChannelExists, peer.Expect<StopCcn>().Result.Result);
            Assert.Equal((TunnelState.WaitCtlReply, ours.AssignedTunnelId), (engine.Tunnel.State, engine.Tunnel.LocalId));
        }
    }

    [Fact]
    public void A_v3_SCCRQ_that_loses_the_tie_is_refused_where_we_offered_both_versions()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed with { Protocol = ProtocolPreference.Auto });
        var peer = PeerV3.Authenticated(engine);
        peer.Forget();
        peer.Send(peer.Sccrq with { TieBreaker = ulong.MaxValue });
        Assert.Equal(StopCcnResult.ControlChannelExists, peer.Expect<StopCcn>().Result.Result);
        Assert.Equal(TunnelState.WaitCtlReply, engine.Tunnel.State);
    }

    /// <summary>
    /// The peer answered once, at 192.0.2.2, as peer.example with Router ID 2. Its tunnel ended. While we dial it again, a peer dials us
    /// whose tie breaker wins.
    /// </summary>
    [Theory]
    [InlineData(PeerIdentity.RouterId, "192.0.2.99", 2u, "peer.example", true)]
    [InlineData(PeerIdentity.RouterId, "192.0.2.2", 3u, "peer.example", false)]
    [InlineData(PeerIdentity.RouterId, "192.0.2.2", 2u, "other.example", true)]
    [InlineData(PeerIdentity.RouterId, "192.0.2.2", 0u, "other.example", true)]
    [InlineData(PeerIdentity.RouterId, "192.0.2.99", 2u, "other.example", false)]
    [InlineData(PeerIdentity.RouterId, "192.0.2.99", 3u, "peer.example", false)]
    [InlineData(PeerIdentity.RouterId, "192.0.2.99", 0u, "peer.example", false)]
    [InlineData(PeerIdentity.HostName, "192.0.2.99", 3u, "PEER.example", true)]
    [InlineData(PeerIdentity.HostName, "192.0.2.99", 2u, "other.example", false)]
    [InlineData(PeerIdentity.HostName, "192.0.2.2", 2u, "other.example", false)]
    [InlineData(PeerIdentity.Address, "192.0.2.99", 2u, "peer.example", false)]
    [InlineData(PeerIdentity.Address, "192.0.2.2", 3u, "other.example", true)]
    public void A_peer_that_dials_us_while_we_dial_is_ours_or_another(
        PeerIdentity identity, string address, uint routerId, string hostName, bool isTie)
    {
        var (engine, other) = Redialling(GivenV3.Signed with { Identity = identity }, address);

        other.Send(other.Sccrq with { RouterId = routerId, HostName = hostName, AssignedTunnelId = new(0x33333333), TieBreaker = 0 });

        other.Expect<Sccrp>();
        Assert.True(engine.Tunnel.IsInitiator);
        other.Send(new Scccn());
        AssertTie(engine, isTie);
    }

    [Fact]
    public void An_unsigned_name_from_another_address_is_only_a_claim()
    {
        var (engine, other) = Redialling(GivenV3.Open, "192.0.2.99");

        other.Send(other.Sccrq with { AssignedTunnelId = new(0x33333333), TieBreaker = 0 });
        other.Expect<Sccrp>();
        other.Send(new Scccn());

        AssertTie(engine, isTie: false);
    }

    [Fact]
    public void A_sender_without_the_secret_of_the_tunnel_is_another_peer_behind_the_same_address()
    {
        var engine = new EngineUnderTest(Given.Lac(Given.Tunnel(GivenV3.Signed)) with { Peers = [GivenV3.Open] });
        engine.Start();
        var other = new PeerV3(engine);
        other.Forget();

        other.Send(other.Sccrq with { TieBreaker = 0 });
        other.Expect<Sccrp>();
        other.Send(new Scccn());

        AssertTie(engine, isTie: false);
        Assert.Equal(0, engine.Engine.Counters.DigestFailures);
    }

    [Theory]
    [InlineData(ProtocolPreference.V2)]
    [InlineData(ProtocolPreference.V3)]
    [InlineData(ProtocolPreference.Auto)]
    public void Our_own_request_that_comes_back_does_not_end_the_attempt(ProtocolPreference protocol)
    {
        var engine = GivenV3.Initiator(GivenV3.Signed with { Protocol = protocol });
        var own = Assert.Single(engine.Unclaimed);
        var id = engine.Tunnel.LocalId;

        engine.Deliver(own.To, own.Bytes);

        Assert.Equal((TunnelState.WaitCtlReply, id), (engine.Tunnel.State, engine.Tunnel.LocalId));
        Assert.Single(engine.Unclaimed);
        Assert.Contains("our own SCCRQ", Assert.Single(engine.EventsOf<TunnelRefused>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tunnel_of_the_peer_that_won_the_tie_does_not_say_who_answers_our_SCCRQ()
    {
        var engine = GivenV3.Initiator(GivenV3.Signed);
        var first = PeerV3.Authenticated(engine);
        first.Forget();
        first.Send(first.Sccrq with { RouterId = 9, TieBreaker = 0 });
        first.Expect<Sccrp>();
        first.Send(new Scccn());
        AssertTie(engine, isTie: true);
        var other = Redial(engine, first, "192.0.2.2");

        other.Send(other.Sccrq with { RouterId = 2, AssignedTunnelId = new(0x33333333), TieBreaker = 0 });
        other.Expect<Sccrp>();
        other.Send(new Scccn());

        AssertTie(engine, isTie: true);
    }

    [Theory]
    [InlineData(null, 7u)]
    [InlineData(0x0A000001u, 0x0A000001u)]
    public void Our_router_id_is_that_of_the_profile_or_of_the_daemon(uint? ofProfile, uint expected)
    {
        var profile = Auto with { LocalRouterId = ofProfile };
        var responder = new EngineUnderTest(Given.Lns(profile) with { RouterId = 7 });
        var peer = new PeerV3(responder);
        peer.Send(peer.Sccrq);
        Assert.Equal(expected, peer.Expect<Sccrp>().RouterId);
        foreach (var protocol in new[] { ProtocolPreference.V3, ProtocolPreference.Auto })
        {
            var initiator = new EngineUnderTest(Given.Lac(Given.Tunnel(profile with { Protocol = protocol })) with { RouterId = 7 });
            initiator.Start();
            Assert.Equal(expected, new PeerV3(initiator).Expect<Sccrq>().RouterId);
            Assert.Equal(expected, initiator.Tunnel.LocalRouterId);
        }
    }

    /// <summary>
    /// The peer answered once and ended its tunnel, and our SCCRQ is sent again; with the peer that then dials from that address.
    /// </summary>
    private static (EngineUnderTest Engine, PeerV3 Other) Redialling(PeerProfile profile, string address)
    {
        var engine = GivenV3.Initiator(profile);
        var peer = new PeerV3(engine) { Keys = profile.Secret is null ? null : ControlMessageKeys.FromSecret(profile.Secret) };
        peer.Answer();
        return (engine, Redial(engine, peer, address));
    }

    private static PeerV3 Redial(EngineUnderTest engine, PeerV3 peer, string address)
    {
        peer.Send(new StopCcn { AssignedTunnelId = new(PeerV3.Id), Result = new ResultCode(StopCcnResult.GeneralRequest) });
        Assert.Empty(engine.Engine.Tunnels);
        engine.Wait(2_000);
        Assert.Equal(TunnelState.WaitCtlReply, engine.Tunnel.State);
        var other = new PeerV3(engine) { Keys = peer.Keys, Endpoint = Endpoint.From(IPAddress.Parse(address), 1701) };
        other.Forget();
        return other;
    }

    /// <summary>After a tie our dial ends and the peer's tunnel serves as ours; without a tie both exist.</summary>
    private static void AssertTie(EngineUnderTest engine, bool isTie)
    {
        if (isTie)
        {
            Assert.Equal((false, "t", TunnelState.Established), (engine.Tunnel.IsInitiator, engine.Tunnel.Name, engine.Tunnel.State));
        }
        else
        {
            Assert.Equal(
                [TunnelState.WaitCtlReply, TunnelState.Established],
                engine.Engine.Tunnels.OrderByDescending(t => t.IsInitiator).Select(t => t.State));
        }
    }
}
