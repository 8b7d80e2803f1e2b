using L2tpd.Engine.Snapshots;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Dialling;

/// <content>Snapshots of a configured tunnel.</content>
internal sealed partial class DialledTunnel
{
    /// <summary>Goes on where that of the snapshot was; <see cref="CompleteRestore"/> follows.</summary>
    public void Restore(DialledTunnelSnapshot snapshot, SnapshotTime time)
    {
        IsRetired = snapshot.IsRetired;
        Current = snapshot.Current;
        (_mayDial, _staysDown) = (snapshot.MayDial, snapshot.StaysDown);
        (_holdUntil, _idleAt) = (time.AbsoluteEvent(snapshot.HoldUntil), time.AbsoluteDeadline(snapshot.IdleAt));
        (_attempt, _failures, _waitsForCredentials) = (snapshot.Attempt, snapshot.Failures, snapshot.WaitsForCredentials);
        _retryAt = time.AbsoluteDeadline(snapshot.RetryAt);
        (_dialledAt, _answeredAt, _lastAnswer) = (snapshot.DialledAt, snapshot.AnsweredAt, snapshot.LastAnswer);
        _order.Restore(snapshot.Order, time);
        // The rules of LNSs that a server named are not in the snapshot: the next round asks it again.
        if (snapshot.Order.LostAt.Length == Configuration.Remotes.Length && !SelectedLns.AreIn(Configuration))
            RestoreRound(snapshot, time);
        foreach (var session in _sessions)
        {
            if (snapshot.Sessions.FirstOrDefault(former => former.Name == session.Configuration.Name) is { } same)
                session.Restore(same, time);
        }
    }

    /// <summary>The tunnels are restored. Without the one that served, the next round begins now.</summary>
    public void CompleteRestore(DialledTunnelSnapshot snapshot, SnapshotTime time)
    {
        _heldStop.Restore(snapshot.HeldStop, time);
        if (!Current.IsNone && _dialler.Find(Current) is null)
            Current = default;
        if (Current.IsNone && _retryAt == Instant.Never && _round.Length == 0 && !IsRetired && _mayDial)
            _retryAt = Now;
        UpdateDeadline();
    }

    public DialledTunnelSnapshot ToSnapshot(SnapshotTime time) => new()
    {
        Name = Configuration.Name,
        IsRetired = IsRetired,
        MayDial = _mayDial,
        StaysDown = _staysDown,
        HoldUntil = time.RelativeEvent(_holdUntil),
        IdleAt = time.RelativeDeadline(_idleAt),
        Current = Current,
        Attempt = _attempt,
        Round = [.. _round],
        Next = _next,
        Remote = _remote,
        Addresses = [.. _addresses],
        Failures = _failures,
        Redirects = _redirects,
        RetryAt = time.RelativeDeadline(_retryAt),
        WaitsForCredentials = _waitsForCredentials,
        DialledAt = _dialledAt,
        AnsweredAt = _answeredAt,
        LastAnswer = _lastAnswer as Sccrp,
        Order = _order.ToSnapshot(time),
        Preferred = _preferred.ToSnapshot(time),
        HeldStop = _heldStop.ToSnapshot(time),
        Sessions = [.. _sessions.Select(session => session.ToSnapshot(time))],
    };

    /// <summary>The indexes of LNSs in the snapshot are those of the configuration.</summary>
    private void RestoreRound(DialledTunnelSnapshot snapshot, SnapshotTime time)
    {
        _round = [.. snapshot.Round];
        (_next, _remote, _redirects) = (snapshot.Next, snapshot.Remote, snapshot.Redirects);
        _addresses.AddRange(snapshot.Addresses);
        _preferred.Restore(snapshot.Preferred, time);
    }
}
