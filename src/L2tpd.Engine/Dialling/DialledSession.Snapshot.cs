using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Dialling;

/// <content>Snapshots of a configured session.</content>
internal sealed partial class DialledSession
{
    /// <summary>Goes on where that of the snapshot was.</summary>
    public void Restore(DialledSessionSnapshot snapshot, SnapshotTime time)
    {
        Current = snapshot.Current;
        (_mayOpen, _staysDown) = (snapshot.MayOpen, snapshot.StaysDown);
        _holdUntil = time.AbsoluteEvent(snapshot.HoldUntil);
        (_failures, _refusals, _serial) = (snapshot.Failures, snapshot.Refusals, snapshot.Serial);
        _upSince = time.AbsoluteEvent(snapshot.UpSince);
        RetryAt = time.AbsoluteDeadline(snapshot.RetryAt);
        RefusedUntil = snapshot.IsGivenUp ? Instant.Never : time.AbsoluteEvent(snapshot.RefusedUntil);
        Refusal = snapshot.Refusal;
        (_formerPpp, _pppEndsBy) = (snapshot.FormerPpp, time.AbsoluteEvent(snapshot.PppEndsBy));
        (_announcement, _announceAt) = (snapshot.Announcement, time.AbsoluteDeadline(snapshot.AnnounceAt));
        SublayerToAsk = snapshot.SublayerToAsk;
        if (_pppEndsBy is not null)
            owner.AwaitPpp(_formerPpp, this);
        owner.Schedule(this);
    }

    public DialledSessionSnapshot ToSnapshot(SnapshotTime time) => new()
    {
        Name = Configuration.Name,
        MayOpen = _mayOpen,
        StaysDown = _staysDown,
        HoldUntil = time.RelativeEvent(_holdUntil),
        Current = Current,
        Failures = _failures,
        Refusals = _refusals,
        Serial = _serial,
        UpSince = time.RelativeEvent(_upSince),
        RetryAt = time.RelativeDeadline(RetryAt),
        RefusedUntil = RefusedUntil == Instant.Never ? null : time.RelativeEvent(RefusedUntil),
        IsGivenUp = RefusedUntil == Instant.Never,
        Refusal = Refusal,
        FormerPpp = _formerPpp,
        PppEndsBy = time.RelativeEvent(_pppEndsBy),
        Announcement = _announcement,
        AnnounceAt = time.RelativeDeadline(_announceAt),
        SublayerToAsk = SublayerToAsk,
    };
}
