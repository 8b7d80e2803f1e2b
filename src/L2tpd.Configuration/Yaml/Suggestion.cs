using L2tpd.Control;

namespace L2tpd.Configuration.Yaml;

/// <summary>The suggestion that an error adds if a known word is similar.</summary>
internal static class Suggestion
{
    /// <c>; did you mean `secret`?</c>, or nothing if no known word is similar.
    public static string For(string written, IEnumerable<string> known) =>
        NearestWords.Of(written, known, normalise: Plain) is [var best, ..] ? $"; did you mean `{best}`?" : "";

    // helloInterval, hello_interval and HELLO-INTERVAL are all similar to hello-interval.
    private static string Plain(string word) => new([.. word.Where(static letter => letter is not ('-' or '_' or ' '))]);
}
