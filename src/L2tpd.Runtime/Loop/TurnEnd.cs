using L2tpd.Linux.Host;
using L2tpd.Runtime.Sockets;

namespace L2tpd.Runtime.Loop;

/// <summary>
/// The end of each turn of the loop, in this order: PPP does the work that it deferred; data messages leave before the control messages
/// that may end their session; the watchdog of systemd is notified; the progress of a shutdown is checked; SCCRQs are read.
/// </summary>
public sealed class TurnEnd(ITurnEnd ppp, IDataMessages? data, Action readRequests, Outbox outbox, SystemdNotify systemd, Func<long,
    bool> isShutDown, Action stop) : ITurnEnd
{
    private readonly long _watchdogInterval = systemd.WatchdogInterval is { } interval ? Math.Max(1, (long)interval.TotalMilliseconds / 2)
        : long.MaxValue;
    private long _nextWatchdog;

    /// <inheritdoc/>
    public long NextDeadline => Math.Min(ppp.NextDeadline, _watchdogInterval == long.MaxValue ? long.MaxValue : _nextWatchdog);

    /// <inheritdoc/>
    public void OnTurnEnd(long now)
    {
        ppp.OnTurnEnd(now);
        data?.Flush();
        outbox.FlushAll();
        // Last, when the answers to all other messages have left: anybody can send SCCRQs at the rate of the line.
        readRequests();
        outbox.FlushAll();
        if (_watchdogInterval != long.MaxValue && now >= _nextWatchdog)
        {
            _nextWatchdog = now + _watchdogInterval;
            systemd.Watchdog();
        }

        if (isShutDown(now))
            stop();
    }
}
