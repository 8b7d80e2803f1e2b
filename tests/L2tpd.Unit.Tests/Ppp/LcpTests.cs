using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>LCP from one end: what is sent, and when to the millisecond.</summary>
public class LcpTests
{
    private static readonly PppProfile _plain = new() { Ipv6 = false };

    [Fact]
    public void Requests_are_repeated_every_three_seconds_ten_times_and_then_the_link_ends()
    {
        var rig = new PppRig(_plain with { RestartTimer = 3_000, MaxConfigure = 10 });
        rig.Open();
        Assert.Equal("c0210101000a050610111213", rig.Sent());
        for (var i = 1; i < 10; i++)
        {
            rig.ExpireAt(i * 3_000);
            Assert.Equal("c0210101000a050610111213", rig.Sent());
        }

        rig.ExpireAt(30_000);
        Assert.Empty(rig.Frames);
        Assert.Equal((PppEndCause.LcpFailed, DisconnectCode.NoRecognisableLcp, TerminateCause.LostCarrier), Codes(rig));
        Assert.Equal(long.MaxValue, rig.Endpoint.NextDeadline);
    }

    [Fact]
    public void A_peer_that_only_asks_is_a_timeout_of_LCP()
    {
        var rig = new PppRig(_plain with { MaxConfigure = 2 });
        rig.Open();
        rig.Receive(PppProtocol.Lcp, 1, 1, "0506 99999999");
        rig.ExpireAt(3_000);
        rig.ExpireAt(6_000);
        Assert.Equal(DisconnectCode.LcpTimeout, rig.End!.Code);
    }

    [Fact]
    public void Close_sends_two_terminate_requests_three_seconds_apart()
    {
        var rig = new PppRig(_plain);
        rig.OpenLcp();
        rig.Frames.Clear();
        rig.Now = 5_000;
        rig.Endpoint.Close(PppCloseCause.Administrative, "operator", rig.Now, rig);
        Assert.Equal("c02105020004", rig.Sent());
        rig.ExpireAt(8_000);
        Assert.Equal("c02105030004", rig.Sent());
        rig.ExpireAt(11_000);
        Assert.Empty(rig.Frames);
        Assert.Equal((PppEndCause.Administrative, DisconnectCode.Administrative, TerminateCause.AdminReset), Codes(rig));
    }

    [Fact]
    public void Close_ends_at_once_with_the_ack()
    {
        var rig = new PppRig(_plain);
        rig.OpenLcp();
        rig.Endpoint.Close(PppCloseCause.ShutDown, "stop", rig.Now, rig);
        rig.Receive(PppProtocol.Lcp, 6, 2);
        Assert.Equal(TerminateCause.AdminReboot, rig.End!.TerminateCause);
    }

    [Fact]
    public void The_peers_terminate_request_is_acknowledged_and_the_link_ends_one_restart_timer_later()
    {
        var rig = new PppRig(_plain);
        rig.OpenLcp();
        rig.Frames.Clear();
        rig.Now = 1_000;
        rig.Receive(PppProtocol.Lcp, 5, 9, "627965");
        Assert.Equal("c02106090004", rig.Sent());
        rig.Receive(PppProtocol.Lcp, 5, 10);
        Assert.Equal("c021060a0004", rig.Sent());
        rig.ExpireAt(4_000);
        Assert.Equal((PppEndCause.ClosedByPeer, DisconnectCode.Normal, TerminateCause.UserRequest), Codes(rig));
        Assert.Equal("the peer terminated the link: bye", rig.End!.Text);
        Assert.Equal(1, rig.End.Direction);
    }

    [Fact]
    public void Unknown_options_are_rejected_before_anything_is_naked()
    {
        var rig = new PppRig(_plain);
        rig.Open();
        rig.Frames.Clear();

        // MRU too small, callback, ACCM, MRRU, FCS alternatives, short sequence numbers.
        rig.Receive(PppProtocol.Lcp, 1, 5, "0104 0040 0d0306 0206 000a0000 1104 05dc 090304 1202");
        Assert.Equal("c02104050010" + "0d0306" + "110405dc" + "090304" + "1202", rig.Sent());
    }

    [Fact]
    public void A_small_MRU_is_naked_and_after_five_Naks_rejected()
    {
        var rig = new PppRig(_plain);
        rig.Open();
        rig.Frames.Clear();
        for (var id = 1; id <= 5; id++)
        {
            rig.Receive(PppProtocol.Lcp, 1, id, "0104 0040");
            Assert.Equal($"c02103{id:x2}000801040080", rig.Sent());
        }

        rig.Receive(PppProtocol.Lcp, 1, 5, "0104 0040");
        Assert.Equal("c0210405000801040040", rig.Sent());
    }

    [Fact]
    public void A_repeated_request_does_not_count_as_not_converging()
    {
        var rig = new PppRig(_plain);
        rig.Open();
        rig.Frames.Clear();
        for (var i = 0; i < 20; i++)
        {
            rig.Receive(PppProtocol.Lcp, 1, 1, "0104 0040");
            Assert.Equal("c0210301000801040080", rig.Sent());
        }
    }

    [Fact]
    public void An_ack_must_match_id_and_options_exactly()
    {
        var rig = new PppRig(_plain);
        rig.Open();
        rig.Receive(PppProtocol.Lcp, 2, 2, "0506 10111213");
        rig.Receive(PppProtocol.Lcp, 2, 1, "0506 10111214");
        rig.Receive(PppProtocol.Lcp, 2, 1);
        Assert.Equal(PppState.ReqSent, rig.Endpoint.LcpState);
        rig.Receive(PppProtocol.Lcp, 2, 1, "0506 10111213");
        Assert.Equal(PppState.AckRcvd, rig.Endpoint.LcpState);

        // A duplicate of the answer does not mean a crossed connection.
        rig.Receive(PppProtocol.Lcp, 2, 1, "0506 10111213");
        Assert.Equal(PppState.AckRcvd, rig.Endpoint.LcpState);
    }

    [Fact]
    public void Our_MRU_is_lowered_by_a_Nak_and_dropped_by_a_reject()
    {
        var rig = new PppRig(_plain with { Mru = 1460 });
        rig.Open();
        Assert.Equal("c0210101000e010405b4050610111213", rig.Sent());
        rig.Receive(PppProtocol.Lcp, 3, 1, "0104 0578");
        Assert.Equal("c0210102000e01040578050610111213", rig.Sent());
        rig.Receive(PppProtocol.Lcp, 4, 2, "0104 0578");
        Assert.Equal("c0210103000a050610111213", rig.Sent());
    }

    [Fact]
    public void A_reject_of_what_was_not_asked_is_ignored()
    {
        var rig = new PppRig(_plain);
        rig.Open();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 4, 1, "0104 0578");
        Assert.Empty(rig.Frames);
    }

    [Fact]
    public void Own_magic_number_is_a_loop_and_the_fourth_time_fatal()
    {
        var rig = new PppRig(_plain with { LoopLimit = 4 });
        rig.Open();
        for (var i = 0; i < 4; i++)
        {
            var own = rig.Frames.Last(f => f[4] == 1);
            rig.Endpoint.HandleFrame(own, rig.Now, rig);
            var nak = rig.Frames.LastOrDefault(f => f[4] == 3);
            if (nak is not null)
                rig.Endpoint.HandleFrame(nak, rig.Now, rig);
        }

        Assert.Equal(PppPhase.Terminate, rig.Endpoint.Phase);
        rig.Now = 60_000;
        rig.Endpoint.HandleDeadline(rig.Now, rig);
        rig.Now += 60_000;
        rig.Endpoint.HandleDeadline(rig.Now, rig);
        Assert.Equal(DisconnectCode.MagicNumberLoopback, rig.End!.Code);
    }

    [Fact]
    public void Echo_is_answered_with_our_magic_only_when_opened()
    {
        var rig = new PppRig(_plain);
        rig.Open();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 9, 77, "99999999 abcd");
        Assert.Empty(rig.Frames);
        rig = new PppRig(_plain);
        rig.OpenLcp();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 9, 77, "99999999 abcd");
        Assert.Equal("c0210a4d000a10111213abcd", rig.Sent());
    }

    [Fact]
    public void Silence_is_probed_and_the_fourth_unanswered_echo_is_fatal()
    {
        var rig = new PppRig(_plain with { EchoInterval = 1_000, EchoFailures = 4, Ipv4 = true, SetupTimeout = 0, MaxConfigure = 1_000,
            RestartTimer = 600_000 });
        rig.OpenLcp();
        rig.Frames.Clear();
        for (var i = 1; i <= 4; i++)
        {
            rig.ExpireAt(i * 1_000);
            Assert.StartsWith("c02109", rig.Sent(), StringComparison.Ordinal);
        }

        rig.ExpireAt(5_000);
        Assert.StartsWith("c02105", rig.Sent(), StringComparison.Ordinal);
        rig.Receive(PppProtocol.Lcp, 6, 1);
        Assert.Equal((PppEndCause.EchoTimeout, DisconnectCode.EchoTimeout, TerminateCause.LostCarrier), Codes(rig));
    }

    [Fact]
    public void Traffic_suppresses_the_echo_to_the_millisecond()
    {
        var rig = new PppRig(_plain with { EchoInterval = 1_000, SetupTimeout = 0, RestartTimer = 600_000 });
        rig.OpenLcp();
        rig.Frames.Clear();
        rig.Endpoint.NoteReceived(700);
        rig.ExpireAt(1_000);
        Assert.Empty(rig.Frames);
        rig.ExpireAt(1_700);
        Assert.StartsWith("c02109", rig.Sent(), StringComparison.Ordinal);
    }

    [Fact]
    public void Keepalive_allocates_nothing()
    {
        var effects = new Sink();
        var endpoint = new PppEndpoint(1, _plain with { EchoInterval = 1_000, SetupTimeout = 0, RestartTimer = int.MaxValue },
            new CountingRandom(1));
        endpoint.Open(0, effects);
        endpoint.HandleFrame(Convert.FromHexString("ff03c0210201000a050601020304"), 0, effects);
        endpoint.HandleFrame(Convert.FromHexString("ff03c0210101000a050699999999"), 0, effects);
        Assert.Equal(PppState.Opened, endpoint.LcpState);
        var reply = Convert.FromHexString("ff03c0210a00000899999999");
        long now = 0;
        Echo(200);
        Assert.Equal(0, Allocations.Of(() => Echo(100)));
        Assert.True(effects.Frames > 200);

        void Echo(int times)
        {
            for (var i = 0; i < times; i++)
            {
                now += 1_000;
                endpoint.HandleDeadline(now, effects);
                endpoint.HandleFrame(reply, now - 1_000, effects);
            }
        }
    }

    [Fact]
    public void Unknown_codes_and_protocols_are_rejected_by_the_book()
    {
        var rig = new PppRig(_plain with { Server = false });
        rig.OpenLcp();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 0x55, 3, "0102");
        Assert.Equal("c0210702000a55030006" + "0102", rig.Sent());
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);
        rig.Receive(PppProtocol.Ccp, 1, 1, "1206 01000060");
        Assert.Equal("c021080300" + "10" + "80fd" + "0101000a120601000060", rig.Sent());
        rig.Receive(PppProtocol.Ipv6cp, 1, 1);
        Assert.StartsWith("c0210804", rig.Sent(), StringComparison.Ordinal);
        rig.Receive(PppProtocol.Ipcp, 9, 1, "00000000");
        Assert.StartsWith("8021070", rig.Sent(), StringComparison.Ordinal);
    }

    [Fact]
    public void Identification_time_remaining_and_discard_are_tolerated()
    {
        var rig = new PppRig(_plain);
        rig.OpenLcp();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 12, 1, "99999999 4d53");
        rig.Receive(PppProtocol.Lcp, 13, 1, "99999999 00000000");
        rig.Receive(PppProtocol.Lcp, 11, 1, "99999999");
        Assert.Empty(rig.Frames);
        Assert.Equal(PppState.Opened, rig.Endpoint.LcpState);
    }

    [Fact]
    public void Nothing_but_LCP_is_taken_before_LCP_is_opened()
    {
        var rig = new PppRig(_plain);
        rig.Open();
        rig.Frames.Clear();
        Assert.Equal(PppFrameKind.Discarded, rig.Receive(PppProtocol.Ipcp, 1, 1));
        Assert.Equal(PppFrameKind.Discarded, rig.Receive(PppProtocol.Ccp, 1, 1));
        Assert.Equal(PppFrameKind.Discarded, rig.Receive("0021 4500"));
        Assert.Equal(PppFrameKind.Discarded, rig.Receive("ff"));
        Assert.Equal(PppFrameKind.Discarded, rig.Receive(""));
        Assert.Empty(rig.Frames);
    }

    [Fact]
    public void The_required_authentication_follows_the_peers_Nak_and_then_our_own_order()
    {
        var rig = new PppRig(_plain with
        {
            RequireFromPeer = [AuthenticationProtocol.MsChapV2, AuthenticationProtocol.ChapMd5, AuthenticationProtocol.Pap],
        });
        rig.Open();
        Assert.Equal("c0210101000f0305c22381050610111213", rig.Sent());
        rig.Receive(PppProtocol.Lcp, 3, 1, "0304 c023");
        Assert.Equal("c0210102000e0304c023050610111213", rig.Sent());
        rig.Receive(PppProtocol.Lcp, 3, 2, "0305 c22380");
        Assert.Equal("c0210103000f0305c22305050610111213", rig.Sent());
        rig.Receive(PppProtocol.Lcp, 3, 3, "0304 c227");
        Assert.StartsWith("c02105", rig.Sent(), StringComparison.Ordinal);
        rig.Receive(PppProtocol.Lcp, 6, 4);
        Assert.Equal(DisconnectCode.AuthenticationProtocolUnacceptable, rig.End!.Code);
    }

    [Fact]
    public void What_we_cannot_prove_is_naked_with_what_we_can_or_rejected()
    {
        var rig = new PppRig(_plain with { OfferToPeer = [AuthenticationProtocol.ChapMd5] }, new PppCredentials("u", "p"));
        rig.Open();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 1, 1, "0304 c023");
        Assert.Equal("c021030100090305c22305", rig.Sent());
        rig.Receive(PppProtocol.Lcp, 1, 2, "0305 c22305");
        Assert.Equal("c021020200090305c22305", rig.Sent());

        rig = new PppRig(_plain);
        rig.Open();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 1, 1, "0304 c023");
        Assert.Equal("c021040100080304c023", rig.Sent());
    }

    [Fact]
    public void Address_compression_is_used_outside_LCP_only()
    {
        var rig = new PppRig(_plain);
        rig.Open();
        rig.AckOwnRequest(PppProtocol.Lcp);
        rig.Receive(PppProtocol.Lcp, 1, 1, "0702 0802");
        Assert.Equal(new LinkParameters(1500, 1500, true, true, AuthenticationProtocol.None, AuthenticationProtocol.None, false), rig.Link);
        Assert.Equal((byte)0x80, rig.Frames[^1][0]);
        rig.Receive("c021 0901 0008 99999999");
        Assert.Equal((byte)0xff, rig.Frames[^1][0]);
    }

    [Fact]
    public void Renegotiation_takes_the_network_down_and_starts_over()
    {
        var rig = new PppRig(_plain);
        rig.OpenLcp();
        rig.AckOwnRequest(PppProtocol.Ipcp);
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);
        rig.Receive(PppProtocol.Lcp, 1, 9, "0506 88888888");
        Assert.Equal(PppPhase.Establish, rig.Endpoint.Phase);
        Assert.Equal(PppState.AckSent, rig.Endpoint.LcpState);
        rig.AckOwnRequest(PppProtocol.Lcp);
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);
    }

    [Fact]
    public void The_setup_guard_ends_what_the_automaton_would_negotiate_for_good()
    {
        var rig = new PppRig(_plain with { SetupTimeout = 20_000 });
        rig.Open();
        for (var i = 0; i < 200 && rig.End is null; i++)
        {
            // A peer that refuses every second option for ever renews our restart counter each time.
            rig.Now += 500;
            rig.Receive(PppProtocol.Lcp, 3, rig.Frames.Last(f => f[4] == 1)[5], "0206 00000000");
            rig.Endpoint.HandleDeadline(rig.Now, rig);
        }

        Assert.Equal(DisconnectCode.LcpTimeout, rig.End!.Code);
        Assert.InRange(rig.Now, 20_000, 26_500);
    }

    private static (PppEndCause, DisconnectCode, TerminateCause) Codes(PppRig rig) =>
        (rig.End!.Cause, rig.End.Code, rig.End.TerminateCause);

    private sealed class Sink : IPppEffects
    {
        internal int Frames { get; private set; }

        public void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame) => Frames++;

        public void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest facts)
        {
        }

        public void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation)
        {
        }

        public void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant)
        {
        }

        public void LinkUp(PppEndpoint endpoint, LinkParameters link)
        {
        }

        public void NetworkUp(PppEndpoint endpoint, PppNetwork network)
        {
        }

        public void NetworkDown(PppEndpoint endpoint, PppNetwork network)
        {
        }

        public void LinkRestarted(PppEndpoint endpoint)
        {
        }

        public void Ended(PppEndpoint endpoint, PppEnd end)
        {
        }
    }
}
