using System.Text;
using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Authentication by RADIUS: what is asked, and what each answer means.</summary>
public sealed class RadiusAccessTests
{
    private static readonly AuthenticationRequest MsChapV2 = new()
    {
        Protocol = AuthenticationProtocol.MsChapV2, Name = "User"u8.ToArray(), Id = 1,
        Challenge = Convert.FromHexString("5b5d7c7d7b3f2f3e3c2c602132262628"),
        Response = Convert.FromHexString(
            "21402324255e262a28295f2b3a337c7e000000000000000082309ecd8d708b5ea08faa3981cd83544233114a3d85d6df00"),
    };

    [Fact]
    public void A_PAP_request_has_what_the_vector_has_and_is_accepted()
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap());
        var packet = rig.Sockets.Sent[0].Packet;
        Assert.Equal(("01", "5012"), (Convert.ToHexStringLower(packet.AsSpan(0, 1)), Convert.ToHexStringLower(packet.AsSpan(20, 2))));
        Assert.Equal(0, RadiusPacket.TryParse(packet, out var parsed) == RadiusDecodeError.None ? 0 : 1);
        Assert.True(Authenticators.VerifyMessageAuthenticator(parsed, "testing123"u8));
        Assert.True(parsed.TryFind(AttributeType.UserPassword, out var hidden));
        var password = new byte[128];
        var length = PasswordHiding.Reveal(hidden, parsed.Authenticator, "testing123"u8, password);
        Assert.Equal("pap-secret", Encoding.ASCII.GetString(password, 0, length));
        foreach (var (type, value) in new (AttributeType, string)[]
        {
            (AttributeType.UserName, Hex("alice")), (AttributeType.NasIdentifier, Hex("lns1")), (AttributeType.NasIpAddress, "c0000209"),
            (AttributeType.NasPort, "00000007"), (AttributeType.NasPortId, Hex("tunnel/session")),
            (AttributeType.NasPortType, "00000005"), (AttributeType.ServiceType, "00000002"),
            (AttributeType.FramedProtocol, "00000001"), (AttributeType.AcctSessionId, Hex("00000001")),
            (AttributeType.CallingStationId, Hex("caller")), (AttributeType.CalledStationId, Hex("called")),
            (AttributeType.ConnectInfo, Hex("1000")), (AttributeType.TunnelType, "00000003"),
            (AttributeType.TunnelMediumType, "00000001"), (AttributeType.TunnelClientEndpoint, "00" + Hex("10.1.0.9")),
            (AttributeType.TunnelServerEndpoint, "00" + Hex("10.1.0.1")), (AttributeType.TunnelClientAuthId, "00" + Hex("lac1")),
        })
        {
            Assert.Equal((type, value), (type, Assert.Single(rig.Sent(type))));
        }

        Assert.Empty(rig.Sent(AttributeType.TunnelServerAuthId));
        rig.Answer(RadiusCode.AccessAccept, static (ref PacketBuilder packet) => packet.AddText(AttributeType.ReplyMessage, "welcome"));
        var result = rig.Result();
        Assert.Equal((true, "welcome", AuthenticationSource.Radius),
            (result.Accepted, result.Message, result.Authorisation!.AuthenticatedBy));
    }

    [Fact]
    public void A_CHAP_request_has_identifier_hash_and_challenge()
    {
        var rig = new AccessRig();
        rig.Ask(1, new AuthenticationRequest
        {
            Protocol = AuthenticationProtocol.ChapMd5, Name = "alice"u8.ToArray(), Id = 0x2a,
            Challenge = Convert.FromHexString("202122232425262728292a2b2c2d2e2f"), Response = Convert.FromHexString(
                "810c595b3a1dadd020ba17f47cb3630f"),
        });
        Assert.Equal("2a810c595b3a1dadd020ba17f47cb3630f", Assert.Single(rig.Sent(AttributeType.ChapPassword)));
        Assert.Equal("202122232425262728292a2b2c2d2e2f", Assert.Single(rig.Sent(AttributeType.ChapChallenge)));
        Assert.Empty(rig.Sent(AttributeType.UserPassword));
    }

    [Fact]
    public void An_MSCHAPv2_request_is_the_vectors_and_the_success_goes_to_the_peer_without_its_first_octet()
    {
        var rig = new AccessRig();
        rig.Ask(1, MsChapV2);
        // The values of vector 3: challenge, and ident, flags, peer challenge, reserved, NT response.
        Assert.Equal(
            [
                "000001370b125b5d7c7d7b3f2f3e3c2c602132262628",
                "00000137193401" + "0021402324255e262a28295f2b3a337c7e0000000000000000"
                    + "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df",
            ],
            rig.Sent(AttributeType.VendorSpecific));
        // Of vector 4: success, two MPPE keys, policy 1 and types 6.
        rig.Answer(RadiusCode.AccessAccept, static (ref PacketBuilder packet) =>
        {
            packet.AddVendor(VendorId.Microsoft, 26, "\u0001S=407A5589115FD0D6209F510FE9C04566932CDA56"u8);
            packet.AddVendor(VendorId.Microsoft, 7, [0, 0, 0, 1]);
            packet.AddVendor(VendorId.Microsoft, 8, [0, 0, 0, 6]);
        });
        Assert.Equal((true, "S=407A5589115FD0D6209F510FE9C04566932CDA56"), (rig.Result().Accepted, rig.Result().AuthenticatorResponse));
    }

    [Fact]
    public void An_MSCHAP_Error_gives_the_peer_the_code_and_the_challenge_of_the_server()
    {
        var rig = new AccessRig();
        rig.Ask(1, MsChapV2);
        rig.Answer(RadiusCode.AccessReject, static (ref PacketBuilder packet) =>
            packet.AddVendor(VendorId.Microsoft, 2, "\u0001E=648 R=1 C=000102030405060708090a0b0c0d0e0f V=3 M=expired now"u8));
        var result = rig.Result();
        // R=1 offers a change of the password, which is not supported.
        Assert.Equal((false, 648, false, "expired now"), (result.Accepted, result.MsChapError, result.MayRetry, result.Message));
        Assert.Equal("RADIUS server server0 rejected it (the password has expired; it must be changed at the server, since l2tpd does not "
            + "forward password changes)", result.Reason);
        Assert.Equal("000102030405060708090a0b0c0d0e0f", Convert.ToHexStringLower(result.RetryChallenge!));
    }

    [Theory]
    [InlineData("\x01" + "E=691 R=1 C=00 V=3 M=no", true, false)]
    [InlineData("\x01" + "E=691 R=0 C=zz0102030405060708090a0b0c0d0e0f V=3", false, false)]
    [InlineData("\x01" + "E=12345678901 C=000102030405060708090a0b0c0d0e0f", false, true)]
    public void A_malformed_MSCHAP_Error_is_an_authentication_failure(string text, bool mayRetry, bool hasChallenge)
    {
        var rig = new AccessRig();
        rig.Ask(1, MsChapV2);
        rig.Answer(RadiusCode.AccessReject, (ref PacketBuilder packet) =>
            packet.AddVendor(VendorId.Microsoft, 2, Encoding.ASCII.GetBytes(text)));
        var result = rig.Result();
        Assert.Equal((691, mayRetry, hasChallenge), (result.MsChapError, result.MayRetry, result.RetryChallenge is not null));
    }

    [Fact]
    public void An_accept_without_MSCHAP2_Success_is_a_reject_because_the_peer_could_not_verify_us()
    {
        var rig = new AccessRig();
        rig.Ask(1, MsChapV2);
        rig.Answer(RadiusCode.AccessAccept);
        Assert.Equal("the Access-Accept of RADIUS server server0 cannot be used: MS-CHAP2-Success is missing", rig.Result().Reason);
    }

    [Theory]
    [InlineData(AttributeType.ServiceType, 5u, "Service-Type 5 is not Framed")]
    [InlineData(AttributeType.FramedProtocol, 2u, "Framed-Protocol 2 is not PPP")]
    public void An_accept_for_another_service_is_a_reject(AttributeType type, uint value, string why)
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap());
        rig.Answer(RadiusCode.AccessAccept, (ref PacketBuilder packet) => packet.AddUInt32(type, value));
        Assert.Equal((false, $"the Access-Accept of RADIUS server server0 cannot be used: {why}"), (rig.Result().Accepted,
            rig.Result().Reason));
    }

    [Fact]
    public void An_accept_that_requires_MPPE_is_a_reject()
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap());
        rig.Answer(RadiusCode.AccessAccept, static (ref PacketBuilder packet) =>
            packet.AddVendor(VendorId.Microsoft, 7, [0, 0, 0, 2]));
        Assert.False(rig.Result().Accepted);
    }

    [Fact]
    public void A_reject_has_its_text_for_the_peer_and_for_the_log_and_ends_the_attempt()
    {
        var rig = new AccessRig(local: Local());
        rig.Ask(1, AccessRig.Pap());
        rig.Answer(RadiusCode.AccessReject, static (ref PacketBuilder packet) =>
            packet.AddText(AttributeType.ReplyMessage, "account locked"));
        var result = rig.Result();
        Assert.Equal((false, "account locked", "RADIUS server server0 rejected it: account locked", false),
            (result.Accepted, result.Message, result.Reason, result.MayRetry));
    }

    [Fact]
    public void A_challenge_is_a_reject()
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap());
        rig.Answer(RadiusCode.AccessChallenge, static (ref PacketBuilder packet) => packet.AddText(AttributeType.State, "x"));
        Assert.False(rig.Result().Accepted);
    }

    [Fact]
    public void The_next_server_is_asked_under_its_own_address_and_nobody_is_let_in_when_none_answers()
    {
        var rig = new AccessRig(servers: 2);
        rig.Ask(1, AccessRig.Pap());
        rig.Pass(19_000);
        Assert.Equal([0, 0, 1, 1], rig.Sockets.Sent.Select(static sent => sent.Socket.Server));
        Assert.Equal("20010db8000000000000000000000009", Assert.Single(rig.Sent(AttributeType.NasIpv6Address)));
        Assert.Equal((false, "no RADIUS server answered", false), (rig.Result().Accepted, rig.Result().Reason, rig.Result().MayRetry));
    }

    [Fact]
    public void A_silent_server_is_reported_once_and_again_when_it_answers()
    {
        var rig = new AccessRig();
        for (var i = 1ul; i <= 5; i++)
        {
            rig.Ask(i, AccessRig.Pap());
            rig.Pass(10_000);
        }

        Assert.Equal(["server0 Suspect"], rig.Reports);
        rig.Ask(6, AccessRig.Pap());
        rig.Answer(RadiusCode.AccessAccept);
        Assert.Equal("server0 Alive", rig.Reports[^1]);
    }

    [Fact]
    public void Local_users_are_asked_only_when_no_server_answers()
    {
        var rig = new AccessRig(local: Local());
        rig.Ask(1, AccessRig.Pap("bob", "local-secret"));
        rig.Pass(2_000);
        Assert.Empty(rig.Take());
        rig.Pass(10_000);
        Assert.Equal((true, AuthenticationSource.Local), (rig.Result().Accepted, rig.Result().Authorisation!.AuthenticatedBy));
        rig.Answers.Clear();
        rig.Ask(2, AccessRig.Pap("bob", "wrong"));
        rig.Pass(10_000);
        Assert.Equal((false, "no RADIUS server answered; local users: wrong secret"), (rig.Result().Accepted, rig.Result().Reason));
    }

    [Fact]
    public void A_cancelled_request_is_never_answered()
    {
        var rig = new AccessRig(local: Local());
        rig.Ask(1, AccessRig.Pap());
        rig.Ask(2, AccessRig.Pap());
        rig.Access.Cancel(1);
        rig.Answer(RadiusCode.AccessAccept, to: rig.Sockets.Sent[0]);
        Assert.Empty(rig.Take());
        rig.Answer(RadiusCode.AccessAccept, to: rig.Sockets.Sent[1]);
        rig.Pass(60_000);
        Assert.Equal(2ul, Assert.Single(rig.Take()).RequestId);
    }

    [Fact]
    public void A_forged_answer_changes_nothing()
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap());
        var (socket, packet) = rig.Sockets.Sent[0];
        rig.Exchange.Receive(rig.Sockets, socket, ClientRig.AnswerTo(packet, RadiusCode.AccessAccept, secret: "guessed"), rig.Now);
        Assert.Empty(rig.Take());
        Assert.Equal("server0: its authenticator is wrong; the secrets may differ", Assert.Single(rig.Reports));
        rig.Answer(RadiusCode.AccessReject);
        Assert.False(rig.Result().Accepted);
    }

    [Theory]
    [InlineData(0, 1, "the user name is empty")]
    [InlineData(254, 1, "the user name is longer than 253 octets")]
    [InlineData(5, 129, "the password is longer than 128 octets")]
    public void What_RADIUS_cannot_carry_is_refused_without_asking(int name, int password, string reason)
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap(new string('n', name), new string('p', password)));
        Assert.Equal((false, reason), (rig.Result().Accepted, rig.Result().Reason));
        Assert.Empty(rig.Sockets.Sent);
    }

    [Fact]
    public void A_reload_moves_later_requests_to_the_new_servers_and_waits_for_the_old_ones()
    {
        var rig = new AccessRig();
        var old = rig.Sockets;
        rig.Ask(1, AccessRig.Pap());
        var sockets = rig.Use(1);
        rig.Ask(2, AccessRig.Pap());
        Assert.Equal((1, 1, false), (old.Sent.Count, sockets.Sent.Count, old.IsClosed));
        rig.Answer(RadiusCode.AccessAccept, to: old.Sent[0], sockets: old);
        Assert.Equal(1ul, Assert.Single(rig.Take()).RequestId);
        Assert.Equal((true, false), (old.IsClosed, sockets.IsClosed));
        rig.Answer(RadiusCode.AccessAccept);
        Assert.Equal(2, rig.Take().Count);
    }

    private static LocalAccess Local() => new(new LocalUsers([new SecretEntry("bob", "*", "local-secret", [])]), "lns1");

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
}
