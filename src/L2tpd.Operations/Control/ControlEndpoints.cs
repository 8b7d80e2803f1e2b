using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using L2tpd.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.Metrics;
using L2tpd.Operations.Sessions;
using L2tpd.Operations.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Control;

/// <summary>The routes of version 1. Handlers are plain request delegates, so that nothing is bound by reflection.</summary>
internal sealed class ControlEndpoints(IControlPlane plane, ControlOptions options, ILogger logger, CancellationToken stopping)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        MapGet(routes, ControlRoutes.Status, (_, c) => plane.StatusAsync(c), ControlJson.Default.StatusView);
        MapGet(routes, ControlRoutes.Tunnels, (r, c) => plane.TunnelsAsync(PageOf(r), c), ControlJson.Default.TunnelPage);
        MapGet(
            routes, ControlRoutes.Sessions, (r, c) => plane.SessionsAsync(PageOf(r) with { Selector = SelectorOf(r) }, c),
            ControlJson.Default.SessionPage);
        MapGet(
            routes, ControlRoutes.Busiest, (r, c) => plane.BusiestAsync(OrderOf(r), LimitOf(r, ControlRoutes.DefaultBusiest), c),
            ControlJson.Default.BusiestView);
        MapGet(routes, ControlRoutes.Routes, (r, c) => plane.RoutesAsync(PageOf(r), c), ControlJson.Default.RoutePage);
        MapGet(routes, ControlRoutes.Peers, (r, c) => plane.PeersAsync(PageOf(r), c), ControlJson.Default.PeerPage);
        MapGet(routes, ControlRoutes.History, (r, c) => plane.HistoryAsync(PageOf(r), c), ControlJson.Default.HistoryPage);
        MapGet(routes, ControlRoutes.Drain, (_, c) => plane.DrainAsync(c), ControlJson.Default.DrainView);
        MapGet(routes, ControlRoutes.Counters, (r, c) => plane.CountersAsync(NameOf(r), c), ControlJson.Default.CountersView);
        routes.MapMethods(ControlRoutes.Metrics, [HttpMethods.Get], context => GuardAsync(context, async cancellation =>
            await MetricsResponse.WriteAsync(context, await plane.MetricsAsync(cancellation))));
        MapGet(routes, ControlRoutes.Radius, (_, c) => plane.RadiusAsync(c), ControlJson.Default.RadiusView);
        MapGet(routes, ControlRoutes.Pools, (_, c) => plane.PoolsAsync(c), ControlJson.Default.PoolsView);
        routes.MapMethods(ControlRoutes.Events, [HttpMethods.Get], EventsAsync);
        routes.MapMethods(ControlRoutes.Trace, [HttpMethods.Get], TraceAsync).WithMetadata(AdminOnly.Instance);
        MapGet(
            routes, ControlRoutes.Configuration, (_, c) => plane.ConfigurationAsync(c), ControlJson.Default.ConfigurationView);
        MapFind(
            routes, ControlRoutes.Explain, "session, tunnel, user or entry of the history", plane.ExplainAsync,
            ControlJson.Default.ExplanationView);
        routes.MapMethods(ControlRoutes.Log, [HttpMethods.Post], context => GuardAsync(context, _ => SetLogLevelAsync(context)));
        MapFind(routes, ControlRoutes.Tunnel, "tunnel", plane.FindTunnelAsync, ControlJson.Default.TunnelView);
        MapSession(
            routes, HttpMethods.Get, (_, n, s, c) => plane.FindSessionAsync(n, s, c), ControlJson.Default.SessionView);
        MapCommands(routes);
    }

    // What changes something.
    private void MapCommands(IEndpointRouteBuilder routes)
    {
        routes.MapMethods(ControlRoutes.Reload, [HttpMethods.Post], ReloadAsync);
        MapDrain(routes, HttpMethods.Post, isDrained: true);
        MapDrain(routes, HttpMethods.Delete, isDrained: false);
        MapSession(
            routes, HttpMethods.Delete, (h, n, s, c) => plane.CloseSessionAsync(n, s, By(h), c), ControlJson.Default.ClosedView);
        MapClose(routes, ControlRoutes.Tunnel, "tunnel", plane.CloseTunnelAsync);
        routes.MapMethods(ControlRoutes.Closing, [HttpMethods.Post], CloseManyAsync);
        routes.MapMethods(ControlRoutes.Closing, [HttpMethods.Delete], StopClosingAsync);
        MapOne(
            routes, HttpMethods.Post, ControlRoutes.Tunnel, "tunnel",
            (h, n, c) => plane.ControlTunnelAsync(n, ActionOf(h.Request), By(h), c), ControlJson.Default.ActionView);
        MapOne(
            routes, HttpMethods.Post, ControlRoutes.Session, "session",
            (h, n, c) => plane.ControlSessionAsync(n, ActionOf(h.Request), By(h), c), ControlJson.Default.ActionView);
        MapOne(
            routes, HttpMethods.Patch, ControlRoutes.Session, "session",
            (h, n, c) => plane.ChangeSessionAsync(n, ChangesOf(h.Request), By(h), c), ControlJson.Default.ChangedView);
    }

    /// <summary>
    /// Middleware after routing: an unknown path gets a problem document. A wrong method has an endpoint, the framework's 405.
    /// </summary>
    public static Task NoSuchResource(HttpContext context, RequestDelegate next) => context.GetEndpoint() is null
        ? WriteAsync(
            context, new Problem(ProblemTypes.NotFound, "no such resource", 404, $"{context.Request.Path} is not part of the control API"))
        : next(context);

    private void MapGet<T>(
        IEndpointRouteBuilder routes, string route, Func<HttpRequest, CancellationToken, Task<T>> ask, JsonTypeInfo<T> type) =>
        routes.MapMethods(route, [HttpMethods.Get], context => GuardAsync(context, async cancellation =>
            await WriteAsync(context, 200, await ask(context.Request, cancellation), type)));

    private Task ReloadAsync(HttpContext context) => GuardAsync(context, async cancellation =>
    {
        var request = new ReloadRequest(
            By(context), IsSet(context.Request, ControlRoutes.ForceKey), IsSet(context.Request, ControlRoutes.DryRunKey));
        await WriteAsync(context, 200, await plane.ReloadAsync(request, cancellation), ControlJson.Default.ReloadView);
    });

    private Task CloseManyAsync(HttpContext context) => GuardAsync(context, async cancellation =>
    {
        var selector = SelectorOf(context.Request);
        if (selector.IsEmpty == !IsSet(context.Request, ControlRoutes.AllKey))
            throw new ControlRequestException($"select sessions, for example by user=, or write {ControlRoutes.AllKey}=true");
        var view = await plane.CloseManyAsync(selector, RateOf(context.Request), By(context), cancellation);
        await WriteAsync(context, 200, view, ControlJson.Default.ClosingView);
    });

    private Task StopClosingAsync(HttpContext context) => GuardAsync(context, async cancellation =>
    {
        var view = await plane.StopClosingAsync(cancellation)
            ?? throw new ControlRequestException("nothing was closed at a rate since the start");
        await WriteAsync(context, 200, view, ControlJson.Default.ClosingView);
    });

    private void MapDrain(IEndpointRouteBuilder routes, string method, bool isDrained) =>
        routes.MapMethods(ControlRoutes.Drain, [method], context => GuardAsync(context, async cancellation =>
        {
            var name = NameOf(context.Request);
            var found = await plane.DrainAsync(name, isDrained, cancellation);
            if (found.Value is { } value)
                await WriteAsync(context, 200, value, ControlJson.Default.DrainView);
            else
                await WriteAsync(context, Missing("peer", name ?? "", found.Candidates));
        }));

    private void MapFind<T>(
        IEndpointRouteBuilder routes,
        string route,
        string what,
        Func<string, CancellationToken, Task<LookupResult<T>>> find,
        JsonTypeInfo<T> type)
        where T : class =>
        MapOne(routes, HttpMethods.Get, route, what, (_, n, c) => find(n, c), type);

    private void MapClose(
        IEndpointRouteBuilder routes,
        string route,
        string what,
        Func<string, string, CancellationToken, Task<LookupResult<ClosedView>>> close) =>
        MapOne(routes, HttpMethods.Delete, route, what, (h, n, c) => close(n, By(h), c), ControlJson.Default.ClosedView);

    private void MapOne<T>(
        IEndpointRouteBuilder routes,
        string method,
        string route,
        string what,
        Func<HttpContext, string, CancellationToken, Task<LookupResult<T>>> ask,
        JsonTypeInfo<T> type)
        where T : class =>
        routes.MapMethods(route, [method], context => GuardAsync(context, async cancellation =>
        {
            var name = NameOf(context.Request) ?? throw new ControlRequestException($"the query must have {ControlRoutes.NameKey}=");
            var found = await ask(context, name, cancellation);
            if (found.Value is { } value)
                await WriteAsync(context, 200, value, type);
            else
                await WriteAsync(context, Missing(what, name, found.Candidates));
        }));

    /// <summary>One session, by name or selector.</summary>
    private void MapSession<T>(
        IEndpointRouteBuilder routes,
        string method,
        Func<HttpContext, string?, SessionSelector, CancellationToken, Task<LookupResult<T>>> ask,
        JsonTypeInfo<T> type)
        where T : class =>
        routes.MapMethods(ControlRoutes.Session, [method], context => GuardAsync(context, async cancellation =>
        {
            var (name, selector) = (NameOf(context.Request), SelectorOf(context.Request));
            if (name is null && selector.IsEmpty)
            {
                throw new ControlRequestException(
                    $"the query must have {ControlRoutes.NameKey}= or one of {string.Join(", ", SessionSelector.Keys)}");
            }

            var found = await ask(context, name, selector, cancellation);
            if (found.Value is { } value)
                await WriteAsync(context, 200, value, type);
            else
                await WriteAsync(context, Missing("session", name ?? TextOf(selector), found.Candidates));
        }));

    private static string TextOf(SessionSelector selector) =>
        string.Join(' ', selector.Query().Select(static one => $"{one.Key}={one.Value}"));

    private async Task EventsAsync(HttpContext context)
    {
        EventReader? reader = null;
        await GuardAsync(context, _ =>
        {
            reader = plane.OpenEvents(EventsOf(context.Request));
            return Task.CompletedTask;
        });
        using (reader)
        {
            if (reader is not null)
                await EventResponse.WriteAsync(context, reader, stopping);
        }
    }

    private Task SetLogLevelAsync(HttpContext context)
    {
        var (level, duration) = LogQuery.Of(context.Request);
        var view = plane.SetLogLevel(level, NameOf(context.Request), duration);
        if (logger.IsEnabled(LogLevel.Information))
            logger.LogInformation("The level of the log is {Level}, for {Name}, by {By}", view.Level, view.Name ?? "all", By(context));
        return WriteAsync(context, 200, view, ControlJson.Default.LogLevelView);
    }

    private async Task TraceAsync(HttpContext context)
    {
        TraceReader? reader = null;
        await GuardAsync(context, async cancellation =>
            reader = await plane.OpenTraceAsync(TraceQuery.Of(context.Request, NameOf(context.Request)), By(context), cancellation));
        if (reader is null)
            return;
        await using (reader)
            await TraceResponse.WriteAsync(context, reader, stopping);
    }

    private static Problem Missing(string what, string name, IReadOnlyList<string> candidates) => candidates.Count == 0
        ? new Problem(ProblemTypes.NotFound, $"no such {what}", 404, $"there is no {what} \"{name}\"")
        : new Problem(
            ProblemTypes.Ambiguous, $"ambiguous {what} name", 409, $"\"{name}\" fits more than one {what}; use the id instead", candidates);

    // Any failure becomes a problem document. Only unforeseen ones of the daemon are logged as errors.
    private async Task GuardAsync(HttpContext context, Func<CancellationToken, Task> handle)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timeout.CancelAfter(options.RequestTimeout);
        try
        {
            await handle(timeout.Token).WaitAsync(timeout.Token);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            if (!context.RequestAborted.IsCancellationRequested)
                await WriteAsync(context, ProblemOf(e));
        }
    }

    private Problem ProblemOf(Exception e)
    {
        switch (e)
        {
            case ControlRequestException:
                return new Problem(ProblemTypes.BadRequest, "bad request", 400, e.Message);
            case ReloadRefusedException refused:
                var errors = refused.Errors.Count == 0 ? null : refused.Errors;
                return new Problem(ProblemTypes.ReloadRefused, "reload refused", 409, refused.Message, Errors: errors);
            case ControlUnavailableException:
                return new Problem(ProblemTypes.Unavailable, "not available now", 503, e.Message);
            case OperationCanceledException:
                var detail = $"the daemon did not answer within {options.RequestTimeout.TotalSeconds} s";
                return new Problem(ProblemTypes.Unavailable, "no answer in time", 503, detail);
            default:
                logger.LogError(e, "A request of the control API failed. This is a defect, please report it.");
                return new Problem(ProblemTypes.Internal, "internal error", 500, "the daemon failed to answer; its log says why");
        }
    }

    private static PageRequest PageOf(HttpRequest request)
    {
        var after = request.Query[ControlRoutes.AfterKey] is { Count: > 0 } value ? value[0] : null;
        return new PageRequest(NameOf(request), after, LimitOf(request, ControlRoutes.DefaultPageSize));
    }

    private static BusiestOrder OrderOf(HttpRequest request) => request.Query[ControlRoutes.OrderKey] switch
    {
        { Count: 0 } or ["rate"] => BusiestOrder.Rate,
        ["octets"] => BusiestOrder.Octets,
        _ => throw new ControlRequestException($"{ControlRoutes.OrderKey} must be one of {string.Join(", ", ControlRoutes.Orders)}"),
    };

    private static int LimitOf(HttpRequest request, int standard)
    {
        if (request.Query[ControlRoutes.LimitKey] is not { Count: > 0 } values)
            return standard;
        if (values[0] is not { Length: > 0 } text || !text.All(char.IsAsciiDigit) || text.All(static digit => digit == '0'))
            throw new ControlRequestException($"limit must be a number from 1 to {ControlRoutes.MaxPageSize}");
        // However many digits it has: more is taken as the most.
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? Math.Min(limit, ControlRoutes.MaxPageSize)
            : ControlRoutes.MaxPageSize;
    }

    private static int RateOf(HttpRequest request) => request.Query[ControlRoutes.RateKey] switch
    {
        { Count: 0 } => ControlRoutes.DefaultClosingRate,
        [{ } text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rate)
            && rate is >= 1 and <= ControlRoutes.MaxClosingRate => rate,
        _ => throw new ControlRequestException($"{ControlRoutes.RateKey} must be a number from 1 to {ControlRoutes.MaxClosingRate}"),
    };

    private static EventsRequest EventsOf(HttpRequest request)
    {
        // A client that reconnects sends the id of the last event it received.
        var after = request.Query[ControlRoutes.AfterKey].FirstOrDefault() ?? request.Headers["Last-Event-ID"].FirstOrDefault();
        if (!long.TryParse(after ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new ControlRequestException($"{ControlRoutes.AfterKey} must be the number of an event");
        return new EventsRequest(NameOf(request), number, IsSet(request, ControlRoutes.FollowKey));
    }

    private static List<KeyValuePair<string, string>> ChangesOf(HttpRequest request)
    {
        var changes = new List<KeyValuePair<string, string>>();
        foreach (var (key, values) in request.Query)
        {
            if (key == ControlRoutes.NameKey)
                continue;
            if (!ControlRoutes.ChangeKeys.Contains(key))
                throw new ControlRequestException($"{key} cannot be changed; there are {string.Join(", ", ControlRoutes.ChangeKeys)}");
            if (values.Count > 1 && key != "filter")
                throw new ControlRequestException($"{key} is given twice");
            changes.AddRange(values.Select(value => KeyValuePair.Create(key, value ?? "")));
        }

        return changes.Count > 0 ? changes
            : throw new ControlRequestException($"nothing to change; there are {string.Join(", ", ControlRoutes.ChangeKeys)}");
    }

    private static string ActionOf(HttpRequest request) => request.Query[ControlRoutes.ActionKey] switch
    {
        [{ } action] when ControlRoutes.Actions.Contains(action) => action,
        _ => throw new ControlRequestException($"{ControlRoutes.ActionKey} must be one of {string.Join(", ", ControlRoutes.Actions)}"),
    };

    private static bool IsSet(HttpRequest request, string key) => request.Query[key] switch
    {
        { Count: 0 } => false,
        [var only] when only == "true" => true,
        [var only] when only == "false" => false,
        _ => throw new ControlRequestException($"{key} must be true or false"),
    };

    private static string? NameOf(HttpRequest request)
    {
        if (request.Query[ControlRoutes.NameKey] is not { Count: > 0 } values || string.IsNullOrEmpty(values[0]))
            return null;
        return values[0]!.Length <= ControlRoutes.MaxNameLength
            ? values[0]
            : throw new ControlRequestException($"name is longer than {ControlRoutes.MaxNameLength} characters");
    }

    private static SessionSelector SelectorOf(HttpRequest request) => SessionSelector.From(key =>
    {
        if (request.Query[key] is not { Count: > 0 } values || string.IsNullOrEmpty(values[0]))
            return null;
        return values.Count == 1 && values[0]!.Length <= ControlRoutes.MaxNameLength
            ? values[0]
            : throw new ControlRequestException($"{key} is given twice, or is longer than {ControlRoutes.MaxNameLength} characters");
    });

    private static string By(HttpContext context) =>
        PeerCredentials.Of(context.Features.Get<IConnectionSocketFeature>()?.Socket).ToString();

    /// <summary>Answers with a problem document.</summary>
    internal static Task WriteAsync(HttpContext context, Problem problem) =>
        WriteAsync(context, problem.Status, problem, ControlJson.Default.Problem, Problem.ContentType);

    // Ended by RequestAborted, not by the timeout: an answer that has begun is completed.
    private static Task WriteAsync<T>(
        HttpContext context, int status, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(value, type, contentType, context.RequestAborted);
    }
}
