using L2tpd.Engine.Configuration;
using L2tpd.Engine.Tunnels;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Unit.Tests.Engine.Exchange;

namespace L2tpd.Unit.Tests.Engine.V3;

/// <summary>Which version is spoken with whom, and the timers that differ (l2tpv3.md sections 9 and 11).</summary>
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
            RouterId = 2, DualControlConnectionId = PeerV3.Id, PseudowireCapabilities = [PseudowireType.Ethernet],
        };
        var bytes = peer.Encode(offer, 0, ProtocolVersion.V2);

        peer.SendBytes(bytes);
        peer.SendBytes(bytes);

        Assert.Equal(version, engine.Tunnel.Version);
        Assert.Equal(version == ProtocolVersion.V3 ? PeerV3.Id : 0x1234u, engine.Tunnel.PeerId);
        Assert.Equal(1, engine.Tunnel.Counters.Duplicates);
    }

    [Fact]
    public void We_offer_both_and_go_on_in_v3_if_the_peer_does()
    {
        var engine = GivenV3.Initiator(Auto with { Secret = PeerV3.Secret }, GivenV3.Ethernet());
        var peer = PeerV3.Authenticated(engine);
        var offer = peer.NextBytes()!;
        Assert.Equal(0xC802, (offer[0] << 8) | offer[1]);
        var request = peer.Take<Sccrq>(offer);
        Assert.InRange(request.AssignedTunnelId, 1u, ushort.MaxValue);
        Assert.True(request.DualControlConnectionId > ushort.MaxValue);
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
        Assert.Equal(peer.EngineId, engine.Tunnel.LocalId);
        Assert.Null(peer.Expect<Icrq>().PseudowireType);
    }

    [Fact]
    public void An_unanswered_v3_request_is_sent_eleven_times()
    {
        var engine = GivenV3.Initiator(GivenV3.Open with { Timers = new TunnelTimers { TunnelSetup = TimeSpan.FromMinutes(5) } });
        var peer = new PeerV3(engine);

        engine.WaitUntil(1_000 + 2_000 + 4_000 + (7 * 8_000) - 1);
        Assert.Equal(10, peer.Waiting);
        engine.Wait(1);
        Assert.Equal(11, peer.Waiting);
        engine.Wait(7_999);
        Assert.Single(engine.Engine.Tunnels);
        engine.Wait(1);
        Assert.Empty(engine.Engine.Tunnels);
    }

    [Fact]
    public void Hellos_are_spread_over_the_last_tenth_of_the_interval()
    {
        var times = new HashSet<long>();
        for (var seed = 1; seed <= 10; seed++)
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
            Assert.Equal(TunnelState.WaitCtlConn, engine.Tunnel.State);
        }
        else
        {
            Assert.Equal(StopCcnResult.ControlChannelExists, peer.Expect<StopCcn>().Result.Result);
            Assert.Equal((TunnelState.WaitCtlReply, ours.AssignedTunnelId), (engine.Tunnel.State, engine.Tunnel.LocalId));
        }
    }
}
