using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Daemon.Hosting;
using L2tpd.Engine.Configuration;
using L2tpd.Linux.Host;
using L2tpd.Unit.Tests.Configuration;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Daemon.Hosting;

public sealed class ReloadReportTests
{
    private const string Before = """
        data-plane: "null"
        listen: 127.0.0.1
        peers: { p: { secret: a }, q: { match: { host-name: q } } }
        tunnels:
          stays: { lns: 192.0.2.1, sessions: { s: {} } }
          goes: { lns: 192.0.2.2, sessions: { s: {} } }
          timer: { lns: 192.0.2.3, sessions: { s: {}, t: {} } }
          secret: { lns: 192.0.2.4, secret: a, sessions: { s: {} } }
          wire: { protocol: static, remote: 192.0.2.5, tunnel-id: 1, peer-tunnel-id: 2,
            sessions: { s: { session-id: 1, peer-session-id: 2 } } }
        """;

    private const string After = """
        data-plane: "null"
        listen: 127.0.0.1
        limits: { tunnels: 7 }
        peers: { p: { secret: b, limits: { tunnels: 1 } }, q: { match: { host-name: q } } }
        tunnels:
          stays: { lns: 192.0.2.1, sessions: { s: {} } }
          comes: { lns: 192.0.2.2, sessions: { s: {} } }
          timer: { lns: 192.0.2.3, timers: { hello-interval: 9s }, sessions: { s: { backoff: { initial: 2s } }, u: {} } }
          secret: { lns: 192.0.2.4, secret: b, sessions: { s: {} } }
          wire: { protocol: static, remote: 192.0.2.5, tunnel-id: 1, peer-tunnel-id: 3,
            sessions: { s: { session-id: 1, peer-session-id: 2 } } }
        """;

    [Fact]
    public void Says_what_is_added_changed_removed_and_kept()
    {
        var report = ReloadReport.Between(Load(Before), Load(After));
        Assert.Equal(
            [
                "tunnel comes: added",
                "tunnel timer: changed; in force: timers; sessions u: added, t: removed, s: kept, with other waits; the tunnel stays up",
                "tunnel secret: changed; in force: secret; the tunnel stays up; it uses the secrets from its next set-up on",
                "tunnel goes: removed",
                "static-tunnel wire: changed; cannot be changed while it is up: tunnel; it is set up again",
                "peer p: changed; in force: secret, limits; for new tunnels and sessions; tunnels that are up keep their "
                    + "settings",
                "changed: limits",
                "kept: tunnel stays, peer q",
            ],
            ReloadReport.Lines(report, 100));
        Assert.Equal(["2 more were added, changed or removed; l2tpctl reload lists all of them"], ReloadReport.Lines(report, 4)
            .Where(static line => line.Contains("more", StringComparison.Ordinal)));
    }

    [Fact]
    public void Names_what_is_up_and_closes()
    {
        var pair = new EnginePair(1, Tunnel("gone", "a", "b"), Tunnel("stays", "a", "b", "c"), Tunnel("secret"));
        var report = new ReloadView(
            [
                new ReloadChange("tunnel", "gone", "removed"),
                new ReloadChange("tunnel", "stays", "changed", Sessions: ["a: removed", "b: set up again", "c: kept, with other waits"]),
                new ReloadChange("tunnel", "secret", "changed", NotApplied: ["lns"]),
                new ReloadChange("static-tunnel", "stays", "removed"),
                new ReloadChange("tunnel", "never-up", "removed"),
            ],
            [], [], [], []);
        Assert.Equal(
            ["session stays/a", "session stays/b", "tunnel gone with 2 sessions", "tunnel secret"],
            ReloadReport.Closes(report, pair.Lac.Tunnels).Order(StringComparer.Ordinal));
        Assert.Empty(ReloadReport.Closes(report, pair.Lns.Tunnels));

        static LacTunnel Tunnel(string name, params string[] sessions) =>
            EnginePair.Tunnel(name, [.. sessions.Select(static one => new LacSession { Name = one })]);
    }

    [Fact]
    public void Sessions_of_a_static_tunnel_are_named()
    {
        const string more = "192.0.2.5, tunnel-id: 1, peer-tunnel-id: 2,\n    sessions: { t: { session-id: 3, peer-session-id: 4 }, ";
        var then = Before.Replace("192.0.2.5, tunnel-id: 1, peer-tunnel-id: 2,\n    sessions: { ", more, StringComparison.Ordinal);
        Assert.Equal(
            ["t: added"],
            ReloadReport.Between(Load(Before), Load(then)).Changes.Single(static change => change.Kind == "static-tunnel").Sessions!);
        Assert.Equal(
            ["s: set up again", "t: removed"],
            ReloadReport.Between(Load(then), Load(Before.Replace("peer-session-id: 2", "peer-session-id: 9", StringComparison.Ordinal)))
                .Changes.Single(static change => change.Kind == "static-tunnel").Sessions!);
    }

    [Fact]
    public void A_reload_of_the_same_file_keeps_all()
    {
        const string ppp = "listen: 0.0.0.0\npeers: { p: { lns: { ppp: x } } }\nppp: { x: { backend: built-in, auth: chap, local: "
            + "10.0.0.1, pool: 10.0.0.0/24, dns: 10.0.0.9, users: { a: { password: b } } } }\n";
        foreach (var text in (string[])[Before, After, ppp])
            Assert.All(ReloadReport.Between(Load(text), Load(text)).Changes, static change => Assert.Equal("kept", change.Change));
        var changed = ReloadReport.Between(Load(ppp), Load(ppp.Replace("password: b", "password: c", StringComparison.Ordinal)));
        Assert.Equal(new ReloadChange("ppp", "x", "changed", Note: "for new sessions"),
            changed.Changes.Single(static change => change.Kind == "ppp"));
    }

    [Theory]
    [InlineData("", "the file would remove all the configured tunnels (5) and all the peers (2): it may be empty or truncated. To apply it "
        + "anyway: l2tpctl reload --force")]
    [InlineData("peers: { q: {} }", "the file would remove all the configured tunnels (5): it may be empty or truncated. To apply it "
        + "anyway: l2tpctl reload --force")]
    [InlineData("tunnels: { other: { lns: a } }",
        "the file would remove all the peers (2): it may be empty or truncated. To apply it anyway: l2tpctl reload --force")]
    [InlineData("tunnels: { other: { lns: a } }\npeers: { r: {} }", null)]
    public void A_reload_that_leaves_no_tunnel_or_no_peer_is_objected_to(string text, string? expected)
    {
        Assert.Equal(expected, ReloadReport.Objection(Load(Before), Load("data-plane: 'null'\n" + text)));
        Assert.Null(ReloadReport.Objection(Load(""), Load("")));
    }

    [Theory]
    [InlineData("kernel", "data-plane is 'kernel', but this kernel cannot carry L2TP. generic netlink family l2tp: not available")]
    [InlineData("userspace", null)]
    [InlineData("'null'", null)]
    public void Check_says_that_a_data_plane_would_not_start_on_this_machine(string choice, string? expected)
    {
        var configuration = Load($"data-plane: {choice}");
        var objection = ConfigurationCheck.MachineObjection(configuration, static () => new KernelCapabilities(
            new("generic netlink family l2tp", 2, "l2tp_netlink"), new("PPPoL2TP sockets", 93, "l2tp_ppp"), new("ip", 0, ""),
            new("ip6", 0, ""), new("/dev/ppp", 0, ""), new("/dev/net/tun", 0, "tun")));
        if (expected is null)
            Assert.Null(objection);
        else
            Assert.StartsWith(expected, objection, StringComparison.Ordinal);
    }

    private static DaemonConfiguration Load(string text) => TemporaryConfiguration.LoadText(text).Configuration!;
}
