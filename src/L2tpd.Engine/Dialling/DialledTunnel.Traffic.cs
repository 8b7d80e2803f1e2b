using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;

namespace L2tpd.Engine.Dialling;

/// <content>Dial on demand: a tunnel that is dialled for a session with traffic, and closed when its last session waits again.</content>
internal sealed partial class DialledTunnel
{
    /// <summary>
    /// The tunnel stays for this long after its last session: the CDN is acknowledged, and a packet that comes at once needs no new tunnel.
    /// </summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(1);

    private bool _staysDown;
    private Instant? _holdUntil;
    private Instant _idleAt = Instant.Never;

    /// <summary>Full names of sessions that a packet sets up, now or after a wait.</summary>
    public IEnumerable<string> WaitingForTraffic => _staysDown
        ? [] : _sessions.Where(static session => session.WaitsForTraffic).Select(static session => session.FullName);

    private bool IsOnTraffic => Configuration.Dial == DialMode.OnTraffic;

    /// <summary>A packet waits for the session of that name.</summary>
    public void HandleTraffic(string name)
    {
        var session = Array.Find(_sessions, one => one.Configuration.Name == name);
        if (session is not { MayBeDialledByTraffic: true })
            return;
        var isNeeded = Current.IsNone && !_mayDial;
        if (isNeeded && (!IsOnTraffic || _staysDown || _holdUntil > Now))
            return;
        session.Want();
        if (isNeeded)
        {
            _mayDial = true;
            Dial();
        }

        HandleDue(_dialler.Find(Current));
        UpdateDeadline();
    }

    /// <summary>A session of it has ended and waits for traffic: the tunnel may be of no use any more.</summary>
    public void HandleSessionWaits()
    {
        if (IsOnTraffic && !Current.IsNone)
            _idleAt = Now + IdleTime;
        UpdateDeadline();
    }

    /// <summary>Reports the sessions that wait, after they were configured.</summary>
    public void AnnounceWaiting()
    {
        foreach (var session in _sessions)
            session.AnnounceWaiting();
    }

    private void CloseIfIdle()
    {
        _idleAt = Instant.Never;
        if (!IsOnTraffic || _dialler.Find(Current) is not { State: TunnelState.Established, Sessions.Count: 0 } tunnel
            || tunnel.Dialled != this || tunnel.Guests.Length > 0 || _sessions.Any(static session => session.IsWanted))
        {
            return;
        }

        _mayDial = false;
        _dialler.Close(tunnel, new EndReason { Cause = EndCause.Administrative, Text = "its sessions wait for traffic" });
    }

    /// <summary>It is not tried again before a packet waits, and not before its wait is over.</summary>
    private void WaitForTraffic(string reason)
    {
        _mayDial = false;
        var delay = RetryDelay.After(_failures++, Configuration.Backoff, Context);
        _holdUntil = Now + delay;
        StopWanting();
        Context.Notify(new WaitsForTraffic(Configuration.Name, delay, reason));
        UpdateDeadline();
    }

    private void StopWanting()
    {
        foreach (var session in _sessions)
            session.StopWanting();
    }
}
