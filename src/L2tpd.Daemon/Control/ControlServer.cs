using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Control;

/// <summary>
/// The control API: Kestrel on a unix socket as a service of whatever host runs the daemon. It has a small web application of its
/// own, made empty: no configuration files, no environment variables, no signal handlers of its own (docs/adr/0020-control-api.md).
/// </summary>
public sealed class ControlServer(IControlPlane plane, ControlOptions options, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    /// <summary>How long requests in progress may take at the end. Kestrel adds up to a second for connections that it cuts off.</summary>
    private static readonly TimeSpan LastRequests = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the head of a request may take: clients are on this machine.</summary>
    private static readonly TimeSpan LongestHead = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may stay without a request.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(30);

    private readonly ClientConnections _clients = new(places: 64, reserved: 16);
    private Socket? _socket;
    private WebApplication? _application;

    /// <summary>Listens. When it returns, the socket answers.</summary>
    /// <exception cref="ControlSocketException">Another daemon listens there, or the socket cannot be made: the message says what to do.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // First, so that its clear error is not wrapped into Kestrel's.
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

    /// <summary>Lets requests in progress end, for a moment; clients that are slow are cut off. Then removes the socket.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_application is not null)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(LastRequests);
            try
            {
                await _application.StopAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                // Half a request, or an answer that nobody reads: it goes with its connection.
            }
        }

        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
            await _application.DisposeAsync();
        _application = null;

        // Kestrel closes it; this is for a start that failed before Kestrel had it. The framework removes the file with the socket.
        _socket?.Dispose();
        _socket = null;
    }

    private WebApplication Build(Socket socket)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "l2tpd" });
        builder.Services.Replace(ServiceDescriptor.Singleton(loggers));
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
        builder.Services.AddRoutingCore();
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = _ => socket);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        var application = builder.Build();
        application.Use(next => context => CountAsync(context, next));
        application.UseRouting();
        application.Use(next => context => ControlEndpoints.NoSuchResource(context, next));
        new ControlEndpoints(plane, options, loggers.CreateLogger<ControlServer>(), application.Lifetime.ApplicationStopping).Map(application);
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
            listen.Use(next => connection => _clients.ServeAsync(connection, next));
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

    // The daemon's host owns the process's life: this one must not catch SIGTERM.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
