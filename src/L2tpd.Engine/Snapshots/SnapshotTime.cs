namespace L2tpd.Engine.Snapshots;

/// <summary>Engine times as a snapshot has them: milliseconds from the moment at which it is taken or restored.</summary>
internal readonly struct SnapshotTime(Instant now)
{
    public long Relative(Instant at) => at.Milliseconds - now.Milliseconds;

    public Instant Absolute(long relative) => new(now.Milliseconds + relative);

    /// <summary>A deadline; <see cref="Instant.Never"/> is one that never comes.</summary>
    public long? RelativeDeadline(Instant at) => at == Instant.Never ? null : Relative(at);

    public Instant AbsoluteDeadline(long? relative) => relative is { } value ? Absolute(value) : Instant.Never;

    /// <summary>The time of an event; <c>null</c> is an event that has not come.</summary>
    public long? RelativeEvent(Instant? at) => at is { } value ? Relative(value) : null;

    public Instant? AbsoluteEvent(long? relative) => relative is { } value ? Absolute(value) : null;
}
