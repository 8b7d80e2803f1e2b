using System.Collections.Immutable;

namespace L2tpd.Configuration.Yaml;

/// <summary>
/// A mapping read through its schema. Getters never fail: an error goes to the diagnostics and the getter returns the fallback, so that one
/// run reports every error.
/// </summary>
public sealed class YamlMapping
{
    private readonly MappingNode _node;
    private readonly SectionSchema? _schema;

    /// <summary>
    /// Makes a view of the mapping. Keys that the schema does not contain are errors. Without a schema the keys are names that the operator
    /// chose.
    /// </summary>
    public YamlMapping(MappingNode node, string path, Position position, SectionSchema? schema, Diagnostics diagnostics)
    {
        _node = node;
        _schema = schema;
        Path = path;
        Position = position;
        Diagnostics = diagnostics;
        if (schema is not null)
            ReportUnknownKeys(schema);
    }

    public string Path { get; }

    /// <summary>The position of the key that has the mapping.</summary>
    public Position Position { get; }

    public Diagnostics Diagnostics { get; }

    /// <summary>All entries, for mappings of names.</summary>
    public IEnumerable<YamlValue> Entries => _node.Entries.Select(Value);

    public bool Has(string key) => Entry(key) is not null;

    /// <summary>The key's value; <c>null</c> if the key is absent.</summary>
    public YamlValue? Find(string key) => Entry(key) is { } entry ? Value(entry) : null;

    /// <summary>A single value.</summary>
    public T Get<T>(string key, T fallback, ScalarType<T> type) => Find(key) is { } value ? value.Read(fallback, type) : fallback;

    /// <summary>A list; a single value is a list of one.</summary>
    public ImmutableArray<T> List<T>(string key, ImmutableArray<T> fallback, ScalarType<T> type) =>
        Find(key) is { } value ? value.ReadList(type) : fallback;

    /// <summary>A mapping with a schema of its own; <c>null</c> if it is absent or not a mapping.</summary>
    public YamlMapping? Section(string key, SectionSchema? schema) => Find(key)?.AsMapping(schema);

    /// <summary>Reports an error at the value of a key, or at the mapping if the key is absent.</summary>
    public void Error(string key, string message)
    {
        var value = Find(key);
        Diagnostics.Error(value?.Position ?? Position, KeyPath.Of(Path, key), message);
    }

    /// <summary>Reports a warning at the value of a key, or at the mapping if the key is absent.</summary>
    public void Warning(string key, string message)
    {
        var value = Find(key);
        Diagnostics.Warning(value?.Position ?? Position, KeyPath.Of(Path, key), message);
    }

    private YamlValue Value(MappingEntry entry) =>
        new(entry.Value, entry.Key, KeyPath.Of(Path, entry.Key), entry.Position, Diagnostics);

    private MappingEntry? Entry(string key)
    {
        if (_schema is not null && !_schema.Keys.Contains(key))
            throw new ArgumentException($"{_schema.Name} has no key {key}", nameof(key));
        return _node.Find(key);
    }

    private void ReportUnknownKeys(SectionSchema schema)
    {
        foreach (var entry in _node.Entries)
        {
            if (!schema.Keys.Contains(entry.Key))
            {
                Diagnostics.Error(entry.Position, KeyPath.Of(Path, entry.Key), "unknown key" + (
                    schema.Elsewhere.TryGetValue(entry.Key, out var place) ? $"; it belongs in {place}"
                        : Suggestion.For(entry.Key, schema.Keys)));
            }
        }
    }
}
