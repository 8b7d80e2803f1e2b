using System.Net;
using L2tpd.Runtime.Ipsec;
using L2tpd.Unit.Tests.Configuration;

namespace L2tpd.Unit.Tests.Runtime;

/// <summary>Which datagrams of IP protocol 115 the table of <c>ipsec: required</c> drops.</summary>
public sealed class ClearTextRuleTests
{
    [Theory]
    [InlineData("listen: { address: 'ip:192.0.2.1', ipsec: required }", "ip daddr 192.0.2.1", "ip saddr 192.0.2.1")]
    [InlineData("listen: { address: 'ip:0.0.0.0', ipsec: required }", "meta nfproto ipv4", "meta nfproto ipv4 fib saddr type local")]
    [InlineData("listen: { address: 'ip:[::]', ipsec: required }", "meta nfproto ipv6", "meta nfproto ipv6 fib saddr type local")]
    [InlineData("listen: { address: 'ip:[2001:db8::1]', ipsec: required }", "ip6 daddr 2001:db8::1", "ip6 saddr 2001:db8::1")]
    [InlineData("listen: { address: 'ip:192.0.2.1', ipsec: preferred }", "", "")]
    [InlineData("listen: { address: 192.0.2.1, ipsec: required }", "", "")]
    [InlineData("tunnels: { t: { lns: [192.0.2.7, 192.0.2.8], transport: ip, protocol: v3, ipsec: required } }",
        "ip saddr 192.0.2.7; ip saddr 192.0.2.8", "ip daddr 192.0.2.7 fib saddr type local; ip daddr 192.0.2.8 fib saddr type local")]
    [InlineData("tunnels: { t: { lns: 192.0.2.7, transport: udp, protocol: v3, ipsec: required } }", "", "")]
    [InlineData("tunnels: { t: { lns: '2001:db8::7', local-address: '2001:db8::1', transport: ip, protocol: v3, ipsec: required } }",
        "ip6 saddr 2001:db8::7 ip6 daddr 2001:db8::1", "ip6 daddr 2001:db8::7 ip6 saddr 2001:db8::1")]
    [InlineData("tunnels: { t: { lns: lns.example, local-address: 192.0.2.1, transport: ip, protocol: v3, ipsec: required } }",
        "ip daddr 192.0.2.1", "ip saddr 192.0.2.1")]
    [InlineData("tunnels: { t: { protocol: static, transport: ip, remote: 192.0.2.7, tunnel-id: 1, peer-tunnel-id: 2, ipsec: required } }",
        "ip saddr 192.0.2.7", "ip daddr 192.0.2.7 fib saddr type local")]
    public void What_must_be_inside_ESP(string text, string received, string sent)
    {
        var result = TemporaryConfiguration.LoadText("peers: { any: { protocol: v3 } }\n" + text);
        Assert.Empty(result.Errors);
        var paths = ClearTextRules.Paths(result.Configuration!).ToArray();
        Assert.Equal(received, string.Join("; ", paths.Select(static path => path.Received)));
        Assert.Equal(sent, string.Join("; ", paths.Select(static path => path.Sent)));
    }

    [Fact]
    public void A_new_table_replaces_what_was_left_and_a_changed_one_keeps_its_counters()
    {
        ProtectedPath[] paths = [new(IPAddress.Parse("192.0.2.1"), Peer: null)];
        var script = ClearTextRules.Script(paths, isNew: true);
        const string Table = ClearTextRules.Table;
        Assert.StartsWith($"add table {Table}\ndelete table {Table}\nadd table {Table}\n", script);
        Assert.Contains("input ip daddr 192.0.2.1 meta l4proto 115 meta secpath missing counter name dropped drop\n", script);
        Assert.Contains("postrouting ip saddr 192.0.2.1 meta l4proto 115 rt ipsec missing counter name unsent drop\n", script);
        Assert.DoesNotContain("delete", ClearTextRules.Script(paths, isNew: false));
        Assert.EndsWith($"delete table {Table}\n", ClearTextRules.Script([], isNew: false));
    }
}
