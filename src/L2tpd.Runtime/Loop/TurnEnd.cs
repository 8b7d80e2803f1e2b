using L2tpd.Linux.Host;
using L2tpd.Runtime.Sockets;

namespace L2tpd.Runtime.Loop;

/// <summary>
/// What each turn of the loop ends with: PPP does what waited for the turn's end, data leave before the control messages that may end their
/// session, systemd's watchdog is told that the loop turns, a shutdown is looked after.
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
        // Last, when the answers to everybody else have left: anybody can send as many as the line carries.
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
