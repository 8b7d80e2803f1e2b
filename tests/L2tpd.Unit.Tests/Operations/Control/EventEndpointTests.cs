using System.Net.Sockets;
using System.Text;
using L2tpd.Control;
using L2tpd.Operations.Events;

namespace L2tpd.Unit.Tests.Operations.Control;

public sealed class EventEndpointTests
{
    [Fact]
    public async Task Kept_events_are_sent_and_the_answer_ends()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Events.Observe(new LookupFailed("a.invalid", "a\nb"));
        server.Plane.Events.Observe(new LookupFailed("b.invalid", "no such host"));
        var views = new List<EventView>();
        await foreach (var view in server.Client.EventsAsync(after: 1))
            views.Add(view);
        Assert.Equal("b.invalid", Assert.Single(views).Name);
        Assert.Contains("id: 1\ndata: {\"number\":1,", await Get(server, $"{ControlRoutes.Events}"), StringComparison.Ordinal);
        Assert.Contains("content-type: text/event-stream", await Get(server, ControlRoutes.Events), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_client_that_reconnects_gets_what_it_has_not_received()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Events.Observe(new LookupFailed("a.invalid", "no such host"));
        server.Plane.Events.Observe(new LookupFailed("b.invalid", "no such host"));
        var answer = await Get(server, ControlRoutes.Events, "Last-Event-ID: 1\r\n");
        Assert.DoesNotContain("a.invalid", answer, StringComparison.Ordinal);
        Assert.Contains("b.invalid", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Followed_events_come_as_they_happen_and_end_when_the_daemon_stops()
    {
        await using var server = await TestServer.StartAsync();
        await using var events = server.Client.EventsAsync(follow: true).GetAsyncEnumerator();
        var next = events.MoveNextAsync().AsTask();
        await Until(() => server.Plane.Events.Readers == 1);
        server.Plane.Events.Observe(new LookupFailed("a.invalid", "no such host"));
        Assert.True(await next);
        Assert.Equal("a.invalid", events.Current.Name);
        var stopped = server.StopAsync();
        Assert.False(await events.MoveNextAsync());
        await stopped;
    }

    [Fact]
    public async Task A_client_that_leaves_gives_its_place_back()
    {
        await using var server = await TestServer.StartAsync();
        using (var leaving = new CancellationTokenSource())
        {
            await using var events = server.Client.EventsAsync(follow: true, cancellation: leaving.Token).GetAsyncEnumerator(leaving.Token);
            var next = events.MoveNextAsync().AsTask();
            await Until(() => server.Plane.Events.Readers == 1);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        }

        await Until(() => server.Plane.Events.Readers == 0);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_nobody_and_is_told_what_it_missed()
    {
        await using var server = await TestServer.StartAsync();
        await using var events = server.Client.EventsAsync(follow: true).GetAsyncEnumerator();
        server.Plane.Events.Observe(new LookupFailed("1.invalid", "no such host"));
        Assert.True(await events.MoveNextAsync());

        // More than the sockets and the queue can hold.
        const int Written = 50_000;
        for (var i = 2; i <= Written; i++)
            server.Plane.Events.Observe(new LookupFailed($"{i}.invalid", "no such host"));
        var (received, missed) = (1L, 0L);
        while (received + missed < Written && await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)))
            (received, missed) = (received + (events.Current.Missed is null ? 1 : 0), missed + (events.Current.Missed ?? 0));
        Assert.Equal(Written, received + missed);
        Assert.True(missed > 0);
    }

    [Theory]
    [InlineData("?after=x")]
    [InlineData("?follow=yes")]
    public async Task Keys_that_make_no_sense_are_refused(string query)
    {
        await using var server = await TestServer.StartAsync();
        Assert.Contains("400 Bad Request", await Get(server, ControlRoutes.Events + query), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counters_are_sent_by_name()
    {
        await using var server = await TestServer.StartAsync();
        server.Plane.Counters.AddRange([Samples.Labelled, Samples.Plain]);
        Assert.Equal(2, (await server.Client.CountersAsync()).Items.Count);
        Assert.Equal("l2tpd_half_open_tunnels", Assert.Single((await server.Client.CountersAsync("half_open")).Items).Name);
    }

    internal static async Task<string> Get(TestServer server, string uri, string headers = "")
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(server.SocketPath));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {uri} HTTP/1.1\r\nHost: l2tpd\r\nConnection: close\r\n{headers}\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 1_000 && !condition(); i++)
            await Task.Delay(10);
        Assert.True(condition());
    }
}
