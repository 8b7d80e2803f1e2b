using System.Net.Sockets;
using System.Text;
using L2tpd.Control;
using L2tpd.Operations.Control;
using L2tpd.Operations.Sessions;

namespace L2tpd.Unit.Tests.Operations.Control;

public sealed class ControlServerTests
{
    [Fact]
    public async Task Answers_every_get()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.AddRange([Samples.Tunnel, Samples.HalfOpen]);
        server.Plane.Sessions.Add(Samples.Session);
        server.Plane.Peers.Add(Samples.Peer);
        server.Plane.History.Add(Samples.Ended);
        var client = server.Client;
        Same(Samples.Status, await client.StatusAsync(), ControlJson.Default.StatusView);
        var tunnels = await client.TunnelsAsync();
        Same(Samples.Tunnel, tunnels.Items[0], ControlJson.Default.TunnelView);
        Same(Samples.HalfOpen, tunnels.Items[1], ControlJson.Default.TunnelView);
        Assert.Null(tunnels.Next);
        Same(Samples.Session, Assert.Single((await client.SessionsAsync()).Items), ControlJson.Default.SessionView);
        Same(Samples.Peer, Assert.Single((await client.PeersAsync()).Items), ControlJson.Default.PeerView);
        Same(Samples.Ended, Assert.Single((await client.HistoryAsync()).Items), ControlJson.Default.HistoryEntryView);
        Same(Samples.Tunnel, await client.TunnelAsync("carrier/lac1.example.net/12345"), ControlJson.Default.TunnelView);
        Same(Samples.Session, await client.SessionAsync("12345/678"), ControlJson.Default.SessionView);
    }

    [Theory]
    [InlineData("a/b c?d&e=f#g%2Fh+i")]
    [InlineData("\u00e4\u001b[2J\"\\")]
    public async Task A_name_may_hold_anything(string name)
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.Tunnel with { Name = name });
        Assert.Equal(name, (await server.Client.TunnelAsync(name)).Name);
        await server.Client.TunnelsAsync(name);
        Assert.Equal(name, server.Plane.Requests.Single().Name);
    }

    [Fact]
    public async Task Closes_and_says_who_asked()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Tunnels.Add(Samples.Tunnel);
        server.Plane.Sessions.Add(Samples.Session);
        Assert.Equal(new ClosedView(Samples.Tunnel.Name, "12345", 2), await server.Client.CloseTunnelAsync("12345"));
        Assert.Equal(new ClosedView(Samples.Session.Name, "12345/678"), await server.Client.CloseSessionAsync("678"));
        Assert.Equal(["12345", "678"], server.Plane.Closed.Select(c => c.Name));
        Assert.All(server.Plane.Closed, c => Assert.Matches($@"^uid \d+ \(pid {Environment.ProcessId}\)$", c.By));
    }

    [Fact]
    public async Task Changes_a_session_and_says_what_was_changed()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.Add(Samples.Session);
        var changed = await server.Client.ChangeSessionAsync(
            "678", [new("rate", "10M/2M"), new("filter", "a b"), new("filter", "c")]);
        Assert.Equal((Samples.Session.Name, "12345/678"), (changed.Name, changed.Id));
        Assert.Equal(["rate=10M/2M", "filter=a b", "filter=c"], changed.Changes);
        Assert.Equal("nothing to change; there are rate, session-timeout, idle-timeout, interim-interval, filter",
            (await Problem(() => server.Client.ChangeSessionAsync("678", []))).Detail);
        Assert.StartsWith("mtu cannot be changed",
            (await Problem(() => server.Client.ChangeSessionAsync("678", [new("mtu", "1")]))).Detail);
        Assert.Equal("rate is given twice",
            (await Problem(() => server.Client.ChangeSessionAsync("678", [new("rate", "1"), new("rate", "2")]))).Detail);
        Assert.Equal(404, (await Problem(() => server.Client.ChangeSessionAsync("nobody", [new("rate", "1")]))).Status);
    }

    [Fact]
    public async Task Problems_say_what_and_what_to_do()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.AddRange([Samples.Session, Samples.Session with { TunnelId = 1 }]);
        var missing = await Problem(() => server.Client.TunnelAsync("nobody"));
        Assert.Equal((ProblemTypes.NotFound, 404, "there is no tunnel \"nobody\""), (missing.Type, missing.Status, missing.Detail));
        var ambiguous = await Problem(() => server.Client.CloseSessionAsync("678"));
        Assert.Equal((ProblemTypes.Ambiguous, 409), (ambiguous.Type, ambiguous.Status));
        Assert.Equal(["12345/678", "1/678"], ambiguous.Candidates!);
        Assert.Equal(400, (await Problem(() => server.Client.TunnelAsync(""))).Status);
        Assert.Equal(400, (await Problem(() => server.Client.TunnelAsync(new string('x', 513)))).Status);
        Assert.Equal(400, (await Problem(() => server.Client.SessionsAsync(limit: 0))).Status);

        server.Plane.Fault = new ControlRequestException("no such cursor");
        Assert.Equal((400, "no such cursor"), await StatusAndDetail());
        server.Plane.Fault = new ControlUnavailableException("stopping");
        Assert.Equal((503, "stopping"), await StatusAndDetail());
        server.Plane.Fault = new InvalidOperationException("secret detail");
        Assert.Equal((500, "the daemon failed to answer; its log says why"), await StatusAndDetail());
        server.Plane.Fault = null;
        Assert.Equal("0.1.0", (await server.Client.StatusAsync()).Version);

        async Task<(int, string?)> StatusAndDetail()
        {
            var problem = await Problem(() => server.Client.TunnelsAsync());
            return (problem.Status, problem.Detail);
        }
    }

    [Fact]
    public async Task A_daemon_that_does_not_answer_is_reported()
    {
        await using var server = await TestServer.StartAsync(new ControlOptions { RequestTimeout = TimeSpan.FromMilliseconds(50) });
        var never = new TaskCompletionSource();
        server.Plane.Gate = never.Task;
        var problem = await Problem(() => server.Client.StatusAsync());
        Assert.Equal((ProblemTypes.Unavailable, 503), (problem.Type, problem.Status));
        never.SetResult();
    }

    [Fact]
    public async Task The_busiest_sessions_are_asked_for_by_order_and_number()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.AddRange([Samples.Session, Samples.Session with { LocalId = 9 }]);
        var busiest = await server.Client.BusiestAsync("octets", 1);
        var first = Assert.Single(busiest.Items);
        Assert.Equal((2, 3, 4, 678u), (busiest.Seconds, first.ToPeer, first.FromPeer, first.Session.LocalId));
        await server.Client.BusiestAsync("rate", 1_000_000);
        Assert.Equal(
            [(BusiestOrder.Octets, 1), (BusiestOrder.Rate, ControlRoutes.MaxPageSize)], server.Plane.BusiestRequests);
    }

    [Fact]
    public async Task Pages_are_bounded_and_walked()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Sessions.AddRange(Enumerable.Range(1, 2_345).Select(i => Samples.SettingUp with { LocalId = (uint)i }));
        Assert.Equal(ControlRoutes.DefaultPageSize, (await server.Client.SessionsAsync()).Items.Count);
        Assert.Equal(ControlRoutes.MaxPageSize, (await server.Client.SessionsAsync(limit: 1_000_000)).Items.Count);
        Assert.Equal(Enumerable.Range(1, 2_345).Select(i => (uint)i), await Walk(null));
        Assert.Equal(1_500, (await Walk(1_500)).Count);
        Assert.Equal(500, server.Plane.Requests[^1].Limit);
        Assert.All(server.Plane.Requests, r => Assert.InRange(r.Limit, 1, ControlRoutes.MaxPageSize));

        async Task<List<uint>> Walk(int? limit)
        {
            var ids = new List<uint>();
            var pages = ControlClient.WalkAsync((after, count, c) => server.Client.SessionsAsync(null, after, count, c), limit);
            await foreach (var page in pages)
                ids.AddRange(page.Select(s => s.LocalId));
            return ids;
        }
    }

    [Theory]
    [InlineData("GET /v2/status", "404")]
    [InlineData("GET /", "404")]
    [InlineData("POST /v1/status", "405")]
    [InlineData("DELETE /v1/tunnels", "405")]
    [InlineData("GET /v1/tunnels?limit=abc", "400")]
    [InlineData("GET /v1/tunnels?limit=-5", "400")]
    [InlineData("GET /v1/tunnels?limit=000", "400")]
    [InlineData("GET /v1/tunnels?limit=99999999999", "200")]
    [InlineData("GET /v1/tunnels?limit=99999999999999999999999999", "200")]
    [InlineData("GET /v1/busiest?by=octets&limit=7", "200")]
    [InlineData("GET /v1/busiest?by=name", "400")]
    [InlineData("GET /v1/busiest?by=rate&by=rate", "400")]
    [InlineData("GET /v1/busiest?limit=0", "400")]
    [InlineData("GET /v1/session", "400")]
    [InlineData("GET /v1/status", "200")]
    public async Task Other_requests_get_the_right_status(string request, string status)
    {
        await using var server = await TestServer.StartAsync();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(server.SocketPath));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        if (status is "404" or "400")
            Assert.Contains(L2tpd.Control.Problem.ContentType, answer);
        Assert.DoesNotContain("Kestrel", answer);
    }

    internal static async Task<Problem> Problem<T>(Func<Task<T>> ask) => (await Assert.ThrowsAsync<ControlProblemException>(ask)).Problem!;

    private static void Same<T>(T expected, T actual, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(expected, type), System.Text.Json.JsonSerializer.Serialize(actual, type));
}
