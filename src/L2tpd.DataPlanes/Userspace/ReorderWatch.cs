using L2tpd.Runtime.Loop;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>Sessions that hold packets for reordering, and the one timer for them. Loop thread only.</summary>
internal sealed class ReorderWatch(LoopTimers timers)
{
    private readonly HashSet<UserspaceSession> _holding = [];
    private LoopTimer? _timer;
    private long _due = long.MaxValue;

    /// <summary>The current time, milliseconds.</summary>
    public long Now => timers.Now;

    /// <summary>Adds a session that holds packets.</summary>
    public void Add(UserspaceSession session)
    {
        if (_holding.Add(session))
            Arm(session.ReorderDeadline);
    }

    /// <summary>Removes a session that has ended.</summary>
    public void Remove(UserspaceSession session) => _holding.Remove(session);

    private void Arm(long deadline)
    {
        if (deadline >= _due)
            return;
        _timer?.Cancel();
        _due = deadline;
        _timer = timers.After(TimeSpan.FromMilliseconds(Math.Max(0, deadline - Now)), Look);
    }

    private void Look()
    {
        _due = long.MaxValue;
        var next = long.MaxValue;
        foreach (var session in _holding)
        {
            session.ExpireReorder(Now);
            var deadline = session.ReorderDeadline;
            if (deadline == long.MaxValue)
                _holding.Remove(session); // allowed while enumerating, unlike adding
            next = Math.Min(next, deadline);
        }

        if (next != long.MaxValue)
            Arm(next);
    }
}
