using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Retransmission, answers, identifiers and the choice of servers, to the millisecond.</summary>
public sealed class ClientTests
{
    [Fact]
    public void A_request_is_sent_again_after_two_seconds_and_goes_to_the_next_server_after_four_more()
    {
        var rig = new ClientRig(ClientRig.Server("a"), ClientRig.Server("b", "other"));
        rig.Submit(1, group: new ServerGroup([0, 1]));
        rig.RunTo(30_000);
        Assert.Equal([(0L, 0), (2_000, 0), (6_000, 1), (8_000, 1)], rig.Sent.Select(s => (s.At, s.Socket.Server)));
        Assert.Equal(rig.Sent[0].Packet, rig.Sent[1].Packet);
        Assert.Equal(rig.Sent[2].Packet, rig.Sent[3].Packet);
        Assert.NotEqual(rig.Sent[0].Packet[4..20], rig.Sent[2].Packet[4..20]);
        Assert.Equal(["1 unanswered"], rig.Outcomes);
        Assert.Equal(0, rig.Client.Outstanding);
        Assert.Equal("pap-secret", PasswordIn(rig.Sent[0].Packet, "testing123"));
        Assert.Equal("pap-secret", PasswordIn(rig.Sent[2].Packet, "other"));
    }

    [Fact]
    public void Waits_double_up_to_the_maximum()
    {
        var rig = new ClientRig(ClientRig.Server("a") with { Retransmission = new RetransmissionTimer(2_000, 5_000, 6) });
        rig.Submit(1);
        rig.RunTo(60_000);
        Assert.Equal([0L, 2_000, 6_000, 11_000, 16_000, 21_000], rig.Sent.Select(s => s.At));
        Assert.Equal(["1 unanswered"], rig.Outcomes);
    }

    [Fact]
    public void A_request_is_given_up_when_its_budget_is_used_up()
    {
        var rig = new ClientRig(ClientRig.Server("a"), ClientRig.Server("b"), ClientRig.Server("c"));
        rig.Submit(1, group: new ServerGroup([0, 1, 2], Budget: 7_000));
        rig.RunTo(6_999);
        Assert.Empty(rig.Outcomes);
        rig.RunTo(7_000);
        Assert.Equal(["1 unanswered"], rig.Outcomes);
        Assert.Equal([0, 0, 1], rig.Sent.Select(s => s.Socket.Server));
        Assert.Equal(long.MaxValue, rig.Client.NextDeadline);
    }

    [Fact]
    public void The_delay_of_accounting_is_computed_anew_for_another_server_only()
    {
        var rig = new ClientRig(ClientRig.Server("a"), ClientRig.Server("b"));
        rig.Submit(1, new ClientRig.StopRequest(), new ServerGroup([0, 1]));
        rig.RunTo(30_000);
        Assert.Equal([0u, 0, 6, 6], rig.Sent.Select(s => DelayIn(s.Packet)));
        Assert.All(rig.Sent, s => Assert.Equal(RadiusService.Accounting, s.Socket.Service));
    }

    [Fact]
    public void An_answer_ends_the_request_and_a_second_one_is_unexpected()
    {
        var rig = new ClientRig(ClientRig.Server("a"));
        rig.Submit(7);
        rig.RunTo(30);
        rig.Answer(rig.Last);
        rig.Answer(rig.Last);
        rig.RunTo(60_000);
        Assert.Equal(["7 AccessAccept from 0"], rig.Outcomes);
        Assert.Single(rig.Sent);
        Assert.Equal((1L, 1L, 30L), (rig.Client.CountersOf(0).Accepts, rig.Client.CountersOf(0).Unexpected,
            rig.Client.CountersOf(0).RoundTrip));
    }

    [Fact]
    public void What_is_no_answer_to_the_request_changes_no_timer()
    {
        var rig = new ClientRig(ClientRig.Server("a"));
        rig.Submit(1);
        rig.RunTo(1_000);
        var (_, socket, packet) = rig.Last;
        rig.Client.Receive(socket, [1, 2, 3], rig.Now);
        rig.Client.Receive(socket, ClientRig.AnswerTo(packet, RadiusCode.AccountingResponse), rig.Now);
        rig.Client.Receive(socket with { Number = 1 }, ClientRig.AnswerTo(packet, RadiusCode.AccessAccept), rig.Now);
        rig.Client.Receive(socket with { Service = RadiusService.Accounting }, ClientRig.AnswerTo(packet, RadiusCode.AccessAccept),
            rig.Now);
        rig.Client.Receive(socket, ClientRig.AnswerTo(packet, RadiusCode.AccessAccept, "wrong"), rig.Now);
        var otherIdentifier = ClientRig.AnswerTo(packet, RadiusCode.AccessAccept);
        otherIdentifier[1]++;
        rig.Client.Receive(socket, otherIdentifier, rig.Now);
        Assert.Empty(rig.Outcomes);
        Assert.Equal(2_000, rig.Client.NextDeadline);
        var counters = rig.Client.CountersOf(0);
        Assert.Equal((1L, 4L, 1L), (counters.Malformed, counters.Unexpected, counters.BadAuthenticators));
        rig.Answer(rig.Last, RadiusCode.AccessReject);
        Assert.Equal(["1 AccessReject from 0"], rig.Outcomes);
    }

    [Theory]
    [InlineData(MessageAuthenticatorPolicy.Auto, true, false)]
    [InlineData(MessageAuthenticatorPolicy.Auto, false, true)]
    [InlineData(MessageAuthenticatorPolicy.Optional, true, true)]
    [InlineData(MessageAuthenticatorPolicy.Required, false, false)]
    public void An_answer_without_a_message_authenticator_counts_unless_the_server_is_known_to_send_them(
        MessageAuthenticatorPolicy policy, bool firstHasIt, bool isSecondTaken)
    {
        var rig = new ClientRig(ClientRig.Server("a") with { MessageAuthenticator = policy });
        rig.Submit(1);
        rig.Client.Receive(rig.Last.Socket,
            ClientRig.AnswerTo(rig.Last.Packet, RadiusCode.AccessAccept, withMessageAuthenticator: firstHasIt), rig.Now);
        rig.Submit(2);
        rig.Client.Receive(rig.Last.Socket, ClientRig.AnswerTo(rig.Last.Packet, RadiusCode.AccessAccept, withMessageAuthenticator: false),
            rig.Now);
        Assert.Equal(isSecondTaken, rig.Outcomes.Contains("2 AccessAccept from 0"));
        Assert.Equal(isSecondTaken, rig.Client.CountersOf(0).MissingMessageAuthenticators == 0);
    }

    [Fact]
    public void Beyond_256_requests_there_is_a_second_socket_and_beyond_the_limit_they_wait()
    {
        var rig = new ClientRig(ClientRig.Server("a") with { MaxOutstanding = 300 });
        for (ulong i = 0; i < 302; i++)
            rig.Submit(i);
        Assert.Equal(300, rig.Sent.Count);
        Assert.Equal([(0, 256), (1, 44)], rig.Sent.GroupBy(s => s.Socket.Number).Select(g => (g.Key, g.Count())));
        Assert.Equal(300, rig.Sent.Select(s => (s.Socket.Number, s.Packet[1])).Distinct().Count());
        rig.Answer(rig.Sent[5]);
        Assert.Equal(301, rig.Sent.Count);
        rig.RunTo(60_000);
        Assert.Equal(302, rig.Outcomes.Count);
        Assert.Equal(0, rig.Client.Outstanding);
    }

    [Fact]
    public void A_request_for_which_the_queue_has_no_place_goes_to_the_next_server()
    {
        var rig = new ClientRig(ClientRig.Server("a") with { MaxOutstanding = 1, MaxQueued = 1 },
            ClientRig.Server("b") with { MaxOutstanding = 1, MaxQueued = 0 });
        for (ulong i = 0; i < 4; i++)
            rig.Submit(i, group: new ServerGroup([0, 1]));
        Assert.Equal([0, 1], rig.Sent.Select(s => s.Socket.Server));
        Assert.Equal(["3 unanswered"], rig.Outcomes);
    }

    [Fact]
    public void The_identifier_of_a_request_without_an_answer_rests()
    {
        var rig = new ClientRig(ClientRig.Server("a") with { SuspectAfter = 1_000 });
        rig.Submit(0);
        var late = rig.Last;
        rig.RunTo(6_000);
        Assert.Equal(["0 unanswered"], rig.Outcomes);
        // Each of them is answered, so that 255 identifiers are used in turn.
        for (ulong i = 1; i < 600; i++)
        {
            rig.Submit(i);
            Assert.False(rig.Last.Socket.Number == 0 && rig.Last.Packet[1] == late.Packet[1], $"request {i} has the identifier that rests");
            rig.Answer(rig.Last);
        }

        rig.Answer(late);
        Assert.Equal(1, rig.Client.CountersOf(0).Unexpected);
        Assert.Equal(600, rig.Outcomes.Count);
    }

    [Fact]
    public void A_cancelled_request_has_no_outcome()
    {
        var rig = new ClientRig(ClientRig.Server("a") with { MaxOutstanding = 1 });
        rig.Submit(1);
        rig.Submit(2);
        rig.Submit(3);
        rig.Client.Cancel(2, rig.Now);
        rig.Client.Cancel(1, rig.Now);
        rig.Client.Cancel(99, rig.Now);
        Assert.Equal(2, rig.Sent.Count);
        rig.Answer(rig.Last);
        rig.RunTo(60_000);
        Assert.Equal(["3 AccessAccept from 0"], rig.Outcomes);
    }

    [Fact]
    public void Balanced_requests_of_one_user_meet_one_server_and_another_when_it_does_not_answer()
    {
        var rig = new ClientRig(ClientRig.Server("a"), ClientRig.Server("b"), ClientRig.Server("c"));
        var group = new ServerGroup([0, 1, 2], GroupPolicy.Balance);
        for (uint user = 0; user < 6; user++)
        {
            rig.Submit(user, new ClientRig.PapRequest(user), group);
            Assert.Equal((int)(user % 3), rig.Last.Socket.Server);
            rig.Answer(rig.Last);
        }

        rig.Submit(10, new ClientRig.PapRequest(1), group);
        rig.RunTo(12_000);
        Assert.Equal([1, 1, 2, 2, 0], rig.Sent.Skip(6).Select(s => s.Socket.Server));
    }

    private static string PasswordIn(byte[] packet, string secret)
    {
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(packet, out var parsed));
        Assert.True(parsed.TryFind(AttributeType.UserPassword, out var hidden));
        var password = new byte[PasswordHiding.MaxUserPassword];
        var length = PasswordHiding.Reveal(hidden, parsed.Authenticator, System.Text.Encoding.ASCII.GetBytes(secret), password);
        return System.Text.Encoding.ASCII.GetString(password, 0, length);
    }

    private static uint DelayIn(byte[] packet)
    {
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(packet, out var parsed));
        Assert.True(Authenticators.VerifyRequest(parsed, "testing123"u8));
        Assert.True(parsed.TryFindUInt32(AttributeType.AcctDelayTime, out var delay));
        return delay;
    }
}
