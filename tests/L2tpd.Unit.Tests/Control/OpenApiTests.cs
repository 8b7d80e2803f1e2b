using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Json.Schema;
using L2tpd.Control;
using L2tpd.Documents;
using L2tpd.Documents.Api;
using L2tpd.Unit.Tests.Operations.Control;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using OpenApiDocument = L2tpd.Documents.Api.OpenApiDocument;
using OpenApiModel = Microsoft.OpenApi.OpenApiDocument;

namespace L2tpd.Unit.Tests.Control;

/// <summary>docs/openapi.json says what the daemon serves, and what it answers.</summary>
public sealed class OpenApiTests
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private static readonly JsonNode Document = JsonNode.Parse(RepositoryFiles.Text(ReferenceFiles.OpenApi))!;

    public static TheoryData<string> Paths => [.. typeof(ControlRoutes).GetFields().Where(static one => one.IsLiteral)
        .Select(static one => one.GetRawConstantValue()).OfType<string>()
        .Where(static text => text.StartsWith('/') && !text.EndsWith(".sock", StringComparison.Ordinal))];

    [Fact]
    public async Task The_library_of_the_specification_reads_it_without_an_error()
    {
        await using var file = File.OpenRead(Path.Combine(RepositoryFiles.Root, ReferenceFiles.OpenApi));
        var read = await OpenApiModel.LoadAsync(file, "json", new OpenApiReaderSettings(), TestContext.Current.CancellationToken);
        Assert.Empty(read.Diagnostic!.Errors.Select(static error => $"{error.Pointer}: {error.Message}"));
        Assert.Empty(read.Diagnostic.Warnings.Select(static warning => $"{warning.Pointer}: {warning.Message}"));
        Assert.Equal(ApiOperation.All.Count, read.Document!.Paths.Sum(static path => path.Value.Operations!.Count));
    }

    [Fact]
    public void It_has_the_paths_of_the_contract_and_no_others() => Assert.Equal(
        Paths.Select(static row => row.Data).Order(StringComparer.Ordinal),
        Document["paths"]!.AsObject().Select(static path => path.Key).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task It_has_the_methods_that_the_daemon_serves_and_no_others(string path)
    {
        await using var server = await TestServer.StartAsync();
        var documented = Document["paths"]![path]!.AsObject().Select(static method => method.Key.ToUpperInvariant()).ToArray();
        foreach (var method in Methods)
        {
            var status = await StatusOf(server, method, path);
            Assert.True(status == 405 != documented.Contains(method), $"{method} {path}: {status}");
        }
    }

    [Fact]
    public void The_views_are_as_its_schemas_say()
    {
        Takes(Samples.Status, ControlJson.Default.StatusView);
        Takes(Samples.Tunnel, ControlJson.Default.TunnelView);
        Takes(Samples.HalfOpen, ControlJson.Default.TunnelView);
        Takes(Samples.Session, ControlJson.Default.SessionView);
        Takes(Samples.Reload, ControlJson.Default.ReloadView);
        Takes(Samples.Event, ControlJson.Default.EventView);
        Takes(new Page<TunnelView>([Samples.Tunnel, Samples.HalfOpen], "7"), ControlJson.Default.TunnelPage);
        Takes(new Page<SessionView>([Samples.Session], null), ControlJson.Default.SessionPage);
        Takes(new Page<RouteView>([Samples.Route], null), ControlJson.Default.RoutePage);
        Takes(new Page<PeerView>([Samples.Peer], null), ControlJson.Default.PeerPage);
        Takes(new Page<HistoryEntryView>([Samples.Ended], null), ControlJson.Default.HistoryPage);
        Takes(new CountersView([Samples.Labelled, Samples.Plain]), ControlJson.Default.CountersView);
        Takes(new RadiusView([Samples.RadiusServer]), ControlJson.Default.RadiusView);
        Takes(new PoolsView([Samples.Pool]), ControlJson.Default.PoolsView);
        Takes(new ClosedView("a", "1", 3), ControlJson.Default.ClosedView);
        Takes(new LogLevelView("debug", "warning"), ControlJson.Default.LogLevelView);
        Takes(new Problem(ProblemTypes.Ambiguous, "t", 409, "d", ["1/2"], ["e"]), ControlJson.Default.Problem);
    }

    [Theory]
    [InlineData("""{"name":"a"}""")]
    [InlineData("""{"name":1,"id":"1"}""")]
    public void A_view_that_lacks_a_member_or_has_a_wrong_type_is_not(string json) =>
        Assert.False(Schema("ClosedView").Evaluate(JsonDocument.Parse(json).RootElement).IsValid);

    private static void Takes<T>(T view, JsonTypeInfo<T> type)
    {
        var result = Schema(OpenApiDocument.NameOf(type)).Evaluate(
            JsonSerializer.SerializeToElement(view, type), new EvaluationOptions { OutputFormat = OutputFormat.List });
        var errors = (result.Details ?? []).Where(static detail => detail.Errors is { Count: > 0 })
            .SelectMany(static detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"));
        Assert.True(result.IsValid, $"{typeof(T).Name}: {string.Join('\n', errors)}");
    }

    private static JsonSchema Schema(string name) =>
        JsonSchema.FromText(Document["components"]!["schemas"]![name]!.ToJsonString()
            .Replace($"#/components/schemas/{name}", "#", StringComparison.Ordinal));

    private static async Task<int> StatusOf(TestServer server, string method, string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(server.SocketPath));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: l2tpd\r\nContent-Length: 0\r\n\r\n"));
        using var reader = new StreamReader(new NetworkStream(socket));
        var line = await reader.ReadLineAsync() ?? "";
        return int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
