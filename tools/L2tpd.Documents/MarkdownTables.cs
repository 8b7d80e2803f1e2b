using L2tpd.Configuration.Reference;

namespace L2tpd.Documents;

/// <summary>The tables of docs/configuration.md: each stands in the chapter of its section, behind a marker.</summary>
internal static class MarkdownTables
{
    private const string Head = "| Key | Value | Default | Meaning |";

    private const string Marker = "<!-- `./run reference` writes this table -->";

    public static string Renew(string text)
    {
        var lines = new List<string>();
        SectionReference? section = null;
        var inTable = false;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                section = ReferenceFiles.Find(line[3..]);
            var starts = line == Head && section is not null;
            inTable = starts || (inTable && line.StartsWith('|'));
            if (starts)
                lines.AddRange(Table(section!));
            if (!inTable && line != Marker)
                lines.Add(line);
        }

        return string.Join('\n', lines);
    }

    private static IEnumerable<string> Table(SectionReference section) =>
        [Marker, Head, "|---|---|---|---|", .. section.Keys.Select(static key => Row($"`{key.Name}`", key.Value, key.Default, key.Meaning))];

    // As the tables were written by hand: an empty cell is two blanks in the middle and one at the end.
    private static string Row(params string[] cells) => "|" + string.Concat(cells.Select(static cell => $" {cell} |"));
}
