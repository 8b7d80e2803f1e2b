using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>Values as text for people.</summary>
internal static class DisplayText
{
    /// <summary>
    /// Text from the network without control characters (<see cref="PeerText"/>), so that no peer can control the terminal.
    /// </summary>
    public static string Clean(string? text) => PeerText.Escape(text ?? "");

    /// <summary>"02:11:05" or "3d 02:11:05"; "-" for <c>null</c>.</summary>
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

    public static string Number(decimal number) => number.ToString(CultureInfo.InvariantCulture);
}
