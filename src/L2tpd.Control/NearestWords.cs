namespace L2tpd.Control;

/// <summary>Finds what somebody meant to type: for l2tpctl's arguments and for the keys of the configuration.</summary>
public static class NearestWords
{
    private const int MostSuggestions = 5;

    private const int LongestWord = 256;

    /// <summary>The known words that are near, the nearest first, at most five; none where nothing is near.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="known">What could have been meant.</param>
    /// <param name="completes">A word that begins with what was typed is near, however long it is.</param>
    /// <param name="normalise">Takes from both what makes no difference; <c>null</c>: nothing but case.</param>
    public static IReadOnlyList<string> Of(
        string typed, IEnumerable<string> known, bool completes = false, Func<string, string>? normalise = null)
    {
        if (typed.Length is 0 or > LongestWord)
            return [];
        var plain = Plain(typed);
        return
        [
            .. known.Distinct(StringComparer.Ordinal)
                .Select(word => (Word: word, Distance: DistanceTo(Plain(word))))
                .Where(static candidate => candidate.Distance <= Allowed(candidate.Word))
                .OrderBy(static candidate => candidate.Distance)
                .ThenBy(static candidate => candidate.Word, StringComparer.Ordinal)
                .Take(MostSuggestions)
                .Select(static candidate => candidate.Word),
        ];

        string Plain(string word) => (normalise is null ? word : normalise(word)).ToUpperInvariant();

        int DistanceTo(string word) => completes && word.StartsWith(plain, StringComparison.Ordinal) ? 0 : Distance(plain, word);
    }

    private static int Allowed(string word) => Math.Max(1, word.Length / 3);

    // Levenshtein's distance, where two neighbours that changed places count as one difference.
    private static int Distance(string from, string to)
    {
        var rows = new int[from.Length + 1][];
        for (var i = 0; i <= from.Length; i++)
        {
            rows[i] = new int[to.Length + 1];
            for (var j = 0; j <= to.Length; j++)
                rows[i][j] = i == 0 || j == 0 ? i + j : Cell(rows, from, to, i, j);
        }

        return rows[from.Length][to.Length];
    }

    private static int Cell(int[][] rows, string from, string to, int i, int j)
    {
        var replaced = rows[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
        var least = Math.Min(replaced, Math.Min(rows[i - 1][j], rows[i][j - 1]) + 1);
        return i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] ? Math.Min(least, rows[i - 2][j - 2] + 1) : least;
    }
}
