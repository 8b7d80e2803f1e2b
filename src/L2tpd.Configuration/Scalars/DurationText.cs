using System.Buffers;
using System.Globalization;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Scalars;

/// <summary>Durations: numbers with units, <c>500ms</c>, <c>1h30m</c>.</summary>
internal static class DurationText
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    // A month: longer values are mistakes, and this one fits every timer of the daemon.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private static readonly TimeSpan Endless = TimeSpan.FromDays(3650);

    private const int LongestText = 64;

    // As many digits as a decimal always holds.
    private const int MostDigits = 28;

    private static readonly (string[] Words, string Unit)[] LongUnits =
    [
        (["msec", "msecs", "millisecond", "milliseconds"], "ms"),
        (["sec", "secs", "second", "seconds"], "s"),
        (["min", "mins", "minute", "minutes"], "m"),
        (["hr", "hrs", "hour", "hours"], "h"),
        (["day", "days"], "d"),
    ];

    /// <summary>Zero or more.</summary>
    public static ScalarType<TimeSpan> Any => Between(TimeSpan.Zero, Longest);

    /// <summary>More than zero.</summary>
    public static ScalarType<TimeSpan> Positive => Between(TimeSpan.FromMilliseconds(1), Longest);

    /// <see cref="Any"/>, or <c>never</c>, which is zero.
    public static ScalarType<TimeSpan> OrNever => new(
        "a duration or `never`",
        static text => text == "never" ? Parsed<TimeSpan>.Of(TimeSpan.Zero) : Parse(text, TimeSpan.Zero, Longest));

    public static ScalarType<TimeSpan> Between(TimeSpan least, TimeSpan most) =>
        new("a duration such as 30s", text => Parse(text, least, most));

    /// <summary>The shortest text of the duration.</summary>
    public static string Format(TimeSpan duration)
    {
        var unit = Units.Last(unit => unit.Unit == "ms" || (duration >= unit.Length && duration.Ticks % unit.Length.Ticks == 0));
        return (duration.Ticks / unit.Length.Ticks).ToString(CultureInfo.InvariantCulture) + unit.Unit;
    }

    private static Parsed<TimeSpan> Parse(string text, TimeSpan least, TimeSpan most)
    {
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
            return Parsed<TimeSpan>.Wrong($"a duration needs a unit: `{text}s`, `{text}ms`, `{text}m`");
        var isNegative = text.StartsWith('-');
        if (!TryParts(isNegative ? text.AsSpan(1) : text, out var duration))
        {
            return Parsed<TimeSpan>.Wrong($"`{text}` is not a duration; "
                + (Meant(text) is { } meant ? $"did you mean `{meant}`?" : "write `30s`, `500ms`, `2m` or `1h30m`"));
        }

        return isNegative || duration < least || duration > most
            ? Parsed<TimeSpan>.Wrong($"{text} is out of range; from {Format(least)} to {Format(most)}")
            : Parsed<TimeSpan>.Of(duration);
    }

    // Units of other programs: 30 s, 30sec, 5 minutes.
    private static string? Meant(string text)
    {
        if (text.Length > LongestText)
            return null;
        var plain = string.Concat(text.Where(static letter => letter is not (' ' or '_'))).ToLowerInvariant();
        var digits = plain.AsSpan().IndexOfAnyExcept(Digits);
        if (digits <= 0)
            return null;
        var unit = Array.Find(LongUnits, candidate => candidate.Words.Contains(plain[digits..])).Unit ?? plain[digits..];
        var meant = plain[..digits] + unit;
        return TryParts(meant, out _) ? meant : null;
    }

    // A longer value becomes a value above every maximum, so that the caller reports it as out of range.
    private static bool TryParts(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text;
        if (rest.IsEmpty || rest.Length > LongestText)
            return false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits is <= 0 or > MostDigits
                || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var letters = rest.IndexOfAnyExceptInRange('a', 'z') is var end && end < 0 ? rest.Length : end;
            var unit = rest[..letters].ToString();
            var known = Array.Find(Units, candidate => candidate.Unit == unit);
            if (known.Unit is null)
                return false;
            var ticks = Math.Min(number, TimeSpan.MaxValue.Ticks / known.Length.Ticks) * known.Length.Ticks;
            duration = TimeSpan.FromTicks((long)Math.Min(duration.Ticks + ticks, Endless.Ticks));
            rest = rest[letters..];
        }

        return true;
    }
}
