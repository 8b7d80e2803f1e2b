using System.Globalization;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Scalars;

/// <summary>Sizes in octets, with the binary suffixes <c>K</c>, <c>M</c> and <c>G</c>: <c>64M</c>.</summary>
internal static class SizeText
{
    private const int LongestText = 16;

    /// <summary>From <paramref name="least"/> to <paramref name="most"/> octets.</summary>
    public static ScalarType<long> Between(long least, long most) => new("a size such as 64M", text =>
        !TryParse(text, out var octets) ? Parsed<long>.Wrong($"`{text}` is not a size; write `64M` or `1G`")
        : octets < least || octets > most
            ? Parsed<long>.Wrong($"{text} is out of range; from {Format(least)} to {Format(most)}")
            : Parsed<long>.Of(octets));

    private static bool TryParse(string text, out long octets)
    {
        octets = 0;
        if (text.Length is 0 or > LongestText)
            return false;
        var shift = ShiftOf(text[^1]);
        if (!long.TryParse(shift == 0 ? text : text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out var number))
        {
            return false;
        }

        octets = number > long.MaxValue >> shift ? long.MaxValue : number << shift;
        return true;
    }

    private static string Format(long octets)
    {
        foreach (var (shift, suffix) in (ReadOnlySpan<(int, string)>)[(30, "G"), (20, "M"), (10, "K")])
        {
            if (octets >= 1L << shift && octets % (1L << shift) == 0)
                return (octets >> shift).ToString(CultureInfo.InvariantCulture) + suffix;
        }

        return octets.ToString(CultureInfo.InvariantCulture);
    }

    private static int ShiftOf(char suffix) => suffix switch
    {
        'K' => 10,
        'M' => 20,
        'G' => 30,
        _ => 0,
    };
}
