using L2tpd.Engine.Events;
using L2tpd.Operations.History;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Operations.Control;

public sealed class EndReasonTextTests
{
    public static TheoryData<EndReason, string> Sentences => new()
    {
        {
            new EndReason
            {
                Cause = EndCause.PeerUnreachable,
                Text = "the peer does not answer",
                UnansweredMessage = MessageType.Icrq,
                Transmissions = 6,
                UnansweredFor = TimeSpan.FromSeconds(31),
                LastSocketError = "Connection refused (ECONNREFUSED) from 192.0.2.7:1701",
            },
            "ICRQ was sent 6 times over 31 s without an answer; last socket error: Connection refused (ECONNREFUSED) from 192.0.2.7:1701"
        },
        {
            new EndReason
            {
                Cause = EndCause.PeerUnreachable,
                Text = "",
                UnansweredMessage = MessageType.Hello,
                Transmissions = 1,
                UnansweredFor = TimeSpan.FromMilliseconds(1500),
            },
            "HELLO was sent once over 1.5 s without an answer"
        },
        {
            new EndReason
            {
                Cause = EndCause.ClosedByPeer,
                Text = "closed by the peer",
                Result = new ResultCode(2, 4, "no more ports"),
                ResultFromPeer = true,
                ResultIsCdn = true,
            },
            "the peer sent CDN: result 2 (general error), error 4 (insufficient resources): \"no more ports\""
        },
        {
            new EndReason { Cause = EndCause.ClosedByPeer, Text = "closed by the peer", Result = new ResultCode(6), ResultFromPeer = true },
            "the peer sent StopCCN: result 6 (requester is being shut down)"
        },
        {
            new EndReason { Cause = EndCause.ClosedByPeer, Text = "" },
            "closed by the peer"
        },
        {
            new EndReason { Cause = EndCause.AuthenticationFailed, Text = "wrong challenge response.", Result = new ResultCode(4) },
            "wrong challenge response; we sent StopCCN: result 4 (requester not authorized)"
        },
        {
            new EndReason
            {
                Cause = EndCause.Ppp,
                Text = "pppd exited with code 19",
                Result = new ResultCode(3),
                ResultIsCdn = true,
                PppCause = new PppDisconnectCause(PppDisconnectCode.AuthenticationFailed, 0xC223, 1),
                Q931Cause = new Q931Cause(16, 0, "bye"),
            },
            "pppd exited with code 19; we sent CDN: result 3 (disconnected for administrative reasons); "
                + "PPP disconnect cause 16 (authentication failed), at the peer, protocol 0xc223; Q.931 cause 16, message 0: bye"
        },
    };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void Says_it_all(EndReason reason, string sentence) => Assert.Equal(sentence, EndReasonText.Of(reason));

    [Fact]
    public void Every_cause_has_its_own_words_even_without_the_engines()
    {
        var sentences = Enum.GetValues<EndCause>().Select(cause => EndReasonText.Of(new EndReason { Cause = cause, Text = " " })).ToList();
        Assert.All(sentences, s => Assert.True(s.Length > 5 && !s.Contains("unknown", StringComparison.Ordinal), s));
        Assert.Equal(sentences.Count, sentences.Distinct().Count());
    }

    [Fact]
    public void A_refusal_says_why_and_what_was_sent()
    {
        Assert.Equal(
            "no peer profile fits; we sent StopCCN: result 4 (requester not authorized)",
            EndReasonText.OfRefusal(MessageType.StopCcn, new ResultCode(4), "no peer profile fits."));
        Assert.Equal(
            "we sent CDN: result 2 (general error), error 4 (insufficient resources)",
            EndReasonText.OfRefusal(MessageType.Cdn, new ResultCode(2, 4), null));
    }
}
