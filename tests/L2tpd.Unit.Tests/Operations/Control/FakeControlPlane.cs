using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.Logging;
using L2tpd.Operations.Sessions;
using L2tpd.Operations.Tracing;
using L2tpd.Runtime.Counters;

namespace L2tpd.Unit.Tests.Operations.Control;

/// <summary>A daemon with a fixed content.</summary>
internal sealed class FakeControlPlane : IControlPlane
{
    public StatusView Status { get; set; } = Samples.Status;

    public List<TunnelView> Tunnels { get; } = [];

    public List<SessionView> Sessions { get; } = [];

    public List<RouteView> Routes { get; } = [];

    public List<PeerView> Peers { get; } = [];

    public List<HistoryEntryView> History { get; } = [];

    public List<PageRequest> Requests { get; } = [];

    public List<(string Name, string By)> Closed { get; } = [];

    /// <summary>The exception that every call throws.</summary>
    public Exception? Fault { get; set; }

    /// <summary>The task that every call waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public async Task<StatusView> StatusAsync(CancellationToken cancellation)
    {
        await Gate;
        return Fault is null ? Status : throw Fault;
    }

    public Task<Page<TunnelView>> TunnelsAsync(PageRequest request, CancellationToken cancellation) => Page(
        Tunnels.FindAll(t => request.Name is not { } n || t.Name == n || t.Peer == n || $"{t.LocalId}" == n), request);

    public Task<Page<SessionView>> SessionsAsync(PageRequest request, CancellationToken cancellation) => Page(
        Sessions.FindAll(s => (request.Name is not { } n || IsOf(s, n)) && Fits(s, request.Selector)), request);

    public List<(BusiestOrder Order, int Limit)> BusiestRequests { get; } = [];

    public Task<BusiestView> BusiestAsync(BusiestOrder order, int limit, CancellationToken cancellation)
    {
        BusiestRequests.Add((order, limit));
        return Task.FromResult(new BusiestView(2, [.. Sessions.Take(limit).Select(static session => new BusySessionView(3, 4, session))]));
    }

    public Task<Page<RouteView>> RoutesAsync(PageRequest request, CancellationToken cancellation) => Page(
        Routes.FindAll(r => request.Name is not { } n || r.Session == n || r.Id == n), request);

    public Task<Page<PeerView>> PeersAsync(PageRequest request, CancellationToken cancellation) => Page(
        Peers.FindAll(p => request.Name is not { } n || p.Name == n), request);

    public Task<Page<HistoryEntryView>> HistoryAsync(PageRequest request, CancellationToken cancellation) => Page(
        History.FindAll(h => request.Name is not { } n || h.Name == n || h.Tunnel == n || h.Peer == n), request);

    public List<CounterView> Counters { get; } = [];

    public EventStream Events { get; set; } = new();

    public Task<CountersView> CountersAsync(string? text, CancellationToken cancellation) =>
        Task.FromResult(new CountersView(Counters.FindAll(c => text is null || c.Name.Contains(text, StringComparison.Ordinal))));

    public List<CounterReading> Readings { get; } = [];

    public Task<IReadOnlyList<CounterReading>> MetricsAsync(CancellationToken cancellation) =>
        Fault is null ? Task.FromResult<IReadOnlyList<CounterReading>>(Readings) : throw Fault;

    public List<RadiusServerView> RadiusServers { get; } = [];

    public Task<RadiusView> RadiusAsync(CancellationToken cancellation) => Task.FromResult(new RadiusView(RadiusServers));

    public List<PoolView> Pools { get; } = [];

    public Task<PoolsView> PoolsAsync(CancellationToken cancellation) => Task.FromResult(new PoolsView(Pools));

    public EventReader OpenEvents(EventsRequest request) => Events.Open(request);

    public LogLevels Levels { get; } = new(LogLevelChoice.Warning);

    public LogLevelView SetLogLevel(LogLevelChoice? level, string? name, TimeSpan duration) =>
        level is { } chosen ? Levels.Set(chosen, name, duration) : Levels.Reset();

    public TraceHub? Traces { get; set; }

    public Task<TraceReader> OpenTraceAsync(TraceRequest request, string by, CancellationToken cancellation) =>
        Traces is { } traces ? Task.FromResult(traces.Open(request)) : throw new ControlUnavailableException();

    public List<ReloadRequest> Reloads { get; } = [];

    public ReloadView Reload { get; set; } = Samples.Reload;

    public Task<ReloadView> ReloadAsync(ReloadRequest request, CancellationToken cancellation)
    {
        Reloads.Add(request);
        return Fault is null ? Task.FromResult(Reload) : throw Fault;
    }

    public Task<ConfigurationView> ConfigurationAsync(CancellationToken cancellation) =>
        Task.FromResult(Samples.Configuration);

    public Dictionary<string, ExplanationView> Explanations { get; } = [];

    public Task<LookupResult<ExplanationView>> ExplainAsync(string name, CancellationToken cancellation) =>
        Task.FromResult(new LookupResult<ExplanationView>(Explanations.GetValueOrDefault(name), []));

    public List<string> Actions { get; } = [];

    public Task<ClosingView> CloseManyAsync(SessionSelector selector, int rate, string by, CancellationToken cancellation)
    {
        Actions.Add($"{rate} {string.Join(' ', selector.Query().Select(static one => $"{one.Key}={one.Value}"))}");
        return Task.FromResult(new ClosingView(1_000, 10, 990, rate, by));
    }

    public Task<ClosingView?> StopClosingAsync(CancellationToken cancellation) =>
        Task.FromResult(Actions.Count == 0 ? null : new ClosingView(1_000, 10, 0, 100, "x", true));

    public Task<LookupResult<ActionView>> ControlTunnelAsync(string name, string action, string by, CancellationToken cancellation) =>
        Control(Tunnels.Exists(one => one.Name == name), name, action, by);

    public Task<LookupResult<ActionView>> ControlSessionAsync(string name, string action, string by, CancellationToken cancellation) =>
        Control(Sessions.Exists(one => one.Name == name), name, action, by);

    private Task<LookupResult<ActionView>> Control(bool isThere, string name, string action, string by)
    {
        if (isThere)
            Actions.Add($"{action} {name} {by.Split(' ')[0]}");
        return Task.FromResult(new LookupResult<ActionView>(isThere ? new ActionView(name, action, "is done") : null, []));
    }

    public DrainView Drain { get; set; } = new(false, [], 0, 0);

    public Task<DrainView> DrainAsync(CancellationToken cancellation) => Task.FromResult(Drain);

    public Task<LookupResult<DrainView>> DrainAsync(string? peer, bool isDrained, CancellationToken cancellation)
    {
        if (peer is not null && Peers.All(one => one.Name != peer))
            return Task.FromResult(new LookupResult<DrainView>(null, []));
        Drain = peer is null ? new DrainView(isDrained, [], 2, 3) : new DrainView(false, isDrained ? [peer] : [], 1, 2);
        return Task.FromResult(new LookupResult<DrainView>(Drain, []));
    }

    public Task<LookupResult<TunnelView>> FindTunnelAsync(string name, CancellationToken cancellation) =>
        Find(Tunnels.Where(t => t.Name == name || $"{t.LocalId}" == name), t => $"{t.LocalId}");

    public Task<LookupResult<SessionView>> FindSessionAsync(
        string? name, SessionSelector selector, CancellationToken cancellation) => Find(
        Sessions.Where(s => (name is null || s.Name == name || IdOf(s) == name || $"{s.LocalId}" == name) && Fits(s, selector)), IdOf);

    public async Task<LookupResult<ClosedView>> CloseTunnelAsync(string name, string by, CancellationToken cancellation)
    {
        Closed.Add((name, by));
        return (await FindTunnelAsync(name, cancellation)).Map(t => new ClosedView(t.Name, $"{t.LocalId}", t.Sessions));
    }

    public async Task<LookupResult<ClosedView>> CloseSessionAsync(
        string? name, SessionSelector selector, string by, CancellationToken cancellation)
    {
        Closed.Add((name ?? string.Join(' ', selector.Query()), by));
        return (await FindSessionAsync(name, selector, cancellation)).Map(s => new ClosedView(s.Name, $"{s.TunnelId}/{s.LocalId}"));
    }

    public async Task<LookupResult<ChangedView>> ChangeSessionAsync(
        string name, IReadOnlyList<KeyValuePair<string, string>> changes, string by, CancellationToken cancellation)
    {
        Closed.Add((name, by));
        return (await FindSessionAsync(name, SessionSelector.All, cancellation)).Map(s => new ChangedView(
            s.Name, IdOf(s), [.. changes.Select(static change => $"{change.Key}={change.Value}")]));
    }

    private static bool Fits(SessionView session, SessionSelector selector) =>
        (selector.User is not { } user || session.Subscriber?.User == user)
        && (selector.Interface is not { } name || session.Interface == name);

    private static string IdOf(SessionView session) => $"{session.TunnelId}/{session.LocalId}";

    private static bool IsOf(SessionView session, string name) =>
        session.Name == name || session.Tunnel == name || session.Peer == name || $"{session.TunnelId}" == name || IdOf(session) == name;

    private Task<Page<T>> Page<T>(List<T> all, PageRequest request)
    {
        Requests.Add(request);
        if (Fault is not null)
            throw Fault;
        var start = request.After is null ? 0 : int.Parse(request.After);
        var items = all.Skip(start).Take(request.Limit).ToList();
        return Task.FromResult(new Page<T>(items, start + items.Count < all.Count ? $"{start + items.Count}" : null));
    }

    private static Task<LookupResult<T>> Find<T>(IEnumerable<T> found, Func<T, string> id)
        where T : class
    {
        var all = found.ToList();
        return Task.FromResult(all.Count == 1 ? new LookupResult<T>(all[0], []) : new LookupResult<T>(null, [.. all.Select(id)]));
    }
}
