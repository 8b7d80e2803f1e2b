using System.Net.Sockets;
using L2tpd.Daemon.Configuration;
using L2tpd.Daemon.Control;
using L2tpd.Daemon.Loop;
using L2tpd.Linux.Host;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>The daemon within its host: starts, tells systemd, reloads, stops.</summary>
public sealed partial class DaemonService(
    DaemonOptions options, IHostApplicationLifetime application, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    private readonly ILogger _log = loggers.CreateLogger("L2tpd");
    private readonly SystemdNotify _systemd = SystemdNotify.FromEnvironment();
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
        var listeners = _daemon.Listeners.Count == 0 ? "no listener" : string.Join(", ", _daemon.Listeners);
        LogReady(listeners, configuration.Engine.Tunnels.Length);
        _systemd.Ready($"Listening on {listeners}; data plane {_daemon.DataPlane.Name}");
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _systemd.Stopping();
        if (_control is not null)
            await _control.StopAsync(cancellationToken).ConfigureAwait(false);
        if (_daemon is null)
            return;
        _daemon.BeginShutDown();
        try
        {
            await _daemon.Ended.WaitAsync(ShutDownProgress.LongestWait(options.Configuration.Shutdown) + TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
            LogStopped();
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            LogStuck();
            HasFailed = true;
        }
    }

    /// <summary>SIGHUP: reads the configuration again. What does not validate changes nothing.</summary>
    public void Reload()
    {
        if (_daemon is not { } daemon)
            return;
        _systemd.Reloading();
        var loaded = ConfigurationLoader.Load(options.ConfigurationPath);
        if (loaded.Configuration is { } read)
        {
            var configuration = options.Override(read);
            if (ReloadScope.NeedsRestart(daemon.Configuration, configuration) is { Length: > 0 } parts)
                LogNeedsRestart(parts);
            daemon.Reconfigure(configuration);
            LogReloaded(options.ConfigurationPath);
        }
        else
        {
            foreach (var error in loaded.Errors)
                LogNotReloaded(error);
        }

        _systemd.Ready("Reloaded");
    }

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
        _systemd.Dispose();
    }

    private async Task StartControlAsync(RunningDaemon daemon, ControlSocket socket, CancellationToken cancellationToken)
    {
        var server = new ControlServer(
            new ControlPlane(daemon), new ControlOptions { SocketPath = socket.Path!, Mode = socket.Mode, Group = socket.Group }, loggers);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Read {Path} again")]
    private partial void LogReloaded(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "Not reloaded, nothing was changed: {Error}")]
    private partial void LogNotReloaded(ConfigurationError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "These parts changed too and take effect at the next start only: {Parts}")]
    private partial void LogNeedsRestart(string parts);
}
