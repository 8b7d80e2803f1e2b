using System.Net;
using System.Net.Sockets;
using System.Text;
using L2tpd.Operations.Metrics;
using L2tpd.Runtime.Counters;
using L2tpd.Unit.Tests.Operations.Control;
using Microsoft.Extensions.Logging.Abstractions;

namespace L2tpd.Unit.Tests.Operations.Metrics;

public sealed class MetricsServerTests
{
    private static readonly CounterReading Reading = new(
        new CounterFamily("l2tpd_things_total", "things", "Things."), [new CounterSample([], 3)]);

    [Theory]
    [InlineData("GET", "/metrics", HttpStatusCode.OK)]
    [InlineData("POST", "/metrics", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/metrics", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/v1/status", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/v1/tunnel?name=a", HttpStatusCode.NotFound)]
    [InlineData("POST", "/v1/reload", HttpStatusCode.NotFound)]
    public async Task There_is_one_path_and_one_method(string method, string path, HttpStatusCode expected)
    {
        await using var server = await StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), Uri(server, path));
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(expected == HttpStatusCode.OK, text.EndsWith("l2tpd_things_total 3\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("2001:db8::/32", false)]
    public async Task Only_the_listed_sources_are_served(string prefix, bool isServed)
    {
        await using var server = await StartAsync(IPNetwork.Parse(prefix));
        using var client = new HttpClient();
        var error = await Record.ExceptionAsync(
            () => client.GetStringAsync(Uri(server, "/metrics"), TestContext.Current.CancellationToken));
        Assert.Equal(isServed, error is null);
    }

    [Fact]
    public async Task Idle_connections_keep_nobody_out()
    {
        await using var server = await StartAsync();
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                idle.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
                await socket.SendAsync(Encoding.ASCII.GetBytes("GET /metrics HTTP/1.1\r\n"));
            }

            using var client = new HttpClient();
            Assert.NotEmpty(await client.GetStringAsync(Uri(server, "/metrics"), TestContext.Current.CancellationToken));
        }
        finally
        {
            idle.ForEach(static socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_reading_serves_all_who_ask_within_a_second()
    {
        var time = new StoppedTime();
        var reads = 0;
        var gate = new TaskCompletionSource();
        var reading = new SharedReading(
            async _ =>
            {
                reads++;
                await gate.Task;
                return [Reading];
            },
            time);
        var clients = Enumerable.Range(0, 1_000).Select(_ => reading.ReadAsync(default)).ToArray();
        gate.SetResult();
        await Task.WhenAll(clients);
        time.Pass(TimeSpan.FromMilliseconds(999));
        await reading.ReadAsync(default);
        Assert.Equal(1, reads);
        time.Pass(TimeSpan.FromMilliseconds(1));
        await reading.ReadAsync(default);
        Assert.Equal(2, reads);
    }

    [Fact]
    public async Task A_failed_reading_is_not_kept()
    {
        var fails = true;
        var reading = new SharedReading(
            _ => fails ? Task.FromException<IReadOnlyList<CounterReading>>(new InvalidOperationException())
                : Task.FromResult<IReadOnlyList<CounterReading>>([Reading]),
            new StoppedTime());
        await Assert.ThrowsAsync<InvalidOperationException>(() => reading.ReadAsync(default));
        fails = false;
        Assert.Single(await reading.ReadAsync(default));
    }

    private static async Task<MetricsServer> StartAsync(params IPNetwork[] reachableFrom)
    {
        var plane = new FakeControlPlane();
        plane.Readings.Add(Reading);
        var server = new MetricsServer(
            plane, new MetricsOptions(new IPEndPoint(IPAddress.Loopback, 0), reachableFrom), NullLoggerFactory.Instance);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    private static Uri Uri(MetricsServer server, string path) => new($"http://127.0.0.1:{server.Port}{path}");

    private sealed class StoppedTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan span) => _now += span.Ticks;
    }
}
