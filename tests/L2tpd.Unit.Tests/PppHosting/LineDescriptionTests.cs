using L2tpd.PppHosting.BuiltIn;
using L2tpd.Protocol.Avps;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>The DSL line of a call as RADIUS attributes (RFC 4679).</summary>
public sealed class LineDescriptionTests
{
    [Fact]
    public void Numbers_and_ids_are_those_of_the_AVPs()
    {
        Assert.Null(LineDescription.Of(null));
        Assert.Null(LineDescription.Of(new DslLine()));
        Assert.Equal("0103" + "41" + "8106" + "000F4240" + "8206" + "FFFFFFFF" + "9005" + "010203", LineDescription.Of(new DslLine
        {
            AgentCircuitId = [0x41], ActualRateUp = 1_000_000, ActualRateDown = 10_000_000_000, AccessLoopEncapsulation = [1, 2, 3],
        }));
        Assert.Equal(2 * 65, LineDescription.Of(new DslLine { AgentRemoteId = new byte[200] })!.Length);
    }
}
