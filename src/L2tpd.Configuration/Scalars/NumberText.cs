using System.Globalization;
using System.Numerics;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Scalars;

/// <summary>Numbers.</summary>
internal static class NumberText
{
    // Far more digits than any value has. A longer text is not a number.
    private const int LongestNumber = 64;

    private static readonly (char Suffix, decimal Factor)[] SpeedUnits = [('k', 1e3m), ('M', 1e6m), ('G', 1e9m)];

    /// <summary>A bit/s value in 32 bits: <c>64000</c>, <c>100M</c>, <c>1G</c>.</summary>
    public static ScalarType<uint> Speed => new("a speed in bit/s such as 100M", static text => ParseSpeed(text));

    /// <summary>32 bits, decimal or 0x and hexadecimal.</summary>
    public static ScalarType<uint> UInt32 => new("a number", static text => Parse(text, 0, uint.MaxValue, static number => (uint)number));

    /// <summary>16 bits, decimal or 0x and hexadecimal.</summary>
    public static ScalarType<ushort> UInt16 => UInt16Between(0, ushort.MaxValue);

    public static ScalarType<ushort> UInt16Between(ushort least, ushort most) =>
        new("a number", text => Parse(text, least, most, static number => (ushort)number));

    public static ScalarType<int> Between(int least, int most) =>
        new("a number", text => Parse(text, least, most, static number => (int)number));

    /// <summary>A fraction from 0 to 1.</summary>
    public static ScalarType<double> Fraction => new("a number from 0 to 1", static text =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= 1
            ? Parsed<double>.Of(number)
            : Parsed<double>.Wrong($"`{text}` is not a number from 0 to 1"));

    private static Parsed<T> Parse<T>(string text, long least, long most, Func<long, T> convert)
    {
        if (!TryNumber(text, out var number))
            return Parsed<T>.Wrong($"`{text}` is not a whole number" + Separated(text));
        return number < least || number > most
            ? Parsed<T>.Wrong($"{text} is out of range; from {least} to {most}")
            : Parsed<T>.Of(convert((long)number));
    }

    private static bool TryNumber(string text, out BigInteger number)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        number = 0;
        if (digits.Length > LongestNumber)
            return false;
        // The leading zero keeps the highest digit from counting as a sign.
        return digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && digits.Length > 2
            ? BigInteger.TryParse("0" + digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    private static string Separated(string text)
    {
        var digits = text.Length <= LongestNumber
            ? text.Replace(",", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal) : text;
        return digits.Length < text.Length && digits.Length > 0 && digits.All(char.IsAsciiDigit) ? $"; write `{digits}`" : "";
    }

    // 100Mbit, 100 Mbit/s, 64kbps.
    private static string? SpeedMeant(string text)
    {
        if (text.Length > LongestNumber)
            return null;
        var plain = text.Replace(" ", "", StringComparison.Ordinal);
        var digits = plain.Length - plain.TrimStart("0123456789.").Length;
        var unit = plain[digits..].ToLowerInvariant();
        return digits == 0 || unit.Length < 2
            || "bit/s bits bps b/s".Split(' ').Append("bit").All(word => unit != word && unit[1..] != word) ? null
            : unit[0] switch { 'k' => plain[..digits] + "k", 'm' => plain[..digits] + "M", 'g' => plain[..digits] + "G", 'b' =>
                plain[..digits], _ => null };
    }

    private static Parsed<uint> ParseSpeed(string text)
    {
        var unit = text.Length == 0 ? default : Array.Find(SpeedUnits, candidate => candidate.Suffix == text[^1]);
        var digits = unit.Suffix == default ? text : text[..^1];
        if (digits.Length > 20 || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return Parsed<uint>.Wrong($"`{text}` is not a speed; "
                + (SpeedMeant(text) is { } meant ? $"did you mean `{meant}`?" : "write bit/s, `64k`, `100M` or `1G`"));
        }

        number *= unit.Suffix == default ? 1 : unit.Factor;
        return number > uint.MaxValue
            ? Parsed<uint>.Wrong($"{text} is out of range; to {uint.MaxValue} bit/s")
            : Parsed<uint>.Of((uint)number);
    }
}
