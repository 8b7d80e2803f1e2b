using System.Globalization;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>
/// Rates as operators write them: bit/s, with the decimal suffixes k, M and G in either case (<c>10M</c>, <c>1.5M</c>, <c>512k</c>).
/// </summary>
public static class RateText
{
    /// <summary>The largest rate, bit/s: what the buckets of the data planes can count.</summary>
    public const ulong Largest = 1_000_000_000_000;

    private const string Unlimited = "unlimited";
    private const int LongestText = 24;

    /// <summary>Reads one rate.</summary>
    /// <param name="text">Digits, a decimal point if there is a suffix, a suffix; or <c>unlimited</c>.</param>
    /// <param name="bitsPerSecond">Rounded down; 0: no limit.</param>
    /// <returns>False if the text is none, or the rate is above <see cref="Largest"/>.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong bitsPerSecond)
    {
        bitsPerSecond = 0;
        if (text is Unlimited)
            return true;
        if (text.Length is 0 or > LongestText || !char.IsAsciiDigit(text[0]))
            return false;

        var factor = FactorOf(text[^1]);
        var digits = factor == 1 ? text : text[..^1];
        var style = factor == 1 ? NumberStyles.None : NumberStyles.AllowDecimalPoint;
        if (!decimal.TryParse(digits, style, CultureInfo.InvariantCulture, out var number) || number > Largest
            || number * factor > Largest)
        {
            return false;
        }

        bitsPerSecond = (ulong)(number * factor);
        return true;
    }

    /// <summary>Reads <c>DOWN/UP</c>, or one rate for both directions.</summary>
    /// <param name="text">Down is to the peer, up is from the peer.</param>
    /// <param name="toPeer">Down.</param>
    /// <param name="fromPeer">Up.</param>
    public static bool TryParsePair(string text, out RateLimit toPeer, out RateLimit fromPeer)
    {
        (toPeer, fromPeer) = (RateLimit.Unlimited, RateLimit.Unlimited);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var down))
            return false;

        var up = down;
        if (slash >= 0 && !TryParse(text.AsSpan(slash + 1), out up))
            return false;

        (toPeer, fromPeer) = (new RateLimit(down, 0), new RateLimit(up, 0));
        return true;
    }

    /// <summary>Writes a rate with the largest suffix that loses nothing; <c>unlimited</c> for 0.</summary>
    public static string Format(ulong bitsPerSecond) => bitsPerSecond switch
    {
        0 => Unlimited,
        _ when bitsPerSecond % 1_000_000_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{bitsPerSecond / 1_000_000_000}G"),
        _ when bitsPerSecond % 1_000_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{bitsPerSecond / 1_000_000}M"),
        _ when bitsPerSecond % 1_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{bitsPerSecond / 1_000}k"),
        _ => bitsPerSecond.ToString(CultureInfo.InvariantCulture),
    };

    private static ulong FactorOf(char suffix) => suffix switch
    {
        'k' or 'K' => 1_000,
        'm' or 'M' => 1_000_000,
        'g' or 'G' => 1_000_000_000,
        _ => 1,
    };
}
