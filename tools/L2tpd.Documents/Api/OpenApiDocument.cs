using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using L2tpd.Control;

namespace L2tpd.Documents.Api;

/// <summary>docs/openapi.json: the control API for programs that make clients of it (OpenAPI 3.1).</summary>
public static class OpenApiDocument
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // Members that are null are left out of answers; the schemas permit null as well.
    private static readonly JsonSchemaExporterOptions Exporter = new() { TreatNullObliviousAsNonNullable = true };

    /// <summary>The text of the file.</summary>
    public static string Write() => new JsonObject
    {
        ["openapi"] = "3.1.0",
        ["info"] = new JsonObject
        {
            ["title"] = "Control API of l2tpd",
            ["version"] = "1",
            ["description"] = "Served on a unix socket, /run/l2tpd/control.sock by default. Made by `./run reference`; the meaning of each "
                + "member is in docs/control-api.md. Within version 1, members and words are only added.",
        },
        ["servers"] = new JsonArray(new JsonObject { ["url"] = "http://l2tpd", ["description"] = "Any host name: the socket decides." }),
        ["paths"] = Paths(),
        ["components"] = new JsonObject { ["schemas"] = Schemas() },
    }.ToJsonString(Format) + "\n";

    /// <summary>The name of a view's schema: "TunnelView", "TunnelPage".</summary>
    public static string NameOf(JsonTypeInfo type) =>
        type.Type.IsGenericType
            ? type.Type.GenericTypeArguments[0].Name.Replace("View", "", StringComparison.Ordinal) + "Page" : type.Type.Name;

    private static JsonObject Paths()
    {
        var paths = new JsonObject();
        foreach (var path in ApiOperation.All.GroupBy(static operation => operation.Path))
        {
            paths[path.Key] = new JsonObject(path.Select(static operation =>
                KeyValuePair.Create<string, JsonNode?>(operation.Method.ToLowerInvariant(), Operation(operation))));
        }

        return paths;
    }

    private static JsonObject Operation(ApiOperation operation)
    {
        var schema = operation.Answer is { } answer ? Reference(NameOf(answer)) : new JsonObject { ["type"] = "string" };
        var word = operation.Path[(operation.Path.LastIndexOf('/') + 1)..];
        return new JsonObject
        {
            ["operationId"] = operation.Method.ToLowerInvariant() + char.ToUpperInvariant(word[0]) + word[1..],
            ["summary"] = operation.Summary,
            ["parameters"] = new JsonArray([.. operation.Keys.Select(Parameter)]),
            ["responses"] = new JsonObject
            {
                ["200"] = Response("The answer.", operation.ContentType, schema),
                ["default"] = Response("Why not.", Problem.ContentType, Reference(nameof(Problem))),
            },
        };
    }

    private static JsonNode Parameter(string key) => new JsonObject
    {
        ["name"] = key.TrimEnd('!'),
        ["in"] = "query",
        ["required"] = key.EndsWith('!'),
        ["schema"] = key.TrimEnd('!') switch
        {
            ControlRoutes.LimitKey => Number(ControlRoutes.MaxPageSize),
            ControlRoutes.ForKey => Number(86_400),
            ControlRoutes.CountKey => Number(10_000_000),
            ControlRoutes.FollowKey or ControlRoutes.ForceKey or ControlRoutes.DryRunKey or ControlRoutes.AllKey =>
                new JsonObject { ["type"] = "boolean" },
            ControlRoutes.LevelKey => Words(ControlRoutes.LogLevels),
            ControlRoutes.OrderKey => Words(ControlRoutes.Orders),
            ControlRoutes.ActionKey => Words(ControlRoutes.Actions),
            ControlRoutes.NameKey => new JsonObject { ["type"] = "string", ["maxLength"] = ControlRoutes.MaxNameLength },
            _ => new JsonObject { ["type"] = "string" },
        },
    };

    private static JsonObject Number(int most) => new() { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = most };

    private static JsonObject Words(IEnumerable<string> words) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(static word => JsonValue.Create(word))]) };

    private static JsonObject Response(string description, string contentType, JsonNode schema) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { [contentType] = new JsonObject { ["schema"] = schema } },
    };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static JsonObject Schemas()
    {
        var schemas = new JsonObject();
        foreach (var type in ApiOperation.All.Select(static operation => operation.Answer).OfType<JsonTypeInfo>()
            .Append(ControlJson.Default.Problem).DistinctBy(NameOf).OrderBy(NameOf, StringComparer.Ordinal))
        {
            var schema = type.GetJsonSchemaAsNode(Exporter);
            MoveReferences(schema, $"#/components/schemas/{NameOf(type)}");
            schemas[NameOf(type)] = schema;
        }

        return schemas;
    }

    /// <summary>A type that occurs twice is written once, with a reference from its schema's root, which is not the document's.</summary>
    private static void MoveReferences(JsonNode? node, string root)
    {
        switch (node)
        {
            case JsonObject mapping:
                if (mapping["$ref"] is JsonValue reference)
                    mapping["$ref"] = root + reference.GetValue<string>()[1..];
                foreach (var (_, member) in mapping)
                    MoveReferences(member, root);
                break;
            case JsonArray list:
                foreach (var item in list)
                    MoveReferences(item, root);
                break;
        }
    }
}
