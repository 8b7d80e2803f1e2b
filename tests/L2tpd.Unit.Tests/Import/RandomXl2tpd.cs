using System.Globalization;
using L2tpd.Import.Xl2tpd;

namespace L2tpd.Unit.Tests.Import;

/// <summary>Random texts of xl2tpd.conf: known keys with good and bad values, and broken lines.</summary>
internal static class RandomXl2tpd
{
    private static readonly string[] Keys = [.. KeyTable.All.Keys];

    private static readonly string[] Values =
    [
        "yes", "no", "maybe", "", "0", "1", "15", "99999", "-1", "192.0.2.1", "10.0.0.1", "10.0.0.2-10.0.0.9", "10.0.0.5-7",
        "9.9.9.9-1.1.1.1", "lns.example.net", "a.example:1702", "a:b", "DIR/options", "DIR/secrets", "DIR/missing", "alice", "a b",
        "\"", "#", "\u2028", "\\", "'{[", "0.0.0.0-255.255.255.255", "224.0.0.1", "10.0.0.1-255.255.255.255", "null", "~", "*", "&a",
        "!x", ": ", "- ",
    ];

    private static readonly string[] Headings =
        ["[global]", "[lns default]", "[lns one]", "[lac default]", "[lac a]", "[lac b c]", "[x]", "[lns"];

    public static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(6) == 0
        ? Headings[random.Next(Headings.Length)] + "\n"
        : Line(random)));

    private static string Line(Random random) => random.Next(20) == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{(char)random.Next(1, 0x2100)}=\t{(char)random.Next(1, 0x2100)}\n")
        : $"{Keys[random.Next(Keys.Length)]} = {Values[random.Next(Values.Length)]}\n";
}
