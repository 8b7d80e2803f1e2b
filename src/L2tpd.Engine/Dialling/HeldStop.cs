using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Dialling;

/// <summary>
/// Ends that the peer of a dialled tunnel sent while PPP was being negotiated. An LNS that refuses the credentials says so in PPP and
/// closes the call at the same moment; the two come by different ways, and the end may overtake its reason. So it waits until PPP has
/// reported what it knows, for one second at most.
/// </summary>
internal sealed class HeldStop(Dialler dialler, DialledTunnel owner)
{
    /// <summary>An answer of PPP that is on its way is here long before.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(1);

    private readonly List<Session> _sessions = [];
    private EndReason? _tunnel;

    /// <summary>The tunnel itself was closed by the peer.</summary>
    public bool IsHeld => _tunnel is not null;

    /// <summary>When the ends that are kept take effect at the latest; <see cref="Instant.Never"/> if none is.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>True for a session that the peer may have refused in PPP without our knowing yet.</summary>
    public static bool MayStillTell(Session session) =>
        session is { Dialled: not null, IsLns: false, Data: DataState.PppStarted, IsPppOver: false, PppRefused: null };

    /// <summary>Keeps a CDN until PPP has reported what it knows.</summary>
    /// <returns>False if there is nothing to wait for.</returns>
    public bool TryHold(Session session, EndReason reason)
    {
        if (session.HeldEnd is not null || !MayStillTell(session))
            return false;
        session.HeldEnd = reason;
        _sessions.Add(session);
        Arm();
        return true;
    }

    /// <summary>Keeps a StopCCN until the PPP of all sessions of the tunnel has reported what it knows.</summary>
    /// <returns>False if there is nothing to wait for.</returns>
    public bool TryHold(Tunnel tunnel, EndReason reason)
    {
        if (IsHeld || tunnel.Key != owner.Current || !tunnel.Sessions.Values.Any(MayStillTell))
            return false;
        _tunnel = reason;
        Arm();
        return true;
    }

    /// <summary>PPP has reported something: the ends that waited for that take effect.</summary>
    public void HandleHeard()
    {
        Release(isLate: false);
        owner.UpdateDeadline();
    }

    /// <summary>Ends what was held for long enough.</summary>
    public void HandleDeadline()
    {
        if (Deadline <= owner.Now)
            Release(isLate: true);
    }

    /// <summary>The tunnel has ended, and all its sessions.</summary>
    public void Clear()
    {
        _sessions.Clear();
        (_tunnel, Deadline) = (null, Instant.Never);
    }

    /// <summary>Takes over what a snapshot kept, once the tunnel is restored.</summary>
    public void Restore(HeldStopSnapshot snapshot, SnapshotTime time)
    {
        foreach (var key in snapshot.Sessions)
        {
            if (dialler.Find(key.Tunnel) is { } tunnel && tunnel.TryGetSession(key.LocalId, out var session))
                _sessions.Add(session);
        }

        (_tunnel, Deadline) = (snapshot.Tunnel, time.AbsoluteDeadline(snapshot.Deadline));
    }

    public HeldStopSnapshot ToSnapshot(SnapshotTime time) =>
        new([.. _sessions.Select(static session => session.Key)], _tunnel, time.RelativeDeadline(Deadline));

    private void Arm()
    {
        if (Deadline == Instant.Never)
            Deadline = owner.Now + LongestHold;
        owner.UpdateDeadline();
    }

    private void Release(bool isLate)
    {
        foreach (var session in _sessions.ToArray())
        {
            if (!isLate && MayStillTell(session))
                continue;
            _sessions.Remove(session);
            dialler.Calls.EndHeld(session);
        }

        if (_tunnel is { } reason && dialler.Find(owner.Current) is { } tunnel && (isLate || !tunnel.Sessions.Values.Any(MayStillTell)))
            dialler.EndHeld(tunnel, reason);
        if (_sessions.Count == 0 && _tunnel is null)
            Deadline = Instant.Never;
    }
}
