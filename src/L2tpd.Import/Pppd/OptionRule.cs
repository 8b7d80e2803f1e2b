namespace L2tpd.Import.Pppd;

/// <summary>What becomes of an option of pppd.</summary>
internal enum OptionUse
{
    /// <summary>l2tpd has a key for it.</summary>
    Key,

    /// <summary>l2tpd does the same by itself, or the option has no meaning for L2TP.</summary>
    Needless,

    /// <summary>With pppd it goes to <c>options</c>; built-in PPP does without it.</summary>
    Optional,

    /// <summary>Only pppd can do it: it goes to <c>options</c>.</summary>
    PppdOnly,

    /// <summary>l2tpd lets nobody set it.</summary>
    Refused,
}

/// <summary>One option of pppd.</summary>
/// <param name="Arguments">How many words follow it.</param>
/// <param name="Use">What becomes of it.</param>
/// <param name="Why">The reason, for the comment; empty for <see cref="OptionUse.Key"/>.</param>
internal sealed record OptionRule(int Arguments, OptionUse Use, string Why);
