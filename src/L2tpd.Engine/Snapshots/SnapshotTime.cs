namespace L2tpd.Engine.Snapshots;

/// <summary>Engine times as a snapshot has them: relative to the moment at which it is taken or restored.</summary>
internal readonly struct SnapshotTime(long now)
{
    public long Relative(long at) => at - now;

    public long Absolute(long relative) => now + relative;

    /// <summary>A deadline; <see cref="long.MaxValue"/> is one that never comes.</summary>
    public long? RelativeDeadline(long at) => at == long.MaxValue ? null : Relative(at);

    public long AbsoluteDeadline(long? relative) => relative is { } value ? Absolute(value) : long.MaxValue;

    /// <summary>The time of an event; 0 is an event that has not come.</summary>
    public long? RelativeEvent(long at) => at == 0 ? null : Relative(at);

    /// <summary>Never 0 for an event that has come, wherever the clock counts from.</summary>
    public long AbsoluteEvent(long? relative) => relative is not { } value ? 0 : Absolute(value) is var at and not 0 ? at : -1;
}
