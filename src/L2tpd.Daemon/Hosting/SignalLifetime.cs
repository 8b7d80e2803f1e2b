using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace L2tpd.Daemon.Hosting;

/// <summary>SIGTERM and SIGINT end the daemon in order, a second one at once; SIGHUP reloads.</summary>
public sealed class SignalLifetime(IHostApplicationLifetime application, DaemonService daemon) : IHostLifetime
{
    private const int SignalBase = 128;

    /// <summary>What a second signal leaves to an orderly, but quick, end.</summary>
    private static readonly TimeSpan LastGrace = TimeSpan.FromSeconds(1);

    // Held until the process ends: without a registration a signal that is on its way, such as a SIGHUP right before SIGTERM, would kill
    // it.
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
