using L2tpd.Engine.Configuration;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary><c>dial: on-traffic</c>: what it needs, and what a tunnel does whose sessions have it.</summary>
public sealed class OnTrafficKeyTests
{
    private const string Ppp = "ppp: { backend: built-in, user: a, password: b, idle-timeout: 5m }";

    [Fact]
    public void A_tunnel_follows_its_sessions_unless_the_file_says_otherwise()
    {
        Assert.Equal(DialMode.OnTraffic, ModeOf("", $"s: {{ dial: on-traffic, {Ppp} }}"));
        Assert.Equal(DialMode.Always, ModeOf("dial: always, ", $"s: {{ dial: on-traffic, {Ppp} }}"));
        Assert.Equal(DialMode.Always, ModeOf("", $"s: {{ dial: on-traffic, {Ppp} }}, other: {{ {Ppp} }}"));
        Assert.Equal(DialMode.Manual, ModeOf("dial: manual, ", $"s: {{ dial: on-traffic, {Ppp} }}"));
        Assert.Equal(DialMode.OnTraffic, ModeOf("dial: on-traffic, ", $"s: {{ dial: on-traffic, {Ppp} }}"));
        // The peer may call, and needs the tunnel.
        Assert.Equal(DialMode.Always, ModeOf("accept: [incoming-calls], ", $"s: {{ dial: on-traffic, {Ppp} }}", peerSessions: true));
    }

    [Theory]
    [InlineData("kernel", "", $"s: {{ dial: on-traffic, {Ppp} }}", "needs `data-plane: userspace`")]
    [InlineData("auto", "", $"s: {{ dial: on-traffic, {Ppp} }}", "needs `data-plane: userspace`")]
    [InlineData("userspace", "", "s: { dial: on-traffic, ppp: none }", "`on-traffic` needs `ppp`")]
    [InlineData("userspace", "", "s: { dial: on-traffic, ppp: { backend: built-in, interface: none } }", "an interface of the session")]
    [InlineData("userspace", "", $"s: {{ dial: on-traffic, direction: outgoing, called-number: 1, {Ppp} }}", "`direction: incoming`")]
    [InlineData("userspace", "dial: on-traffic, ", $"s: {{ {Ppp} }}", "in all its sessions")]
    [InlineData("userspace", "dial: on-traffic, ", "", "nothing would ever dial the tunnel")]
    [InlineData("userspace", "dial: on-traffic, accept: [incoming-calls], ", $"s: {{ dial: on-traffic, {Ppp} }}", "does not fit `accept`")]
    [InlineData("userspace", "lns: vpn.example.net, ",
        "s: { dial: on-traffic, ppp: { backend: built-in, default-route: true, idle-timeout: 5m } }", "could not be looked up")]
    public void What_cannot_work_is_an_error(string dataPlane, string tunnel, string sessions, string expected)
    {
        var result = TemporaryConfiguration.LoadText(Text(dataPlane, tunnel, sessions));
        Assert.Contains(result.Errors, error => error.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("s: { dial: on-traffic, ppp: { backend: built-in } }", "without `idle-timeout`")]
    [InlineData($"s: {{ dial: on-traffic, persist: true, {Ppp} }}", "has no effect with `dial: on-traffic`")]
    public void What_is_of_no_use_is_a_warning(string sessions, string expected)
    {
        var result = TemporaryConfiguration.LoadText(Text("userspace", "", sessions));
        Assert.Empty(result.Errors);
        Assert.Contains(expected, Assert.Single(result.Warnings).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_route_with_addresses_is_right() => Assert.Equal(
        DialMode.OnTraffic,
        TemporaryConfiguration.Good(Text("userspace", "lns: [192.0.2.7, 192.0.2.8], ",
            "s: { dial: on-traffic, ppp: { backend: built-in, default-route: true, idle-timeout: 5m } }")).Engine.Tunnels[0].Dial);

    private static DialMode ModeOf(string tunnel, string sessions, bool peerSessions = false) => TemporaryConfiguration.Good(
        Text("userspace", tunnel + (peerSessions ? "peer-sessions: { ppp: { backend: built-in, local: 10.0.0.1, pool: 10.0.0.2 } }, " : ""),
            sessions)).Engine.Tunnels[0].Dial;

    private static string Text(string dataPlane, string tunnel, string sessions)
    {
        var lns = tunnel.Contains("lns:", StringComparison.Ordinal) ? "" : "lns: 192.0.2.7, ";
        return $"data-plane: {dataPlane}\ntunnels: {{ t: {{ {lns}{tunnel}sessions: {{ {sessions} }} }} }}\n";
    }
}
