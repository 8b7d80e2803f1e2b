namespace L2tpd.Engine.Admission;

/// <summary>
/// Who wins when both ends dialled, or asked for one pseudowire, at once (RFC 2661 section 5.8, RFC 3931 sections 5.4.3 and 5.4.4).
/// </summary>
internal enum Tie
{
    Equal,
    Ours,
    Peers,
}

internal static class TieBreakers
{
    /// <summary>The lower value wins, and any value beats none.</summary>
    public static Tie Compare(ulong? ours, ulong? theirs) => (ours, theirs) switch
    {
        ({ } own, { } peer) when own == peer => Tie.Equal,
        ({ } own, { } peer) => own < peer ? Tie.Ours : Tie.Peers,
        ({ }, null) => Tie.Ours,
        (null, { }) => Tie.Peers,
        _ => Tie.Equal,
    };
}
