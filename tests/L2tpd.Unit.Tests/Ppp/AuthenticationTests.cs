using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>PAP, CHAP-MD5 and MS-CHAPv2 in both roles, frame by frame.</summary>
public class AuthenticationTests
{
    private const string Challenge = "101112131415161718191a1b1c1d1e1f";
    private static readonly AuthenticationResult _accept = new() { Accepted = true, Message = "hi" };
    private static readonly PppProfile _base = new() { Ipv6 = false, EchoInterval = 0 };
    private static readonly PppCredentials _user = new("User", "clientPass");

    [Fact]
    public void PAP_is_answered_once_decided_and_identically_afterwards()
    {
        var rig = Authenticator(AuthenticationProtocol.Pap);
        rig.Receive(PppProtocol.Pap, 1, 5, "04 75736572 02 7077");
        (var attempt, var facts) = Assert.Single(rig.Proofs);
        Assert.Equal(("user", "7077"), (facts.UserName, Convert.ToHexString(facts.Response)));

        // While the result is open, a repetition starts no second request.
        rig.Receive(PppProtocol.Pap, 1, 6, "04 75736572 02 7077");
        Assert.Single(rig.Proofs);
        Assert.Empty(rig.Frames);

        rig.Endpoint.HandleAuthentication(attempt + 1, _accept, rig.Now, rig);
        Assert.Empty(rig.Frames);
        rig.Endpoint.HandleAuthentication(attempt, _accept, rig.Now, rig);
        Assert.Equal("c0230206" + "0007" + "026869", rig.AllSent()[0]);
        rig.Receive(PppProtocol.Pap, 1, 7, "04 75736572 02 7077");
        Assert.Equal("c0230207" + "0007" + "026869", rig.Sent());
        Assert.Equal("user", rig.Endpoint.PeerName);
    }

    [Fact]
    public void A_refused_PAP_peer_is_told_and_terminated()
    {
        var rig = Authenticator(AuthenticationProtocol.Pap);
        rig.Receive(PppProtocol.Pap, 1, 5, "01 75 01 70");
        rig.Endpoint.HandleAuthentication(rig.Proofs[0].Attempt, AuthenticationResult.Refuse("wrong secret", "no"), rig.Now, rig);
        Assert.Equal(["c02303050007026e6f", "c02105020004"], rig.AllSent());
        rig.Receive(PppProtocol.Lcp, 6, 2);
        Assert.Equal(
            (DisconnectCode.AuthenticationFailed, (ushort)0xc023, (byte)1, TerminateCause.UserError),
            (rig.End!.Code, rig.End.ControlProtocol, rig.End.Direction, rig.End.TerminateCause));
    }

    [Fact]
    public void A_PAP_peer_with_retries_left_may_try_again_with_a_new_identifier()
    {
        var rig = Authenticator(AuthenticationProtocol.Pap, _base with { AuthenticationRetries = 1 });
        rig.Receive(PppProtocol.Pap, 1, 5, "01 75 01 70");
        rig.Endpoint.HandleAuthentication(rig.Proofs[0].Attempt, AuthenticationResult.Refuse("wrong", "no"), rig.Now, rig);
        Assert.Equal("c02303050007026e6f", rig.Sent());
        rig.Receive(PppProtocol.Pap, 1, 5, "01 75 01 70");
        Assert.Equal("c02303050007026e6f", rig.Sent());
        rig.Receive(PppProtocol.Pap, 1, 6, "01 75 01 71");
        Assert.Equal(2, rig.Proofs.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("05 75")]
    [InlineData("01 75 02 70")]
    [InlineData("ff")]
    public void Malformed_PAP_is_ignored(string data)
    {
        var rig = Authenticator(AuthenticationProtocol.Pap);
        rig.Receive(PppProtocol.Pap, 1, 5, data);
        Assert.Empty(rig.Proofs);
    }

    [Fact]
    public void An_unproven_PAP_peer_is_timed_out()
    {
        var rig = Authenticator(AuthenticationProtocol.Pap, _base with { AuthenticationTimeout = 30_000 });
        rig.ExpireAt(30_000);
        rig.Receive(PppProtocol.Lcp, 6, 2);
        Assert.Equal(DisconnectCode.AuthenticationTimeout, rig.End!.Code);
    }

    [Fact]
    public void The_challenge_is_repeated_identically_ten_times_and_then_the_link_ends()
    {
        var rig = new PppRig(_base with { RequireFromPeer = [AuthenticationProtocol.ChapMd5], LocalName = "lns", MaxConfigure = 10 });
        rig.OpenLcp();
        const string Sent = "c223010100181014151617" + "18191a1b1c1d1e1f20212223" + "6c6e73";
        Assert.Equal(Sent, rig.Sent());
        for (var i = 1; i < 10; i++)
        {
            rig.ExpireAt(i * 3_000);
            Assert.Equal(Sent, rig.Sent());
        }

        rig.ExpireAt(30_000);
        Assert.Equal("c02105020004", rig.Sent());
    }

    [Fact]
    public void A_CHAP_response_must_carry_the_challenges_identifier_and_is_answered_identically_again()
    {
        var rig = Authenticator(AuthenticationProtocol.ChapMd5);
        var response = "10" + new string('a', 32) + "75736572";
        rig.Receive(PppProtocol.Chap, 2, 9, response);
        rig.Receive(PppProtocol.Chap, 2, 1, "0f" + new string('a', 30));
        Assert.Empty(rig.Proofs);
        rig.Receive(PppProtocol.Chap, 2, 1, response);
        (var attempt, var facts) = Assert.Single(rig.Proofs);
        Assert.Equal("1415161718191A1B1C1D1E1F20212223", Convert.ToHexString(facts.Challenge));
        Assert.Equal((byte)1, facts.Id);
        rig.Endpoint.HandleAuthentication(attempt, _accept, rig.Now, rig);
        Assert.Equal("c223030100066869", rig.AllSent()[0]);

        // Even with another value: RFC 1994 section 4.2.
        rig.Receive(PppProtocol.Chap, 2, 1, "10" + new string('b', 32) + "75736572");
        Assert.Equal("c223030100066869", rig.Sent());
        Assert.Single(rig.Proofs);
    }

    [Fact]
    public void A_rechallenge_has_a_new_identifier_and_a_new_value_and_a_failure_ends_the_link()
    {
        var rig = Authenticator(AuthenticationProtocol.ChapMd5, _base with { RechallengeInterval = 60_000, RestartTimer = 300_000 });
        var response = "10" + new string('a', 32) + "75736572";
        rig.Receive(PppProtocol.Chap, 2, 1, response);
        rig.Endpoint.HandleAuthentication(rig.Proofs[0].Attempt, _accept, rig.Now, rig);
        rig.Frames.Clear();
        rig.ExpireAt(60_000);
        var challenge = rig.Sent();
        Assert.StartsWith("c22301020", challenge, StringComparison.Ordinal);
        Assert.DoesNotContain("1415161718191a1b", challenge, StringComparison.Ordinal);
        rig.Receive(PppProtocol.Chap, 2, 2, response);
        Assert.True(rig.Proofs[1].Facts.Repeated);
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);
        rig.Endpoint.HandleAuthentication(rig.Proofs[1].Attempt, AuthenticationResult.Refuse("gone"), rig.Now, rig);
        Assert.StartsWith("c22304020", rig.AllSent()[0], StringComparison.Ordinal);
        Assert.Equal(PppPhase.Terminate, rig.Endpoint.Phase);
    }

    [Fact]
    public void An_MS_CHAP_failure_says_error_retry_and_challenge()
    {
        var rig = Authenticator(AuthenticationProtocol.MsChapV2);
        rig.Receive(PppProtocol.Chap, 2, 1, "31" + new string('0', 98) + "75");
        rig.Endpoint.HandleAuthentication(
            rig.Proofs[0].Attempt, new AuthenticationResult { Accepted = false, MsChapError = 648, Message = "expired" }, rig.Now, rig);
        var sent = rig.AllSent();
        Assert.Matches("^E=648 R=0 C=[0-9A-F]{32} V=3 M=expired$", Text(sent[0], "c2230401"));
        Assert.Equal("c02105020004", sent[1]);
    }

    [Fact]
    public void An_MS_CHAP_retry_takes_the_challenge_of_the_failure_and_the_next_identifier()
    {
        var rig = Authenticator(AuthenticationProtocol.MsChapV2, _base with { AuthenticationRetries = 1 });
        var response = "31" + new string('0', 98) + "75";
        rig.Receive(PppProtocol.Chap, 2, 1, response);
        rig.Endpoint.HandleAuthentication(rig.Proofs[0].Attempt, AuthenticationResult.Refuse("wrong"), rig.Now, rig);
        var failure = rig.Sent();
        var text = Text(failure, "c2230401");
        Assert.StartsWith("E=691 R=1 C=", text, StringComparison.Ordinal);
        rig.Receive(PppProtocol.Chap, 2, 1, response);
        Assert.Equal(failure, rig.Sent());
        rig.Receive(PppProtocol.Chap, 2, 2, response);
        Assert.Equal(text[12..44], Convert.ToHexString(rig.Proofs[1].Facts.Challenge));
        rig.Endpoint.HandleAuthentication(rig.Proofs[1].Attempt, AuthenticationResult.Refuse("wrong"), rig.Now, rig);
        Assert.StartsWith("E=691 R=0 C=", Text(rig.AllSent()[0], "c2230402"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_back_end_gives_the_challenge_of_an_MS_CHAP_retry_or_forbids_it(bool mayRetry)
    {
        var rig = Authenticator(AuthenticationProtocol.MsChapV2, _base with { AuthenticationRetries = 1 });
        rig.Receive(PppProtocol.Chap, 2, 1, "31" + new string('0', 98) + "75");
        byte[] challenge = [.. Enumerable.Range(0xa0, 16).Select(octet => (byte)octet)];
        var refusal = AuthenticationResult.Refuse("wrong") with { MayRetry = mayRetry, RetryChallenge = challenge };
        rig.Endpoint.HandleAuthentication(rig.Proofs[0].Attempt, refusal, rig.Now, rig);
        var text = Text(rig.AllSent()[0], "c2230401");
        Assert.StartsWith($"E=691 R={(mayRetry ? 1 : 0)} C={Convert.ToHexString(challenge)} V=3", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_MS_CHAP_success_carries_the_authenticator_response()
    {
        var rig = Authenticator(AuthenticationProtocol.MsChapV2);
        rig.Receive(PppProtocol.Chap, 2, 1, "31" + new string('0', 98) + "75");
        rig.Endpoint.HandleAuthentication(
            rig.Proofs[0].Attempt, new AuthenticationResult { Accepted = true, AuthenticatorResponse = "S=00", Message = "ok" }, rig.Now,
                rig);
        Assert.Equal("S=00 M=ok", Text(rig.AllSent()[0], "c2230301"));
    }

    [Fact]
    public void We_prove_ourselves_by_PAP_and_repeat_until_answered()
    {
        var rig = Claimant("0304 c023");
        const string Request = "c0230101" + "0014" + "0455736572" + "0a636c69656e7450617373";
        Assert.Equal(Request, rig.Sent());
        rig.ExpireAt(3_000);
        Assert.Equal(Request, rig.Sent());
        rig.Receive(PppProtocol.Pap, 2, 9, "00");
        Assert.Equal(PppPhase.Authenticate, rig.Endpoint.Phase);
        rig.Receive(PppProtocol.Pap, 2, 1, "00");
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);
    }

    [Fact]
    public void A_refusal_of_us_is_direction_two()
    {
        var rig = Claimant("0304 c023");
        rig.Receive(PppProtocol.Pap, 3, 1, "03 6e6f0a");
        rig.Receive(PppProtocol.Lcp, 6, 1);
        Assert.Equal((DisconnectCode.AuthenticationFailed, (byte)2), (rig.End!.Code, rig.End.Direction));
        Assert.Equal("the peer refused our credentials: no?", rig.End.Text);
    }

    [Fact]
    public void We_answer_a_CHAP_challenge_and_the_same_one_the_same()
    {
        var rig = Claimant("0305 c22305", new PppCredentials("u", "password"));
        rig.Receive(PppProtocol.Chap, 1, 0x2a, "10 000102030405060708090a0b0c0d0e0f 6c6e73");
        const string Response = "c223022a0016103e0949a5572c2d338c182b7f6377471d75";
        Assert.Equal(Response, rig.Sent());
        rig.Receive(PppProtocol.Chap, 1, 0x2a, "10 000102030405060708090a0b0c0d0e0f 6c6e73");
        Assert.Equal(Response, rig.Sent());
        rig.ExpireAt(3_000);
        Assert.Equal(Response, rig.Sent());
        rig.Receive(PppProtocol.Chap, 3, 0x2a);
        Assert.Equal(PppPhase.Network, rig.Endpoint.Phase);
        rig.Frames.Clear();
        rig.Receive(PppProtocol.Chap, 1, 0x2b, "10 100102030405060708090a0b0c0d0e0f 6c6e73");
        Assert.StartsWith("c223022b", rig.Sent(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void We_check_the_servers_MS_CHAP_proof(bool genuine)
    {
        var rig = Claimant("0305 c22381");
        rig.Receive(PppProtocol.Chap, 1, 7, "10" + Challenge + "6c6e73");
        var sent = rig.Sent();
        var value = Convert.FromHexString(sent[14..112]);
        var facts = new AuthenticationRequest
        {
            Protocol = AuthenticationProtocol.MsChapV2, Name = "User"u8.ToArray(), Id = 7, Response = value,
                Challenge = Convert.FromHexString(Challenge),
        };
        var verdict = new LocalUsers([new SecretEntry("User", "*", "clientPass", [])]).Verify(facts, "lns");
        Assert.True(verdict.Accepted);
        var success = genuine ? verdict.AuthenticatorResponse! : "S=0000000000000000000000000000000000000000";
        rig.Receive(PppProtocol.Chap, 3, 7, Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(success + " M=hello")));
        Assert.Equal(genuine ? PppPhase.Network : PppPhase.Terminate, rig.Endpoint.Phase);
    }

    [Fact]
    public void Our_own_challenge_is_never_answered()
    {
        var rig = new PppRig(_base with { RequireFromPeer = [AuthenticationProtocol.ChapMd5] }, _user);
        rig.OpenLcp("0305 c22305 0506 99999999");
        var own = rig.Sent();
        rig.Receive(own);
        Assert.Empty(rig.Frames);
    }

    private static PppRig Authenticator(AuthenticationProtocol protocol, PppProfile? profile = null)
    {
        var rig = new PppRig((profile ?? _base) with { RequireFromPeer = [protocol] });
        rig.OpenLcp();
        rig.Frames.Clear();
        return rig;
    }

    private static PppRig Claimant(string option, PppCredentials? credentials = null)
    {
        var rig = new PppRig(_base, credentials ?? _user);
        rig.OpenLcp(option);
        return rig;
    }

    private static string Text(string frame, string start)
    {
        Assert.StartsWith(start, frame, StringComparison.Ordinal);
        return System.Text.Encoding.UTF8.GetString(Convert.FromHexString(frame[12..]));
    }
}
