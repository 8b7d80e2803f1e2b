
namespace L2tpd.Configuration.Yaml;

/// <summary>Where something stands: file, line and column from 1.</summary>
public readonly record struct Position(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A YAML value with the place where it begins.</summary>
public abstract class YamlNode(Position position)
{
    public Position Position { get; } = position;

    /// <summary>What it is, for messages: "a list".</summary>
    public abstract string Kind { get; }
}

/// <summary>A single value, as text: what it means is for the schema to say.</summary>
internal sealed class ScalarNode(Position position, string text, bool plain) : YamlNode(position)
{
    public string Text { get; } = text;

    /// <summary>Nothing was written, or <c>~</c>.</summary>
    public bool IsMissing => plain && Text is "" or "~";

    public override string Kind => IsMissing ? "nothing" : "a single value";
}

/// <summary>A list.</summary>
internal sealed class SequenceNode(Position position, IReadOnlyList<YamlNode> items) : YamlNode(position)
{
    public IReadOnlyList<YamlNode> Items { get; } = items;

    public override string Kind => "a list";
}

/// <summary>Keys with values, in the order written; no key twice.</summary>
public sealed class MappingNode(Position position, IReadOnlyList<MappingEntry> entries) : YamlNode(position)
{
    /// <summary>A mapping with fewer keys than this is searched without an index.</summary>
    private const int FewKeys = 16;

    private Dictionary<string, MappingEntry>? _byKey;

    public IReadOnlyList<MappingEntry> Entries { get; } = entries;

    public override string Kind => "a mapping";

    public MappingEntry? Find(string key)
    {
        if (Entries.Count < FewKeys)
            return Entries.FirstOrDefault(entry => entry.Key == key);
        _byKey ??= Entries.ToDictionary(static entry => entry.Key, StringComparer.Ordinal);
        return _byKey.GetValueOrDefault(key);
    }
}

/// <summary>One key of a mapping.</summary>
public sealed record MappingEntry(string Key, Position Position, YamlNode Value);

/// <summary>Something that has been reported already: nothing more is said of it.</summary>
internal sealed class FaultyNode(Position position) : YamlNode(position)
{
    public override string Kind => "nothing";
}
