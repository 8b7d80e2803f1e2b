namespace L2tpd.Control;

/// <summary>Answer to a reload that was carried out.</summary>
/// <param name="Changes">What became of each tunnel, peer and PPP profile, those that were kept included.</param>
/// <param name="Settings">Other settings that changed and are in force: <c>host-name</c>, <c>limits</c>.</param>
/// <param name="NeedsRestart">Parts that changed and take effect at the next start only.</param>
/// <param name="Warnings">What is odd about the files, one line each.</param>
/// <param name="Problems">What was taken over and cannot be had, one line each.</param>
public sealed record ReloadView(
    IReadOnlyList<ReloadChange> Changes,
    IReadOnlyList<string> Settings,
    IReadOnlyList<string> NeedsRestart,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Problems);

/// <summary>What a reload did to one tunnel, peer or PPP profile.</summary>
/// <param name="Kind"><c>tunnel</c>, <c>static-tunnel</c>, <c>peer</c> or <c>ppp</c>.</param>
/// <param name="Name">As configured.</param>
/// <param name="Change"><c>added</c>, <c>changed</c>, <c>removed</c> or <c>kept</c>.</param>
/// <param name="Applied">Keys whose new values are in force.</param>
/// <param name="NotApplied">Keys that could not be changed as it is: a tunnel is dialled or set up again for them.</param>
/// <param name="Sessions">Of a tunnel that stays: sessions that are added, removed, set up again, or kept with other waits, each as <c>NAME: what</c>.</param>
/// <param name="Note">In words, what that means for what is up.</param>
public sealed record ReloadChange(
    string Kind,
    string Name,
    string Change,
    IReadOnlyList<string>? Applied = null,
    IReadOnlyList<string>? NotApplied = null,
    IReadOnlyList<string>? Sessions = null,
    string? Note = null);
