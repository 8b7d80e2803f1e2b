using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using L2tpd.Configuration.Reference;

namespace L2tpd.Documents;

/// <summary>config/l2tpd.schema.json: for editors that complete and check YAML by a JSON schema.</summary>
internal static class JsonSchema
{
    private const string Top = "top level";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write()
    {
        var definitions = new JsonObject();
        foreach (var section in ConfigurationReference.Sections.Where(static section => section.Name != Top))
            definitions[section.Name.Replace(' ', '-')] = Mapping(section);
        var root = Mapping(ReferenceFiles.Find(Top)!);
        root.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        root.Insert(1, "title", "Configuration of l2tpd");
        root.Insert(2, "description", "Made of the reference by `./run reference`. `l2tpd --check FILE` knows more than a schema can say.");
        root["$defs"] = definitions;
        return root.ToJsonString(Format) + "\n";
    }

    // A static tunnel has keys of its own.
    private static JsonObject Mapping(SectionReference section)
    {
        var properties = new JsonObject();
        foreach (var key in section.Keys)
            properties[key.Name] = section.Name == Top && key.Name == "tunnels" ? Tunnels(key) : Property(section, key);
        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
    }

    private static JsonObject Property(SectionReference section, KeyReference key)
    {
        var schema = ValueSyntax.Read(key.Value, key.Section) ?? throw new InvalidOperationException(
            $"{section.Name}.{key.Name}: the value `{key.Value}` has no form that a schema can be made of: {ValueSyntax.Forms}");
        var about = key.Default.Length == 0 ? key.Meaning : $"{key.Meaning} Default: {key.Default}.";
        schema.Insert(0, "description", about);
        return schema;
    }

    private static JsonObject Tunnels(KeyReference key) => new()
    {
        ["description"] = key.Meaning,
        ["type"] = "object",
        ["additionalProperties"] = new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["properties"] = new JsonObject { ["protocol"] = new JsonObject { ["const"] = "static" } },
                ["required"] = new JsonArray("protocol"),
            },
            ["then"] = new JsonObject { ["$ref"] = "#/$defs/static-tunnels" },
            ["else"] = new JsonObject { ["$ref"] = "#/$defs/tunnels" },
        },
    };
}
