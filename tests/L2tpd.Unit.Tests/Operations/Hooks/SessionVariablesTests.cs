using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol.Avps;
using L2tpd.Runtime.Processes;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Operations.Hooks;

public sealed class SessionVariablesTests
{
    private readonly Dictionary<string, string> _variables = [];

    public SessionVariablesTests()
    {
        var pair = new EnginePair(7, EnginePair.Tunnel("carrier", new LacSession
        {
            Name = "call",
            CallingNumber = "030\n123",
            CalledNumber = "0800",
            SubAddress = "7",
            TxConnectSpeed = 50_000_000,
            RxConnectSpeed = 10_000_000,
            PrivateGroupId = "vpn-7",
        }));
        var session = pair.Lns.Tunnels.Single().Sessions.Values.Single();
        pair.TellLns(new PppUser(session.Key, new SessionUser
        {
            Name = "al\nice", AccountingId = "a-1", Ipv6Address = "fe80::2", Prefixes = "2001:db8:1::/64 2001:db8:2::/56", Mtu = 1400,
        }));
        pair.TellLns(new PppRates(session.Key, 20_000_000, 5_000_000));
        foreach (var (name, value) in SessionVariables.Of(session).Variables)
            _variables.Add(name, value);
    }

    [Theory]
    [InlineData("L2TPD_ROLE", "lns")]
    [InlineData("L2TPD_CALL", "incoming")]
    [InlineData("L2TPD_PEER", "carrier")]
    [InlineData("L2TPD_PEER_HOST", "lac1.example.net")]
    [InlineData("L2TPD_PEER_ADDRESS", "192.0.2.1")]
    [InlineData("L2TPD_PEER_PORT", "1701")]
    [InlineData("L2TPD_LOCAL_ADDRESS", "192.0.2.7")]
    [InlineData("L2TPD_CALLING_NUMBER", @"030\x0a123")]
    [InlineData("L2TPD_CALLED_NUMBER", "0800")]
    [InlineData("L2TPD_SUB_ADDRESS", "7")]
    [InlineData("L2TPD_TX_SPEED", "50000000")]
    [InlineData("L2TPD_RX_SPEED", "10000000")]
    [InlineData("L2TPD_PRIVATE_GROUP", "vpn-7")]
    [InlineData("L2TPD_FRAMING", "Synchronous")]
    [InlineData("L2TPD_USER", @"al\x0aice")]
    [InlineData("L2TPD_ACCOUNTING_ID", "a-1")]
    [InlineData("L2TPD_INTERFACE_PEER_IPV6", "fe80::2")]
    [InlineData("L2TPD_IPV6_PREFIXES", "2001:db8:1::/64 2001:db8:2::/56")]
    [InlineData("L2TPD_MTU", "1400")]
    [InlineData("L2TPD_RATE_TO_PEER", "20000000")]
    [InlineData("L2TPD_RATE_FROM_PEER", "5000000")]
    public void The_call_is_described(string name, string value) => Assert.Equal(value, _variables[name]);

    [Fact]
    public void What_is_not_known_is_left_out()
    {
        Assert.DoesNotContain(_variables, variable => variable.Value.Length == 0);
        Assert.DoesNotContain(_variables.Keys, static name => name.StartsWith("L2TPD_DSL_", StringComparison.Ordinal));
        Assert.DoesNotContain(_variables.Keys, static name => name.StartsWith("L2TPD_PROXY_", StringComparison.Ordinal));
    }

    [Fact]
    public void An_end_has_its_codes()
    {
        var pair = new EnginePair(8, EnginePair.Tunnel("t"));
        var variables = SessionVariables.Of(pair.Lns.Tunnels.Single()).With(new EndReason
        {
            Cause = EndCause.Ppp,
            Text = "gone",
            Result = new ResultCode(3, 6, "really"),
            PppCause = new PppDisconnectCause(PppDisconnectCode.EchoTimeout, 0xc021, 0),
        }).Variables.ToDictionary();
        Assert.Equal(
            ("Ppp", "gone", "3", "6", "really", "8"),
            (variables["L2TPD_END_CAUSE"], variables["L2TPD_END_REASON"], variables["L2TPD_RESULT_CODE"],
             variables["L2TPD_ERROR_CODE"], variables["L2TPD_ERROR_MESSAGE"], variables["L2TPD_PPP_CAUSE"]));
    }

    [Fact]
    public void Values_are_bounded()
    {
        var pair = new EnginePair(9, EnginePair.Tunnel("t"));
        var variables = SessionVariables.Of(pair.Lns.Tunnels.Single()).Add("LONG", new string('x', 100_000)).Add("NONE", null);
        Assert.Equal(SessionVariables.LongestValue, variables.Variables.Single(variable => variable.Key == "L2TPD_LONG").Value.Length);
        Assert.DoesNotContain(variables.Variables, variable => variable.Key == "L2TPD_NONE");
    }
}
