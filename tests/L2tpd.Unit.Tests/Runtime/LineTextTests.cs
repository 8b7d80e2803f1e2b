using L2tpd.Engine.Configuration;
using L2tpd.Runtime.Processes;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Runtime;

public sealed class LineTextTests
{
    [Theory]
    [InlineData("00:53:00:AB:cd:ef", "00:53:00:ab:cd:ef")]
    [InlineData("00-53-00-ab-cd-ef", "00:53:00:ab:cd:ef")]
    [InlineData("0053.00ab.cdef", "00:53:00:ab:cd:ef")]
    [InlineData("005300abcdef", null)]
    [InlineData("030123456789", null)]
    [InlineData("00:53:00:ab:cd:ef:01", null)]
    [InlineData("00:53:00:ab:cd", null)]
    [InlineData("00:53:00:ab:cd:eg", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_calling_number_may_be_a_mac_address(string? number, string? expected)
    {
        var pair = new EnginePair(1, EnginePair.Tunnel("hq", new LacSession { Name = "a", CallingNumber = number }));
        var session = pair.Lns.Tunnels.Single().Sessions.Values.Single();
        Assert.Equal(expected, LineText.MacAddress(session));
        Assert.Null(LineText.CircuitId(session));
    }
}
