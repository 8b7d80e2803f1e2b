using System.Collections.Immutable;

namespace L2tpd.Configuration.Yaml;

/// <summary>The value of a key or an item of a list, with its place and path.</summary>
public sealed class YamlValue(YamlNode node, string key, string path, Position keyPosition, Diagnostics diagnostics)
{
    public string Key { get; } = key;

    public string Path { get; } = path;

    public Position Position => node.Position;

    public Position KeyPosition { get; } = keyPosition;

    public bool IsMapping => node is MappingNode;

    /// <summary>A mapping with at least one key.</summary>
    public bool HasEntries => node is MappingNode { Entries.Count: > 0 };

    public bool IsScalar => node is ScalarNode { IsMissing: false };

    /// <summary>The text of a single value; <c>null</c> for any other kind.</summary>
    public string? Text => IsScalar ? ((ScalarNode)node).Text : null;

    public void Error(string message)
    {
        if (node is not FaultyNode)
            diagnostics.Error(Position, Path, message);
    }

    public void ErrorAtKey(string message) => diagnostics.Error(KeyPosition, Path, message);

    public void WarningAtKey(string message) => diagnostics.Warning(KeyPosition, Path, message);

    /// <summary>Reads a single value of the type; if it is wrong, reports an error and returns the fallback.</summary>
    public T Read<T>(T fallback, ScalarType<T> type)
    {
        if (Text is not { } text)
        {
            Error($"expected {type.Expected}, found {node.Kind}");
            return fallback;
        }

        var parsed = type.Parse(text);
        if (parsed.Succeeded)
            return parsed.Value;
        Error(Excerpt.In(parsed.Problem!, text));
        return fallback;
    }

    /// <summary>The valid items; the others are errors.</summary>
    public ImmutableArray<T> ReadList<T>(ScalarType<T> type)
    {
        var items = ImmutableArray.CreateBuilder<T>();
        foreach (var item in Items())
        {
            if (item.Text is not { } text)
            {
                item.Error($"expected {type.Expected}, found {item.Kind}");
                continue;
            }

            var parsed = type.Parse(text);
            if (parsed.Succeeded)
                items.Add(parsed.Value);
            else
                item.Error(Excerpt.In(parsed.Problem!, text));
        }

        return items.DrainToImmutable();
    }

    /// <summary>The items of a list; a value that is not a list is a list of one.</summary>
    public IEnumerable<YamlValue> Items() => node is SequenceNode sequence
        ? sequence.Items.Select((item, index) => new YamlValue(item, Key, $"{Path}[{index}]", item.Position, diagnostics))
        : [this];

    /// <summary>
    /// The value as a mapping. A key without a value is an empty mapping; any other kind is an error and gives <c>null</c>.
    /// </summary>
    public YamlMapping? AsMapping(SectionSchema? schema)
    {
        switch (node)
        {
            case MappingNode mapping:
                return new YamlMapping(mapping, Path, KeyPosition, schema, diagnostics);
            case ScalarNode { IsMissing: true }:
                return new YamlMapping(new MappingNode(Position, []), Path, KeyPosition, schema, diagnostics);
            default:
                Error($"expected a mapping, found {node.Kind}");
                return null;
        }
    }

    private string Kind => node.Kind;
}
