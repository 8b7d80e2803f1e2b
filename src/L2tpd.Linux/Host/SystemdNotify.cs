using System.Globalization;
using System.Text;
using L2tpd.Linux.Interop;
using L2tpd.Linux.Sockets;
using Tmds.Linux;

namespace L2tpd.Linux.Host;

/// <summary>Notifies systemd (sd_notify(3)) through NOTIFY_SOCKET. Without such a socket, every call does nothing.</summary>
public sealed class SystemdNotify : IDisposable
{
    private readonly byte[] _address;
    private readonly FileDescriptor? _socket;

    /// <summary>Reads the values of the environment variables.</summary>
    /// <param name="socketPath">
    /// A path, or a name that begins with @ in the abstract namespace. Anything else turns notification off.
    /// </param>
    /// <param name="watchdogMicroseconds">WATCHDOG_USEC, or <c>null</c>.</param>
    /// <param name="watchdogPid">WATCHDOG_PID, or <c>null</c> for any process.</param>
    public SystemdNotify(string? socketPath, string? watchdogMicroseconds, string? watchdogPid)
    {
        _address = UnixAddress.Of(socketPath);
        if (_address.Length > 0)
        {
            var number = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK, 0);
            _socket = number < 0 ? null : new FileDescriptor(number);
        }

        WatchdogInterval = Interval(watchdogMicroseconds, watchdogPid);
    }

    /// <summary>Whether there is a socket to notify.</summary>
    public bool IsEnabled => _socket is not null;

    /// <summary>
    /// The longest time between two calls of <see cref="Watchdog"/>; <c>null</c> if systemd does not watch. Call it at half of that.
    /// </summary>
    public TimeSpan? WatchdogInterval { get; }

    /// <summary>Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.</summary>
    public static SystemdNotify FromEnvironment() => new(
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET"),
        Environment.GetEnvironmentVariable("WATCHDOG_USEC"),
        Environment.GetEnvironmentVariable("WATCHDOG_PID"));

    /// <summary>READY=1 with a status line: after the start and at the end of a reload.</summary>
    public LinuxError Ready(string status) => Send($"READY=1\nSTATUS={OneLine(status)}");

    /// <summary>RELOADING=1 with MONOTONIC_USEC.</summary>
    public LinuxError Reloading()
    {
        var microseconds = MonotonicClock.Nanoseconds(Native.CLOCK_MONOTONIC) / 1000;
        return Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    /// <summary>STOPPING=1.</summary>
    public LinuxError Stopping() => Send("STOPPING=1");

    /// <summary>WATCHDOG=1.</summary>
    public LinuxError Watchdog() => Send("WATCHDOG=1");

    /// <summary>STATUS=text.</summary>
    public LinuxError Status(string text) => Send("STATUS=" + OneLine(text));

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private static TimeSpan? Interval(string? microseconds, string? pid)
    {
        var isNumber = ulong.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        if (!isNumber || value is 0 or > long.MaxValue / TimeSpan.TicksPerMicrosecond)
            return null;
        if (!string.IsNullOrEmpty(pid) && pid != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            return null;
        return TimeSpan.FromTicks((long)value * TimeSpan.TicksPerMicrosecond);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private unsafe LinuxError Send(string state)
    {
        if (_socket is null)
            return LinuxError.None;
        var octets = Encoding.UTF8.GetBytes(state);
        fixed (byte* start = octets, to = _address)
        {
            return Native.sendto(_socket, start, octets.Length, LibC.MSG_NOSIGNAL, to, _address.Length) < 0
                ? new LinuxError(LibC.errno, "sendto", "NOTIFY_SOCKET")
                : LinuxError.None;
        }
    }
}
