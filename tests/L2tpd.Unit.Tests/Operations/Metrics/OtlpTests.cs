using System.Buffers.Binary;
using System.Net;
using System.Text;
using L2tpd.Engine;
using L2tpd.Operations.Metrics;
using L2tpd.Runtime.Counters;
using L2tpd.Unit.Tests.Operations.Control;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace L2tpd.Unit.Tests.Operations.Metrics;

/// <summary>OTLP as a collector receives it: the octets are decoded by the field numbers of opentelemetry-proto 1.</summary>
public sealed class OtlpTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddSeconds(100);
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddSeconds(160);

    [Theory]
    [InlineData("", null, null)]
    [InlineData("OTEL_SERVICE_NAME=x", null, null)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "http://c:4318/v1/metrics", null)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=https://c/otlp/", "https://c/otlp/v1/metrics", null)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4318 OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://b/x", "http://b/x", null)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "http://c/v1/metrics", null)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_SDK_DISABLED=true", null, null)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_METRICS_EXPORTER=none", null, null)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=c:4318", null, "OTEL_EXPORTER_OTLP_ENDPOINT is not an http or https address")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_EXPORTER_OTLP_PROTOCOL=grpc", null,
        "OTEL_EXPORTER_OTLP_PROTOCOL is grpc; l2tpd has http/protobuf only, to port 4318 of most collectors")]
    public void The_variables_say_where(string variables, string? endpoint, string? expected)
    {
        var settings = Read(variables, out var objection);
        Assert.Equal((endpoint, expected), (settings?.Endpoint.ToString(), objection));
    }

    [Fact]
    public void The_variables_say_who_and_how_often()
    {
        var settings = Read(
            "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_SERVICE_NAME=lns OTEL_RESOURCE_ATTRIBUTES=service.name=y,site=a%20b,=z,odd "
            + "OTEL_METRIC_EXPORT_INTERVAL=5000 OTEL_EXPORTER_OTLP_TIMEOUT=1 OTEL_EXPORTER_OTLP_HEADERS=api-key=s%3D1", out _)!;
        Assert.Equal(["service.name=lns", "site=a b"], settings.Resource.Select(static pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(["api-key=s=1"], settings.Headers.Select(static pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal((5.0, 1.0), (settings.Interval.TotalSeconds, settings.Timeout.TotalSeconds));
    }

    [Fact]
    public async Task A_collector_gets_what_the_registry_has()
    {
        var histogram = new Histogram([10, 2_500]);
        histogram.Observe(5);
        histogram.Observe(3_000);
        var plane = new FakeControlPlane();
        plane.Readings.AddRange(
        [
            new CounterReading(
                new CounterFamily("l2tpd_things_total", "things", "Things.") { Labels = ["peer"] },
                [new CounterSample(["a"], 3), new CounterSample(["é"], long.MaxValue)]),
            new CounterReading(
                new CounterFamily("l2tpd_age_seconds", "seconds", "Age.") { Kind = CounterKind.Gauge, Decimals = 3 },
                [new CounterSample([], 1_500)]),
            new CounterReading(
                new CounterFamily("l2tpd_turn_seconds", "seconds", "Turns.")
                { Kind = CounterKind.Histogram, Bounds = [10, 2_500], Decimals = 3, Labels = ["kind"] },
                [new CounterSample(["x"], 2) { Buckets = [.. histogram.Buckets], Sum = histogram.Sum }]),
            new CounterReading(new CounterFamily("l2tpd_nothing_total", "things", "Nothing."), []),
        ]);
        await using var collector = Collector.Start(HttpStatusCode.OK);
        await using var exporter = Exporter(collector.Endpoint, plane);
        Assert.Null(await exporter.ExportAsync(TestContext.Current.CancellationToken));

        var (type, body) = Assert.Single(collector.Requests);
        Assert.Equal("application/x-protobuf", type);
        var resource = Field(body, 1).Single();
        Assert.Equal(["service.name=l2tpd"], Field(Field(resource, 1).Single(), 1).Select(Attribute));
        var scope = Field(resource, 2).Single();
        Assert.Equal(("l2tpd", "1.2"), (Text(Field(scope, 1).Single(), 1), Text(Field(scope, 1).Single(), 2)));
        var metrics = Field(scope, 2).ToDictionary(static metric => Text(metric, 1));
        Assert.Equal(["l2tpd_age_seconds", "l2tpd_things_total", "l2tpd_turn_seconds"], metrics.Keys.Order());

        var sum = Field(metrics["l2tpd_things_total"], 7).Single();
        Assert.Equal((2UL, 1UL), (Number(sum, 2), Number(sum, 3)));
        Assert.Equal(["peer=a", "peer=é"], Field(sum, 1).Select(static point => Attribute(Field(point, 7).Single())));
        Assert.Equal([3L, long.MaxValue], Field(sum, 1).Select(static point => (long)Number(point, 6)));
        Assert.Equal((100_000_000_000UL, 160_000_000_000UL), (Number(Field(sum, 1)[0], 2), Number(Field(sum, 1)[0], 3)));
        Assert.Equal(("{things}", "s"), (Text(metrics["l2tpd_things_total"], 3), Text(metrics["l2tpd_age_seconds"], 3)));

        Assert.Equal(1.5, Real(Field(Field(metrics["l2tpd_age_seconds"], 5).Single(), 1).Single(), 4));
        var turns = Field(Field(metrics["l2tpd_turn_seconds"], 9).Single(), 1).Single();
        Assert.Equal((2UL, 3.005), (Number(turns, 4), Real(turns, 5)));
        Assert.Equal([1L, 0, 1], Packed(Field(turns, 6).Single()));
        Assert.Equal([0.01, 2.5], Packed(Field(turns, 7).Single()).Select(BitConverter.Int64BitsToDouble));
        Assert.Equal("kind=x", Attribute(Field(turns, 9).Single()));
    }

    [Fact]
    public async Task Everything_that_the_daemon_has_can_be_decoded()
    {
        var plane = new FakeControlPlane();
        plane.Readings.AddRange(DaemonRegistry.Read());
        await using var collector = Collector.Start(HttpStatusCode.OK);
        await using var exporter = Exporter(collector.Endpoint, plane);
        Assert.Null(await exporter.ExportAsync(TestContext.Current.CancellationToken));
        var names = Field(Field(Field(collector.Requests[0].Body, 1).Single(), 2).Single(), 2).Select(static metric => Text(metric, 1));
        var expected = plane.Readings.Where(static reading => reading.Samples.Count > 0);
        Assert.Equal(expected.Select(static reading => reading.Family.Name), names);
    }

    [Fact]
    public async Task A_collector_that_fails_is_told_once_and_its_return_once()
    {
        var log = new Lines();
        await using var collector = Collector.Start(HttpStatusCode.ServiceUnavailable);
        await using var exporter = Exporter(collector.Endpoint, new FakeControlPlane(), log);
        for (var i = 0; i < 3; i++)
            exporter.Report(await exporter.ExportAsync(TestContext.Current.CancellationToken));
        exporter.Report(null);
        exporter.Report(null);
        Assert.Equal(2, log.Texts.Count);
        Assert.Contains("it answers with HTTP status 503", log.Texts[0], StringComparison.Ordinal);
        Assert.Contains("again", log.Texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_away_is_a_failure_and_no_exception()
    {
        Uri endpoint;
        await using (var collector = Collector.Start(HttpStatusCode.OK))
            endpoint = collector.Endpoint;
        await using var exporter = Exporter(endpoint, new FakeControlPlane());
        Assert.NotNull(await exporter.ExportAsync(TestContext.Current.CancellationToken));
        await using var broken = Exporter(endpoint, new FakeControlPlane { Fault = new InvalidOperationException("broken") });
        Assert.Equal("broken", await broken.ExportAsync(TestContext.Current.CancellationToken));
    }

    private static OtlpSettings? Read(string variables, out string? objection)
    {
        var values = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static one => one.Split('=', 2))
            .ToDictionary(static pair => pair[0], static pair => pair[1]);
        return OtlpSettings.Read(values.GetValueOrDefault, out objection);
    }

    private static OtlpExporter Exporter(Uri endpoint, FakeControlPlane plane, ILogger? log = null) => new(
        new OtlpSettings { Endpoint = endpoint, Resource = [KeyValuePair.Create("service.name", "l2tpd")] }, plane, "1.2", new Clock(),
        log ?? NullLogger.Instance);

    // Protocol Buffers: fields of wire type 2, and numbers of types 0 and 1.
    private static List<byte[]> Field(byte[] message, int field) =>
        [.. Fields(message).Where(one => one.Field == field && one.Octets is not null).Select(static one => one.Octets!)];

    private static ulong Number(byte[] message, int field) => Fields(message).Single(one => one.Field == field).Number;

    private static double Real(byte[] message, int field) => BitConverter.UInt64BitsToDouble(Number(message, field));

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Field(message, field).Single());

    private static string Attribute(byte[] message) => $"{Text(message, 1)}={Text(Field(message, 2).Single(), 1)}";

    private static IEnumerable<long> Packed(byte[] octets) =>
        octets.Chunk(sizeof(long)).Select(static eight => BinaryPrimitives.ReadInt64LittleEndian(eight));

    private static IEnumerable<(int Field, ulong Number, byte[]? Octets)> Fields(byte[] message)
    {
        var place = 0;
        while (place < message.Length)
        {
            var tag = Varint(message, ref place);
            switch (tag & 7)
            {
                case 0:
                    yield return ((int)(tag >> 3), Varint(message, ref place), null);
                    break;
                case 1:
                    yield return ((int)(tag >> 3), BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(place, 8)), null);
                    place += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref place);
                    yield return ((int)(tag >> 3), 0, message[place..(place + length)]);
                    place += length;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
        }
    }

    private static ulong Varint(byte[] message, ref int place)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var octet = message[place++];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
                return value;
        }
    }

    /// <summary>An HTTP receiver on a port of its own.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private Task _serving = Task.CompletedTask;

        public required Uri Endpoint { get; init; }

        public List<(string? Type, byte[] Body)> Requests { get; } = [];

        public static Collector Start(HttpStatusCode status)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            var collector = new Collector { Endpoint = new Uri($"http://127.0.0.1:{port}/v1/metrics") };
            collector._listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            collector._listener.Start();
            collector._serving = collector.ServeAsync(status);
            return collector;
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Close();
            await _serving;
        }

        private async Task ServeAsync(HttpStatusCode status)
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    using var body = new MemoryStream();
                    await context.Request.InputStream.CopyToAsync(body);
                    Requests.Add((context.Request.ContentType, body.ToArray()));
                    context.Response.StatusCode = (int)status;
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Closed.
            }
        }
    }

    private sealed class Clock : TimeProvider
    {
        private int _asked;

        public override DateTimeOffset GetUtcNow() => _asked++ == 0 ? Start : Now;
    }

    private sealed class Lines : ILogger
    {
        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Add(formatter(state, exception));
    }
}
