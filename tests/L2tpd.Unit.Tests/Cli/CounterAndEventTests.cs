using System.Text.Json;
using L2tpd.Control;
using L2tpd.Operations.Events;
using L2tpd.Unit.Tests.Operations.Control;

namespace L2tpd.Unit.Tests.Cli;

public sealed class CounterAndEventTests
{
    [Fact]
    public async Task Counters_as_a_table()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Counters.AddRange([Samples.Labelled, Samples.Plain]);
        Assert.Equal(
            """
            NAME                             LABELS               VALUE
            l2tpd_ppp_packets_dropped_total  reason=wrong-source      3
            l2tpd_ppp_packets_dropped_total  reason=malformed         0
            l2tpd_half_open_tunnels          -                        7

            """,
            (await CliRun.Piped(server.SocketPath, "show", "counters")).Out);
        Assert.Equal(
            """
            NAME                     LABELS  VALUE  KIND   UNIT     MEANING
            l2tpd_half_open_tunnels  -           7  gauge  tunnels  Half-open tunnels.

            """,
            (await CliRun.Piped(server.SocketPath, "show", "counters", "half", "--wide")).Out);
    }

    [Fact]
    public async Task Counters_as_json()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Counters.AddRange([Samples.Labelled, Samples.Plain]);
        var run = await CliRun.Piped(server.SocketPath, "--json", "show", "counters");
        var counters = JsonSerializer.Deserialize<JsonElement[]>(run.Out)!;
        Assert.Equal("wrong-source", counters[0].GetProperty("samples")[0].GetProperty("labels").GetProperty("reason").GetString());
        Assert.Equal(7, counters[1].GetProperty("samples")[0].GetProperty("value").GetInt64());
    }

    [Fact]
    public async Task Radius_servers_as_a_table_and_as_json()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.RadiusServers.Add(Samples.RadiusServer);
        Assert.Equal(
            """
            NAME  ADDRESS         BY   STATE                      RTT  REQUESTS  ANSWERS  REJECTS  RESENT  TIMEOUTS  DROPPED  IN-FLIGHT
            main  192.0.2.1:1812  tls  dead 00:01:01, probing  1.5 ms       100       90        5       6         7        3          7

            """,
            (await CliRun.Piped(server.SocketPath, "show", "radius")).Out);
        var json = JsonSerializer.Deserialize<JsonElement[]>((await CliRun.Piped(server.SocketPath, "--json", "show", "radius")).Out)!;
        Assert.Equal(90, Assert.Single(json).GetProperty("counters").GetProperty("answers").GetInt64());
    }

    [Fact]
    public async Task Pools_as_a_table_and_as_json()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Pools.Add(Samples.Pool with { Name = "gold", Family = "ipv4", Range = "10.0.0.10-10.0.0.20", Length = null });
        server.Plane.Pools.Add(Samples.Pool with { Profile = null });
        Assert.Equal(
            """
            NAME   PROFILE  FAMILY  RANGE                    SIZE  USED   FREE  KEPT
            gold   gold     ipv4    10.0.0.10-10.0.0.20     65536     2  65534     3
            homes  -        ipv6    2001:db8:7700::/40 /56  65536     2  65534     3

            """,
            (await CliRun.Piped(server.SocketPath, "show", "pools")).Out);
        var json = JsonSerializer.Deserialize<JsonElement[]>((await CliRun.Piped(server.SocketPath, "--json", "show", "pools")).Out)!;
        Assert.False(json[0].TryGetProperty("length", out _));
        Assert.Equal(56, json[1].GetProperty("length").GetInt32());
    }

    [Fact]
    public async Task Events_as_lines_that_no_peer_can_forge()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Events.Observe(new LookupFailed("a.invalid", "no\u001b[2J such\nhost"));
        server.Plane.Events.Observe(new ConfigurationRefused("uid 0 (pid 1)", "the configuration has errors"));
        var run = await CliRun.Piped(server.SocketPath, "events");
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((0, 2), (run.ExitCode, lines.Length));
        Assert.EndsWith(@"Z  lookup-failed  a.invalid: no\x1b[2J such\x0ahost", lines[0]);
        Assert.EndsWith("Z  configuration-refused  by uid 0 (pid 1): the configuration has errors", lines[1]);
    }

    [Fact]
    public async Task Events_as_json_one_object_per_line()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Events.Observe(new LookupFailed("a.invalid", "no such host"));
        server.Plane.Events.Observe(new LookupFailed("b.invalid", "no such host"));
        var run = await CliRun.Piped(server.SocketPath, "--json", "events", "b.invalid");
        var view = JsonSerializer.Deserialize(run.Out, ControlJson.Default.EventView)!;
        Assert.Equal((2, "lookup-failed", "b.invalid"), (view.Number, view.Kind, view.Name));
    }

    [Fact]
    public async Task Followed_events_end_with_the_daemon()
    {
        await using var server = await TestServer.StartAsync();
        var running = CliRun.Piped(server.SocketPath, "events", "--follow");
        for (var i = 0; i < 1_000 && server.Plane.Events.Readers == 0; i++)
            await Task.Delay(10);
        server.Plane.Events.Observe(new LookupFailed("a.invalid", "no such host"));
        await Task.Delay(50);
        await server.StopAsync();
        Assert.Contains("a.invalid", (await running).Out, StringComparison.Ordinal);
    }
}
