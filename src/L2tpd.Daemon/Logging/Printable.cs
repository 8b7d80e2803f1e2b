using System.Globalization;

namespace L2tpd.Daemon.Logging;

/// <summary>Makes text from the network fit for a line of a log or the value of an environment variable.</summary>
public static class Printable
{
    /// <summary>The text with control characters as question marks, cut to a length; the same object where nothing needs doing.</summary>
    public static string Of(string text, int longest = 256)
    {
        if (text.Length > longest)
            text = text[..longest];
        foreach (var character in text)
            if (char.IsControl(character))
                return Replace(text);
        return text;
    }

    /// <summary>The text with control and formatting characters as <c>\xNN</c>; nothing is cut off.</summary>
    public static string Escape(string text) => text.Any(IsUnsafe)
        ? string.Concat(text.Select(static character => IsUnsafe(character) ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}") : character.ToString()))
        : text;

    private static bool IsUnsafe(char character) => char.IsControl(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Replace(string text) => string.Create(text.Length, text, static (span, from) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = char.IsControl(from[i]) ? '?' : from[i];
    });
}
