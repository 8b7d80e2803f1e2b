using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Control;

/// <summary>
/// An empty web application: without configuration files, environment variables and signal handlers
/// (docs/adr/0013-configuration-and-control.md).
/// </summary>
internal static class BareApplication
{
    /// <summary>A builder of one, which logs to the daemon's log.</summary>
    public static WebApplicationBuilder Builder(ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "l2tpd" });
        builder.Services.Replace(ServiceDescriptor.Singleton(loggers));
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
        return builder;
    }

    // The daemon's host handles signals: this application must not catch SIGTERM.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
