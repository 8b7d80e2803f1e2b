using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace L2tpd.Control;

/// <summary>Client of the control API: HTTP over the daemon's unix socket. Thread-safe.</summary>
public sealed class ControlClient : IDisposable
{
    private readonly string _socketPath;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _http;

    /// <param name="socketPath">Path of the daemon's socket.</param>
    /// <param name="timeout">For one request; <c>null</c>: 30 s.</param>
    public ControlClient(string socketPath = ControlRoutes.DefaultSocketPath, TimeSpan? timeout = null)
    {
        _socketPath = socketPath;
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(_handler, disposeHandler: false)
        {
            // HTTP requires a host name; the connection goes to the socket.
            BaseAddress = new Uri("http://l2tpd/"),
            Timeout = timeout ?? TimeSpan.FromSeconds(30),
        };
    }

    /// <exception cref="ControlConnectException">No daemon can be reached.</exception>
    /// <exception cref="ControlProblemException">The daemon refused.</exception>
    public Task<StatusView> StatusAsync(CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, ControlRoutes.Status, ControlJson.Default.StatusView, cancellation);

    /// <summary>One page of tunnels. Errors as <see cref="StatusAsync"/>, here and below.</summary>
    public Task<Page<TunnelView>> TunnelsAsync(
        string? name = null, string? after = null, int? limit = null, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, PageUri(ControlRoutes.Tunnels, name, after, limit), ControlJson.Default.TunnelPage, cancellation);

    /// <summary>One page of sessions.</summary>
    public Task<Page<SessionView>> SessionsAsync(
        string? name = null, string? after = null, int? limit = null, CancellationToken cancellation = default) =>
        SessionsAsync(SessionSelector.All, name, after, limit, cancellation);

    /// <summary>One page of the sessions that a selector means.</summary>
    public Task<Page<SessionView>> SessionsAsync(
        SessionSelector selector, string? name = null, string? after = null, int? limit = null,
        CancellationToken cancellation = default) =>
        SendAsync(
            HttpMethod.Get, PageUri(ControlRoutes.Sessions, name, after, limit, selector), ControlJson.Default.SessionPage, cancellation);

    /// <summary>The busiest of all sessions, the busiest first.</summary>
    /// <param name="order">One of <see cref="ControlRoutes.Orders"/>.</param>
    /// <param name="limit">The largest number of them, 1 to <see cref="ControlRoutes.MaxPageSize"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<BusiestView> BusiestAsync(string order, int limit, CancellationToken cancellation = default) => SendAsync(
        HttpMethod.Get, $"{PageUri(ControlRoutes.Busiest, null, null, limit)}&{ControlRoutes.OrderKey}={order}",
        ControlJson.Default.BusiestView, cancellation);

    /// <summary>One page of the routes of users.</summary>
    public Task<Page<RouteView>> RoutesAsync(
        string? name = null, string? after = null, int? limit = null, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, PageUri(ControlRoutes.Routes, name, after, limit), ControlJson.Default.RoutePage, cancellation);

    /// <summary>One page of peers.</summary>
    public Task<Page<PeerView>> PeersAsync(
        string? name = null, string? after = null, int? limit = null, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, PageUri(ControlRoutes.Peers, name, after, limit), ControlJson.Default.PeerPage, cancellation);

    /// <summary>One page of history, the latest first.</summary>
    public Task<Page<HistoryEntryView>> HistoryAsync(
        string? name = null, string? after = null, int? limit = null, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, PageUri(ControlRoutes.History, name, after, limit), ControlJson.Default.HistoryPage, cancellation);

    /// <summary>Counters whose name contains <paramref name="text"/>; <c>null</c>: all.</summary>
    public Task<CountersView> CountersAsync(string? text = null, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, PageUri(ControlRoutes.Counters, text, null, null), ControlJson.Default.CountersView, cancellation);

    /// <summary>All counters in Prometheus' text format.</summary>
    public Task<string> MetricsAsync(CancellationToken cancellation = default) => GuardAsync(
        async () =>
        {
            using var response = await OpenAsync(HttpMethod.Get, ControlRoutes.Metrics, cancellation).ConfigureAwait(false);
            return await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        },
        cancellation);

    /// <summary>The RADIUS servers.</summary>
    public Task<RadiusView> RadiusAsync(CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, ControlRoutes.Radius, ControlJson.Default.RadiusView, cancellation);

    /// <summary>The address and prefix pools.</summary>
    public Task<PoolsView> PoolsAsync(CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, ControlRoutes.Pools, ControlJson.Default.PoolsView, cancellation);

    /// <summary>
    /// The events that the daemon keeps, the oldest first; with <paramref name="follow"/> also those to come, until the daemon stops.
    /// </summary>
    /// <param name="name">Only of the tunnel, session or peer of this name; <c>null</c>: all.</param>
    /// <param name="follow">Wait for further events.</param>
    /// <param name="after">Only events with a larger number.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async IAsyncEnumerable<EventView> EventsAsync(
        string? name = null, bool follow = false, long after = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var uri = PageUri(ControlRoutes.Events, name, after.ToString(CultureInfo.InvariantCulture), null);
        if (follow)
            uri += $"&{ControlRoutes.FollowKey}=true";
        await foreach (var view in StreamAsync(uri, ControlJson.Default.EventView, cancellation).ConfigureAwait(false))
            yield return view;
    }

    /// <summary>Messages and frames of a name as they pass; begins with a view of kind "start" and ends with one of kind "end".</summary>
    /// <param name="name">A peer, tunnel, session, user or address.</param>
    /// <param name="duration">The longest duration; <c>null</c>: the daemon's choice.</param>
    /// <param name="count">The largest number; <c>null</c>: the daemon's choice.</param>
    /// <param name="cancellation">Ends the trace.</param>
    public IAsyncEnumerable<TraceView> TraceAsync(
        string name, TimeSpan? duration = null, int? count = null, CancellationToken cancellation = default)
    {
        var uri = NameUri(ControlRoutes.Trace, name);
        if (duration is { } wait)
            uri += string.Create(CultureInfo.InvariantCulture, $"&{ControlRoutes.ForKey}={wait.TotalSeconds:0}");
        if (count is { } most)
            uri += string.Create(CultureInfo.InvariantCulture, $"&{ControlRoutes.CountKey}={most}");
        return StreamAsync(uri, ControlJson.Default.TraceView, cancellation);
    }

    /// <summary>The configuration in force, without secrets.</summary>
    public Task<ConfigurationView> ConfigurationAsync(CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, ControlRoutes.Configuration, ControlJson.Default.ConfigurationView, cancellation);

    /// <summary>How far a session, tunnel or user came.</summary>
    public Task<ExplanationView> ExplainAsync(string name, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, NameUri(ControlRoutes.Explain, name), ControlJson.Default.ExplanationView, cancellation);

    /// <summary>Sets the level of the log for a while.</summary>
    /// <param name="level">One of <see cref="ControlRoutes.LogLevels"/>.</param>
    /// <param name="name">Only lines that name this peer, tunnel, session or user; <c>null</c>: all.</param>
    /// <param name="duration"><c>null</c>: the daemon's choice.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<LogLevelView> SetLogLevelAsync(
        string level, string? name = null, TimeSpan? duration = null, CancellationToken cancellation = default)
    {
        var uri = $"{ControlRoutes.Log}?{ControlRoutes.LevelKey}={Uri.EscapeDataString(level)}";
        if (name is not null)
            uri += $"&{ControlRoutes.NameKey}={Uri.EscapeDataString(name)}";
        if (duration is { } wait)
            uri += string.Create(CultureInfo.InvariantCulture, $"&{ControlRoutes.ForKey}={wait.TotalSeconds:0}");
        return SendAsync(HttpMethod.Post, uri, ControlJson.Default.LogLevelView, cancellation);
    }

    public Task<TunnelView> TunnelAsync(string name, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Get, NameUri(ControlRoutes.Tunnel, name), ControlJson.Default.TunnelView, cancellation);

    /// <summary>The session of a name, id or user.</summary>
    public Task<SessionView> SessionAsync(string name, CancellationToken cancellation = default) =>
        SessionAsync(name, SessionSelector.All, cancellation);

    /// <summary>Starts closing the session of a name, id or user.</summary>
    public Task<ClosedView> CloseSessionAsync(string name, CancellationToken cancellation = default) =>
        CloseSessionAsync(name, SessionSelector.All, cancellation);

    /// <summary>One session.</summary>
    /// <param name="name">Its name, id or user; <c>null</c>: the selector alone decides.</param>
    /// <param name="selector">What applies to it in addition.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<SessionView> SessionAsync(
        string? name, SessionSelector selector, CancellationToken cancellation = default) =>
        SendAsync(
            HttpMethod.Get, PageUri(ControlRoutes.Session, name, null, null, selector), ControlJson.Default.SessionView, cancellation);

    /// <summary>Starts closing a tunnel; does not wait for the peer.</summary>
    public Task<ClosedView> CloseTunnelAsync(string name, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Delete, NameUri(ControlRoutes.Tunnel, name), ControlJson.Default.ClosedView, cancellation);

    /// <summary>Starts closing a session; does not wait for the peer. Parameters as of SessionAsync.</summary>
    public Task<ClosedView> CloseSessionAsync(
        string? name, SessionSelector selector, CancellationToken cancellation = default) =>
        SendAsync(
            HttpMethod.Delete, PageUri(ControlRoutes.Session, name, null, null, selector), ControlJson.Default.ClosedView, cancellation);

    /// <summary>Begins to close all sessions of a selector at a rate; does not wait.</summary>
    /// <param name="selector">Which; empty: all.</param>
    /// <param name="rate">Sessions per second; <c>null</c>: the default.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<ClosingView> CloseManyAsync(SessionSelector selector, int? rate, CancellationToken cancellation = default)
    {
        var uri = PageUri(ControlRoutes.Closing, null, null, null, selector);
        uri += selector.IsEmpty ? $"?{ControlRoutes.AllKey}=true" : "";
        if (rate is { } perSecond)
            uri += string.Create(CultureInfo.InvariantCulture, $"&{ControlRoutes.RateKey}={perSecond}");
        return SendAsync(HttpMethod.Post, uri, ControlJson.Default.ClosingView, cancellation);
    }

    /// <summary>Stops the closing that runs.</summary>
    public Task<ClosingView> StopClosingAsync(CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Delete, ControlRoutes.Closing, ControlJson.Default.ClosingView, cancellation);

    /// <summary>Opens, resets or holds down a tunnel of the configuration; does not wait for the peer.</summary>
    /// <param name="name">Its name or id.</param>
    /// <param name="action">One of <see cref="ControlRoutes.Actions"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<ActionView> ControlTunnelAsync(string name, string action, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Post, ActionUri(ControlRoutes.Tunnel, name, action), ControlJson.Default.ActionView, cancellation);

    /// <inheritdoc cref="ControlTunnelAsync"/>
    public Task<ActionView> ControlSessionAsync(string name, string action, CancellationToken cancellation = default) =>
        SendAsync(HttpMethod.Post, ActionUri(ControlRoutes.Session, name, action), ControlJson.Default.ActionView, cancellation);

    /// <summary>Changes what a session may have while it is up.</summary>
    /// <param name="name">Its name or id.</param>
    /// <param name="changes">Pairs of <see cref="ControlRoutes.ChangeKeys"/> and values.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<ChangedView> ChangeSessionAsync(
        string name, IEnumerable<KeyValuePair<string, string>> changes, CancellationToken cancellation = default)
    {
        var uri = NameUri(ControlRoutes.Session, name)
            + string.Concat(changes.Select(static change => $"&{Uri.EscapeDataString(change.Key)}={Uri.EscapeDataString(change.Value)}"));
        return SendAsync(HttpMethod.Patch, uri, ControlJson.Default.ChangedView, cancellation);
    }

    /// <summary>Peers get no new tunnels and sessions, or get them again.</summary>
    /// <param name="peer">Name of the peer; <c>null</c>: all.</param>
    /// <param name="isDrained">Whether they are drained from now on.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<DrainView> DrainAsync(string? peer, bool isDrained, CancellationToken cancellation = default) => SendAsync(
        isDrained ? HttpMethod.Post : HttpMethod.Delete, peer is null ? ControlRoutes.Drain : NameUri(ControlRoutes.Drain, peer),
        ControlJson.Default.DrainView, cancellation);

    /// <summary>Reads the configuration again.</summary>
    /// <param name="force">Apply it even if it removes all tunnels or all peers.</param>
    /// <param name="dryRun">Change nothing; the answer says what a reload would do.</param>
    /// <param name="cancellation">Ends the wait, not a reload that has begun.</param>
    public Task<ReloadView> ReloadAsync(bool force, bool dryRun = false, CancellationToken cancellation = default)
    {
        string[] query =
        [
            .. force ? [$"{ControlRoutes.ForceKey}=true"] : Array.Empty<string>(),
            .. dryRun ? [$"{ControlRoutes.DryRunKey}=true"] : Array.Empty<string>(),
        ];
        var uri = query.Length == 0 ? ControlRoutes.Reload : $"{ControlRoutes.Reload}?{string.Join('&', query)}";
        return SendAsync(HttpMethod.Post, uri, ControlJson.Default.ReloadView, cancellation);
    }

    /// <summary>
    /// Walks the pages of a list: at most <paramref name="limit"/> entries (<c>null</c>: all), one page in memory at a time.
    /// </summary>
    /// <param name="page">Requests one page: cursor, number of entries.</param>
    /// <param name="limit">Maximum number of entries.</param>
    /// <param name="cancellation">Ends the walk.</param>
    public static async IAsyncEnumerable<IReadOnlyList<T>> WalkAsync<T>(
        Func<string?, int, CancellationToken, Task<Page<T>>> page,
        int? limit,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var left = limit ?? int.MaxValue;
        string? after = null;
        while (left > 0)
        {
            var got = await page(after, Math.Min(left, ControlRoutes.MaxPageSize), cancellation).ConfigureAwait(false);
            yield return got.Items;
            left -= got.Items.Count;

            // A cursor that does not advance would never end.
            if (got.Next is null || got.Next == after)
                yield break;
            after = got.Next;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket? socket = null;
        try
        {
            var endpoint = new UnixDomainSocketEndPoint(_socketPath);
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(endpoint, cancellation).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            socket = null;
            return stream;
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private Task<T> SendAsync<T>(HttpMethod method, string uri, JsonTypeInfo<T> type, CancellationToken cancellation) => GuardAsync(
        async () =>
        {
            using var response = await OpenAsync(method, uri, cancellation).ConfigureAwait(false);
            return await response.Content.ReadFromJsonAsync(type, cancellation).ConfigureAwait(false)
                ?? throw new JsonException("the answer is null");
        },
        cancellation);

    private async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string uri, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, uri);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw new ControlProblemException(await ProblemOfAsync(response, cancellation).ConfigureAwait(false));
    }

    // The transport's exceptions in the words of the contract.
    private async Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new ControlConnectException(_socketPath, ConnectFailure.NoAnswer, e);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException or ArgumentException)
        {
            throw new ControlConnectException(_socketPath, ControlConnectException.Classify(e), e);
        }
    }

    private async IAsyncEnumerable<T> StreamAsync<T>(
        string uri, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken cancellation)
        where T : class
    {
        using var response = await GuardAsync(() => OpenAsync(HttpMethod.Get, uri, cancellation), cancellation).ConfigureAwait(false);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        while (await GuardAsync(() => NextEventAsync(lines, type, cancellation), cancellation).ConfigureAwait(false) is { } view)
            yield return view;
    }

    private static async Task<T?> NextEventAsync<T>(StreamReader lines, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        const string Data = "data: ";
        while (await lines.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (line.StartsWith(Data, StringComparison.Ordinal))
                return JsonSerializer.Deserialize(line.AsSpan(Data.Length), type);
        }

        return null;
    }

    private static async Task<Problem> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType == Problem.ContentType)
        {
            var problem = await response.Content.ReadFromJsonAsync(ControlJson.Default.Problem, cancellation).ConfigureAwait(false);
            if (problem is not null)
                return problem;
        }

        return new Problem(ProblemTypes.Internal, "unexpected answer", status, $"the daemon answered with HTTP status {status}");
    }

    private static string NameUri(string route, string name) => $"{route}?{ControlRoutes.NameKey}={Uri.EscapeDataString(name)}";

    private static string ActionUri(string route, string name, string action) =>
        $"{NameUri(route, name)}&{ControlRoutes.ActionKey}={Uri.EscapeDataString(action)}";

    private static string PageUri(string route, string? name, string? after, int? limit, SessionSelector? selector = null)
    {
        var query = new List<string>(3);
        if (name is not null)
            query.Add($"{ControlRoutes.NameKey}={Uri.EscapeDataString(name)}");
        if (after is not null)
            query.Add($"{ControlRoutes.AfterKey}={Uri.EscapeDataString(after)}");
        if (limit is { } count)
            query.Add(string.Create(CultureInfo.InvariantCulture, $"{ControlRoutes.LimitKey}={count}"));
        foreach (var (key, value) in selector?.Query() ?? [])
            query.Add($"{key}={Uri.EscapeDataString(value)}");
        return query.Count == 0 ? route : $"{route}?{string.Join('&', query)}";
    }
}
