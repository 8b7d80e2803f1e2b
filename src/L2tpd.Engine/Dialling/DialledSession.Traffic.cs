using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;

namespace L2tpd.Engine.Dialling;

/// <content>
/// Dial on demand: the session is down until a packet waits for it, is then wanted until it ends, and waits again. After a failure there is
/// a wait in which no packet counts, with the back-off of other sessions.
/// </content>
internal sealed partial class DialledSession
{
    /// <summary>The operator keeps it down: traffic does not count.</summary>
    private bool _staysDown;

    /// <summary>No packet counts before; <c>null</c>: after an end that was no failure.</summary>
    private Instant? _holdUntil;

    /// <summary>It is set up when a packet waits for it.</summary>
    public bool IsOnTraffic => Configuration.Dial == DialMode.OnTraffic;

    /// <summary>It is down, and a packet sets it up, now or after a wait.</summary>
    public bool WaitsForTraffic => IsOnTraffic && IsDown && !_mayOpen && !_staysDown && RefusedUntil != Instant.Never;

    /// <summary>A packet sets it up now.</summary>
    public bool MayBeDialledByTraffic => WaitsForTraffic && Later(_holdUntil ?? owner.Now, RefusedUntil) <= owner.Now;

    /// <summary>It is up, or is to be.</summary>
    public bool IsWanted => _mayOpen || !IsDown;

    /// <summary>A packet waits for it.</summary>
    public void Want()
    {
        _mayOpen = true;
        RetryAt = owner.Now;
        owner.Notify(new DialledByTraffic(FullName));
        owner.Schedule(this);
    }

    /// <summary>The attempt to reach the peer has failed, or the tunnel is closed: it takes another packet.</summary>
    public void StopWanting()
    {
        if (!IsOnTraffic || !IsDown)
            return;
        _mayOpen = false;
        RetryAt = Instant.Never;
        owner.Schedule(this);
    }

    /// <summary>Reports that it waits, after it was configured.</summary>
    public void AnnounceWaiting()
    {
        if (WaitsForTraffic)
            owner.Notify(new WaitsForTraffic(FullName, TimeSpan.Zero, "it is configured so"));
    }

    private bool PermitOnTraffic(ConfiguredCommand command)
    {
        _staysDown = command == ConfiguredCommand.StayDown;
        if (command == ConfiguredCommand.Up)
            return false;
        _mayOpen = !_staysDown;
        _holdUntil = null;
        return true;
    }

    /// <summary>It has ended: the next packet sets it up, after a wait if it failed.</summary>
    private void WaitForTraffic(string reason, bool isFailure)
    {
        _mayOpen = false;
        if (_isRetired || owner.IsRetired)
            return;
        if (!isFailure)
            _failures = 0;
        var delay = isFailure ? owner.Delay(_failures++, Configuration.Backoff) : TimeSpan.Zero;
        WaitForTraffic(reason, delay);
    }

    private void WaitForTraffic(string reason, TimeSpan delay)
    {
        _mayOpen = false;
        _holdUntil = owner.Now + delay;
        RetryAt = Instant.Never;
        if (!_staysDown)
            owner.Notify(new WaitsForTraffic(FullName, delay, reason));
        owner.HandleSessionWaits();
    }

    private static bool IsFailure(Session session, EndReason reason) => !session.IsIdle && reason.Cause != EndCause.Administrative;
}
