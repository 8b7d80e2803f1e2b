using System.Globalization;

namespace L2tpd.Linux.Host;

/// <summary>
/// Packets that the kernel's IPsec dropped in this network namespace, of all programs (/proc/net/xfrm_stat,
/// Documentation/networking/xfrm_proc.rst).
/// </summary>
/// <param name="ClearText">Received in clear text, or out of another association than the policy wants.</param>
/// <param name="NoAssociation">Received in ESP, with an SPI that no security association has.</param>
/// <param name="Invalid">Received in ESP: not authentic, repeated, too old, or broken.</param>
/// <param name="NotSent">Not sent: no association, or an error in one.</param>
public readonly record struct XfrmDrops(long ClearText, long NoAssociation, long Invalid, long NotSent)
{
    private const string Table = "/proc/self/net/xfrm_stat";

    /// <summary>The counters now; <c>null</c> if the kernel has none.</summary>
    public static XfrmDrops? TryRead()
    {
        try
        {
            return Parse(File.ReadAllText(Table));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Sums up the lines of the table.</summary>
    public static XfrmDrops Parse(string table)
    {
        var drops = default(XfrmDrops);
        foreach (var line in table.AsSpan().EnumerateLines())
        {
            var end = line.IndexOfAny(' ', '\t');
            if (end > 0 && long.TryParse(line[end..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                drops = drops.With(line[..end], count);
        }

        return drops;
    }

    /// <summary>What was dropped since an earlier reading.</summary>
    public XfrmDrops Since(in XfrmDrops earlier) => new(
        ClearText - earlier.ClearText, NoAssociation - earlier.NoAssociation, Invalid - earlier.Invalid, NotSent - earlier.NotSent);

    private XfrmDrops With(ReadOnlySpan<char> name, long count) => name switch
    {
        "XfrmInTmplMismatch" or "XfrmInNoPols" or "XfrmInPolBlock" => this with { ClearText = ClearText + count },
        "XfrmInNoStates" => this with { NoAssociation = NoAssociation + count },
        _ when name.StartsWith("XfrmIn", StringComparison.Ordinal) => this with { Invalid = Invalid + count },
        _ when name.StartsWith("XfrmOut", StringComparison.Ordinal) => this with { NotSent = NotSent + count },
        _ => this,
    };
}
