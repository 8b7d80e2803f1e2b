namespace L2tpd.Engine.Admission;

/// <summary>Who wins when both ends dialled at once (RFC 2661 section 5.8, RFC 3931 section 5.4.3).</summary>
internal static class TieBreakers
{
    /// <summary>Below 0: ours wins; above 0: the peer's wins; 0: equal. The lower value wins, and any value beats none.</summary>
    public static int Compare(ulong? ours, ulong? theirs) => (ours, theirs) switch
    {
        ({ } own, { } peer) => own.CompareTo(peer),
        ({ }, null) => -1,
        (null, { }) => 1,
        _ => 0,
    };
}
