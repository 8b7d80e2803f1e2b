using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace L2tpd.Daemon.Hosting;

/// <summary>SIGTERM and SIGINT end the daemon in order, a second one ends it at once; SIGHUP reloads the configuration.</summary>
public sealed class SignalLifetime(IHostApplicationLifetime application, DaemonService daemon) : IHostLifetime
{
    private const int SignalBase = 128;

    /// <summary>How long the end after a second signal may take.</summary>
    private static readonly TimeSpan LastGrace = TimeSpan.FromSeconds(1);

    // Kept until the process ends. Without a registration, a signal that is already on its way (such as a SIGHUP right before SIGTERM)
    // would kill the process.
    private static readonly List<PosixSignalRegistration> Registrations = [];
    private int _stops;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        Registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnStop(context, 15)));
        Registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnStop(context, 2)));
        Registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            if (!application.ApplicationStopping.IsCancellationRequested)
                daemon.Reload();
        }));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void OnStop(PosixSignalContext context, int signal)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _stops) == 1)
        {
            application.StopApplication();
            return;
        }

        new Thread(() =>
        {
            daemon.Abort(LastGrace);
            Environment.Exit(SignalBase + signal);
        })
        { IsBackground = true, Name = "l2tpd-abort" }.Start();
    }
}
