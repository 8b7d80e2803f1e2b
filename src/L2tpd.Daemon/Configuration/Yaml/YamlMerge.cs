namespace L2tpd.Daemon.Configuration.Yaml;

/// <summary>Lays one file over another: mappings are joined key by key, and a value may be set in one file only.</summary>
internal static class YamlMerge
{
    /// <summary>The keys of <paramref name="first"/>, then what <paramref name="second"/> adds.</summary>
    public static MappingNode Merge(MappingNode first, MappingNode second, Diagnostics diagnostics, string path = "")
    {
        var entries = new List<MappingEntry>(first.Entries);
        foreach (var added in second.Entries)
        {
            var index = entries.FindIndex(entry => entry.Key == added.Key);
            if (index < 0)
                entries.Add(added);
            else
                entries[index] = Join(entries[index], added, diagnostics, KeyPath.Of(path, added.Key));
        }
        return new MappingNode(first.Position, entries);
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
