namespace L2tpd.Cli;

/// <summary>Finds what somebody meant to type.</summary>
internal static class Nearest
{
    private const int MostSuggestions = 5;

    private const int LongestWord = 256;

    /// <summary><c>; did you mean "tunnels"?</c>, or nothing when no known word is near.</summary>
    public static string Suggest(string typed, IEnumerable<string> known) => To(typed, known) is [var best, ..] ? $"; did you mean \"{best}\"?" : "";

    /// <summary>The words that are near, the nearest first: those that it begins, and those with few letters that differ.</summary>
    public static IReadOnlyList<string> To(string typed, IEnumerable<string> known) => typed.Length is 0 or > LongestWord ? [] :
    [
        .. known.Distinct(StringComparer.Ordinal)
            .Select(word => (Word: word, Distance: word.StartsWith(typed, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(typed, word)))
            .Where(static candidate => candidate.Distance <= Math.Max(1, candidate.Word.Length / 3))
            .OrderBy(static candidate => candidate.Distance)
            .ThenBy(static candidate => candidate.Word, StringComparer.Ordinal)
            .Take(MostSuggestions)
            .Select(static candidate => candidate.Word),
    ];

    // Levenshtein's, where two neighbours that changed places count as one difference; case does not count.
    private static int Distance(string from, string to)
    {
        if (Math.Abs(from.Length - to.Length) > Math.Max(1, to.Length / 3))
            return int.MaxValue;
        var rows = new int[from.Length + 1][];
        for (var i = 0; i <= from.Length; i++)
        {
            rows[i] = new int[to.Length + 1];
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i][j] = i + j;
                    continue;
                }
                var replaced = rows[i - 1][j - 1] + (Same(from[i - 1], to[j - 1]) ? 0 : 1);
                rows[i][j] = Math.Min(replaced, Math.Min(rows[i - 1][j], rows[i][j - 1]) + 1);
                if (i > 1 && j > 1 && Same(from[i - 1], to[j - 2]) && Same(from[i - 2], to[j - 1]))
                    rows[i][j] = Math.Min(rows[i][j], rows[i - 2][j - 2] + 1);
            }
        }
        return rows[from.Length][to.Length];
    }

    private static bool Same(char one, char other) => char.ToUpperInvariant(one) == char.ToUpperInvariant(other);
}
