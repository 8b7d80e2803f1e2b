using System.Collections.Immutable;

namespace L2tpd.Engine.Configuration;

/// <summary>
/// The changes of one dialled tunnel in a new configuration. The engine acts on them, and the answer to a reload reports them.
/// </summary>
public sealed record TunnelDifference
{
    private static readonly ImmutableArray<Setting<LacTunnel>> Settings =
    [
        new("lns", false, static (one, other) => one.Remotes.SequenceEqual(other.Remotes)),
        new("transport", false, static (one, other) => one.Carrier == other.Carrier),
        new("local-address", false, static (one, other) => one.LocalAddress == other.LocalAddress),
        new("source-port", false, static (one, other) => one.SourcePort == other.SourcePort),
        new("dial", true, static (one, other) => one.Dial == other.Dial),
        new("persist", true, static (one, other) => one.Persist == other.Persist),
        new("backoff", true, static (one, other) => one.Backoff == other.Backoff),
        new("prefer-back", true, static (one, other) => one.PreferBack == other.PreferBack),
        new("redirect", true, static (one, other) => one.Redirect == other.Redirect),
        // What a peer calls `lns` is `peer-sessions` in a tunnel.
        .. ProfileSettings.All.Select(static setting => new Setting<LacTunnel>(
            setting.Key == "lns" ? "peer-sessions" : setting.Key, setting.IsLive, (one, other) => setting.IsSame(one.Peer, other.Peer))),
    ];

    /// <summary>Keys whose new values take effect in the tunnel as it is.</summary>
    public ImmutableArray<string> Applied { get; private init; } = [];

    /// <summary>Keys for which the tunnel must be closed and dialled again; empty: it stays up.</summary>
    public ImmutableArray<string> NeedsRedial { get; private init; } = [];

    /// <summary>Names of sessions that are new.</summary>
    public ImmutableArray<string> SessionsAdded { get; private init; } = [];

    /// <summary>Names of sessions that are no longer configured.</summary>
    public ImmutableArray<string> SessionsRemoved { get; private init; } = [];

    /// <summary>Names of sessions that must be closed and set up again.</summary>
    public ImmutableArray<string> SessionsChanged { get; private init; } = [];

    /// <summary>Names of sessions of which only `dial`, `persist`, `backoff` or `retry` changed: they stay up.</summary>
    public ImmutableArray<string> SessionsApplied { get; private init; } = [];

    /// <summary>Nothing differs.</summary>
    public bool IsNone =>
        Applied.IsEmpty && NeedsRedial.IsEmpty && SessionsAdded.IsEmpty && SessionsRemoved.IsEmpty
        && SessionsChanged.IsEmpty && SessionsApplied.IsEmpty;

    /// <summary>The secrets differ: a tunnel that is up keeps its own.</summary>
    public bool HasOtherSecrets => Applied.Contains("secret") || Applied.Contains("second-secret");

    /// <summary>Compares a tunnel as it is configured with its new configuration. Time in proportion to its sessions.</summary>
    public static TunnelDifference Between(LacTunnel now, LacTunnel then)
    {
        var differing = Settings.Where(setting => !setting.IsSame(now, then)).ToArray();
        var redial = differing.Where(static setting => !setting.IsLive).Select(static setting => setting.Key).ToImmutableArray();
        // A setting that is missing in the tables needs a redial: it must not be applied in part.
        if (redial.IsEmpty && !AreSameButLiveSettings(now, then))
            redial = [ProfileSettings.Others];
        var former = now.Sessions.ToDictionary(static session => session.Name, StringComparer.Ordinal);
        var wanted = then.Sessions.Select(static session => session.Name).ToHashSet(StringComparer.Ordinal);
        return new TunnelDifference
        {
            Applied = [.. differing.Where(static setting => setting.IsLive).Select(static setting => setting.Key)],
            NeedsRedial = redial,
            SessionsAdded = [.. Names(session => !former.ContainsKey(session.Name))],
            SessionsChanged = [.. Names(session => former.TryGetValue(session.Name, out var same) && !IsSameCall(same, session))],
            SessionsApplied = [.. Names(session =>
                former.TryGetValue(session.Name, out var same) && same != session && IsSameCall(same, session))],
            SessionsRemoved = [.. now.Sessions.Select(static session => session.Name).Where(name => !wanted.Contains(name))],
        };

        IEnumerable<string> Names(Func<LacSession, bool> isMeant) => then.Sessions.Where(isMeant).Select(static session => session.Name);
    }

    /// <summary>The call itself, and how it is set up, is the same: only when it is tried again may differ.</summary>
    internal static bool IsSameCall(LacSession one, LacSession other) =>
        one == other with
        {
            Dial = WaitAlike(one, other) ? one.Dial : other.Dial, Persist = one.Persist, Backoff = one.Backoff,
            MaxRefused = one.MaxRefused, GiveUpAfter = one.GiveUpAfter,
        };

    /// <summary>The interface of a session that waits for traffic is there before the session, and not made with it.</summary>
    private static bool WaitAlike(LacSession one, LacSession other) =>
        (one.Dial == DialMode.OnTraffic) == (other.Dial == DialMode.OnTraffic);

    private static bool AreSameButLiveSettings(LacTunnel now, LacTunnel then) =>
        now == then with
        {
            Dial = now.Dial, Persist = now.Persist, Backoff = now.Backoff, PreferBack = now.PreferBack, Redirect = now.Redirect,
            Remotes = now.Remotes, Sessions = now.Sessions, Peer = now.Peer,
        }
        && ProfileSettings.AreSame(now.Peer, then.Peer.WithLiveSettingsOf(now.Peer));
}
