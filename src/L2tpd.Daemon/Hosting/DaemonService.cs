using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Linux.Host;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.Logging;
using L2tpd.Operations.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>The daemon in its host: starts, notifies systemd, reloads, stops.</summary>
public sealed partial class DaemonService(
    DaemonOptions options, IHostApplicationLifetime application, ILoggerFactory loggers, LogLevels levels)
    : IHostedService, IAsyncDisposable
{
    /// <summary>How long the loop may take in addition to its own waits. After that it is considered stuck.</summary>
    private static readonly TimeSpan LoopSlack = TimeSpan.FromSeconds(10);

    /// <summary>How long the loop may take to apply a configuration. After that it is considered stuck.</summary>
    private static readonly TimeSpan LongestTakeOver = TimeSpan.FromMinutes(1);

    /// <summary>Log lines per reload.</summary>
    private const int MostLines = 100;

    /// <summary>Errors of a refused reload that the status keeps.</summary>
    private const int MostErrors = 10;

    private readonly ILogger _log = loggers.CreateLogger("L2tpd");
    private readonly SystemdNotify _systemd = SystemdNotify.FromEnvironment();
    private readonly SemaphoreSlim _reloading = new(1, 1);
    private DaemonConfiguration _inForce = options.Configuration;
    private RunningDaemon? _daemon;
    private ControlServer? _control;
    private MetricsServer? _metrics;
    private OtlpExporter? _exporter;

    /// <summary>Whether the daemon has failed and cannot continue.</summary>
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
        var plane = new ControlPlane(_daemon, ReloadAsync, levels) { MaskedYaml = () => _inForce.MaskedYaml };
        if (configuration.Control.Path is { } path)
            await StartControlAsync(plane, configuration.Control with { Path = path }, cancellationToken).ConfigureAwait(false);
        if (configuration.Metrics.Listen is { } listen)
            await StartMetricsAsync(plane, listen, configuration.Metrics.ReachableFrom, cancellationToken).ConfigureAwait(false);
        StartExports(plane);
        LogReady(ListenersOf(_daemon), configuration.Engine.Tunnels.Length);
        _systemd.Ready(StatusOf(_daemon));
    }

    /// <summary>Ends everything. The host's token is ignored: the configuration limits how long the StopCCNs may take.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _systemd.Stopping();
        if (_daemon is { } daemon)
        {
            // Peers come first. The control socket still answers while the tunnels are closed, so that the progress can be watched.
            daemon.BeginShutDown();
            await WaitForEndAsync(daemon).ConfigureAwait(false);
        }

        if (_metrics is not null)
            await _metrics.DisposeAsync().ConfigureAwait(false);
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
    /// SIGHUP: reads the configuration again. Nothing is changed if the file has errors, if the running data plane cannot do what it asks
    /// for, or if it would remove all tunnels or all peers: a signal never forces a reload.
    /// </summary>
    public void Reload()
    {
        try
        {
            ReloadAsync(new ReloadRequest("SIGHUP")).GetAwaiter().GetResult();
        }
        catch (ReloadRefusedException)
        {
            // The reason was logged and sent to systemd.
        }
    }

    /// <summary>Reads the configuration again and reports the changes.</summary>
    /// <exception cref="ReloadRefusedException">Nothing was changed; the message says why.</exception>
    public async Task<ReloadView> ReloadAsync(ReloadRequest request)
    {
        // Signals and requests arrive on any thread. Reloads are serialised, so that the last one reads the latest file.
        await _reloading.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_daemon is not { } daemon)
                throw new ReloadRefusedException("the daemon is starting or stopping");
            return request.DryRun
                ? await TryAsync(daemon, request).ConfigureAwait(false)
                : await ReloadAsync(daemon, request).ConfigureAwait(false);
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <summary>What a reload would do; changes nothing, and leaves one line in the log.</summary>
    private async Task<ReloadView> TryAsync(RunningDaemon daemon, ReloadRequest request)
    {
        LogTried(request.By);
        var (configuration, warnings) = ReadAgain(daemon, isDryRun: true);
        if (ConfigurationCheck.Objection(configuration) is { } odd)
            warnings = warnings.Add(odd);
        if (!request.Force && ReloadReport.Objection(_inForce, configuration) is { } objection)
            throw new ReloadRefusedException(objection);
        return await CompareAsync(daemon, configuration, warnings).ConfigureAwait(false) with { DryRun = true };
    }

    private async Task<ReloadView> ReloadAsync(RunningDaemon daemon, ReloadRequest request)
    {
        _systemd.Reloading();
        var status = $"The last reload was refused, see the log. {StatusOf(daemon)}";
        try
        {
            var report = await ApplyAsync(daemon, request).ConfigureAwait(false);
            status = StatusOf(daemon);
            var changes = report.Changes.Count(static change => change.Change != "kept");
            daemon.LastReload = new LastReloadView(TimeProvider.System.GetUtcNow(), request.By, "applied", changes, report.NeedsRestart);
            daemon.Publish(new ConfigurationReloaded(request.By, changes));
            return report;
        }
        catch (ReloadRefusedException refused)
        {
            string[]? errors = refused.Errors.Count == 0 ? null : [.. refused.Errors.Take(MostErrors)];
            daemon.LastReload = new LastReloadView(
                TimeProvider.System.GetUtcNow(), request.By, "refused", 0, [], refused.Message, errors);
            daemon.Publish(new ConfigurationRefused(request.By, refused.Message));
            throw;
        }
        finally
        {
            _systemd.Ready(status);
        }
    }

    private async Task<ReloadView> ApplyAsync(RunningDaemon daemon, ReloadRequest request)
    {
        LogRequested(request.By);
        var (configuration, warnings) = ReadAgain(daemon, isDryRun: false);
        if (ConfigurationCheck.Objection(configuration) is { } odd)
        {
            LogObjection(odd);
            warnings = warnings.Add(odd);
        }

        if (ReloadReport.Objection(_inForce, configuration) is { } objection)
        {
            if (!request.Force)
            {
                LogRefused(objection);
                throw new ReloadRefusedException(objection);
            }

            LogForced(request.By);
        }

        var report = await CompareAsync(daemon, configuration, warnings).ConfigureAwait(false);
        if (report.NeedsRestart.Count > 0)
            LogNeedsRestart(string.Join(", ", report.NeedsRestart));
        var problems = await OnLoop(daemon, daemon.Reconfigure(configuration)).ConfigureAwait(false);
        _inForce = configuration;
        LogReloaded(options.ConfigurationPath);
        foreach (var line in ReloadReport.Lines(report, MostLines))
            LogChange(line);
        return report with { Problems = problems };
    }

    private async Task<ReloadView> CompareAsync(
        RunningDaemon daemon, DaemonConfiguration configuration, ImmutableArray<string> warnings)
    {
        var report = ReloadReport.Between(_inForce, configuration);
        // These parts are read at the start only.
        var parts = ReloadScope.NeedsRestart(options.Configuration, configuration);
        return report with
        {
            NeedsRestart = parts.Length == 0 ? [] : parts.Split(", "),
            Warnings = warnings,
            Closes = await OnLoop(daemon, daemon.WhatCloses(report)).ConfigureAwait(false),
        };
    }

    private static async Task<T> OnLoop<T>(RunningDaemon daemon, Task<T> answer)
    {
        await Task.WhenAny(answer, daemon.Ended, Task.Delay(LongestTakeOver)).ConfigureAwait(false);
        return answer.IsCompletedSuccessfully
            ? await answer.ConfigureAwait(false)
            : throw new ReloadRefusedException("the daemon is stopping, or its loop did not answer in time");
    }

    private (DaemonConfiguration Configuration, ImmutableArray<string> Warnings) ReadAgain(RunningDaemon daemon, bool isDryRun)
    {
        var environment = MachineEnvironment.OfProcess(options.Instance);
        var loaded = ConfigurationLoader.Load(options.ConfigurationPath, environment with { RunningDataPlane = daemon.RunningDataPlane });
        foreach (var warning in isDryRun ? [] : loaded.Warnings)
            LogWarning(warning);
        if (loaded.Configuration is not { } read)
        {
            foreach (var error in isDryRun ? [] : loaded.Errors)
                LogNotReloaded(error);
            var message = "the configuration has errors";
            if (ConfigurationLoader.Load(options.ConfigurationPath, environment).Configuration is not null)
            {
                if (!isDryRun)
                    LogOtherDataPlane(daemon.DataPlane.Name);
                message = $"the configuration has errors with the running data plane, {daemon.DataPlane.Name}, which only a "
                    + "restart can change";
            }

            throw new ReloadRefusedException(message, [.. loaded.Errors.Select(static error => error.ToString())]);
        }

        return (options.Override(read), [.. loaded.Warnings.Select(static warning => warning.ToString())]);
    }

    private static string StatusOf(RunningDaemon daemon) => $"Listening on {ListenersOf(daemon)}; data plane {daemon.DataPlane.Name}";

    private static string ListenersOf(RunningDaemon daemon) => daemon.Listeners.Count == 0 ? "no listener"
        : string.Join(", ", daemon.Listeners);

    /// <summary>Ends the daemon at once.</summary>
    public void Abort(TimeSpan grace)
    {
        LogAborted();
        _daemon?.Abort(grace);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_exporter is not null)
            await _exporter.DisposeAsync().ConfigureAwait(false);
        if (_metrics is not null)
            await _metrics.DisposeAsync().ConfigureAwait(false);
        if (_control is not null)
            await _control.DisposeAsync().ConfigureAwait(false);
        (_exporter, _metrics, _control) = (null, null, null);
        _daemon?.Dispose();
        _reloading.Dispose();
        _systemd.Dispose();
    }

    private void StartExports(ControlPlane plane)
    {
        var settings = OtlpSettings.Read(Environment.GetEnvironmentVariable, out var objection);
        if (objection is not null)
            LogNoExports(objection);
        if (settings is null)
            return;
        _exporter = new OtlpExporter(settings, plane, ControlPlane.Version, TimeProvider.System, _log);
        _exporter.Start();
    }

    private async Task StartMetricsAsync(
        ControlPlane plane, IPEndPoint listen, IReadOnlyList<IPNetwork> sources, CancellationToken cancellationToken)
    {
        _metrics = new MetricsServer(plane, new MetricsOptions(listen, sources), loggers);
        try
        {
            await _metrics.StartAsync(cancellationToken).ConfigureAwait(false);
            LogMetrics(listen, sources.Count == 0 ? "this machine" : string.Join(", ", sources));
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new StartException(
                $"cannot serve metrics on {listen} (metrics.listen): {error.Message}. Another program may use the port: ss -ltnp", error);
        }
    }

    private async Task StartControlAsync(ControlPlane plane, ControlSocket socket, CancellationToken cancellationToken)
    {
        var server = new ControlServer(
            plane,
            new ControlOptions
            {
                SocketPath = socket.Path!, Mode = socket.Mode, Group = socket.Group, AdminGroup = socket.AdminGroup,
                ReadGroup = socket.ReadGroup,
            },
            loggers);
        try
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
            _control = server;
        }
        catch (Exception error) when (error is ControlSocketException or IOException or UnauthorizedAccessException or SocketException)
        {
            throw new StartException($"cannot open the control socket {socket.Path}: {error.Message}", error);
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
            LogLoopFailed(error);
            HasFailed = true;
        }

        application.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready: listening on {Listeners}, {Tunnels} tunnels to dial")]
    private partial void LogReady(string listeners, int tunnels);

    [LoggerMessage(Level = LogLevel.Information, Message = "Metrics at http://{Listen}/metrics for {Sources}")]
    private partial void LogMetrics(IPEndPoint listen, string sources);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Metrics are not sent by OTLP: {Objection}")]
    private partial void LogNoExports(string objection);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Objection}")]
    private partial void LogObjection(string objection);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped")]
    private partial void LogStopped();

    [LoggerMessage(Level = LogLevel.Error, Message = "The loop did not end in time: the process ends without it")]
    private partial void LogStuck();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Second signal: ending at once")]
    private partial void LogAborted();

    [LoggerMessage(Level = LogLevel.Critical, Message = "Internal error in the loop: the daemon ends. Report this as a defect of l2tpd.")]
    private partial void LogLoopFailed(Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reload requested by {By}")]
    private partial void LogRequested(string by);

    [LoggerMessage(Level = LogLevel.Information, Message = "Dry run of a reload requested by {By}: nothing will be changed")]
    private partial void LogTried(string by);

    [LoggerMessage(Level = LogLevel.Information, Message = "Read {Path} again")]
    private partial void LogReloaded(string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reload: {Change}")]
    private partial void LogChange(string change);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reload refused, nothing was changed: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The reload removes all tunnels or all peers: forced by {By}")]
    private partial void LogForced(string by);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reload refused, nothing was changed: {Error}")]
    private partial void LogNotReloaded(ConfigurationError error);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The file was checked for the running data plane, {DataPlane}, which only a restart can change")]
    private partial void LogOtherDataPlane(string dataPlane);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(ConfigurationError warning);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "These parts of the configuration changed and need a restart to take effect: {Parts}")]
    private partial void LogNeedsRestart(string parts);
}
