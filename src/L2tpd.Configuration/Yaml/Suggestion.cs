using L2tpd.Control;

namespace L2tpd.Configuration.Yaml;

/// <summary>What an error adds when a known word is near.</summary>
internal static class Suggestion
{
    /// <summary><c>; did you mean `secret`?</c>, or nothing when no known word is near.</summary>
    public static string For(string written, IEnumerable<string> known) =>
        NearestWords.Of(written, known, normalise: Plain) is [var best, ..] ? $"; did you mean `{best}`?" : "";

    // helloInterval, hello_interval and HELLO-INTERVAL all mean hello-interval.
    private static string Plain(string word) => new([.. word.Where(static letter => letter is not ('-' or '_' or ' '))]);
}
