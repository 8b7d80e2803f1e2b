using L2tpd.PppHosting.Pppd;
using L2tpd.Protocol.Avps;

namespace L2tpd.Unit.Tests.PppHosting;

public sealed class PppdExitTests
{
    /// <summary>Section EXIT STATUS of pppd(8), 2.4.9: status, CDN result, RFC 3145 code (-1: none), direction.</summary>
    [Theory]
    [InlineData(0, 3, 3, 1)]
    [InlineData(1, 4, -1, 0)]
    [InlineData(2, 5, -1, 0)]
    [InlineData(3, 5, -1, 0)]
    [InlineData(4, 5, -1, 0)]
    [InlineData(5, 3, 1, 0)]
    [InlineData(6, 4, -1, 0)]
    [InlineData(7, 4, -1, 0)]
    [InlineData(8, 5, -1, 0)]
    [InlineData(9, 5, -1, 0)]
    [InlineData(10, 1, 18, 0)]
    [InlineData(11, 3, 16, 1)]
    [InlineData(12, 3, 3, 2)]
    [InlineData(13, 3, 3, 2)]
    [InlineData(14, 3, 3, 2)]
    [InlineData(15, 1, 8, 0)]
    [InlineData(16, 1, -1, 0)]
    [InlineData(17, 1, 7, 0)]
    [InlineData(18, 5, -1, 0)]
    [InlineData(19, 3, 16, 2)]
    [InlineData(20, 4, -1, 0)]
    [InlineData(255, 4, -1, 0)]
    public void Every_status_has_a_result_a_cause_and_words(int status, int result, int code, int direction)
    {
        var exit = PppdExit.FromStatus(status, new PppdOutput());
        Assert.Equal(result, exit.CdnResult);
        Assert.Equal(code, exit.Cause is { } cause ? (int)cause.Code : -1);
        Assert.Equal(direction, exit.Cause?.Direction ?? 0);
        Assert.NotEmpty(exit.Reason);
    }

    [Theory]
    [InlineData("LCP: timeout sending Config-Requests", PppDisconnectCode.LcpTimeout, 0xc021)]
    [InlineData("IPCP: timeout sending Config-Requests", PppDisconnectCode.NcpTimeout, 0x8021)]
    [InlineData("IPV6CP: timeout sending Config-Requests", PppDisconnectCode.NcpTimeout, 0x8057)]
    public void A_failed_negotiation_names_the_protocol_that_was_not_answered(string line, PppDisconnectCode code, int protocol)
    {
        var said = new PppdOutput();
        said.Read(line);
        var exit = PppdExit.FromStatus(10, said);
        Assert.Equal(code, exit.Cause!.Code);
        Assert.Equal(protocol, exit.Cause.ControlProtocol);
    }

    [Theory]
    [InlineData("Peer alice failed CHAP authentication", 0xc223)]
    [InlineData("PAP authentication failed", 0xc023)]
    public void A_failed_authentication_names_its_protocol(string line, int protocol)
    {
        var said = new PppdOutput();
        said.Read(line);
        Assert.Equal(protocol, PppdExit.FromStatus(11, said).Cause!.ControlProtocol);
    }

    [Fact]
    public void Refused_options_are_quoted_from_the_output()
    {
        var said = new PppdOutput();
        said.Read("/usr/sbin/pppd: unrecognized option 'nolock'");
        said.Read("pppd version 2.4.9");
        Assert.Contains("unrecognized option 'nolock'", PppdExit.FromStatus(2, said).Reason);
    }

    [Fact]
    public void A_signal_is_named() => Assert.Contains("signal 9", PppdExit.FromSignal(9).Reason);
}
