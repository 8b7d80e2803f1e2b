using System.Globalization;
using System.Text;

namespace L2tpd.Cli;

/// <summary>Values as people read them.</summary>
internal static class Wording
{
    /// <summary>Text from the network made harmless: control and formatting characters become \xNN, so that no peer can steer the terminal.</summary>
    public static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if (!text.Any(IsUnsafe))
            return text;
        var clean = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (IsUnsafe(c))
                clean.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else
                clean.Append(c);
        }

        return clean.ToString();
    }

    /// <summary>"02:11:05", from a day on "3d 02:11:05"; "-" for null.</summary>
    public static string Duration(double? seconds)
    {
        if (seconds is not { } value || !double.IsFinite(value))
            return "-";
        var span = TimeSpan.FromSeconds(Math.Clamp(Math.Floor(value), 0, int.MaxValue));
        var clock = span.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
        return span.Days == 0 ? clock : string.Create(CultureInfo.InvariantCulture, $"{span.Days}d {clock}");
    }

    /// <summary>UTC to the second.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string OrDash(string? text) => string.IsNullOrEmpty(text) ? "-" : Clean(text);

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool IsUnsafe(char c) =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
