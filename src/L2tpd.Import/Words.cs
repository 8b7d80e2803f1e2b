using System.Text;

namespace L2tpd.Import;

/// <summary>A word of an options or secrets file of pppd.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Text">Without quotes and backslashes.</param>
/// <param name="Quoted">Whether it was in quotes.</param>
internal readonly record struct Word(int Line, string Text, bool Quoted);

/// <summary>Words as pppd reads them: separated by blanks, with quotes, backslashes and comments (pppd(8), OPTIONS FILES).</summary>
internal static class Words
{
    public static IEnumerable<Word> Read(string text)
    {
        var number = 0;
        var joined = "";
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.EndsWith('\\'))
            {
                joined += line[..^1];
                continue;
            }

            foreach (var (word, quoted) in OfLine(joined + line))
                yield return new Word(number, word, quoted);
            joined = "";
        }

        foreach (var (word, quoted) in OfLine(joined))
            yield return new Word(number, word, quoted);
    }

    private static IEnumerable<(string Word, bool Quoted)> OfLine(string line)
    {
        for (var at = 0; at < line.Length;)
        {
            if (line[at] == '#')
                yield break;
            if (char.IsWhiteSpace(line[at]))
                at++;
            else
                yield return OneWord(line, ref at);
        }
    }

    private static (string Word, bool Quoted) OneWord(string line, ref int at)
    {
        var word = new StringBuilder();
        var quoted = line[at] is '"' or '\'';
        var quote = quoted ? line[at++] : '\0';
        while (at < line.Length && (quoted ? line[at] != quote : !char.IsWhiteSpace(line[at])))
        {
            if (line[at] == '\\' && at + 1 < line.Length)
                at++;
            word.Append(line[at++]);
        }

        if (quoted)
            at++;
        return (word.ToString(), quoted);
    }
}
