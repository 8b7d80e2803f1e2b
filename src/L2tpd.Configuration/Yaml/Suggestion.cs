
namespace L2tpd.Configuration.Yaml;

/// <summary>Finds what somebody meant to write.</summary>
internal static class Suggestion
{
    private const int LongestWord = 256;

    /// <summary><c>; did you mean `secret`?</c>, or nothing when no known word is near.</summary>
    public static string For(string written, IEnumerable<string> known)
    {
        // What is far longer than every word is near none.
        if (written.Length > LongestWord)
            return "";
        var plain = Plain(written);
        var best = known
            .Select(word => (word, plain: Plain(word)))
            .Where(candidate => Math.Abs(candidate.plain.Length - plain.Length) <= Allowed(candidate.word))
            .Select(candidate => (candidate.word, distance: Distance(plain, candidate.plain)))
            .OrderBy(static candidate => candidate.distance)
            .ThenBy(static candidate => candidate.word, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.word is not null && best.distance <= Allowed(best.word) ? $"; did you mean `{best.word}`?" : "";
    }

    private static int Allowed(string word) => Math.Max(1, word.Length / 3);

    // helloInterval, hello_interval and HELLO-INTERVAL all mean hello-interval.
    private static string Plain(string word) =>
        new([.. word.Where(static letter => letter is not ('-' or '_' or ' ')).Select(char.ToUpperInvariant)]);

    // Levenshtein's distance, one row at a time.
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var above = row[j];
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[to.Length];
    }
}
