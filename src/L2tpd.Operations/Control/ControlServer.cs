using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Control;

/// <summary>
/// The control API: Kestrel on a unix socket, as a service of the daemon's host. It has an empty web application of its own, without
/// configuration files, environment variables and signal handlers (docs/adr/0013-configuration-and-control.md).
/// </summary>
public sealed class ControlServer(IControlPlane plane, ControlOptions options, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    /// <summary>Time for requests in progress at the end. Kestrel adds up to a second for connections that it closes.</summary>
    private static readonly TimeSpan LastRequests = TimeSpan.FromMilliseconds(500);

    /// <summary>Time for the head of a request. Clients are on this machine.</summary>
    private static readonly TimeSpan LongestHead = TimeSpan.FromSeconds(5);

    /// <summary>Time that a connection may stay without a request.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(30);

    private readonly ClientConnections _clients = new(places: 64, reserved: 16, strangers: 8);
    private Socket? _socket;
    private WebApplication? _application;
    private ControlAuthorisation _authorisation = new(null, null);

    /// <summary>Opens the socket, which answers when this returns.</summary>
    /// <exception cref="ControlSocketException">
    /// Another daemon listens there, or the socket cannot be opened; the message says what to do.
    /// </exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before Kestrel, which would wrap the error.
        _authorisation = ControlAuthorisation.From(options);
        _socket = ControlSocketFile.Bind(options);
        try
        {
            _application = Build(_socket);
            await _application.StartAsync(cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits a moment for requests in progress, closes the connections of slow clients, and removes the socket.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_application is not null)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(LastRequests);
            try
            {
                await _application.StopAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // An incomplete request, or an answer that nobody reads, ends with its connection.
            }
        }

        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
            await _application.DisposeAsync();
        _application = null;

        // For a start that failed before Kestrel had the socket. The framework removes the file with the socket.
        _socket?.Dispose();
        _socket = null;
    }

    private WebApplication Build(Socket socket)
    {
        var builder = BareApplication.Builder(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = _ => socket);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        var application = builder.Build();
        application.Use(next => context => CountAsync(context, next));
        var audit = new ControlAudit(loggers.CreateLogger("L2tpd"));
        application.UseRouting();
        application.Use(next => context => audit.HandleAsync(context, next));
        application.Use(next => context => ControlEndpoints.NoSuchResource(context, next));
        var logger = loggers.CreateLogger<ControlServer>();
        new ControlEndpoints(plane, options, logger, application.Lifetime.ApplicationStopping).Map(application);
        return application;
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
        kestrel.Limits.RequestHeadersTimeout = LongestHead;
        kestrel.Limits.KeepAliveTimeout = LongestIdle;
        kestrel.Listen(new UnixDomainSocketEndPoint(options.SocketPath), listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => _clients.ServeAsync(connection, _authorisation, next));
        });
    }

    private async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        var client = context.Features.Get<ClientConnections.Client>();
        _clients.Begin(client);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            _clients.End(client);
        }
    }
}
