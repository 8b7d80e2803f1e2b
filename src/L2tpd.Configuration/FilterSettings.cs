namespace L2tpd.Configuration;

/// <summary>The nftables table of the operator whose sets Filter-Id names.</summary>
public sealed record FilterSettings
{
    /// <summary>Address family: <c>inet</c>, <c>ip</c> or <c>ip6</c>.</summary>
    public string Family { get; init; } = "inet";

    /// <summary>Name of the table.</summary>
    public string Table { get; init; } = "l2tpd_filters";

    /// <summary>A session whose filter cannot be set ends; otherwise it stays up, and the log says so.</summary>
    public bool Required { get; init; }

    /// <summary>Longest name of a filter, characters.</summary>
    public const int LongestName = 64;

    /// <summary>Whether a Filter-Id is a rate, as some databases write it: digits, a slash, digits.</summary>
    public static bool IsRate(string text) => text.IndexOf('/', StringComparison.Ordinal) is var slash and > 0 && slash < text.Length - 1
        && text.AsSpan(0, slash).IndexOfAnyExceptInRange('0', '9') < 0 && text.AsSpan(slash + 1).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>
    /// Whether a text can name a set, as nft reads names: a letter, then letters, digits, <c>_</c>, <c>-</c> and <c>.</c>.
    /// </summary>
    public static bool IsName(string text) => text.Length is > 0 and <= LongestName && char.IsAsciiLetter(text[0])
        && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.');
}
