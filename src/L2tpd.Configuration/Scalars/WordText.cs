using System.Globalization;
using L2tpd.Configuration.Yaml;

namespace L2tpd.Configuration.Scalars;

/// <summary>Enumerated values, names, paths and other text.</summary>
internal static class WordText
{
    private const int LongestName = 64;

    public static ScalarType<bool> Boolean => new("`true` or `false`", static text => text switch
    {
        "true" or "yes" or "on" => Parsed<bool>.Of(true),
        "false" or "no" or "off" => Parsed<bool>.Of(false),
        _ => Parsed<bool>.Wrong($"`{text}` is not `true` or `false`"),
    });

    /// <summary>One value of a set.</summary>
    public static ScalarType<T> OneOf<T>(params (string Word, T Value)[] words)
    {
        var expected = "one of " + string.Join(", ", words.Select(static word => $"`{word.Word}`"));
        return new ScalarType<T>(expected, text =>
        {
            foreach (var (word, value) in words)
            {
                if (word == text)
                    return Parsed<T>.Of(value);
            }

            return Parsed<T>.Wrong($"`{text}` is not {expected}{Suggestion.For(text, words.Select(static word => word.Word))}");
        });
    }

    /// <summary>Printable text of 1 to <paramref name="longest"/> octets of UTF-8.</summary>
    public static ScalarType<string> Text(int longest) => new("a text", text => Printable(text, longest) is { } problem
        ? Parsed<string>.Wrong(problem)
        : Parsed<string>.Of(text));

    /// <summary>An absolute path.</summary>
    public static ScalarType<string> AbsolutePath => new("an absolute path", static text =>
        text.StartsWith('/') && Printable(text, 4096) is null
            ? Parsed<string>.Of(text)
            : Parsed<string>.Wrong($"`{text}` is not an absolute path"));

    /// <summary>An absolute path, or <c>none</c>, which is empty.</summary>
    public static ScalarType<string> AbsolutePathOrNone => new("an absolute path or `none`", static text =>
        text == "none" ? Parsed<string>.Of("") : AbsolutePath.Parse(text));

    /// <summary>A network interface's name, 1 to 15 octets (IFNAMSIZ).</summary>
    public static ScalarType<string> InterfaceName => new("an interface name", static text =>
        text.Length is > 0 and <= 15 && text is not ("." or "..")
            && text.All(static letter => char.IsAscii(letter) && letter is > ' ' and not ('/' or ':'))
            ? Parsed<string>.Of(text)
            : Parsed<string>.Wrong($"`{text}` is not an interface name: 1 to 15 characters without blanks, `/` or `:`"));

    /// <summary>Permissions in octal, 0 to 0777.</summary>
    public static ScalarType<UnixFileMode> Mode => new("permissions such as 0660", static text =>
    {
        var digits = text.StartsWith("0o", StringComparison.Ordinal) ? text[2..] : text;
        return digits.Length is 3 or 4 && digits.All(static digit => digit is >= '0' and <= '7') && (digits.Length == 3 || digits[0] == '0')
            ? Parsed<UnixFileMode>.Of((UnixFileMode)Convert.ToInt32(digits, 8))
            : Parsed<UnixFileMode>.Wrong($"`{text}` is not permissions in octal; write `0660`");
    });

    /// <summary>What is wrong with a name that the operator chose; <c>null</c> if it is valid.</summary>
    public static string? NameProblem(string name) =>
        name.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(name[0])
            && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            ? null
            : $"a name is up to {LongestName.ToString(CultureInfo.InvariantCulture)} letters, digits, `-`, `_` and `.`, and begins with a "
                + "letter or digit";

    private static string? Printable(string text, int longest)
    {
        if (text.Length == 0)
            return "is empty";
        if (text.Any(char.IsControl))
            return "contains a control character";
        var octets = System.Text.Encoding.UTF8.GetByteCount(text);
        return octets > longest ? $"is too long: {octets} octets, at most {longest}" : null;
    }
}
