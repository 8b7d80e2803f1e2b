using System.Globalization;
using System.Text;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>Tells systemd about the daemon (sd_notify(3)), over NOTIFY_SOCKET. Without one every call does nothing.</summary>
public sealed class SystemdNotify : IDisposable
{
    private const int PathOffset = 2;
    private const int MaximumPath = 108;

    private readonly byte[] address;
    private readonly FileDescriptor? socket;

    /// <summary>From given values.</summary>
    /// <param name="socketPath">A path, or a name beginning with @ in the abstract namespace; null, empty or anything else: off.</param>
    /// <param name="watchdogMicroseconds">WATCHDOG_USEC as text, or null.</param>
    /// <param name="watchdogPid">WATCHDOG_PID as text, or null for any.</param>
    public SystemdNotify(string? socketPath, string? watchdogMicroseconds, string? watchdogPid)
    {
        address = Address(socketPath);
        if (address.Length > 0 && LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK, 0) is >= 0 and var number)
            socket = new FileDescriptor(number);
        WatchdogInterval = Interval(watchdogMicroseconds, watchdogPid);
    }

    /// <summary>There is a socket to notify.</summary>
    public bool IsEnabled => socket is not null;

    /// <summary>How often <see cref="Watchdog"/> must be called at the least, or null. Call it at half of that.</summary>
    public TimeSpan? WatchdogInterval { get; }

    /// <summary>From the environment (NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID).</summary>
    public static SystemdNotify FromEnvironment() => new(
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET"),
        Environment.GetEnvironmentVariable("WATCHDOG_USEC"),
        Environment.GetEnvironmentVariable("WATCHDOG_PID"));

    /// <summary>READY=1 (start, and end of a reload) with a status line.</summary>
    public LinuxError Ready(string status) => Send($"READY=1\nSTATUS={OneLine(status)}");

    /// <summary>RELOADING=1 with MONOTONIC_USEC.</summary>
    public LinuxError Reloading() =>
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={MonotonicClock.Nanoseconds(Native.CLOCK_MONOTONIC) / 1000}"));

    /// <summary>STOPPING=1.</summary>
    public LinuxError Stopping() => Send("STOPPING=1");

    /// <summary>WATCHDOG=1.</summary>
    public LinuxError Watchdog() => Send("WATCHDOG=1");

    /// <summary>STATUS=text.</summary>
    public LinuxError Status(string text) => Send("STATUS=" + OneLine(text));

    /// <inheritdoc/>
    public void Dispose() => socket?.Dispose();

    /// <summary>sockaddr_un as long as the name needs; an abstract name begins with a zero octet and ends where the length says.</summary>
    private static byte[] Address(string? path)
    {
        if (path is not { Length: > 1 } || path[0] is not ('/' or '@'))
            return [];
        var name = Encoding.UTF8.GetBytes(path);
        if (name.Length >= MaximumPath)
            return [];
        var isAbstract = path[0] == '@';
        var address = new byte[PathOffset + name.Length + (isAbstract ? 0 : 1)];
        BitConverter.TryWriteBytes(address, (ushort)LibC.AF_UNIX);
        name.CopyTo(address, PathOffset);
        if (isAbstract)
            address[PathOffset] = 0;
        return address;
    }

    private static TimeSpan? Interval(string? microseconds, string? pid)
    {
        if (!ulong.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value is 0 or > long.MaxValue / 10)
            return null;
        if (!string.IsNullOrEmpty(pid) && pid != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            return null;
        return TimeSpan.FromTicks((long)value * TimeSpan.TicksPerMicrosecond);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private unsafe LinuxError Send(string state)
    {
        if (socket is null)
            return LinuxError.None;
        var octets = Encoding.UTF8.GetBytes(state);
        fixed (byte* start = octets, to = address)
        {
            return Native.sendto(socket, start, octets.Length, LibC.MSG_NOSIGNAL, to, address.Length) < 0
                ? new LinuxError(LibC.errno, "sendto", "NOTIFY_SOCKET")
                : LinuxError.None;
        }
    }
}
