
namespace L2tpd.Configuration.Yaml;

/// <summary>Merges two files: mappings are merged key by key, and a value may be set in one file only.</summary>
internal static class YamlMerge
{
    /// <summary>The keys of <paramref name="first"/>, then those that <paramref name="second"/> adds.</summary>
    public static MappingNode Merge(MappingNode first, MappingNode second, Diagnostics diagnostics, string path = "")
    {
        var entries = new OrderedDictionary<string, MappingEntry>(first.Entries.Count + second.Entries.Count, StringComparer.Ordinal);
        foreach (var present in first.Entries)
            entries.Add(present.Key, present);
        foreach (var added in second.Entries)
        {
            if (!entries.TryAdd(added.Key, added, out var index))
                entries.SetAt(index, Join(entries.GetAt(index).Value, added, diagnostics, KeyPath.Of(path, added.Key)));
        }

        return new MappingNode(first.Position, [.. entries.Values]);
    }

    private static MappingEntry Join(MappingEntry present, MappingEntry added, Diagnostics diagnostics, string path)
    {
        switch (present.Value, added.Value)
        {
            case (MappingNode one, MappingNode other):
                return present with { Value = Merge(one, other, diagnostics, path) };
            case (_, ScalarNode { IsMissing: true }):
                return present;
            case (ScalarNode { IsMissing: true }, _):
                return added;
            default:
                diagnostics.Error(added.Position, path, $"is already set at {present.Position}");
                return present;
        }
    }
}
