using L2tpd.Engine.Data;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;

namespace L2tpd.Unit.Tests.Engine.Data;

/// <summary>Which end switches sequence numbers on and off.</summary>
public sealed class SequencingRuleTests
{
    [Theory]
    // LNS?, sends, required, packets as they come (s with a number, u without): admitted (y, n), sends in the end
    [InlineData(false, false, false, "s", "y", true)]    // the LAC follows the LNS
    [InlineData(false, true, false, "u", "y", false)]
    [InlineData(false, false, false, "sus", "yyy", true)]
    [InlineData(false, true, true, "u", "n", true)]      // Sequencing Required: the LNS may not switch it off
    [InlineData(false, true, true, "s", "y", true)]
    [InlineData(true, false, false, "s", "y", false)]    // the LNS does as it is configured
    [InlineData(true, false, false, "u", "y", false)]
    [InlineData(true, true, false, "u", "n", true)]      // as the kernel: its LAC has to follow
    [InlineData(true, true, true, "su", "yn", true)]
    public void In_v2_the_LNS_is_in_control(bool isLns, bool sends, bool required, string packets, string admitted, bool sendsInTheEnd) =>
        Check(ProtocolVersion.V2, isLns, sends, required, packets, admitted, sendsInTheEnd);

    [Theory]
    [InlineData(false, false, false, "us", "yy", false)] // each direction as agreed, whatever comes in the other
    [InlineData(false, true, false, "us", "yy", true)]
    [InlineData(true, true, false, "us", "yy", true)]
    [InlineData(true, false, true, "us", "ny", false)]
    public void In_v3_it_is_as_agreed(bool isLns, bool sends, bool required, string packets, string admitted, bool sendsInTheEnd) =>
        Check(ProtocolVersion.V3, isLns, sends, required, packets, admitted, sendsInTheEnd);

    private static void Check(
        ProtocolVersion version, bool isLns, bool sends, bool required, string packets, string admitted, bool sendsInTheEnd)
    {
        var rule = new SequencingRule(version, isLns, sends ? DataSequencing.All : DataSequencing.None, required);
        var verdicts = new string([.. packets.Select(packet => rule.Admit(packet == 's') ? 'y' : 'n')]);
        Assert.Equal(admitted, verdicts);
        Assert.Equal(sendsInTheEnd, rule.SendLevel == DataSequencing.All);
    }
}
