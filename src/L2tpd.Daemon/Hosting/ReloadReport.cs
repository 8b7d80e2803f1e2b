using System.Collections.Immutable;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Daemon.Hosting;

/// <summary>Reports what a reload adds, changes, removes and keeps, for the log and for the caller.</summary>
public static class ReloadReport
{
    private const string TunnelKind = "tunnel";
    private const string StaticKind = "static-tunnel";
    private const string PeerKind = "peer";
    private const string RemovedText = ": removed";
    private const string AgainText = ": set up again";

    /// <summary>
    /// Why the reload needs <c>--force</c>: it would remove all tunnels, or all peers. <c>null</c> if it does not need it.
    /// </summary>
    public static string? Objection(DaemonConfiguration now, DaemonConfiguration then)
    {
        var (tunnels, peers) = (TunnelsOf(now), now.Engine.Peers.Length);
        string?[] lost =
        [
            tunnels > 0 && TunnelsOf(then) == 0 ? $"the configured tunnels ({tunnels})" : null,
            peers > 0 && then.Engine.Peers.IsEmpty ? $"the peers ({peers})" : null,
        ];
        return lost.All(static part => part is null)
            ? null
            : $"the file would remove all {string.Join(" and all ", lost.OfType<string>())}: it may be empty or truncated. To apply it "
                + "anyway: l2tpctl reload --force";
    }

    /// <summary>Compares two configurations.</summary>
    public static ReloadView Between(DaemonConfiguration now, DaemonConfiguration then)
    {
        var (former, wanted) = (ByName(now), ByName(then));
        return new ReloadView(
        [
            .. ConfigurationDifference.Named(now.Engine.Tunnels, then.Engine.Tunnels, static tunnel => tunnel.Name, static (_, _) => [])
                .Select(one => OfTunnel(one, former, wanted)),
            .. ConfigurationDifference.StaticTunnels(now.Engine, then.Engine).Select(one => OfStaticTunnel(one, now, then)),
            .. ConfigurationDifference.Peers(now.Engine, then.Engine).Select(OfPeer),
            .. ConfigurationDifference.Named(now.PppProfiles.Values, then.PppProfiles.Values, static profile => profile.Name, Changed)
                .Select(OfPpp),
        ],
        [
            .. Where(now.Engine.HostName != then.Engine.HostName, "host-name"),
            .. Where(now.Engine.VendorName != then.Engine.VendorName, "vendor-name"),
            .. Where(now.Engine.RouterId != then.Engine.RouterId, "router-id"),
            .. Where(now.Engine.Limits != then.Engine.Limits, "limits"),
        ],
        [], [], []);
    }

    /// <summary>
    /// What is up and ends when the changes are applied: a tunnel with its sessions, or a session of a tunnel that stays. One line each, at
    /// most <see cref="MostCloses"/> and one that counts the others.
    /// </summary>
    public static IEnumerable<string> Closes(ReloadView report, IEnumerable<Tunnel> tunnels)
    {
        var changes = report.Changes.ToDictionary(static change => (change.Kind, change.Name));
        var lines = tunnels.SelectMany(ClosesOfTunnel).ToArray();
        foreach (var line in lines.Take(MostCloses))
            yield return line;
        if (lines.Length > MostCloses)
            yield return $"{lines.Length - MostCloses} more tunnels and sessions";

        IEnumerable<string> ClosesOfTunnel(Tunnel tunnel) => tunnel.ConfiguredName is { } name
            && changes.TryGetValue((tunnel.IsStatic ? StaticKind : TunnelKind, name), out var change) ? ClosesOf(tunnel, change) : [];
    }

    /// <summary>
    /// The lines for the log: one for each object that was added, changed or removed, at most <paramref name="most"/>, and one for all that
    /// was kept.
    /// </summary>
    public static IEnumerable<string> Lines(ReloadView report, int most)
    {
        var lines = report.Changes.Where(static change => change.Change != Kept).Select(Line).ToArray();
        foreach (var line in lines.Take(most))
            yield return line;
        if (lines.Length > most)
            yield return $"{lines.Length - most} more were added, changed or removed; l2tpctl reload lists all of them";
        if (report.Settings.Count > 0)
            yield return $"changed: {string.Join(", ", report.Settings)}";
        var kept = report.Changes.Where(static change => change.Change == Kept).ToArray();
        if (kept.Length > 0)
        {
            var names = string.Join(", ", kept.Take(MostNames).Select(static change => $"{change.Kind} {change.Name}"));
            yield return $"kept: {names}{(kept.Length > MostNames ? $" and {kept.Length - MostNames} more" : "")}";
        }
    }

    /// <summary>The text of one change.</summary>
    public static string Line(ReloadChange change)
    {
        string?[] parts =
        [
            $"{change.Kind} {change.Name}: {change.Change}",
            change.NotApplied is { Count: > 0 } not ? $"cannot be changed while it is up: {string.Join(", ", not)}" : null,
            change.Applied is { Count: > 0 } applied ? $"in force: {string.Join(", ", applied)}" : null,
            change.Sessions is { Count: > 0 } sessions ? $"sessions {NamesOf(sessions)}" : null,
            change.Note,
        ];
        return string.Join("; ", parts.OfType<string>());
    }

    private static string NamesOf(IReadOnlyCollection<string> sessions) =>
        string.Join(", ", sessions.Take(MostNames)) + (sessions.Count > MostNames ? $" and {sessions.Count - MostNames} more" : "");

    private const string Kept = "kept";
    private const int MostNames = 20;

    /// <summary>Lines of <see cref="Closes"/>.</summary>
    private const int MostCloses = 1_000;

    private static IEnumerable<string> ClosesOf(Tunnel tunnel, ReloadChange change)
    {
        if (change is { Change: "removed" } or { NotApplied.Count: > 0 })
        {
            var sessions = tunnel.Sessions.Count;
            var with = sessions == 0 ? "" : $" with {sessions} {(sessions == 1 ? "session" : "sessions")}";
            return [$"{change.Kind} {change.Name}{with}"];
        }

        var ending = (change.Sessions ?? []).Where(static line =>
                line.EndsWith(RemovedText, StringComparison.Ordinal) || line.EndsWith(AgainText, StringComparison.Ordinal))
            .Select(static line => line[..line.IndexOf(':', StringComparison.Ordinal)]).ToHashSet(StringComparer.Ordinal);
        return tunnel.Sessions.Values.Where(session => session.ConfiguredName is { } name && ending.Contains(name))
            .Select(static session => $"session {session.Name}");
    }

    private static int TunnelsOf(DaemonConfiguration configuration) =>
        configuration.Engine.Tunnels.Length + configuration.Engine.StaticTunnels.Length;

    private static IEnumerable<string> Where(bool differs, string key) => differs ? [key] : [];

    private static string Word(DifferenceKind kind) => kind switch
    {
        DifferenceKind.Added => "added",
        DifferenceKind.Changed => "changed",
        DifferenceKind.Removed => "removed",
        _ => Kept,
    };

    private static ReloadChange OfPeer(NamedDifference one) => one.Kind != DifferenceKind.Changed
        ? new ReloadChange(PeerKind, one.Name, Word(one.Kind))
        : new ReloadChange(PeerKind, one.Name, "changed", one.Keys,
            Note: "for new tunnels and sessions; tunnels that are up keep their settings");

    private static ReloadChange OfStaticTunnel(NamedDifference one, DaemonConfiguration now, DaemonConfiguration then) => one switch
    {
        { Kind: not DifferenceKind.Changed } => new ReloadChange(StaticKind, one.Name, Word(one.Kind)),
        _ when one.Keys.Contains(ConfigurationDifference.Tunnel) =>
            new ReloadChange(StaticKind, one.Name, "changed", NotApplied: one.Keys, Note: "it is set up again"),
        _ => new ReloadChange(StaticKind, one.Name, "changed", one.Keys, Sessions: StaticSessions(
            now.Engine.StaticTunnels.First(tunnel => tunnel.Name == one.Name).Sessions,
            then.Engine.StaticTunnels.First(tunnel => tunnel.Name == one.Name).Sessions), Note: "unchanged sessions stay up"),
    };

    private static string[]? StaticSessions(IEnumerable<StaticSession> now, IEnumerable<StaticSession> then)
    {
        string[] sessions =
        [
            .. ConfigurationDifference.Named(now, then, static one => one.Name, static (one, other) => one == other ? [] : ["session"])
                .Where(static one => one.Kind != DifferenceKind.Kept)
                .Select(static one => one.Name + (one.Kind == DifferenceKind.Changed ? AgainText : $": {Word(one.Kind)}")),
        ];
        return sessions.Length == 0 ? null : sessions;
    }

    private static ReloadChange OfPpp(NamedDifference one) => one.Kind != DifferenceKind.Changed
        ? new ReloadChange("ppp", one.Name, Word(one.Kind))
        : new ReloadChange("ppp", one.Name, "changed", Note: "for new sessions");

    private static ReloadChange OfTunnel(NamedDifference one, Dictionary<string, LacTunnel> former, Dictionary<string, LacTunnel> wanted)
    {
        if (one.Kind != DifferenceKind.Kept)
            return new ReloadChange(TunnelKind, one.Name, Word(one.Kind));
        var difference = TunnelDifference.Between(former[one.Name], wanted[one.Name]);
        if (difference.IsNone)
            return new ReloadChange(TunnelKind, one.Name, Kept);
        if (!difference.NeedsRedial.IsEmpty)
        {
            return new ReloadChange(TunnelKind, one.Name, "changed", NotApplied: difference.NeedsRedial,
                Note: "it is closed and dialled again");
        }

        return new ReloadChange(TunnelKind, one.Name, "changed", difference.Applied, Sessions: Sessions(difference),
            Note: difference.HasOtherSecrets ? "the tunnel stays up; it uses the secrets from its next set-up on" : "the tunnel stays up");
    }

    private static string[]? Sessions(TunnelDifference difference)
    {
        string[] sessions =
        [
            .. difference.SessionsAdded.Select(static name => $"{name}: added"),
            .. difference.SessionsRemoved.Select(static name => name + RemovedText),
            .. difference.SessionsChanged.Select(static name => name + AgainText),
            .. difference.SessionsApplied.Select(static name => $"{name}: kept, with other waits"),
        ];
        return sessions.Length == 0 ? null : sessions;
    }

    private static ImmutableArray<string> Changed(PppProfile now, PppProfile then) => now.HasSameContent(then) ? [] : ["profile"];

    private static Dictionary<string, LacTunnel> ByName(DaemonConfiguration configuration) =>
        configuration.Engine.Tunnels.ToDictionary(static tunnel => tunnel.Name, StringComparer.Ordinal);
}
