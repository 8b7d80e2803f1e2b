namespace L2tpd.Control;

/// <summary>Answer to a reload that was applied.</summary>
/// <param name="Changes">One entry for each tunnel, peer and PPP profile, those that were kept included.</param>
/// <param name="Settings">Other settings that changed and are in force: <c>host-name</c>, <c>limits</c>.</param>
/// <param name="NeedsRestart">Parts that changed and take effect at the next start only.</param>
/// <param name="Warnings">Warnings about the files, one line each.</param>
/// <param name="Problems">Parts that are in force but could not be set up, one line each.</param>
public sealed record ReloadView(
    IReadOnlyList<ReloadChange> Changes,
    IReadOnlyList<string> Settings,
    IReadOnlyList<string> NeedsRestart,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Problems);

/// <summary>The change of one tunnel, peer or PPP profile.</summary>
/// <param name="Kind"><c>tunnel</c>, <c>static-tunnel</c>, <c>peer</c> or <c>ppp</c>.</param>
/// <param name="Name">As configured.</param>
/// <param name="Change"><c>added</c>, <c>changed</c>, <c>removed</c> or <c>kept</c>.</param>
/// <param name="Applied">Keys whose new values are in force.</param>
/// <param name="NotApplied">Keys that cannot change while the tunnel is up: it is dialled or set up again.</param>
/// <param name="Sessions">
/// Of a tunnel that stays: sessions added, removed, set up again or kept with other waits, each as <c>NAME: change</c>.
/// </param>
/// <param name="Note">The effect on established tunnels and sessions, in words.</param>
public sealed record ReloadChange(
    string Kind,
    string Name,
    string Change,
    IReadOnlyList<string>? Applied = null,
    IReadOnlyList<string>? NotApplied = null,
    IReadOnlyList<string>? Sessions = null,
    string? Note = null);
