using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace L2tpd.Daemon.Hosting;

/// <summary>SIGTERM and SIGINT end the daemon in order, a second one at once; SIGHUP reloads.</summary>
public sealed class SignalLifetime(IHostApplicationLifetime application, DaemonService daemon) : IHostLifetime, IDisposable
{
    private const int SignalBase = 128;

    /// <summary>What a second signal leaves to an orderly, but quick, end.</summary>
    private static readonly TimeSpan LastGrace = TimeSpan.FromSeconds(1);

    // In a field: a registration nobody holds is collected, and the signal then kills the process.
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _stops;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnStop(context, 15)));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnStop(context, 2)));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            daemon.Reload();
        }));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

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
