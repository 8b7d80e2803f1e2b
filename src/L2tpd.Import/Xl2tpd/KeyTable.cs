using System.Collections.Frozen;

namespace L2tpd.Import.Xl2tpd;

/// <summary>In which sections xl2tpd takes a key.</summary>
[Flags]
internal enum Sections
{
    None = 0,
    Global = 1,
    Lns = 2,
    Lac = 4,
}

/// <summary>A key of xl2tpd.conf.</summary>
/// <param name="Sections">Where it may stand.</param>
/// <param name="Needless">Why it needs no key of l2tpd; <c>null</c> if it does.</param>
/// <param name="Impossible">Why it cannot be carried over; <c>null</c> if it can.</param>
internal sealed record KeyRule(Sections Sections, string? Needless = null, string? Impossible = null);

/// <summary>Every key of xl2tpd 1.3.18 (xl2tpd.conf(5) and its source), with the reason for those that are not carried over.</summary>
internal static class KeyTable
{
    private const Sections Both = Sections.Lns | Sections.Lac;

    public static FrozenDictionary<string, KeyRule> All { get; } = new Dictionary<string, KeyRule>(StringComparer.Ordinal)
    {
        ["listen-addr"] = new(Sections.Global),
        ["port"] = new(Sections.Global),
        ["auth file"] = new(Sections.Global),
        ["access control"] = new(Sections.Global),
        ["max retries"] = new(Sections.Global),
        ["cap backoff"] = new(Sections.Global),
        ["force userspace"] = new(Sections.Global),
        ["debug avp"] = new(Sections.Global),
        ["debug network"] = new(Sections.Global),
        ["debug state"] = new(Sections.Global),
        ["debug tunnel"] = new(Sections.Global),
        ["debug packet"] = new(Sections.Global, Impossible: "l2tpd does not print packets: use tcpdump, which decodes L2TP"),
        ["rand source"] = new(Sections.Global, Needless: "random numbers are the kernel's"),
        ["ipsec saref"] = new(Sections.Global, Impossible: "it needs a patched kernel: several clients behind one NAT need marks of IPsec"),
        ["saref refinfo"] = new(Sections.Global, Impossible: "it needs a patched kernel"),
        ["exclusive"] = new(Sections.Lns),
        ["ip range"] = new(Sections.Lns),
        ["no ip range"] = new(Sections.Lns),
        ["assign ip"] = new(Sections.Lns),
        ["lac"] = new(Sections.Lns),
        ["no lac"] = new(Sections.Lns),
        ["local ip range"] = new(Sections.Lns),
        ["unix authentication"] = new(Sections.Lns),
        ["unix auth"] = new(Sections.Lns),
        ["local ip"] = new(Both),
        ["hidden bit"] = new(Both),
        ["length bit"] = new(Both, Needless: "receivers take data with and without a length (RFC 2661 section 3.1)"),
        ["require pap"] = new(Both),
        ["require chap"] = new(Both),
        ["require authentication"] = new(Both),
        ["require auth"] = new(Both),
        ["refuse pap"] = new(Both),
        ["refuse chap"] = new(Both),
        ["refuse authentication"] = new(Both),
        ["refuse auth"] = new(Both),
        ["name"] = new(Both),
        ["hostname"] = new(Both),
        ["ppp debug"] = new(Both),
        ["pass peer"] = new(Both, Impossible: "ipparam is the session's name; hooks have the peer's address in L2TPD_PEER_ADDRESS"),
        ["pppoptfile"] = new(Both),
        ["call rws"] = new(Both, Needless: "sessions have no window (RFC 2661)"),
        ["tunnel rws"] = new(Both),
        ["flow bit"] = new(Both, Impossible: "it does nothing in xl2tpd; l2tpd has `sequencing: true`, which both ends must carry"),
        ["challenge"] = new(Both),
        ["tx bps"] = new(Both),
        ["rx bps"] = new(Both),
        ["bps"] = new(Both),
        ["lns"] = new(Sections.Lac),
        ["autodial"] = new(Sections.Lac),
        ["redial"] = new(Sections.Lac),
        ["redial timeout"] = new(Sections.Lac),
        ["max redials"] = new(Sections.Lac),
        ["defaultroute"] = new(Sections.Lac),
        ["remote ip"] = new(Sections.Lac),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The keys of a section that are carried over. The others become comments in its block.</summary>
    public static IEnumerable<IniEntry> Usable(IniSection section, Sections kind, YamlBlock block, ImportLog log)
    {
        foreach (var entry in section.Entries)
        {
            if (entry.Value is null)
                log.Lose(block, entry, "it is no `key = value`");
            else if (!All.TryGetValue(entry.Key, out var rule))
                log.Lose(block, entry, "xl2tpd has no such key");
            else if (!rule.Sections.HasFlag(kind))
                log.Lose(block, entry, "it does not belong into this section");
            else if (rule.Impossible is { } why && IsSet(entry))
                log.Lose(block, entry, why);
            else if (rule.Needless is { } needless)
                block.Comment($"Not needed: {entry.Written}: {needless}.");
            else if (rule.Impossible is null)
                yield return entry;
        }
    }

    /// <summary>A boolean that is false asks for nothing.</summary>
    private static bool IsSet(IniEntry entry) => YesNo(entry.Text) != false;

    /// <summary>As xl2tpd reads it; <c>null</c> for any other text.</summary>
    public static bool? YesNo(string text) => text.ToUpperInvariant() switch
    {
        "YES" or "Y" or "TRUE" => true,
        "NO" or "N" or "FALSE" => false,
        _ => null,
    };
}
