namespace L2tpd.Control;

/// <summary>
/// Paths and query keys of the control API, version 1. Names are in the query, not in the path: they contain slashes, and a peer's host
/// name can contain anything.
/// </summary>
public static class ControlRoutes
{
    /// <summary>The default control socket.</summary>
    public const string DefaultSocketPath = "/run/l2tpd/control.sock";

    /// <summary>GET: <see cref="StatusView"/>.</summary>
    public const string Status = "/v1/status";

    /// <summary>GET: <see cref="Page{T}"/> of <see cref="TunnelView"/>.</summary>
    public const string Tunnels = "/v1/tunnels";

    /// <summary>GET: <see cref="Page{T}"/> of <see cref="SessionView"/>.</summary>
    public const string Sessions = "/v1/sessions";

    /// <summary>
    /// GET: <see cref="BusiestView"/>, those of all sessions that carry the most. Takes <see cref="OrderKey"/> and <see cref="LimitKey"/>,
    /// <see cref="DefaultBusiest"/> by default.
    /// </summary>
    public const string Busiest = "/v1/busiest";

    /// <summary>Query key: one of <see cref="Orders"/>.</summary>
    public const string OrderKey = "by";

    /// <summary>Octets per second now, which is the default; octets since the session was created.</summary>
    public static IReadOnlyList<string> Orders { get; } = ["rate", "octets"];

    /// <summary>The number of busiest sessions by default.</summary>
    public const int DefaultBusiest = 20;

    /// <summary>GET: <see cref="Page{T}"/> of <see cref="RouteView"/>, the routes of users.</summary>
    public const string Routes = "/v1/routes";

    /// <summary>GET: <see cref="Page{T}"/> of <see cref="PeerView"/>.</summary>
    public const string Peers = "/v1/peers";

    /// <summary>GET: <see cref="Page{T}"/> of <see cref="HistoryEntryView"/>, the latest first.</summary>
    public const string History = "/v1/history";

    /// <summary>GET: <see cref="CountersView"/>; with <see cref="NameKey"/> only counters whose name contains it.</summary>
    public const string Counters = "/v1/counters";

    /// <summary>GET: all counters in Prometheus' text format; outside of a version, since scrapers expect this path.</summary>
    public const string Metrics = "/metrics";

    /// <summary>GET: <see cref="RadiusView"/>.</summary>
    public const string Radius = "/v1/radius";

    /// <summary>GET: <see cref="PoolsView"/>.</summary>
    public const string Pools = "/v1/pools";

    /// <summary>GET: <see cref="ConfigurationView"/>, without secrets.</summary>
    public const string Configuration = "/v1/config";

    /// <summary>GET: <see cref="ExplanationView"/> of a session, tunnel or user. Needs <see cref="NameKey"/>.</summary>
    public const string Explain = "/v1/explain";

    /// <summary>
    /// GET: <see cref="EventView"/>s as server-sent events, the oldest first. Takes <see cref="NameKey"/>, <see cref="AfterKey"/> and <see
    /// cref="FollowKey"/>.
    /// </summary>
    public const string Events = "/v1/events";

    /// <summary>
    /// GET: <see cref="TraceView"/>s as server-sent events. Needs <see cref="NameKey"/>; takes <see cref="ForKey"/> and <see
    /// cref="CountKey"/>.
    /// </summary>
    public const string Trace = "/v1/trace";

    /// <summary>Query key of a trace or a level of the log: the longest duration, seconds.</summary>
    public const string ForKey = "for";

    /// <summary>Query key of a trace: the largest number of messages and frames.</summary>
    public const string CountKey = "count";

    /// <summary>
    /// POST: sets the level of the log for a while, <see cref="LogLevelView"/>. Needs <see cref="LevelKey"/>; takes <see cref="NameKey"/>
    /// and <see cref="ForKey"/>.
    /// </summary>
    public const string Log = "/v1/log";

    /// <summary>Query key: one of <see cref="LogLevels"/>.</summary>
    public const string LevelKey = "level";

    /// <summary>The levels of the log, and <c>configured</c>, which goes back.</summary>
    public static IReadOnlyList<string> LogLevels { get; } = ["trace", "debug", "information", "warning", "error", "configured"];

    /// <summary>
    /// GET one tunnel: <see cref="TunnelView"/>. DELETE: close it, <see cref="ClosedView"/>. Needs <see cref="NameKey"/>.
    /// </summary>
    public const string Tunnel = "/v1/tunnel";

    /// <summary>
    /// GET one session: <see cref="SessionView"/>. DELETE: close it, <see cref="ClosedView"/>. PATCH: change what <see cref="ChangeKeys"/>
    /// say, <see cref="ChangedView"/>. Needs <see cref="NameKey"/>.
    /// </summary>
    public const string Session = "/v1/session";

    /// <summary>
    /// Query key of POST on <see cref="Tunnel"/> and <see cref="Session"/>, which takes <see cref="NameKey"/> too and answers <see
    /// cref="ActionView"/>: one of <see cref="Actions"/>.
    /// </summary>
    public const string ActionKey = "action";

    /// <summary>
    /// Set up now; close and set up again; close and keep down; as configured again. For tunnels and sessions of the configuration, whether
    /// they are up or not.
    /// </summary>
    public static IReadOnlyList<string> Actions { get; } = ["open", "reset", "stay-down", "up"];

    /// <summary>
    /// POST: closes many sessions at a rate, <see cref="ClosingView"/>. Takes the keys of <see cref="SessionSelector"/> or <see
    /// cref="AllKey"/>, and <see cref="RateKey"/>. DELETE: stops that.
    /// </summary>
    public const string Closing = "/v1/closing";

    /// <summary>Query key of a closing: <c>true</c> means all sessions, where nothing else selects them.</summary>
    public const string AllKey = "all";

    /// <summary>Query key of a closing: sessions per second, 1 to <see cref="MaxClosingRate"/>.</summary>
    public const string RateKey = "rate";

    /// <summary>Sessions closed per second by default.</summary>
    public const int DefaultClosingRate = 100;

    /// <summary>The largest rate of a closing.</summary>
    public const int MaxClosingRate = 10_000;

    /// <summary>Query keys of a change, each at most once but <c>filter</c>.</summary>
    public static IReadOnlyList<string> ChangeKeys { get; } = ["rate", "session-timeout", "idle-timeout", "interim-interval", "filter"];

    /// <summary>
    /// GET: <see cref="DrainView"/>. POST: peers get no new tunnels and sessions; DELETE: they get them again. Both take <see
    /// cref="NameKey"/>, a peer; without it all are meant.
    /// </summary>
    public const string Drain = "/v1/drain";

    /// <summary>
    /// POST: reads the configuration again, <see cref="ReloadView"/>. Takes <see cref="ForceKey"/> and <see cref="DryRunKey"/>.
    /// </summary>
    public const string Reload = "/v1/reload";

    /// <summary>Query key of a reload: <c>true</c> applies it even if it removes all tunnels or all peers.</summary>
    public const string ForceKey = "force";

    /// <summary>Query key of a reload: <c>true</c> changes nothing and answers what a reload would do.</summary>
    public const string DryRunKey = "dry-run";

    /// <summary>Content type of the events.</summary>
    public const string EventStreamType = "text/event-stream";

    /// <summary>Query key of events: <c>true</c> keeps the answer open and sends further events.</summary>
    public const string FollowKey = "follow";

    /// <summary>Query key: name or id of one tunnel or session; in lists, only what belongs to this name.</summary>
    public const string NameKey = "name";

    /// <summary>Query key: <see cref="Page{T}.Next"/> of the page before.</summary>
    public const string AfterKey = "after";

    /// <summary>Query key: number of entries, 1 to <see cref="MaxPageSize"/>; a larger number means the maximum.</summary>
    public const string LimitKey = "limit";

    /// <summary>Entries in a page by default.</summary>
    public const int DefaultPageSize = 500;

    /// <summary>Maximum number of entries in a page: the daemon's loop collects them in one turn.</summary>
    public const int MaxPageSize = 1_000;

    /// <summary>Maximum length of a name, in characters.</summary>
    public const int MaxNameLength = 512;
}
