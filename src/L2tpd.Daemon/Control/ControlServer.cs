using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Control;

/// <summary>The control API: Kestrel on a unix socket, inside any host.</summary>
public sealed class ControlServer(IControlPlane plane, ControlOptions options, ILoggerFactory loggers) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.FromException(new InvalidOperationException($"{plane}{options}{loggers}"));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
