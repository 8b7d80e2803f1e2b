using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using L2tpd.Documents;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>config/l2tpd.schema.json takes what the daemon takes, and finds the common mistakes.</summary>
public sealed class JsonSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(RepositoryFiles.Text(ReferenceFiles.Schema));

    public static TheoryData<string> Files() =>
    [
        .. Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "config"), "*.yaml", SearchOption.AllDirectories)
            .Where(static file => File.ReadAllText(file).Contains("l2tp", StringComparison.Ordinal) && !file.Contains("prometheus"))
            .Select(static file => Path.GetRelativePath(RepositoryFiles.Root, file)),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Takes_the_example(string file) => Takes(RepositoryFiles.Text(file));

    [Theory]
    [MemberData(nameof(ReferenceTests.Examples), MemberType = typeof(ReferenceTests))]
    public void Takes_the_example_of_the_reference(string text) => Takes(text);

    [Theory]
    [InlineData("lisen: 0.0.0.0")]
    [InlineData("data-plane: hardware")]
    [InlineData("timers: { hello-interval: 30 }")]
    [InlineData("limits: { tunnels: 0 }")]
    [InlineData("tunnels: { a: { lns: x, sessions: { s: { ppp: { userr: a } } } } }")]
    [InlineData("tunnels: { a: { protocol: static, lns: x } }")]
    [InlineData("peers: { a: { accept: [outgoing] } }")]
    public void Finds_the_mistake_in(string text) => Assert.False(Result(text).IsValid);

    private static void Takes(string text)
    {
        var result = Result(text);
        var errors = (result.Details ?? []).Where(static detail => detail.Errors is { Count: > 0 })
            .SelectMany(static detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"));
        Assert.True(result.IsValid, string.Join('\n', errors));
    }

    private static EvaluationResults Result(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var root = stream.Documents.Count == 0 ? new JsonObject() : Node(stream.Documents[0].RootNode);
        return Schema.Evaluate(JsonSerializer.SerializeToElement(root), new EvaluationOptions { OutputFormat = OutputFormat.List });
    }

    // As the core schema of YAML 1.2 has it, which editors use.
    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(static pair =>
            KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Node(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Node)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
        _ => JsonValue.Create(((YamlScalarNode)node).Value),
    };

    private static JsonValue? Plain(string text) => text switch
    {
        "true" or "false" => JsonValue.Create(text == "true"),
        "" or "~" => null,
        _ when text.StartsWith("0x", StringComparison.Ordinal) && uint.TryParse(
            text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex) => JsonValue.Create(hex),
        _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var real) => JsonValue.Create(real),
        _ => JsonValue.Create(text),
    };
}
