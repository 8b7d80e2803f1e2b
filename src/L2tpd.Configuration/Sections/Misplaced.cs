using System.Collections.Frozen;

namespace L2tpd.Configuration.Sections;

/// <summary>Keys that new users often write one level too high or too low, with the place where they belong.</summary>
internal static class Misplaced
{
    private static readonly string[] OfPeers =
        ["secret", "secret-file", "secret-credential", "second-secret", "hide-avps", "protocol", "quirks"];

    private static readonly string[] OfPpp =
        ["user", "password", "password-file", "users", "secrets-files", "pool", "local", "remote", "auth", "dns", "mtu", "mru",
            "default-route", "backend"];

    /// <summary>Keys of a peer, a tunnel or a PPP profile, at the top level.</summary>
    public static FrozenDictionary<string, string> AtTop { get; } = Table(
        (OfPeers, "a peer or a tunnel: `peers.NAME.KEY`, `tunnels.NAME.KEY`"), (OfPpp, "a PPP profile: `ppp.NAME.KEY`"),
        (["lac"], "`tunnels`, which holds the tunnels that are dialled"), (["users-file"], "a PPP profile as `secrets-files`"));

    /// <summary>Keys of <c>lns</c> or of its PPP profile, in a peer.</summary>
    public static FrozenDictionary<string, string> InPeer { get; } = Table(
        (["ppp", "sequencing", "reorder-timeout", "accm", "report-errors", "pseudowire"], "`lns` of the peer: `lns: { KEY: ... }`"),
        (OfPpp, "`lns.ppp` of the peer: `lns: { ppp: { KEY: ... } }`"),
        (["address", "prefix"], "`match` of the peer: `match: { address: ... }`"));

    /// <summary>Keys of a session or of its PPP profile, in a tunnel.</summary>
    public static FrozenDictionary<string, string> InTunnel { get; } = Table(
        (["ppp", "sequencing", "pseudowire", "remote-end-id", "called-number", "calling-number"],
            "a session of the tunnel: `sessions: { NAME: { KEY: ... } }`"),
        ([.. OfPpp.Where(static key => key is not "remote")],
            "`ppp` of a session of the tunnel: `sessions: { NAME: { ppp: { KEY: ... } } }`"),
        (["remote", "address", "server", "host", "peer-address"], "`lns`, which is the LNS to dial"));

    /// <summary>Keys of <c>ppp</c>, in a session or <c>lns</c>.</summary>
    public static FrozenDictionary<string, string> InSession { get; } = Table(
        (OfPpp, "`ppp`: `ppp: { KEY: ... }`"), (OfPeers, "the peer or the tunnel, one level up"));

    private static FrozenDictionary<string, string> Table(params (string[] Keys, string Place)[] rows) => rows
        .SelectMany(static row => row.Keys.Select(key => KeyValuePair.Create(key, row.Place.Replace("KEY", key, StringComparison.Ordinal))))
        .DistinctBy(static pair => pair.Key)
        .ToFrozenDictionary(StringComparer.Ordinal);
}
