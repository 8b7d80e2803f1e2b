
namespace L2tpd.Configuration.Yaml;

/// <summary>A position: file, line and column from 1.</summary>
public readonly record struct Position(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A YAML value with the position where it begins.</summary>
public abstract class YamlNode(Position position)
{
    public Position Position { get; } = position;

    /// <summary>The kind of node for messages, such as "a list".</summary>
    public abstract string Kind { get; }
}

/// <summary>A single value as text. The schema decides what it means.</summary>
internal sealed class ScalarNode(Position position, string text, bool plain) : YamlNode(position)
{
    public string Text { get; } = text;

    /// <summary>Whether the value is empty, or <c>~</c>.</summary>
    public bool IsMissing => plain && Text is "" or "~";

    public override string Kind => IsMissing ? "nothing" : "a single value";
}

/// <summary>A list.</summary>
internal sealed class SequenceNode(Position position, IReadOnlyList<YamlNode> items) : YamlNode(position)
{
    public IReadOnlyList<YamlNode> Items { get; } = items;

    public override string Kind => "a list";
}

/// <summary>Keys with values, in the order of the file; no key twice.</summary>
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

/// <summary>A node whose error was reported already, so that no further error follows from it.</summary>
internal sealed class FaultyNode(Position position) : YamlNode(position)
{
    public override string Kind => "nothing";
}
