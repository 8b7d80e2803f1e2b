using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

public class ResultCodesTests
{
    [Fact]
    public void Result_error_and_text_in_words()
    {
        Assert.Equal("2 (general error), error 4 (insufficient resources)", ResultCodes.Describe(MessageType.Cdn, new ResultCode(2, 4)));
        Assert.Equal(
            "2 (general error), error 7 (try another): 192.0.2.1",
            ResultCodes.Describe(MessageType.StopCcn, new ResultCode(2, 7, "192.0.2.1")));
        Assert.Equal("4 (requester not authorized)", ResultCodes.Describe(MessageType.StopCcn, new ResultCode(4)));
        Assert.Equal(
            "4 (appropriate facilities temporarily not available)", ResultCodes.Describe(MessageType.Cdn, new ResultCode(4, 0)));
        Assert.Equal(
            "5 (protocol version of the requester not supported), error 1",
            ResultCodes.Describe(MessageType.StopCcn, new ResultCode(5, 1)));
        Assert.Equal("999 (unknown)", ResultCodes.Describe(MessageType.Cdn, new ResultCode(999)));
    }

    [Fact]
    public void Every_code_of_the_fact_sheet_has_words_of_its_own()
    {
        AssertNamed(Enumerable.Range(0, 9), code => ResultCodes.StopCcn((ushort)code));
        AssertNamed(Enumerable.Range(0, 29).Concat([30, 31]).Except([0]), code => ResultCodes.Cdn((ushort)code));
        AssertNamed(Enumerable.Range(0, 13), code => ResultCodes.Error((ushort)code));
        AssertNamed(Enumerable.Range(0, 21), code => ResultCodes.Ppp((PppDisconnectCode)code));
        Assert.Equal("private use", ResultCodes.Ppp((PppDisconnectCode)65280));
        Assert.Equal("unknown", ResultCodes.Ppp((PppDisconnectCode)21));
        Assert.Equal("unknown", ResultCodes.StopCcn(9));
        Assert.Equal("unknown", ResultCodes.Cdn(29));
        Assert.Equal("unknown", ResultCodes.Error(13));
    }

    [Fact]
    public void Causes_in_words()
    {
        var failed = new PppDisconnectCause(PppDisconnectCode.AuthenticationFailed, 0xC223, 1, "bad password");
        Assert.Equal("16 (authentication failed), at the peer, protocol 0xc223: bad password", ResultCodes.Describe(failed));
        Assert.Equal("0 (no information)", ResultCodes.Describe(new PppDisconnectCause(PppDisconnectCode.NoInformation, 0, 0)));
        Assert.Equal("Q.931 cause 16, message 69: bye", ResultCodes.Describe(new Q931Cause(16, 69, "bye")));
    }

    [Fact]
    public void Every_decode_error_has_words_and_a_result()
    {
        foreach (var kind in Enum.GetValues<DecodeErrorKind>())
        {
            var error = new DecodeError(kind, 20, 0, 14);
            Assert.DoesNotContain("error " + (int)kind, error.Describe(), StringComparison.Ordinal);
            Assert.Equal(kind == DecodeErrorKind.None ? 1 : 2, error.ToResultCode().Result);
        }

        Assert.Equal(
            new ResultCode(2, 2, "AVP 14 (Assigned Session ID) at octet 20 has a value of the wrong length"),
            new DecodeError(DecodeErrorKind.BadValueLength, 20, 0, 14).ToResultCode());
    }

    private static void AssertNamed(IEnumerable<int> codes, Func<int, string> words)
    {
        string[] all = [.. codes.Select(words)];
        Assert.DoesNotContain("unknown", all);
        Assert.Equal(all.Length, all.Distinct(StringComparer.Ordinal).Count());
    }
}
