using System.Text;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Scalars;

/// <summary>
/// Options as pppd reads them: separated by blanks; quotes and backslashes keep a word together (pppd(8), OPTIONS FILES).
/// </summary>
internal static class PppdOptionText
{
    // Options that the daemon sets itself, and options that would show a password to every user of the machine.
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["password"] = "set `password` of the ppp profile: here every user of the machine could read it",
        ["user"] = "set `user` of the ppp profile",
        ["detach"] = "pppd must stay in the foreground",
        ["updetach"] = "pppd must stay in the foreground",
        ["persist"] = "l2tpd restarts sessions itself",
        ["demand"] = "l2tpd restarts sessions itself",
        ["logfd"] = "pppd's output goes to l2tpd's log",
        ["logfile"] = "pppd's output goes to l2tpd's log",
        ["ipparam"] = "l2tpd sets it to the session's name",
        ["dryrun"] = "the session would never come up",
    };

    /// <summary>One or more words of pppd options.</summary>
    public static ScalarType<string[]> Options => new("pppd options", Parse);

    private static Parsed<string[]> Parse(string text)
    {
        if (text.Any(char.IsControl))
            return Parsed<string[]>.Wrong("contains a control character");
        if (Split(text) is not { } words)
            return Parsed<string[]>.Wrong("a quote is not closed");
        if (words.Count == 0)
            return Parsed<string[]>.Wrong("is empty");
        if (Refused.TryGetValue(words[0], out var reason))
            return Parsed<string[]>.Wrong($"`{words[0]}` is not allowed here: {reason}");
        return words[0].StartsWith("pppol2tp", StringComparison.Ordinal)
            ? Parsed<string[]>.Wrong($"`{words[0]}` is not allowed here: l2tpd sets it")
            : Parsed<string[]>.Of([.. words]);
    }

    private static List<string>? Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter == '\\' && i + 1 < text.Length)
            {
                word.Append(text[++i]);
                inWord = true;
            }
            else if (quote != '\0' || letter is '"' or '\'')
            {
                inWord = true;
                if (quote == '\0')
                    quote = letter;
                else if (letter == quote)
                    quote = '\0';
                else
                    word.Append(letter);
            }
            else if (letter != ' ')
            {
                word.Append(letter);
                inWord = true;
            }
            else if (inWord)
            {
                Close();
            }
        }

        if (quote != '\0')
            return null;
        if (inWord)
            Close();
        return words;

        void Close()
        {
            words.Add(word.ToString());
            word.Clear();
            inWord = false;
        }
    }
}
