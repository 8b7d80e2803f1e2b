using System.Text;
using System.Text.RegularExpressions;
using L2tpd.Configuration.Reference;

namespace L2tpd.Documents;

/// <summary>The lists of keys in l2tpd.yaml(5), in mdoc(7).</summary>
internal static partial class ManualLists
{
    private const string Begin = ".Bl -tag -width Ds";

    public static string Renew(string text)
    {
        var lines = new List<string>();
        SectionReference? section = null;
        var inList = false;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(".Ss ", StringComparison.Ordinal))
                section = ReferenceFiles.Find(line[4..]);
            if (line == Begin && section is not null)
            {
                inList = true;
                lines.Add(Begin);
                lines.AddRange(section.Keys.SelectMany(Item));
                section = null;
            }

            inList &= line != ".El";
            if (!inList)
                lines.Add(line);
        }

        return string.Join('\n', lines);
    }

    private static IEnumerable<string> Item(KeyReference key) =>
    [
        $".It Cm {key.Name}",
        $"({Roff(key.Value)}{Default(key.Default)})",
        .. SentenceEnd().Split(key.Meaning).Where(static sentence => sentence.Length > 0).Select(static sentence => Line(Roff(sentence))),
    ];

    private static string Default(string text) =>
        text.Length == 0 ? "" : text.StartsWith("required", StringComparison.Ordinal) ? $"; {Roff(text)}" : $"; default {Roff(text)}";

    // A line that begins with a dot or an apostrophe would be a request.
    private static string Line(string text) => text.StartsWith('.') || text.StartsWith('\'') ? "\\&" + text : text;

    // Code becomes bold; links lose their targets, which a manual page does not have.
    private static string Roff(string markdown)
    {
        var text = Link().Replace(markdown, "$1").Replace("\\|", "|", StringComparison.Ordinal).Replace("*", "", StringComparison.Ordinal);
        var roff = new StringBuilder();
        var isCode = false;
        foreach (var c in text)
        {
            if (c == '`')
                roff.Append((isCode = !isCode) ? "\\fB" : "\\fR");
            else
                roff.Append(c switch { '\\' => "\\e", '-' => "\\-", _ => c.ToString() });
        }

        return roff.ToString();
    }

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<=\.) (?=[A-Z`])")]
    private static partial Regex SentenceEnd();
}
