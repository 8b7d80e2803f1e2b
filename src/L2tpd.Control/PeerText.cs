using System.Globalization;
using System.Text;

namespace L2tpd.Control;

/// <summary>
/// Makes text of a peer safe for a terminal, a log and an environment variable. Characters that move the cursor, change the direction of
/// text or are invisible are replaced by their numbers: <c>\x1b</c>, <c>\x202e</c>.
/// </summary>
public static class PeerText
{
    /// <summary>The text with such characters escaped; the same object if it has none.</summary>
    public static string Escape(string text)
    {
        if (!HasUnsafe(text))
            return text;
        var escaped = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            var isRune = Rune.TryGetRuneAt(text, i, out var rune);
            if (isRune && !IsUnsafe(rune))
                escaped.Append(text, i, rune.Utf16SequenceLength);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{(isRune ? rune.Value : text[i]):x2}");
            i += isRune ? rune.Utf16SequenceLength : 1;
        }

        return escaped.ToString();
    }

    private static bool HasUnsafe(string text)
    {
        foreach (var character in text)
        {
            if (!char.IsBetween(character, ' ', '~') && (char.IsSurrogate(character) || IsUnsafe(new Rune(character))))
                return true;
        }

        return false;
    }

    private static bool IsUnsafe(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || IsInvisible(rune.Value);

    // Default_Ignorable_Code_Point of the Unicode Standard (section 5.21) of other categories: joiners, fillers, variation selectors.
    private static bool IsInvisible(int codePoint) => codePoint is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5
        or (>= 0x180B and <= 0x180F) or 0x2065 or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0
        or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);
}
