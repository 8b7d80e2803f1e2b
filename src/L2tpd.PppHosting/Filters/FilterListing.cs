using System.Text.RegularExpressions;

namespace L2tpd.PppHosting.Filters;

/// <summary>What the elements of a set are.</summary>
internal enum FilterKind
{
    /// <summary>Something that no session has, a mark for example.</summary>
    Other,

    /// <summary>Names of interfaces.</summary>
    Interface,

    /// <summary>IPv4 addresses.</summary>
    IPv4,

    /// <summary>IPv6 addresses or prefixes.</summary>
    IPv6,
}

/// <summary>Reads a table as <c>nft list table</c> prints it.</summary>
internal static partial class FilterListing
{
    /// <summary>Marks the elements that this daemon added.</summary>
    public const string Comment = "l2tpd";

    /// <summary>The table's sets and what their elements are.</summary>
    public static Dictionary<string, FilterKind> Sets(string listing)
    {
        var sets = new Dictionary<string, FilterKind>(StringComparer.Ordinal);
        foreach (var (name, line) in Lines(listing))
        {
            sets.TryAdd(name, FilterKind.Other);
            if (line.StartsWith("type ", StringComparison.Ordinal) || line.StartsWith("typeof ", StringComparison.Ordinal))
                sets[name] = KindOf(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        }

        return sets;
    }

    /// <summary>The elements that a daemon added, as nft writes them.</summary>
    public static IEnumerable<(string Set, string Element)> Own(string listing)
    {
        foreach (var (name, line) in Lines(listing))
        {
            foreach (Match match in OwnElement().Matches(line))
                yield return (name, match.Groups[1].Value);
        }
    }

    /// <summary>The lines within sets, each with the name of its set.</summary>
    private static IEnumerable<(string Set, string Line)> Lines(string listing)
    {
        string? set = null;
        foreach (var written in listing.Split('\n'))
        {
            var line = written.Trim();
            if (line is ['s', 'e', 't', ' ', .., ' ', '{'])
                set = line[4..^2];
            else if (line == "}")
                set = null;
            else if (set is not null)
                yield return (set, line);
        }
    }

    private static FilterKind KindOf(string type) => type switch
    {
        "ifname" or "iifname" or "oifname" or "meta iifname" or "meta oifname" => FilterKind.Interface,
        "ipv4_addr" or "ip saddr" or "ip daddr" => FilterKind.IPv4,
        "ipv6_addr" or "ip6 saddr" or "ip6 daddr" => FilterKind.IPv6,
        _ => FilterKind.Other,
    };

    [GeneratedRegex("""([^\s,{}]+)(?: [^,{}]*)? comment "l2tpd"(?=[,\s}]|$)""")]
    private static partial Regex OwnElement();
}
