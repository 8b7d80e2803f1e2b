using System.Collections.Frozen;

namespace L2tpd.Configuration.Sections;

/// <summary>Keys that new users write one level too high or too low, with the place where they belong.</summary>
internal static class Misplaced
{
    private static readonly string[] OfPeers =
        ["secret", "secret-file", "secret-credential", "second-secret", "hide-avps", "protocol", "quirks"];

    private static readonly string[] OfPpp =
        ["user", "password", "password-file", "users", "secrets-files", "pool", "local", "remote", "auth", "dns", "mtu", "mru",
            "default-route", "backend"];

    /// <summary>Into a peer or a tunnel, or into a PPP profile.</summary>
    public static FrozenDictionary<string, string> AtTop { get; } = Table(
        (OfPeers, "a peer or a tunnel: `peers.NAME.KEY`, `tunnels.NAME.KEY`"), (OfPpp, "a PPP profile: `ppp.NAME.KEY`"),
        (["lac"], "`tunnels`, which holds the tunnels that are dialled"), (["users-file"], "a PPP profile as `secrets-files`"));

    /// <summary>From a peer into its <c>lns</c>, or into the PPP profile there.</summary>
    public static FrozenDictionary<string, string> InPeer { get; } = Table(
        (["ppp", "sequencing", "reorder-timeout", "accm", "report-errors", "pseudowire"], "`lns` of the peer: `lns: { KEY: ... }`"),
        (OfPpp, "`lns.ppp` of the peer: `lns: { ppp: { KEY: ... } }`"),
        (["address", "prefix"], "`match` of the peer: `match: { address: ... }`"));

    /// <summary>From a tunnel into one of its sessions, or into the PPP profile there.</summary>
    public static FrozenDictionary<string, string> InTunnel { get; } = Table(
        (["ppp", "sequencing", "pseudowire", "remote-end-id", "called-number", "calling-number"],
            "a session of the tunnel: `sessions: { NAME: { KEY: ... } }`"),
        ([.. OfPpp.Where(static key => key is not "remote")],
            "`ppp` of a session of the tunnel: `sessions: { NAME: { ppp: { KEY: ... } } }`"),
        (["remote", "address", "server", "host", "peer-address"], "`lns`, which names whom to dial"));

    /// <summary>From a session or <c>lns</c> into <c>ppp</c>.</summary>
    public static FrozenDictionary<string, string> InSession { get; } = Table(
        (OfPpp, "`ppp`: `ppp: { KEY: ... }`"), (OfPeers, "the peer or the tunnel, one level up"));

    private static FrozenDictionary<string, string> Table(params (string[] Keys, string Place)[] rows) => rows
        .SelectMany(static row => row.Keys.Select(key => KeyValuePair.Create(key, row.Place.Replace("KEY", key, StringComparison.Ordinal))))
        .DistinctBy(static pair => pair.Key)
        .ToFrozenDictionary(StringComparer.Ordinal);
}
