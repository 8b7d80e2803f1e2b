using System.Globalization;
using L2tpd.Daemon.Configuration.Yaml;

namespace L2tpd.Daemon.Configuration.Scalars;

/// <summary>Numbers.</summary>
internal static class NumberText
{
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
            return Parsed<T>.Wrong($"`{text}` is not a whole number");
        return number < least || number > most
            ? Parsed<T>.Wrong($"{text} is out of range; from {least} to {most}")
            : Parsed<T>.Of(convert(number));
    }

    private static bool TryNumber(string text, out long number)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        return digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    private static Parsed<uint> ParseSpeed(string text)
    {
        var unit = text.Length == 0 ? default : Array.Find(SpeedUnits, candidate => candidate.Suffix == text[^1]);
        var digits = unit.Suffix == default ? text : text[..^1];
        if (digits.Length > 20 || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return Parsed<uint>.Wrong($"`{text}` is not a speed; write bit/s, `64k`, `100M` or `1G`");
        number *= unit.Suffix == default ? 1 : unit.Factor;
        return number > uint.MaxValue
            ? Parsed<uint>.Wrong($"{text} is out of range; to {uint.MaxValue} bit/s")
            : Parsed<uint>.Of((uint)number);
    }
}
