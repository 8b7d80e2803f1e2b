namespace L2tpd.Unit.Tests.Protocol;

/// <summary>The checked-in text tables: one row a line, columns separated by blanks, # starts a comment line.</summary>
internal static class TextTable
{
    public static IReadOnlyList<string[]> Read(string name)
    {
        using var stream = typeof(TextTable).Assembly.GetManifestResourceStream($"L2tpd.Unit.Tests.Protocol.Data.{name}")
            ?? throw new FileNotFoundException(name);
        using var reader = new StreamReader(stream);
        var rows = new List<string[]>();
        while (reader.ReadLine() is string line)
        {
            if (line.Length > 0 && line[0] != '#')
                rows.Add(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return rows;
    }
}
