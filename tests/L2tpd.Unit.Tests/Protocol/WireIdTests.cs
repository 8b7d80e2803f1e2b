using System.Globalization;
using L2tpd.Protocol;

namespace L2tpd.Unit.Tests.Protocol;

public sealed class WireIdTests
{
    [Theory]
    [InlineData(0u, "0", true)]
    [InlineData(1u, "1", false)]
    [InlineData(65_535u, "65535", false)]
    [InlineData(4_294_967_295u, "4294967295", false)]
    public void An_id_is_written_as_its_decimal_number_and_0_is_none(uint number, string text, bool isNone)
    {
        var tunnel = new TunnelId(number);
        var session = new SessionId(number);
        Assert.Equal((text, text), (tunnel.ToString(), session.ToString()));
        Assert.Equal((text, text), ($"{tunnel}", $"{session}"));
        Assert.Equal((isNone, isNone), (tunnel.IsNone, session.IsNone));
        Assert.Equal((isNone, isNone), (tunnel == TunnelId.None, session == SessionId.None));
    }

    [Fact]
    public void The_text_of_an_id_does_not_depend_on_the_culture()
    {
        var provider = new NumberFormatInfo { NumberGroupSeparator = "'" };
        Assert.Equal("12,345", new TunnelId(12_345).ToString("N0", provider));
        Assert.Equal("12,345", string.Create(provider, $"{new SessionId(12_345):N0}"));
    }

    [Fact]
    public void An_id_that_does_not_fit_the_header_of_v2_is_cut_and_changes_no_other_field()
    {
        var octets = new byte[ControlHeader.Size];
        new ControlHeader(ProtocolVersion.V2, ControlHeader.Size, new(0x1_2345), new(0x6_7890), 1, 2).Write(octets);
        Assert.Equal("C802000C2345789000010002", Convert.ToHexString(octets));
    }
}
