using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>EAP as pass-through authenticator (RFC 3748, RFC 3579), packet by packet; the test is peer and server.</summary>
public class EapTests
{
    private const string Identity = "01 616c696365";
    private static readonly PppProfile _base = new() { Ipv6 = false, EchoInterval = 0, RequireFromPeer = [AuthenticationProtocol.Eap] };
    private static readonly AuthenticationResult _accept = new() { Accepted = true };

    [Fact]
    public void EAP_is_asked_for_with_c227_and_the_identity_is_the_first_request()
    {
        var rig = new PppRig(_base);
        rig.Open();
        Assert.Contains("0304c227", Assert.Single(rig.AllSent()), StringComparison.Ordinal);
        rig = Started();
        Assert.Equal("c227 0101 0005 01".Replace(" ", ""), rig.Sent());
    }

    [Fact]
    public void A_conversation_goes_through_with_state_and_ends_with_success_and_the_network()
    {
        var rig = Started();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        var first = rig.Proofs[0].Facts;
        Assert.Equal(("alice", "0201000A01616C696365", null, (ushort)1_400),
            (first.UserName, Convert.ToHexString(first.Response), first.State, first.LinkMtu));

        Challenge(rig, "01 07 0016 04 10" + new string('a', 32), "5354");
        Assert.Equal("c2270107001604" + "10" + new string('a', 32), rig.Sent());
        rig.Receive(PppProtocol.Eap, 2, 7, "04 10" + new string('b', 32));
        var second = rig.Proofs[1].Facts;
        Assert.Equal(("alice", 7, "5354", "0207001604" + "10" + new string('B', 32)),
            (second.UserName, second.Id, Convert.ToHexString(second.State!), Convert.ToHexString(second.Response)));
        Assert.Equal("alice", rig.Endpoint.PeerName);

        Decide(rig, _accept);
        Assert.Equal("c22703070004", rig.AllSent()[0]);
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);

        // The Success was lost: the peer repeats its response, and no second request starts.
        rig.Receive(PppProtocol.Eap, 2, 7, "04 10" + new string('b', 32));
        Assert.Equal("c22703070004", rig.Sent());
        Assert.Equal(2, rig.Proofs.Count);
    }

    [Fact]
    public void A_refusal_is_a_failure_and_ends_the_link()
    {
        var rig = Started();
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        rig.Frames.Clear();
        Decide(rig, AuthenticationResult.Refuse("rejected"));
        Assert.Equal(["c22704010004", "c02105020004"], rig.AllSent());
        rig.Receive(PppProtocol.Lcp, 6, 2);
        Assert.Equal((DisconnectCode.AuthenticationFailed, (ushort)0xc227), (rig.End!.Code, rig.End.ControlProtocol));
    }

    [Fact]
    public void A_request_is_repeated_identically_and_then_the_link_ends()
    {
        var rig = Started(_base with { MaxConfigure = 3 });
        Assert.Equal("c2270101000501", rig.Sent());
        rig.ExpireAt(3_000);
        Assert.Equal("c2270101000501", rig.Sent());
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        Assert.True(rig.Endpoint.NextDeadline >= 30_000, "nothing is repeated while the server is asked");
        Challenge(rig, "01 09 0006 15 20");
        rig.Frames.Clear();
        rig.ExpireAt(6_000);
        Assert.Equal("c22701090006" + "1520", rig.Sent());
        rig.ExpireAt(9_000);
        rig.Frames.Clear();
        rig.ExpireAt(12_000);
        Assert.Equal("c02105020004", rig.Sent());
        rig.Receive(PppProtocol.Lcp, 6, 2);
        Assert.Equal(DisconnectCode.AuthenticationTimeout, rig.End!.Code);
    }

    [Theory]
    [InlineData(9_000, 9_000)]
    [InlineData(600_000, 20_000)]
    [InlineData(1, 3_000)]
    public void The_server_says_how_long_a_response_may_take_within_the_profiles_limit(long asked, long waited)
    {
        var rig = Started(_base with { AuthenticationTimeout = 20_000, RestartTimer = 3_000 });
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        Decide(rig, new AuthenticationResult { Accepted = false, Challenge = new([1, 2, 0, 5, 6], null, asked) });
        Assert.Equal(Math.Min(waited, 20_000), rig.Endpoint.NextDeadline);
    }

    [Theory]
    [InlineData(2, 2, Identity)]
    [InlineData(2, 0, Identity)]
    [InlineData(1, 1, Identity)]
    [InlineData(3, 1, "")]
    [InlineData(4, 1, "")]
    [InlineData(2, 1, "")]
    [InlineData(2, 1, "03 04")]
    [InlineData(2, 1, "04 10")]
    [InlineData(9, 1, Identity)]
    public void What_does_not_answer_the_identity_request_is_discarded_without_a_packet(int code, int id, string data)
    {
        var rig = Started();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Eap, code, id, data);
        Assert.Empty(rig.Proofs);
        Assert.Empty(rig.Frames);
    }

    [Fact]
    public void A_flood_of_repeated_responses_asks_the_server_once()
    {
        var rig = Started();
        rig.Frames.Clear();
        for (var i = 0; i < 20_000; i++)
            rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        Assert.Single(rig.Proofs);
        Challenge(rig, "01 02 0005 06");
        for (var i = 0; i < 20_000; i++)
            rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        Assert.Single(rig.Proofs);
        Assert.Equal("c2270102000506", rig.Sent());
    }

    [Fact]
    public void An_identity_or_a_response_longer_than_RADIUS_carries_is_discarded()
    {
        var rig = Started(_base with { Mru = 4_000 });
        rig.Receive(PppProtocol.Eap, 2, 1, "01" + new string('0', 2 * 254));
        Assert.Empty(rig.Proofs);
        rig.Receive(PppProtocol.Eap, 2, 1, "01" + new string('0', 2 * 253));
        Assert.Equal(253, Assert.Single(rig.Proofs).Facts.Name.Length);
        Challenge(rig, "01 02 0005 06");
        rig.Receive(PppProtocol.Eap, 2, 2, "06" + new string('0', 2 * 2_996));
        Assert.Single(rig.Proofs);
        rig.Receive(PppProtocol.Eap, 2, 2, "06" + new string('0', 2 * 2_995));
        Assert.Equal(3_000, rig.Proofs[1].Facts.Response.Length);
    }

    [Fact]
    public void A_conversation_without_end_is_refused_after_fifty_rounds()
    {
        var rig = Started();
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        for (var id = 2; id <= 50; id++)
        {
            Challenge(rig, $"01 {id:x2} 0005 06");
            rig.Receive(PppProtocol.Eap, 2, id, "06 00");
        }

        Assert.Equal(50, rig.Proofs.Count);
        Challenge(rig, "01 33 0005 06");
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Eap, 2, 0x33, "06 00");
        Assert.Equal(50, rig.Proofs.Count);
        Assert.Equal("c22704330004", rig.AllSent()[0]);
        Assert.Contains("more than 50 rounds", rig.Endpoint.Ending!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("02 02 0005 06", "is not an EAP request")]
    [InlineData("03 02 0004", "is not an EAP request")]
    [InlineData("01 02 0004", "is not an EAP request")]
    [InlineData("01 02 0006 06", "is not an EAP request")]
    [InlineData("", "is not an EAP request")]
    public void A_challenge_that_is_no_request_ends_the_link(string packet, string why)
    {
        var rig = Started();
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        Challenge(rig, packet);
        Assert.Contains(why, rig.Endpoint.Ending!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_longer_than_the_peers_MRU_ends_the_link_and_the_MTU_that_the_server_learns_prevents_it()
    {
        var rig = new PppRig(_base);
        rig.OpenLcp("0104 0200 0506 99999999");
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        Assert.Equal(512, rig.Proofs[0].Facts.LinkMtu);
        Challenge(rig, "01 02 0200" + new string('0', 2 * 508));
        Assert.Null(rig.Endpoint.Ending);
        rig.Receive(PppProtocol.Eap, 2, 2, "0d 00");
        Challenge(rig, "01 03 0201" + new string('0', 2 * 509));
        Assert.Contains("513 octets and the link carries 512", rig.Endpoint.Ending!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_identity_is_asked_again_after_the_interval_and_a_failure_then_ends_the_link()
    {
        var rig = Started(_base with { RechallengeInterval = 60_000, RestartTimer = 300_000 });
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        Decide(rig, _accept);
        rig.Frames.Clear();
        rig.ExpireAt(60_000);
        Assert.Equal("c2270102000501", rig.Sent());
        rig.Receive(PppProtocol.Eap, 2, 2, Identity);
        Assert.True(rig.Proofs[1].Facts.Repeated);
        Assert.Null(rig.Proofs[1].Facts.State);
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);
        Challenge(rig, "01 03 0005 06", "aa");
        rig.Receive(PppProtocol.Eap, 2, 3, "06 00");
        rig.Frames.Clear();
        Decide(rig, AuthenticationResult.Refuse("gone"));
        Assert.Equal("c22704030004", rig.AllSent()[0]);
        Assert.Equal(PppPhase.Terminate, rig.Endpoint.Phase);
    }

    [Fact]
    public void A_peer_that_naks_EAP_is_asked_for_the_next_protocol_and_one_that_rejects_it_ends_the_link()
    {
        var rig = new PppRig(_base with { RequireFromPeer = [AuthenticationProtocol.Eap, AuthenticationProtocol.MsChapV2] });
        rig.Open();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 3, 1, "0304 c227");
        Assert.Contains("0305c22381", Assert.Single(rig.AllSent()), StringComparison.Ordinal);

        rig = Started();
        rig.Receive(PppProtocol.Lcp, 8, 9, "c227 0101 0005 01");
        Assert.Equal(PppEndCause.AuthenticationUnacceptable, rig.Endpoint.Ending!.Cause);
    }

    [Fact]
    public void We_never_prove_ourselves_by_EAP_and_suggest_another_protocol()
    {
        var rig = new PppRig(new PppProfile { Ipv6 = false, EchoInterval = 0 }, new PppCredentials("u", "p"));
        rig.Open();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Lcp, 1, 1, "0304 c227");
        Assert.Equal("c02103010009" + "0305c22381", rig.Sent());
    }

    [Fact]
    public void EAP_that_was_not_negotiated_is_rejected_as_a_protocol()
    {
        var rig = new PppRig(_base with { RequireFromPeer = [AuthenticationProtocol.ChapMd5] });
        rig.OpenLcp();
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        Assert.StartsWith("c02108", rig.Sent(), StringComparison.Ordinal);
        Assert.Empty(rig.Proofs);
    }

    [Fact]
    public void Another_protocol_after_a_renegotiation_has_another_authenticator()
    {
        var rig = new PppRig(_base with { RequireFromPeer = [AuthenticationProtocol.Eap, AuthenticationProtocol.Pap] });
        rig.OpenLcp();
        rig.Receive(PppProtocol.Eap, 2, 1, Identity);
        rig.Receive(PppProtocol.Lcp, 1, 2, "0506 88888888");
        rig.Receive(PppProtocol.Lcp, 3, rig.Frames.Last(static frame => frame[3] == 0x21 && frame[4] == 1)[5], "0304 c023");
        rig.AckOwnRequest(PppProtocol.Lcp);
        rig.Receive(PppProtocol.Pap, 1, 5, "01 75 01 70");
        Assert.Equal((AuthenticationProtocol.Pap, "u"), (rig.Proofs[^1].Facts.Protocol, rig.Proofs[^1].Facts.UserName));

        // The answer to the first user's request is late, and counts for nobody.
        rig.Endpoint.HandleAuthentication(rig.Proofs[0].Attempt, _accept, rig.Now, rig);
        Assert.Equal(PppPhase.Authenticate, rig.Endpoint.Phase);
    }

    [Fact]
    public void A_local_user_cannot_come_in_by_EAP()
    {
        var result = new LocalUsers([new SecretEntry("*", "*", "secret", [])]).Verify(new AuthenticationRequest
        {
            Protocol = AuthenticationProtocol.Eap, Name = "alice"u8.ToArray(), Response = [2, 1, 0, 5, 1],
        }, "lns");
        Assert.False(result.Accepted);
        Assert.Contains("RADIUS", result.Reason, StringComparison.Ordinal);
    }

    private static PppRig Started(PppProfile? profile = null)
    {
        var rig = new PppRig(profile ?? _base);
        rig.OpenLcp();
        return rig;
    }

    private static void Challenge(PppRig rig, string packet, string? state = null) => Decide(rig, new AuthenticationResult
    {
        Accepted = false,
        Challenge = new AuthenticationChallenge(
            Convert.FromHexString(packet.Replace(" ", "")), state is null ? null : Convert.FromHexString(state)),
    });

    private static void Decide(PppRig rig, AuthenticationResult result) =>
        rig.Endpoint.HandleAuthentication(rig.Proofs[^1].Attempt, result, rig.Now, rig);
}
