using System.Collections.Immutable;

namespace L2tpd.Import;

/// <summary>One line of a section.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Key">In lower case, with one blank between words.</param>
/// <param name="Value">Without blanks around it; <c>null</c> if the line has no <c>=</c>.</param>
internal sealed record IniEntry(int Line, string Key, string? Value)
{
    /// <summary>The value; empty if there is none.</summary>
    public string Text => Value ?? "";

    /// <summary>The line as it is quoted in comments.</summary>
    public string Written => Value is null ? Key : $"{Key} = {Value}";
}

/// <summary>A section.</summary>
/// <param name="Line">The line of its heading; 0 for what comes before the first heading.</param>
/// <param name="Kind">The first word of the heading, in lower case.</param>
/// <param name="Name">The rest of the heading; empty if there is none.</param>
/// <param name="Entries">In the order of the file.</param>
internal sealed record IniSection(int Line, string Kind, string Name, ImmutableArray<IniEntry> Entries);

/// <summary>Files of sections in brackets and lines of <c>key = value</c>, as xl2tpd and accel-ppp read them.</summary>
internal static class Ini
{
    /// <summary>The sections in the order of the file. A line that is no <c>key = value</c> is an entry without a value.</summary>
    /// <param name="text">The text.</param>
    /// <param name="comment">The character that begins a comment.</param>
    /// <param name="anywhere">Whether a comment may begin within a line; otherwise only at its start.</param>
    public static ImmutableArray<IniSection> Read(string text, char comment, bool anywhere)
    {
        var sections = ImmutableArray.CreateBuilder<IniSection>();
        var entries = ImmutableArray.CreateBuilder<IniEntry>();
        var heading = (Line: 0, Kind: "", Name: "");
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = WithoutComment(raw, comment, anywhere).Trim();
            if (line.Length == 0)
                continue;
            if (line[0] == '[')
            {
                Close();
                var words = line.TrimStart('[').Split(']', 2)[0].Split((char[])[' ', '\t'], 2, Splitting);
                heading = (number, words.Length > 0 ? Lower(words[0]) : "", words.Length > 1 ? words[1] : "");
                continue;
            }

            var pair = line.Split('=', 2);
            var key = string.Join(' ', pair[0].Split((char[])[' ', '\t'], Splitting));
            entries.Add(new IniEntry(number, pair.Length > 1 ? Lower(key) : key, pair.Length > 1 ? pair[1].Trim() : null));
        }

        Close();
        return sections.DrainToImmutable();

        void Close()
        {
            if (heading.Line > 0 || entries.Count > 0)
                sections.Add(new IniSection(heading.Line, heading.Kind, heading.Name, entries.DrainToImmutable()));
        }
    }

    private const StringSplitOptions Splitting = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    private static string WithoutComment(string line, char comment, bool anywhere)
    {
        var at = line.IndexOf(comment, StringComparison.Ordinal);
        return at < 0 || (!anywhere && line.AsSpan(0, at).Trim().Length > 0) ? line : line[..at];
    }

#pragma warning disable CA1308 // Keys are written in lower case.
    private static string Lower(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308
}
