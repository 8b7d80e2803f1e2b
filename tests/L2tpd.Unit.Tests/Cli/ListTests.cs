using System.Text.Json;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Cli;

public sealed class ListTests
{
    [Fact]
    public async Task Tunnels_as_a_table()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.AddRange([Samples.Tunnel, Samples.HalfOpen]);
        Assert.Equal(
            """
            NAME                               ID  REMOTE              STATE           SESSIONS        UP
            carrier/lac1.example.net/12345  12345  192.0.2.1:1701      established            2  02:11:05
            hq                                  7  [2001:db8::1]:1701  wait-ctl-reply         0         -

            """,
            (await CliRun.Piped(server.SocketPath, "show", "tunnels")).Out);
    }

    [Fact]
    public async Task Sessions_as_a_table()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.AddRange([Samples.Session, Samples.SettingUp]);
        Assert.Equal(
            """
            ID         SESSION    USER   STATE       INTERFACE  ADDRESS         UP
            12345/678  carrier    alice  network-up  ppp0       10.0.0.2  01:02:05
            7/1        hq/office  -      wait-reply  -          -                -

            """,
            (await CliRun.Piped(server.SocketPath, "show", "sessions")).Out);
    }

    [Fact]
    public async Task Routes_as_a_table()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Routes.AddRange([Samples.Route, Samples.Route with { Session = "hq/office", State = "installed", Problem = null }]);
        Assert.Equal(
            """
            DESTINATION      METRIC  SESSION                             USER   STATE      PROBLEM
            198.51.100.0/24       5  carrier/lac1.example.net/12345/678  alice  waiting    session hq/office has it
            198.51.100.0/24       5  hq/office                           alice  installed  -

            """,
            (await CliRun.Piped(server.SocketPath, "show", "routes")).Out);
        Assert.Contains("\"state\":\"installed\"", (await CliRun.Piped(server.SocketPath, "--json", "show", "routes", "hq/office")).Out);
    }

    [Fact]
    public async Task Peers_as_a_table()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Peers.AddRange([Samples.Peer, Samples.Peer with { Name = "road", Prefixes = [], HostNamePattern = null }]);
        Assert.Equal(
            """
            NAME     FROM             TUNNELS  HALF-OPEN  SESSIONS  SENT  RECEIVED  RESENT
            carrier  192.0.2.0/24 +1        2          1         3  1201      1188       3
            road     any                    2          1         3  1201      1188       3

            """,
            (await CliRun.Piped(server.SocketPath, "show", "peers")).Out);
    }

    [Fact]
    public async Task History_as_text_the_latest_last()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.History.AddRange([Samples.Ended, Samples.Refused]);
        Assert.Equal(
            """
            2026-11-21 01:45:11Z  tunnel-refused  203.0.113.9:1701  evil\x1b[2J
                no peer profile fits; we sent StopCCN: result 4 (requester not authorized)
            2026-11-21 01:45:12Z  tunnel-ended  carrier/lac1.example.net/12345  192.0.2.1:1701  lac1.example.net  up 3d 01:53:20
              with 5 sessions
                HELLO was sent 6 times over 31 s without an answer; last socket error: No route to host (EHOSTUNREACH)
                sessions: 4 of 5 up: hq/a, hq/b, hq/c, ... (all that are kept: l2tpctl show history carrier/lac1.example.net/12345)

            """.Replace("\n  with", "  with", StringComparison.Ordinal),
            (await CliRun.Piped(server.SocketPath, "show", "history")).Out);
        Assert.Equal(50, server.Plane.Requests[^1].Limit);
        await CliRun.Piped(server.SocketPath, "show", "history", "hq", "--limit", "7");
        Assert.Contains(server.Plane.Requests, static request => request is { Name: "hq", Limit: 7 });
    }

    [Fact]
    public async Task Empty_lists_have_their_headings_only()
    {
        await using var server = await TestServer.StartAsync();
        var table = await CliRun.Piped(server.SocketPath, "show", "tunnels");
        Assert.Equal((0, "NAME  ID  REMOTE  STATE  SESSIONS  UP\n", ""), (table.ExitCode, table.Out, table.Error));
        Assert.Equal("[]\n", (await CliRun.Piped(server.SocketPath, "--json", "show", "tunnels")).Out);
        Assert.Equal("", (await CliRun.Piped(server.SocketPath, "show", "history")).Out);
        Assert.Equal("[]\n", (await CliRun.Piped(server.SocketPath, "show", "history", "--json")).Out);
    }

    [Theory]
    [InlineData("tunnels")]
    [InlineData("sessions")]
    [InlineData("peers")]
    [InlineData("history")]
    public async Task Json_is_an_array_with_an_element_a_line(string list)
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.AddRange([Samples.Tunnel, Samples.HalfOpen]);
        server.Plane.Sessions.AddRange([Samples.Session, Samples.SettingUp]);
        server.Plane.Peers.AddRange([Samples.Peer, Samples.Peer]);
        server.Plane.History.AddRange([Samples.Ended, Samples.Refused]);
        var run = await CliRun.Piped(server.SocketPath, "show", list, "--json");
        Assert.Equal(0, run.ExitCode);
        var lines = run.Out.Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Equal(("[", "]", ""), (lines[0], lines[3], lines[4]));
        Assert.StartsWith(list == "history" ? "{\"number\":1," : "{\"name\":", lines[1]);
        Assert.EndsWith(",", lines[1]);
        using var document = JsonDocument.Parse(run.Out);
        Assert.Equal(2, document.RootElement.GetArrayLength());
        Assert.DoesNotContain("\u001b", run.Out);
    }

    [Fact]
    public async Task The_exact_json_of_one_element()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.Add(Samples.SettingUp);
        Assert.Equal(
            """
            [
            {"name":"hq/office","tunnel":"hq","peer":"hq","tunnelId":7,"localId":1,"peerId":0,"role":"incoming-lac","state":"wait-reply",
            "data":"none","sequencing":{"configured":false,"required":false,"reorderMilliseconds":0}}
            ]

            """.Replace(",\n\"data\"", ",\"data\"", StringComparison.Ordinal),
            (await CliRun.Piped(server.SocketPath, "show", "sessions", "--json")).Out);
    }

    [Fact]
    public async Task Long_lists_are_walked_page_by_page_and_never_cut()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.AddRange(Enumerable.Range(1, 2_500).Select(i => Samples.SettingUp with
        {
            LocalId = (uint)i,
            Name = "s/" + new string('n', i == 2_400 ? 300 : 10) + "/x",
        }));
        var run = await CliRun.Piped(server.SocketPath, "show", "sessions", Samples.SettingUp.Peer);
        var lines = run.Out.Split('\n');
        Assert.Equal(2_502, lines.Length);
        Assert.StartsWith("ID ", lines[0]);
        Assert.Single(lines, l => l.StartsWith("ID ", StringComparison.Ordinal));
        Assert.StartsWith("7/2400  s/" + new string('n', 300) + "/x  -", lines[2_400]);
        Assert.Equal([null, "1000", "2000"], server.Plane.Requests.Select(r => r.After));
        Assert.All(server.Plane.Requests, r => Assert.Equal(Samples.SettingUp.Peer, r.Name));
        Assert.Equal(1_202, (await CliRun.Piped(server.SocketPath, "show", "sessions", "--limit", "1200")).Out.Split('\n').Length);
        using var json = JsonDocument.Parse((await CliRun.Piped(server.SocketPath, "show", "sessions", "--json")).Out);
        Assert.Equal(2_500, json.RootElement.GetArrayLength());
    }

    [Theory]
    [InlineData(80, false)]
    [InlineData(80, true)]
    [InlineData(100, true)]
    public async Task On_a_terminal_tables_fit_the_width(int width, bool colour)
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.AddRange([Samples.Tunnel, Samples.HalfOpen, Samples.Tunnel with { Name = "[red]x[/]\u001b[31m" }]);
        server.Plane.Sessions.AddRange([Samples.Session, Samples.SettingUp]);
        server.Plane.Peers.Add(Samples.Peer);
        foreach (var list in new[] { "tunnels", "sessions", "peers" })
        {
            var run = await CliRun.Terminal(server.SocketPath, width, colour, "show", list);
            Assert.Equal(0, run.ExitCode);
            Assert.Equal(colour, run.Out.Contains('\u001b'));
            var lines = System.Text.RegularExpressions.Regex.Replace(run.Out, "\u001b\\[[0-9;]*m", "").Split('\n');
            Assert.All(lines, l => Assert.True(l.TrimEnd('\r').Length <= width, l));
            Assert.StartsWith(list == "sessions" ? "ID" : "NAME", lines[0]);
            if (list == "tunnels")
                Assert.Contains(lines, l => l.Contains(@"[red]x[/]\x1b[31m", StringComparison.Ordinal));
        }
    }
}
