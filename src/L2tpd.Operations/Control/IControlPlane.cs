using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.Logging;
using L2tpd.Operations.Sessions;
using L2tpd.Operations.Tracing;
using L2tpd.Runtime.Counters;

namespace L2tpd.Operations.Control;

/// <summary>
/// The daemon behind the control API. Calls come on thread-pool threads; an implementation posts them to the loop's thread (see <see
/// cref="TunnelWalk"/>, <see cref="SessionWalk"/>, <see cref="NameLookup"/> for the work of one turn). Names are as the lists show them;
/// ids "1234" (tunnel, or session if only one has it) and "1234/5678" (our tunnel id, our session id) are accepted too.
/// </summary>
public interface IControlPlane
{
    Task<StatusView> StatusAsync(CancellationToken cancellation);

    /// <summary>At most <see cref="PageRequest.Limit"/> tunnels, by rising id.</summary>
    Task<Page<TunnelView>> TunnelsAsync(PageRequest request, CancellationToken cancellation);

    /// <summary>At most <see cref="PageRequest.Limit"/> sessions, by rising tunnel id, then session id.</summary>
    Task<Page<SessionView>> SessionsAsync(PageRequest request, CancellationToken cancellation);

    /// <summary>The busiest of all sessions, the busiest first.</summary>
    /// <param name="order">By what.</param>
    /// <param name="limit">1 to <see cref="ControlRoutes.MaxPageSize"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<BusiestView> BusiestAsync(BusiestOrder order, int limit, CancellationToken cancellation);

    /// <summary>At most <see cref="PageRequest.Limit"/> routes of users, in the order of <see cref="SessionsAsync"/>.</summary>
    Task<Page<RouteView>> RoutesAsync(PageRequest request, CancellationToken cancellation);

    /// <summary>At most <see cref="PageRequest.Limit"/> peers, in the order of the configuration.</summary>
    Task<Page<PeerView>> PeersAsync(PageRequest request, CancellationToken cancellation);

    /// <summary>At most <see cref="PageRequest.Limit"/> entries, the latest first.</summary>
    Task<Page<HistoryEntryView>> HistoryAsync(PageRequest request, CancellationToken cancellation);

    /// <summary>All counters whose name contains <paramref name="text"/>; <c>null</c>: all.</summary>
    Task<CountersView> CountersAsync(string? text, CancellationToken cancellation);

    /// <summary>All counters for a monitoring system: with a bounded number of peer profiles.</summary>
    Task<IReadOnlyList<CounterReading>> MetricsAsync(CancellationToken cancellation);

    /// <summary>The RADIUS servers in use.</summary>
    Task<RadiusView> RadiusAsync(CancellationToken cancellation);

    /// <summary>The address and prefix pools.</summary>
    Task<PoolsView> PoolsAsync(CancellationToken cancellation);

    /// <summary>Opens a reader of events.</summary>
    /// <exception cref="ControlUnavailableException">There are too many readers.</exception>
    EventReader OpenEvents(EventsRequest request);

    /// <summary>Sets the level of the log for a while.</summary>
    /// <param name="level">The level; <c>null</c>: the configured one.</param>
    /// <param name="name">Only lines that name this peer, tunnel, session or user; <c>null</c>: all.</param>
    /// <param name="duration">Up to <see cref="LogLevels.Longest"/>.</param>
    LogLevelView SetLogLevel(LogLevelChoice? level, string? name, TimeSpan duration);

    /// <summary>Begins a trace.</summary>
    /// <exception cref="ControlUnavailableException">There are too many traces.</exception>
    Task<TraceReader> OpenTraceAsync(TraceRequest request, string by, CancellationToken cancellation);

    /// <summary>Reads the configuration again, and applies it unless it is a dry run.</summary>
    /// <param name="request">What is requested, and by whom.</param>
    /// <param name="cancellation">Ends the wait, not the reload.</param>
    /// <exception cref="ReloadRefusedException">Nothing was changed.</exception>
    Task<ReloadView> ReloadAsync(ReloadRequest request, CancellationToken cancellation);

    /// <summary>What is drained.</summary>
    Task<DrainView> DrainAsync(CancellationToken cancellation);

    /// <summary>Peers get no new tunnels and sessions, or get them again.</summary>
    /// <param name="peer">Name of the peer; <c>null</c>: all.</param>
    /// <param name="isDrained">Whether they are drained from now on.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>No value if there is no such peer.</returns>
    Task<LookupResult<DrainView>> DrainAsync(string? peer, bool isDrained, CancellationToken cancellation);

    Task<LookupResult<TunnelView>> FindTunnelAsync(string name, CancellationToken cancellation);

    /// <summary>The configuration in force, without secrets.</summary>
    Task<ConfigurationView> ConfigurationAsync(CancellationToken cancellation);

    /// <summary>How far the session, tunnel or user of this name came.</summary>
    Task<LookupResult<ExplanationView>> ExplainAsync(string name, CancellationToken cancellation);

    /// <summary>The one session of a name, id or user, to which a selector applies.</summary>
    /// <param name="name">Name, id or user; <c>null</c>: the selector alone decides.</param>
    /// <param name="selector">What applies to the session.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<LookupResult<SessionView>> FindSessionAsync(string? name, SessionSelector selector, CancellationToken cancellation);

    /// <summary>Opens, resets or holds down a tunnel of the configuration, whether it is up or not.</summary>
    /// <param name="name">Its configured name; one that is up also by id.</param>
    /// <param name="action">One of <see cref="ControlRoutes.Actions"/>.</param>
    /// <param name="by">Who requested it, for log and history.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ControlRequestException">It is a peer's tunnel: it can only be closed.</exception>
    Task<LookupResult<ActionView>> ControlTunnelAsync(string name, string action, string by, CancellationToken cancellation);

    /// <inheritdoc cref="ControlTunnelAsync"/>
    Task<LookupResult<ActionView>> ControlSessionAsync(string name, string action, string by, CancellationToken cancellation);

    /// <summary>Starts closing; answers without waiting for the peer.</summary>
    /// <param name="name">Name or id.</param>
    /// <param name="by">Who requested it, for log and history: for example "l2tpctl of uid 0 (pid 4711)".</param>
    /// <param name="cancellation">Ends the wait, not a close that has begun.</param>
    Task<LookupResult<ClosedView>> CloseTunnelAsync(string name, string by, CancellationToken cancellation);

    /// <summary>Starts closing one session; answers without waiting for the peer.</summary>
    /// <param name="name">As of <see cref="FindSessionAsync"/>.</param>
    /// <param name="selector">As of <see cref="FindSessionAsync"/>.</param>
    /// <param name="by">Who requested it, for log and history.</param>
    /// <param name="cancellation">Ends the wait, not a close that has begun.</param>
    Task<LookupResult<ClosedView>> CloseSessionAsync(
        string? name, SessionSelector selector, string by, CancellationToken cancellation);

    /// <summary>Begins to close all sessions of a selector at a rate.</summary>
    /// <param name="selector">Which; empty: all.</param>
    /// <param name="rate">Sessions per second.</param>
    /// <param name="by">Who requested it, for log and history.</param>
    /// <param name="cancellation">Ends the wait, not a closing that has begun.</param>
    /// <exception cref="ControlUnavailableException">Another closing runs.</exception>
    Task<ClosingView> CloseManyAsync(SessionSelector selector, int rate, string by, CancellationToken cancellation);

    /// <summary>Stops the closing that runs.</summary>
    /// <returns>The last one; no value if there was none.</returns>
    Task<ClosingView?> StopClosingAsync(CancellationToken cancellation);

    /// <summary>Changes what a session of the built-in PPP may have; all of it or nothing.</summary>
    /// <param name="name">Name or id.</param>
    /// <param name="changes">Pairs of <see cref="ControlRoutes.ChangeKeys"/> and values; at least one.</param>
    /// <param name="by">Who requested it, for the log.</param>
    /// <param name="cancellation">Ends the wait, not a change that has begun.</param>
    /// <exception cref="ControlRequestException">A value is wrong, or it cannot be changed; nothing was changed.</exception>
    Task<LookupResult<ChangedView>> ChangeSessionAsync(
        string name, IReadOnlyList<KeyValuePair<string, string>> changes, string by, CancellationToken cancellation);
}

/// <summary>Part of a list.</summary>
/// <param name="Name">Only what belongs to this name (a tunnel's sessions, a peer's tunnels, ...); <c>null</c>: all.</param>
/// <param name="After"><see cref="Page{T}.Next"/> of the page before; <c>null</c>: from the start.</param>
/// <param name="Limit">1 to <see cref="ControlRoutes.MaxPageSize"/>.</param>
public sealed record PageRequest(string? Name = null, string? After = null, int Limit = ControlRoutes.DefaultPageSize)
{
    /// <summary>Of sessions: only those that it means.</summary>
    public SessionSelector Selector { get; init; } = SessionSelector.All;
}

/// <summary>The result of looking up a name.</summary>
/// <param name="Value"><c>null</c> unless exactly one object has the name.</param>
/// <param name="Candidates">
/// If several objects have the name, an id of each, at most <see cref="NameLookup.MaxCandidates"/>; otherwise empty.
/// </param>
public sealed record LookupResult<T>(T? Value, IReadOnlyList<string> Candidates)
    where T : class
{
    /// <summary>The same result with the value converted.</summary>
    public LookupResult<TResult> Map<TResult>(Func<T, TResult> map)
        where TResult : class => new(Value is null ? null : map(Value), Candidates);
}

/// <summary>Settings of <see cref="ControlServer"/>.</summary>
public sealed record ControlOptions
{
    public string SocketPath { get; init; } = ControlRoutes.DefaultSocketPath;

    public UnixFileMode Mode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Name of the group that owns the socket; <c>null</c> for the daemon's.</summary>
    public string? Group { get; init; }

    /// <summary>Name of the group that may do everything; <c>null</c> if none is configured.</summary>
    public string? AdminGroup { get; init; }

    /// <summary>Name of the group that may see everything and change nothing; <c>null</c> if none is configured.</summary>
    public string? ReadGroup { get; init; }

    /// <summary>Time that a request may wait for the daemon.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
