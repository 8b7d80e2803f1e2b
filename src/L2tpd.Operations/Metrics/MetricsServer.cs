using System.Net;
using L2tpd.Control;
using L2tpd.Operations.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Metrics;

/// <summary>Where metrics are served over TCP, and to whom.</summary>
/// <param name="Listen">Address and port.</param>
/// <param name="ReachableFrom">Sources that are served; empty: all, for a listener on a loopback address.</param>
public sealed record MetricsOptions(IPEndPoint Listen, IReadOnlyList<IPNetwork> ReachableFrom);

/// <summary>
/// <c>/metrics</c> over TCP, for Prometheus, and nothing else: no other path, no other method, no request body. It shows counters and
/// changes nothing. Whoever may connect can ask as often as it likes: the loop is read once a second at most (<see cref="SharedReading"/>),
/// there are 16 connections, and a new one takes the place of the one that has been idle for longest.
/// </summary>
public sealed class MetricsServer(IControlPlane plane, MetricsOptions options, ILoggerFactory loggers) : IAsyncDisposable
{
    private const int MostConnections = 16;

    /// <summary>Time for the head of a request, and for a connection without one.</summary>
    private static readonly TimeSpan LongestHead = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(70);
    private static readonly TimeSpan LastRequests = TimeSpan.FromMilliseconds(500);

    private readonly ClientConnections _clients = new(places: MostConnections, reserved: 0);
    private readonly SharedReading _reading = new(plane.MetricsAsync, TimeProvider.System);
    private WebApplication? _application;

    /// <summary>The port; after <see cref="StartAsync"/>.</summary>
    public int Port { get; private set; }

    /// <summary>Opens the listener, which answers when this returns.</summary>
    /// <exception cref="IOException">The address cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var builder = BareApplication.Builder(loggers);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        _application = builder.Build();
        _application.Run(ServeAsync);
        await _application.StartAsync(cancellation).ConfigureAwait(false);
        Port = new Uri(_application.Urls.First()).Port;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_application is null)
            return;
        using var limit = new CancellationTokenSource(LastRequests);
        try
        {
            await _application.StopAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A client that reads slowly ends with its connection.
        }

        await _application.DisposeAsync().ConfigureAwait(false);
        _application = null;
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Limits.MaxRequestHeadersTotalSize = 8 * 1024;
        kestrel.Limits.MaxRequestLineSize = 4 * 1024;
        kestrel.Limits.RequestHeadersTimeout = LongestHead;
        kestrel.Limits.KeepAliveTimeout = LongestIdle;
        kestrel.Listen(options.Listen, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => ServeConnectionAsync(connection, next));
        });
    }

    private Task ServeConnectionAsync(ConnectionContext connection, ConnectionDelegate next) =>
        IsServed((connection.RemoteEndPoint as IPEndPoint)?.Address) ? _clients.ServeAsync(connection, null, next) : Task.CompletedTask;

    private bool IsServed(IPAddress? source)
    {
        if (source is null)
            return false;
        var address = source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source;
        return options.ReachableFrom.Count == 0
            ? IPAddress.IsLoopback(address)
            : options.ReachableFrom.Any(prefix => prefix.Contains(address));
    }

    private async Task ServeAsync(HttpContext context)
    {
        var client = context.Features.Get<ClientConnections.Client>();
        _clients.Begin(client);
        try
        {
            if (context.Request.Path != ControlRoutes.Metrics)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
            else if (!HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            }
            else
            {
                var metrics = await _reading.ReadAsync(context.RequestAborted).ConfigureAwait(false);
                await MetricsResponse.WriteAsync(context, metrics).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!context.Response.HasStarted && e is ControlUnavailableException or OperationCanceledException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        finally
        {
            _clients.End(client);
        }
    }
}
