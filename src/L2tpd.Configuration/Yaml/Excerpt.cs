
namespace L2tpd.Configuration.Yaml;

/// <summary>Shortens texts for messages.</summary>
internal static class Excerpt
{
    private const int LongestValue = 80;

    /// <summary>The text, or its beginning and its length if it is longer than <paramref name="longest"/> characters.</summary>
    public static string Of(string text, int longest = LongestValue) =>
        text.Length <= longest ? text : $"{text[..(longest / 2)]}... ({text.Length} characters)";

    /// <summary>A message in which the quoted text is replaced by its excerpt.</summary>
    public static string In(string message, string written) =>
        written.Length <= LongestValue ? message : message.Replace(written, Of(written), StringComparison.Ordinal);
}
