using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace L2tpd.Documents;

/// <summary>
/// The forms of <c>KeyReference.Value</c>, as JSON schemas. A schema may take more than the loader does: an editor helps, `l2tpd --check`
/// decides.
/// </summary>
public static partial class ValueSyntax
{
    private const string Durations = @"^([0-9][0-9.]*(ms|s|m|h|d))+$";

    private const string Speeds = @"^([0-9][0-9._]*[kMG]?|0x[0-9a-fA-F]+)$";

    // Forms that are texts, or numbers that stand for texts.
    private static readonly string[] Texts =
    [
        "path", "absolute path", "absolute path or `none`", "interface name", "IP address", "IPv4 address", "address", "port", "octal",
        "number, or IPv4 address", "`address:port` or `[v6]:port`", "`address`, `address:port`, `[v6]:port`, `ip:address`",
        "`address`, `address:port`, `[v6]:port`",
        "IPv6 prefix of 16 bits or more", "family and name", "template", "pattern with `*` and `?`", "8 or 16 hexadecimal digits",
        "size, 1M to 16G", "domain",
    ];

    private static readonly string[] Lists =
    [
        "ranges `a-b`, prefixes, addresses", "IPv4 addresses, at most 2; or `none`, `resolvconf`, `resolved`, `file`",
        "IPv4 addresses, at most 2", "IPv6 addresses, at most 8", "domains, at most 8", "IPv4 networks, at most 28",
        "texts", "paths", "routes", "names",
        "list of names", "list of words", "addresses with prefix length", "prefixes or addresses",
        "`host`, `host:port`, `[v6]:port`, or a list", "text or list",
    ];

    /// <summary>The forms, for a message about one that is not known.</summary>
    public const string Forms = "boolean; duration...; N to M...; `word`, `word`; of `word`, `word`; text...; name...; mapping; mapping of "
        + "names; or one of the lists in tools/L2tpd.Documents/ValueSyntax.cs";

    /// <summary>The schema of a value.</summary>
    /// <param name="value">The form.</param>
    /// <param name="section">The section of a mapping; <c>null</c> if there is none.</param>
    /// <returns><c>null</c> if the form is not known.</returns>
    public static JsonObject? Read(string value, string? section) => value switch
    {
        "mapping" => Section(section),
        "mapping of names" => MappingOf(Section(section)),
        "mapping of names to ranges" => MappingOf(ListOf(Text())),
        "`required`, `preferred`, `none`, or mapping" => AnyOf(Words(value), Section(section)),
        "boolean, or mapping" => AnyOf(Boolean(), Section(section)),
        "duration, or mapping" => AnyOf(Duration(orNever: false), Section(section)),
        "address, mapping, or list of these" => ListOf(AnyOf(Text(), Section("listen"))),
        "name of a ppp profile, mapping, or `none`" => AnyOf(Text(), Section("ppp")),
        "interface name, `none`, or `{ shared: NAME }`" => AnyOf(Text(), Shared()),
        "`local`, `radius`, `[radius, local]`" => ListOf(Words(value)),
        "`true` or `false`" or "boolean" => Boolean(),
        // Booleans stand for two of the words.
        "`none`, `link-local`, `router`" => AnyOf(Words(value), Boolean()),
        "0 to 1" => new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1 },
        "number, decimal or 0x" => Number(0, uint.MaxValue),
        "the same" or "as `rate` of ppp" => section is null ? Speed() : AnyOf(Speed(), Section(section)),
        _ when value.Contains("bit/s", StringComparison.Ordinal) => section is null ? Speed() : AnyOf(Speed(), Section(section)),
        _ when Texts.Contains(value) => Text(),
        _ when Lists.Contains(value) => ListOf(Text()),
        _ when Duration().IsMatch(value) => Duration(value.Contains("`never`", StringComparison.Ordinal)),
        _ when Range().Match(value) is { Success: true } range => Number(Of(range.Groups[1].Value), Of(range.Groups[2].Value)),
        _ when WordList().IsMatch(value) => Words(value),
        _ when value.StartsWith("of `", StringComparison.Ordinal) || value.StartsWith("`none`, or of `", StringComparison.Ordinal) =>
            ListOf(Words(value)),
        _ when value.StartsWith("text", StringComparison.Ordinal) || value.StartsWith("name", StringComparison.Ordinal) => Text(),
        _ => null,
    };

    private static JsonObject Section(string? section) => new() { ["$ref"] = "#/$defs/" + (section ?? "").Replace(' ', '-') };

    private static JsonObject Boolean() => new() { ["type"] = "boolean" };

    private static JsonObject Text() => new() { ["type"] = new JsonArray("string", "number") };

    private static JsonObject Shared() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { ["shared"] = Text() },
        ["additionalProperties"] = false,
    };

    private static JsonObject Speed() => AnyOf(
        new JsonObject { ["type"] = "string", ["pattern"] = @"^[0-9][0-9._]*[kMG]?(/[0-9][0-9._]*[kMG]?)?$|unlimited" },
        new JsonObject { ["type"] = "integer", ["minimum"] = 0 });

    private static JsonObject Duration(bool orNever) => orNever
        ? AnyOf(Duration(orNever: false), new JsonObject { ["const"] = "never" })
        : new JsonObject { ["type"] = "string", ["pattern"] = Durations };

    private static JsonObject Number(long least, long most) => AnyOf(
        new JsonObject { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most },
        new JsonObject { ["type"] = "string", ["pattern"] = Speeds });

    // A word that YAML reads as a number or boolean is that, for a validator.
    private static JsonObject Words(string value) => new()
    {
        ["enum"] = new JsonArray([.. Word().Matches(value).Select(static word => word.Groups[1].Value)
            .Where(static word => !word.StartsWith('[')).SelectMany(Spellings)]),
    };

    private static IEnumerable<JsonNode> Spellings(string word)
    {
        if (long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            yield return JsonValue.Create(number);
        else
            yield return JsonValue.Create(word)!;
        if (word is "yes" or "no")
            yield return JsonValue.Create(word == "yes");
    }

    private static JsonObject ListOf(JsonObject item) => AnyOf(item, new JsonObject { ["type"] = "array", ["items"] = item.DeepClone() });

    private static JsonObject MappingOf(JsonObject value) => new() { ["type"] = "object", ["additionalProperties"] = value };

    private static JsonObject AnyOf(params JsonObject[] schemas) => new() { ["anyOf"] = new JsonArray([.. schemas]) };

    private static long Of(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^duration\b(?!, or mapping)")]
    private static partial Regex Duration();

    [GeneratedRegex(@"^(?:number, )?(\d+) to (\d+)")]
    private static partial Regex Range();

    [GeneratedRegex(@"^`[a-z0-9-]+`(, `[a-z0-9-]+`)*$")]
    private static partial Regex WordList();

    [GeneratedRegex(@"`([^`]+)`")]
    private static partial Regex Word();
}
