using L2tpd.Configuration;
using L2tpd.Operations.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;

namespace L2tpd.Daemon.Hosting;

/// <summary>Runs the daemon in its host from start to end.</summary>
public static partial class DaemonHost
{
    /// <summary>How long the control server and the host may take in addition to the daemon's own shutdown.</summary>
    private static readonly TimeSpan HostSlack = TimeSpan.FromSeconds(15);

    /// <summary>Runs until a signal, or until an error that it cannot recover from.</summary>
    /// <returns>0 after an orderly end; 1 if it could not start, or failed.</returns>
    public static async Task<int> RunAsync(string path, string? instance, LogLevelChoice? level)
    {
        var loaded = ConfigurationCheck.Load(path, instance, Console.Error);
        if (loaded.Configuration is not { } configuration)
            return 1;
        var options = new DaemonOptions(path, configuration, level) { Instance = instance };
        var log = options.Override(configuration).Log;
        using var levels = new LogLevels(log.Level);
        var logger = LogSetup.Create(log, levels);
        await using (logger.ConfigureAwait(false))
            return await RunAsync(options with { Configuration = options.Override(configuration) }, logger, levels).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(DaemonOptions options, Serilog.ILogger logger, LogLevels levels)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSerilog(logger).SetMinimumLevel(LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = ShutDownProgress.LongestWait(options.Configuration.Shutdown) + HostSlack);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(levels);
        builder.Services.AddSingleton<DaemonService>();
        builder.Services.AddSingleton<IHostedService>(services => services.GetRequiredService<DaemonService>());
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        var host = builder.Build();
        await using var _ = ((IAsyncDisposable)host).ConfigureAwait(false);
        var daemon = host.Services.GetRequiredService<DaemonService>();
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("L2tpd");
        try
        {
            await host.RunAsync().ConfigureAwait(false);
            return daemon.HasFailed ? 1 : 0;
        }
        catch (StartException error)
        {
            LogCannotStart(log, error.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // A signal arrived during the start: the host closes what is open.
            LogStoppedEarly(log);
            return daemon.HasFailed ? 1 : 0;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            LogLoopFailed(log, error);
            return 1;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped by a signal during the start")]
    private static partial void LogStoppedEarly(Microsoft.Extensions.Logging.ILogger log);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Cannot start: {Reason}")]
    private static partial void LogCannotStart(Microsoft.Extensions.Logging.ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Internal error: the daemon ends. Report this as a defect of l2tpd.")]
    private static partial void LogLoopFailed(Microsoft.Extensions.Logging.ILogger log, Exception error);
}
