namespace L2tpd.Linux.Host;

/// <summary>Tells systemd about the daemon (sd_notify(3)), over NOTIFY_SOCKET. Without one every call does nothing.</summary>
public sealed class SystemdNotify : IDisposable
{
    /// <summary>From the environment (NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID).</summary>
    public static SystemdNotify FromEnvironment() => throw new NotImplementedException();

    /// <summary>From given values.</summary>
    /// <param name="socketPath">A path, or a name beginning with @ in the abstract namespace; null or empty: off.</param>
    /// <param name="watchdogMicroseconds">WATCHDOG_USEC as text, or null.</param>
    /// <param name="watchdogPid">WATCHDOG_PID as text, or null for any.</param>
    public SystemdNotify(string? socketPath, string? watchdogMicroseconds, string? watchdogPid) => throw new NotImplementedException();

    /// <summary>There is a socket to notify.</summary>
    public bool IsEnabled => throw new NotImplementedException();

    /// <summary>How often <see cref="Watchdog"/> must be called at the least, or null. Call it at half of that.</summary>
    public TimeSpan? WatchdogInterval => throw new NotImplementedException();

    /// <summary>READY=1 (start, and end of a reload) with a status line.</summary>
    public LinuxError Ready(string status) => throw new NotImplementedException();

    /// <summary>RELOADING=1 with MONOTONIC_USEC.</summary>
    public LinuxError Reloading() => throw new NotImplementedException();

    /// <summary>STOPPING=1.</summary>
    public LinuxError Stopping() => throw new NotImplementedException();

    /// <summary>WATCHDOG=1.</summary>
    public LinuxError Watchdog() => throw new NotImplementedException();

    /// <summary>STATUS=text.</summary>
    public LinuxError Status(string text) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
