using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>EAP in RADIUS (RFC 3579): what is asked, and what each answer means.</summary>
public sealed class EapTests
{
    private static readonly byte[] Success = [3, 7, 0, 4];

    [Fact]
    public void A_response_is_cut_into_attributes_of_253_octets_with_State_and_Framed_MTU()
    {
        var rig = new AccessRig();
        byte[] response = [2, 7, 1, 252, .. Enumerable.Range(0, 504).Select(static i => (byte)i)];
        rig.Ask(1, Proof(response) with { State = [9, 8, 7], LinkMtu = 1_400 });
        var messages = rig.Sent(AttributeType.EapMessage);
        Assert.Equal([506, 506, 4], messages.Select(static message => message.Length));
        Assert.Equal(Convert.ToHexStringLower(response), string.Concat(messages));
        Assert.Equal(("616c696365", "090807", "00000578"),
            (Assert.Single(rig.Sent(AttributeType.UserName)), Assert.Single(rig.Sent(AttributeType.State)),
                Assert.Single(rig.Sent(AttributeType.FramedMtu))));
        Assert.Empty(rig.Sent(AttributeType.UserPassword));
        Assert.Equal((byte)AttributeType.MessageAuthenticator, rig.Sockets.Sent[^1].Packet[RadiusPacket.HeaderSize]);
    }

    [Fact]
    public void The_longest_response_is_never_cut_and_other_attributes_make_room()
    {
        var rig = new AccessRig();
        var response = new byte[3_000];
        rig.Ask(1, Proof(response) with { Name = new byte[253], State = new byte[253], LinkMtu = 1_400 });
        Assert.Equal(6_000, string.Concat(rig.Sent(AttributeType.EapMessage)).Length);
        Assert.Single(rig.Sent(AttributeType.State));
    }

    [Fact]
    public void A_challenge_is_joined_again_and_has_State_and_the_time_for_the_user()
    {
        var rig = new AccessRig();
        rig.Ask(1, Proof());
        byte[] request = [1, 8, 1, 44, .. new byte[296]];
        rig.Answer(RadiusCode.AccessChallenge, (ref PacketBuilder packet) =>
        {
            packet.Add(AttributeType.State, [5, 6]);
            packet.Add(AttributeType.EapMessage, request.AsSpan(0, 253));
            packet.Add(AttributeType.EapMessage, request.AsSpan(253));
            packet.AddUInt32(AttributeType.SessionTimeout, 40);
        });
        var result = rig.Result();
        Assert.False(result.Accepted);
        Assert.Equal((Convert.ToHexString(request), "0506", 40_000L),
            (Convert.ToHexString(result.Challenge!.Packet), Convert.ToHexString(result.Challenge.State!), result.Challenge.Timeout));
    }

    [Theory]
    [InlineData("")]
    [InlineData("01080004")]
    [InlineData("0208000506")]
    [InlineData("03080004")]
    [InlineData("0108000606")]
    [InlineData("0108000406")]
    [InlineData("01")]
    public void A_challenge_without_a_request_is_a_refusal(string message)
    {
        var rig = new AccessRig();
        rig.Ask(1, Proof());
        rig.Answer(RadiusCode.AccessChallenge,
            (ref PacketBuilder packet) => packet.Add(AttributeType.EapMessage, Convert.FromHexString(message)));
        var result = rig.Result();
        Assert.Equal((false, null), (result.Accepted, result.Challenge));
        Assert.Contains("server0 has no EAP request", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_accept_needs_EAPs_success()
    {
        foreach (var (message, isAccepted) in new (byte[] Message, bool IsAccepted)[]
            { (Success, true), ([4, 7, 0, 4], false), ([], false), ([3, 7, 0, 5], false) })
        {
            var rig = new AccessRig();
            rig.Ask(1, Proof());
            rig.Answer(RadiusCode.AccessAccept, (ref PacketBuilder packet) =>
            {
                packet.Add(AttributeType.EapMessage, message);
                packet.AddText(AttributeType.UserName, "real");
            });
            var result = rig.Result();
            Assert.Equal((isAccepted, isAccepted ? "real" : null), (result.Accepted, result.UserName));
        }
    }

    [Fact]
    public void A_reject_is_final_and_may_have_no_EAP_message()
    {
        var rig = new AccessRig();
        rig.Ask(1, Proof());
        rig.Answer(RadiusCode.AccessReject);
        var result = rig.Result();
        Assert.Equal((false, null), (result.Accepted, result.Challenge));
    }

    /// <summary>RFC 3579 section 3.2, and CVE-2024-3596: no Message-Authenticator, no belief.</summary>
    [Theory]
    [InlineData(RadiusCode.AccessAccept, true, false)]
    [InlineData(RadiusCode.AccessAccept, false, false)]
    [InlineData(RadiusCode.AccessChallenge, true, false)]
    [InlineData(RadiusCode.AccessChallenge, false, false)]
    [InlineData(RadiusCode.AccessReject, true, false)]
    [InlineData(RadiusCode.AccessReject, false, true)]
    public void An_answer_without_Message_Authenticator_is_dropped(RadiusCode code, bool hasMessage, bool isBelieved)
    {
        var rig = new AccessRig();
        rig.Ask(1, Proof());
        var (socket, sent) = rig.Sockets.Sent[^1];
        var builder = new PacketBuilder(new byte[4_096], code, sent[1], System.Text.Encoding.ASCII.GetBytes(AccessRig.Secret),
            sent.AsSpan(4, 16), withMessageAuthenticator: false);
        if (hasMessage)
            builder.Add(AttributeType.EapMessage, code == RadiusCode.AccessChallenge ? [1, 8, 0, 5, 6] : Success);
        rig.Exchange.Receive(rig.Sockets, socket, builder.Seal(), rig.Now);
        Assert.Equal(isBelieved ? 1 : 0, rig.Take().Count);
        Assert.Equal(isBelieved ? 0 : 1, rig.Exchange.Client!.CountersOf(0).MissingMessageAuthenticators);
    }

    [Fact]
    public void No_local_user_is_asked_for_EAP_that_no_server_answered()
    {
        var rig = new AccessRig(local: new LocalAccess(new LocalUsers([new SecretEntry("*", "*", "x", [])]), "lns1"));
        rig.Ask(1, Proof());
        rig.Pass(30_000);
        var result = rig.Result();
        Assert.False(result.Accepted);
        Assert.Contains("no RADIUS server answered; local users: EAP needs a RADIUS server", result.Reason, StringComparison.Ordinal);
    }

    private static AuthenticationRequest Proof(byte[]? response = null) => new()
    {
        Protocol = AuthenticationProtocol.Eap, Name = "alice"u8.ToArray(), Id = 7, Response = response ?? [2, 7, 0, 6, 3, 4],
    };
}
