using System.Collections.Immutable;
using System.Net.Sockets;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Linux.Host;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>The daemon within its host: starts, tells systemd, reloads, stops.</summary>
public sealed partial class DaemonService(
    DaemonOptions options, IHostApplicationLifetime application, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    /// <summary>What the loop may take beyond the waits that it keeps itself: it is stuck after that.</summary>
    private static readonly TimeSpan LoopSlack = TimeSpan.FromSeconds(10);

    /// <summary>What the loop may take to take a configuration over: it is stuck after that.</summary>
    private static readonly TimeSpan LongestTakeOver = TimeSpan.FromMinutes(1);

    /// <summary>Lines of one reload in the log.</summary>
    private const int MostLines = 100;

    private readonly ILogger _log = loggers.CreateLogger("L2tpd");
    private readonly SystemdNotify _systemd = SystemdNotify.FromEnvironment();
    private readonly SemaphoreSlim _reloading = new(1, 1);
    private DaemonConfiguration _inForce = options.Configuration;
    private RunningDaemon? _daemon;
    private ControlServer? _control;

    /// <summary>Something broke that the daemon cannot go on without.</summary>
    public bool HasFailed { get; private set; }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var configuration = options.Configuration;
        if (ConfigurationCheck.Objection(configuration) is { } objection)
            LogObjection(objection);
        _daemon = new RunningDaemon(configuration, _systemd, loggers);
        _daemon.Start();
        _ = WatchAsync(_daemon);
        if (configuration.Control.Path is { } path)
            await StartControlAsync(_daemon, configuration.Control with { Path = path }, cancellationToken).ConfigureAwait(false);
        LogReady(ListenersOf(_daemon), configuration.Engine.Tunnels.Length);
        _systemd.Ready(StatusOf(_daemon));
    }

    /// <summary>Ends everything. The host's token is not listened to: what the goodbye may take is bounded by the configuration.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _systemd.Stopping();
        if (_daemon is { } daemon)
        {
            // Peers come first, and whoever watches may: the control socket answers while they are told.
            daemon.BeginShutDown();
            await WaitForEndAsync(daemon).ConfigureAwait(false);
        }

        if (_control is not null)
            await _control.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task WaitForEndAsync(RunningDaemon daemon)
    {
        try
        {
            await daemon.Ended.WaitAsync(ShutDownProgress.LongestWait(options.Configuration.Shutdown) + LoopSlack).ConfigureAwait(false);
            LogStopped();
        }
        catch (TimeoutException)
        {
            LogStuck();
            HasFailed = true;
        }
    }

    /// <summary>
    /// SIGHUP: reads the configuration again. What does not validate, or the data plane that runs cannot do, or would remove all tunnels or
    /// all peers, changes nothing: a signal never forces.
    /// </summary>
    public void Reload()
    {
        try
        {
            ReloadAsync(force: false, "SIGHUP").GetAwaiter().GetResult();
        }
        catch (ReloadRefusedException)
        {
            // Logged, and told to systemd.
        }
    }

    /// <summary>Reads the configuration again, and says what that changed.</summary>
    /// <param name="force">Carry it out although it removes all tunnels or all peers.</param>
    /// <param name="by">Who asked, for the log.</param>
    /// <exception cref="ReloadRefusedException">Nothing was changed; says why.</exception>
    public async Task<ReloadView> ReloadAsync(bool force, string by)
    {
        // Signals and requests come on any thread: of two in a row the later one's file has to win.
        await _reloading.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_daemon is not { } daemon)
                throw new ReloadRefusedException("the daemon is starting or stopping");
            _systemd.Reloading();
            var status = $"The last reload was refused, see the log. {StatusOf(daemon)}";
            try
            {
                var report = await ReloadAsync(daemon, force, by).ConfigureAwait(false);
                status = StatusOf(daemon);
                daemon.Publish(new ConfigurationReloaded(by, report.Changes.Count(static change => change.Change != "kept")));
                return report;
            }
            catch (ReloadRefusedException refused)
            {
                daemon.Publish(new ConfigurationRefused(by, refused.Message));
                throw;
            }
            finally
            {
                _systemd.Ready(status);
            }
        }
        finally
        {
            _reloading.Release();
        }
    }

    private async Task<ReloadView> ReloadAsync(RunningDaemon daemon, bool force, string by)
    {
        LogAsked(by);
        var (configuration, warnings) = ReadAgain(daemon);
        if (ConfigurationCheck.Objection(configuration) is { } odd)
        {
            LogObjection(odd);
            warnings = warnings.Add(odd);
        }

        if (ReloadReport.Objection(_inForce, configuration) is { } objection)
        {
            if (!force)
            {
                LogRefused(objection);
                throw new ReloadRefusedException(objection);
            }

            LogForced(by);
        }

        // What these parts say was read at the start, and never again.
        var parts = ReloadScope.NeedsRestart(options.Configuration, configuration);
        if (parts.Length > 0)
            LogNeedsRestart(parts);
        var report = ReloadReport.Between(_inForce, configuration);
        var taken = daemon.Reconfigure(configuration);
        await Task.WhenAny(taken, daemon.Ended, Task.Delay(LongestTakeOver)).ConfigureAwait(false);
        if (!taken.IsCompletedSuccessfully)
            throw new ReloadRefusedException("the daemon is stopping, or too busy to take the configuration over");
        var problems = await taken.ConfigureAwait(false);
        _inForce = configuration;
        LogReloaded(options.ConfigurationPath);
        foreach (var line in ReloadReport.Lines(report, MostLines))
            LogChange(line);
        return report with
        {
            NeedsRestart = parts.Length == 0 ? [] : parts.Split(", "),
            Warnings = warnings,
            Problems = problems,
        };
    }

    private (DaemonConfiguration Configuration, ImmutableArray<string> Warnings) ReadAgain(RunningDaemon daemon)
    {
        var environment = MachineEnvironment.OfProcess();
        var loaded = ConfigurationLoader.Load(options.ConfigurationPath, environment with { RunningDataPlane = daemon.RunningDataPlane });
        foreach (var warning in loaded.Warnings)
            LogWarning(warning);
        if (loaded.Configuration is not { } read)
        {
            foreach (var error in loaded.Errors)
                LogNotReloaded(error);
            var message = "the configuration has errors";
            if (ConfigurationLoader.Load(options.ConfigurationPath, environment).Configuration is not null)
            {
                LogOtherDataPlane(daemon.DataPlane.Name);
                message = $"the configuration has errors on the data plane that runs, {daemon.DataPlane.Name}, which only a "
                    + "restart may change";
            }

            throw new ReloadRefusedException(message, [.. loaded.Errors.Select(static error => error.ToString())]);
        }

        return (options.Override(read), [.. loaded.Warnings.Select(static warning => warning.ToString())]);
    }

    private static string StatusOf(RunningDaemon daemon) => $"Listening on {ListenersOf(daemon)}; data plane {daemon.DataPlane.Name}";

    private static string ListenersOf(RunningDaemon daemon) => daemon.Listeners.Count == 0 ? "no listener"
        : string.Join(", ", daemon.Listeners);

    /// <summary>The end at once.</summary>
    public void Abort(TimeSpan grace)
    {
        LogAborted();
        _daemon?.Abort(grace);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_control is not null)
            await _control.DisposeAsync().ConfigureAwait(false);
        _control = null;
        _daemon?.Dispose();
        _reloading.Dispose();
        _systemd.Dispose();
    }

    private async Task StartControlAsync(RunningDaemon daemon, ControlSocket socket, CancellationToken cancellationToken)
    {
        var server = new ControlServer(
            new ControlPlane(daemon, ReloadAsync),
            new ControlOptions { SocketPath = socket.Path!, Mode = socket.Mode, Group = socket.Group }, loggers);
        try
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
            _control = server;
        }
        catch (Exception error) when (error is ControlSocketException or IOException or UnauthorizedAccessException or SocketException)
        {
            throw new StartException($"the control socket {socket.Path} cannot be opened: {error.Message}", error);
        }
    }

    private async Task WatchAsync(RunningDaemon daemon)
    {
        try
        {
            await daemon.Ended.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            LogBroken(error);
            HasFailed = true;
        }

        application.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready: listening on {Listeners}, {Tunnels} tunnels to dial")]
    private partial void LogReady(string listeners, int tunnels);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Objection}")]
    private partial void LogObjection(string objection);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped")]
    private partial void LogStopped();

    [LoggerMessage(Level = LogLevel.Error, Message = "The loop did not end in time: leaving it")]
    private partial void LogStuck();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Second signal: ending at once")]
    private partial void LogAborted();

    [LoggerMessage(Level = LogLevel.Critical, Message = "The loop broke; the daemon ends. Please report this.")]
    private partial void LogBroken(Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reload asked for by {By}")]
    private partial void LogAsked(string by);

    [LoggerMessage(Level = LogLevel.Information, Message = "Read {Path} again")]
    private partial void LogReloaded(string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reload: {Change}")]
    private partial void LogChange(string change);

    [LoggerMessage(Level = LogLevel.Error, Message = "Not reloaded, nothing was changed: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The reload removes all tunnels or all peers: forced by {By}")]
    private partial void LogForced(string by);

    [LoggerMessage(Level = LogLevel.Error, Message = "Not reloaded, nothing was changed: {Error}")]
    private partial void LogNotReloaded(ConfigurationError error);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The file was checked for the data plane that runs, {DataPlane}, which only a restart may change")]
    private partial void LogOtherDataPlane(string dataPlane);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(ConfigurationError warning);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "These parts are not as at the start, and take effect at the next one only: {Parts}")]
    private partial void LogNeedsRestart(string parts);
}
