namespace L2tpd.Control;

/// <summary>Answer to a reload that was applied, or to a dry run.</summary>
/// <param name="Changes">One entry for each tunnel, peer and PPP profile, those that were kept included.</param>
/// <param name="Settings">Other settings that changed and are in force: <c>host-name</c>, <c>limits</c>.</param>
/// <param name="NeedsRestart">Parts that changed and take effect at the next start only.</param>
/// <param name="Warnings">Warnings about the files, one line each.</param>
/// <param name="Problems">Parts that are in force but could not be set up, one line each.</param>
/// <param name="Closes">What is up and was closed, or would be: one line for each tunnel and session.</param>
/// <param name="DryRun">Nothing was changed: this is what a reload would do.</param>
public sealed record ReloadView(
    IReadOnlyList<ReloadChange> Changes,
    IReadOnlyList<string> Settings,
    IReadOnlyList<string> NeedsRestart,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string>? Closes = null,
    bool DryRun = false);

/// <summary>The last reload, whether it was applied or refused. A dry run does not count.</summary>
/// <param name="At">When it ended.</param>
/// <param name="By">Who requested it, for example <c>SIGHUP</c>.</param>
/// <param name="Result"><c>applied</c> or <c>refused</c>.</param>
/// <param name="Changes">Number of tunnels, peers and PPP profiles that were added, changed or removed; 0 if it was refused.</param>
/// <param name="NeedsRestart">Parts that wait for a restart; empty if there are none.</param>
/// <param name="Failure">Why it was refused, in words; <c>null</c> if it was applied.</param>
/// <param name="Errors">The errors of the files, the first ones; <c>null</c> if there are none.</param>
public sealed record LastReloadView(
    DateTimeOffset At,
    string By,
    string Result,
    int Changes,
    IReadOnlyList<string> NeedsRestart,
    string? Failure = null,
    IReadOnlyList<string>? Errors = null);

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
