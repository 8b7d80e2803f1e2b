using System.Reflection;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.Logging;
using L2tpd.Operations.Metrics;
using L2tpd.Operations.Sessions;
using L2tpd.Operations.Tracing;
using L2tpd.Runtime.Counters;

namespace L2tpd.Daemon.Hosting;

/// <summary>Answers the control API on the loop's thread, one page per turn.</summary>
/// <param name="daemon">The daemon.</param>
/// <param name="reload">Reads the configuration again.</param>
/// <param name="levels">The level of the log.</param>
public sealed class ControlPlane(RunningDaemon daemon, Func<ReloadRequest, Task<ReloadView>> reload, LogLevels levels) : IControlPlane
{
    /// <summary>Names in the status.</summary>
    private const int MostHeldDown = 100;

    private readonly DateTimeOffset _startedAt = TimeProvider.System.GetUtcNow();
    private readonly PeerNames _peerNames = new();
    private readonly BusiestSessions _busiest = new(TimeProvider.System);
    private readonly long _startedAtMilliseconds = MonotonicClock.NowMilliseconds;

    /// <summary>The version of the assembly.</summary>
    public static string Version { get; } =
        typeof(ControlPlane).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split(
            '+')[0] ?? "?";

    /// <inheritdoc/>
    public Task<StatusView> StatusAsync(CancellationToken cancellation) => OnLoop(Status, cancellation);

    /// <inheritdoc/>
    public async Task<Page<TunnelView>> TunnelsAsync(PageRequest request, CancellationToken cancellation)
    {
        var page = await OnLoop(() => TunnelWalk.Tunnels(daemon.Engine.Tunnels, request, MonotonicClock.NowMilliseconds, ViewOf),
            cancellation).ConfigureAwait(false);
        return page with { Items = await Traffic.AddAsync(daemon.DataPlane, page.Items, cancellation).ConfigureAwait(false) };
    }

    /// <inheritdoc/>
    public async Task<Page<SessionView>> SessionsAsync(PageRequest request, CancellationToken cancellation)
    {
        var page = await OnLoop(() => daemon.Finder.Page(request, ViewOf), cancellation).ConfigureAwait(false);
        return page with { Items = await Traffic.AddAsync(daemon.DataPlane, page.Items, cancellation).ConfigureAwait(false) };
    }

    /// <inheritdoc/>
    public async Task<BusiestView> BusiestAsync(BusiestOrder order, int limit, CancellationToken cancellation)
    {
        var (seconds, rates) = await _busiest.BusiestAsync(ReadOctetsAsync, order, limit, cancellation).ConfigureAwait(false);
        var found = await OnLoop(() => rates.Select(rate => (Rate: rate, View: FindView(rate.Ids))).ToArray(), cancellation)
            .ConfigureAwait(false);
        // Some may have ended since the reading.
        var busiest = found.Where(static one => one.View is not null).ToArray();
        var views = await Traffic.AddAsync(daemon.DataPlane, [.. busiest.Select(static one => one.View!)], cancellation)
            .ConfigureAwait(false);
        return new BusiestView(seconds, [.. busiest.Select((one, i) => new BusySessionView(one.Rate.ToPeer, one.Rate.FromPeer, views[i]))]);
    }

    /// <inheritdoc/>
    public Task<Page<RouteView>> RoutesAsync(PageRequest request, CancellationToken cancellation) => OnLoop(
        () => RouteWalk.Routes(daemon.Engine.Tunnels, request, session => daemon.RoutesOf(session)), cancellation);

    /// <inheritdoc/>
    public Task<Page<PeerView>> PeersAsync(PageRequest request, CancellationToken cancellation) => OnLoop(() =>
    {
        var configuration = daemon.Engine.Configuration;
        var page = TunnelWalk.Peers(
            configuration.Peers.Concat(configuration.Tunnels.Select(tunnel => tunnel.Peer)), daemon.Engine.Tunnels, request);
        return ConfiguredNames.AddTo(page, configuration);
    }, cancellation);

    /// <inheritdoc/>
    public Task<Page<HistoryEntryView>> HistoryAsync(PageRequest request, CancellationToken cancellation) =>
        Task.FromResult(daemon.History.Read(request));

    /// <inheritdoc/>
    public async Task<CountersView> CountersAsync(string? text, CancellationToken cancellation) =>
        CounterViews.From(await ReadCountersAsync(text, cancellation).ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CounterReading>> MetricsAsync(CancellationToken cancellation) =>
        _peerNames.Bound(await ReadCountersAsync(null, cancellation).ConfigureAwait(false));

    private async Task<IReadOnlyList<CounterReading>> ReadCountersAsync(string? text, CancellationToken cancellation)
    {
        daemon.Process.Prepare();
        var tunnels = await OnLoop(
            () => daemon.Engine.Tunnels.Select(static tunnel => (tunnel.LocalId, tunnel.Counters.ZlbsReceived)).ToArray(),
            cancellation).ConfigureAwait(false);
        var traffic = await Traffic.ReadAsync(daemon.DataPlane, tunnels, cancellation).ConfigureAwait(false);
        return await OnLoop(
            () =>
            {
                daemon.EngineCounters.UpdateTraffic(traffic);
                return daemon.Counters.Read(text);
            },
            cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<RadiusView> RadiusAsync(CancellationToken cancellation) =>
        OnLoop(() => new RadiusView(daemon.RadiusServers), cancellation);

    /// <inheritdoc/>
    public Task<PoolsView> PoolsAsync(CancellationToken cancellation) => OnLoop(() => new PoolsView(daemon.Pools), cancellation);

    /// <inheritdoc/>
    public EventReader OpenEvents(EventsRequest request) => daemon.Events.Open(request);

    /// <inheritdoc/>
    public LogLevelView SetLogLevel(LogLevelChoice? level, string? name, TimeSpan duration) =>
        level is { } chosen ? levels.Set(chosen, name, duration) : levels.Reset();

    /// <inheritdoc/>
    public Task<TraceReader> OpenTraceAsync(TraceRequest request, string by, CancellationToken cancellation) =>
        OnLoop(() => daemon.OpenTrace(request, by), cancellation);

    /// <inheritdoc/>
    public Task<ReloadView> ReloadAsync(ReloadRequest request, CancellationToken cancellation) => daemon.Ended.IsCompleted
        ? throw new ControlUnavailableException()
        : Task.Run(() => reload(request), cancellation).WaitAsync(cancellation);

    /// <inheritdoc/>
    public Task<DrainView> DrainAsync(CancellationToken cancellation) => OnLoop(Drained, cancellation);

    /// <inheritdoc/>
    public async Task<LookupResult<DrainView>> DrainAsync(string? peer, bool isDrained, CancellationToken cancellation)
    {
        var isKnown = await OnLoop(() =>
        {
            var configuration = daemon.Engine.Configuration;
            if (peer is not null && configuration.Peers.All(one => one.Name != peer) && configuration.Tunnels.All(one => one.Name != peer))
                return false;
            daemon.Loop.Submit(new DrainPeers(peer, isDrained));
            return true;
        }, cancellation).ConfigureAwait(false);
        // The engine takes the input at the end of that turn: this question comes in a later one.
        return new LookupResult<DrainView>(isKnown ? await OnLoop(Drained, cancellation).ConfigureAwait(false) : null, []);
    }

    /// <inheritdoc/>
    public async Task<LookupResult<TunnelView>> FindTunnelAsync(string name, CancellationToken cancellation)
    {
        var path = default(Engine.Addressing.Path);
        var found = await OnLoop(() => FindTunnel(name).Map(tunnel =>
        {
            path = tunnel.Path;
            return ViewOf(tunnel);
        }), cancellation).ConfigureAwait(false);
        if (found.Value is not { } tunnel)
            return found;
        tunnel = (await Traffic.AddAsync(daemon.DataPlane, [tunnel], cancellation).ConfigureAwait(false))[0];
        return found with
        {
            Value = tunnel with { Ipsec = tunnel.Ipsec ?? await TunnelProtection.ReadAsync(path, cancellation).ConfigureAwait(false) },
        };
    }

    /// <summary>The configuration that was applied last, without secrets; from any thread.</summary>
    public Func<string>? MaskedYaml { get; init; }

    /// <inheritdoc/>
    public Task<ConfigurationView> ConfigurationAsync(CancellationToken cancellation) =>
        OnLoop(() => new ConfigurationView(daemon.ConfigurationReadAt, MaskedYaml?.Invoke() ?? ""), cancellation);

    /// <inheritdoc/>
    public Task<LookupResult<ExplanationView>> ExplainAsync(string name, CancellationToken cancellation) =>
        OnLoop(() => daemon.Explainer.Explain(name, MonotonicClock.NowMilliseconds), cancellation);

    /// <inheritdoc/>
    public async Task<LookupResult<SessionView>> FindSessionAsync(
        string? name, SessionSelector selector, CancellationToken cancellation)
    {
        var found = await OnLoop(() => daemon.Finder.One(name, selector).Map(ViewOf), cancellation).ConfigureAwait(false);
        return found.Value is { } session
            ? found with { Value = (await Traffic.AddAsync(daemon.DataPlane, [session], cancellation).ConfigureAwait(false))[0] }
            : found;
    }

    /// <inheritdoc/>
    public Task<LookupResult<ActionView>> ControlTunnelAsync(string name, string action, string by, CancellationToken cancellation) =>
        OnLoop(() => Control(
            ConfiguredNames.Tunnel(daemon.Engine.Configuration, daemon.Engine.Tunnels, name), action, by), cancellation);

    /// <inheritdoc/>
    public Task<LookupResult<ActionView>> ControlSessionAsync(string name, string action, string by, CancellationToken cancellation) =>
        OnLoop(() => Control(
            ConfiguredNames.Session(daemon.Engine.Configuration, daemon.Engine.Tunnels, name), action, by), cancellation);

    /// <inheritdoc/>
    public Task<LookupResult<ClosedView>> CloseTunnelAsync(string name, string by, CancellationToken cancellation) =>
        OnLoop(() => FindTunnel(name).Map(tunnel =>
    {
        daemon.Loop.Submit(new CloseTunnel(tunnel.Key, by));
        return new ClosedView(tunnel.Name, NameLookup.Id(tunnel), tunnel.Sessions.Count);
    }), cancellation);

    /// <inheritdoc/>
    public Task<LookupResult<ClosedView>> CloseSessionAsync(
        string? name, SessionSelector selector, string by, CancellationToken cancellation) =>
        OnLoop(() => daemon.Finder.One(name, selector).Map(session =>
    {
        daemon.Loop.Submit(new CloseSession(session.Key, by));
        return new ClosedView(session.Name, NameLookup.Id(session));
    }), cancellation);

    /// <inheritdoc/>
    public Task<ClosingView> CloseManyAsync(SessionSelector selector, int rate, string by, CancellationToken cancellation) =>
        OnLoop(() => daemon.Closer.Start(daemon.Finder.Find(selector), rate, by), cancellation);

    /// <inheritdoc/>
    public Task<ClosingView?> StopClosingAsync(CancellationToken cancellation) => OnLoop(() => daemon.Closer.Stop(), cancellation);

    /// <inheritdoc/>
    public Task<LookupResult<ChangedView>> ChangeSessionAsync(
        string name, IReadOnlyList<KeyValuePair<string, string>> changes, string by, CancellationToken cancellation)
    {
        var change = SessionChange.Read(changes);
        return OnLoop(() => daemon.Finder.One(name, SessionSelector.All).Map(session =>
        {
            SessionChange.ThrowIfRefused(daemon.ChangeSession(session.Key, change, by));
            return new ChangedView(
                session.Name, NameLookup.Id(session), [.. changes.Select(static one => $"{one.Key}={one.Value}")]);
        }), cancellation);
    }

    private LookupResult<Tunnel> FindTunnel(string name) => NameLookup.Tunnel(daemon.Engine.Tunnels, name);

    private TunnelView ViewOf(Tunnel tunnel)
    {
        var association = daemon.AssociationOf(tunnel);
        var view = ViewMapper.From(tunnel, MonotonicClock.NowMilliseconds);
        return view with
        {
            Problem = view.Problem ?? daemon.WaitOf(tunnel),
            IpsecIdentity = association?.PeerIdentity,
            IpsecAlgorithms = association?.Algorithms,
        };
    }

    private async Task<IReadOnlyDictionary<SessionIds, SessionOctets>> ReadOctetsAsync(CancellationToken cancellation)
    {
        var ids = await OnLoop(
            () => daemon.Engine.Tunnels.SelectMany(
                static tunnel => tunnel.Sessions.Keys, static (tunnel, session) => (tunnel.LocalId, session)).ToArray(),
            cancellation).ConfigureAwait(false);
        return await Traffic.ReadOctetsAsync(daemon.DataPlane, ids, cancellation).ConfigureAwait(false);
    }

    private SessionView? FindView(SessionIds ids) =>
        daemon.Engine.FindTunnelById(ids.Tunnel)?.Sessions.GetValueOrDefault(ids.Session) is { } session ? ViewOf(session) : null;

    private SessionView ViewOf(Session session) =>
        ViewMapper.From(session, MonotonicClock.NowMilliseconds) with { Subscriber = daemon.SubscriberOf(session) };

    private LookupResult<ActionView> Control(LookupResult<ConfiguredName> found, string action, string by) => found.Map(one =>
    {
        var (command, note) = ConfiguredNames.Command(action);
        daemon.Loop.Submit(new ControlConfigured(one.Tunnel, one.Session, command, by));
        return new ActionView(one.Full, action, note);
    });

    private DrainView Drained() => DrainMapper.View(daemon.Engine.Drain, daemon.Engine.Tunnels);

    private StatusView Status() => new()
    {
        Version = Version,
        ProcessId = Environment.ProcessId,
        StartedAt = _startedAt,
        UptimeSeconds = (MonotonicClock.NowMilliseconds - _startedAtMilliseconds) / 1000.0,
        HostName = daemon.Engine.Configuration.HostName,
        DataPlane = daemon.DataPlane.Name,
        DataPlaneReason = daemon.DataPlaneReason,
        Listeners = daemon.Listeners,
        Tunnels = daemon.Engine.Tunnels.Count,
        HalfOpenTunnels = daemon.Engine.HalfOpenTunnels,
        Sessions = daemon.Engine.SessionCount,
        PppNetworksUp = daemon.PppNetworksUp,
        PppAuthenticationsFailed = daemon.PppAuthenticationsFailed,
        ConfigurationReadAt = daemon.ConfigurationReadAt,
        LastReload = daemon.LastReload,
        LogLevel = levels.Current,
        Drain = daemon.Engine.Drain is { IsOfAll: false, Peers.Count: 0 } ? null : Drained(),
        HeldDown = daemon.Engine.HeldDown.Take(MostHeldDown).ToArray() is { Length: > 0 } held ? held : null,
        WaitingForTraffic = daemon.Engine.WaitingForTraffic.Take(MostHeldDown).ToArray() is { Length: > 0 } waiting ? waiting : null,
        Closing = daemon.Closer.View,
        Counters = EngineCounterTable.View(daemon.Engine.Counters),
        IpsecDrops = daemon.Ipsec.View(daemon.Loop.WithoutMark),
        Limits = ViewMapper.From(daemon.Engine.Configuration.Limits, (long)Math.Min(daemon.Budget.Limit, long.MaxValue)),
    };

    private async Task<T> OnLoop<T>(Func<T> question, CancellationToken cancellation)
    {
        if (daemon.Ended.IsCompleted)
            throw new ControlUnavailableException();
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        daemon.Loop.Post(() =>
        {
            try
            {
                answer.TrySetResult(question());
            }
            catch (Exception error)
            {
                answer.TrySetException(error);
            }
        });
        return await answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }
}
