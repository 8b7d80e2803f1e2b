namespace L2tpd.Engine.Dialling;

/// <summary>
/// The sessions of a dialled tunnel by the time at which something of theirs is due. A session whose deadline has changed since leaves an
/// entry behind, which is ignored: a change costs no search, however many sessions there are.
/// </summary>
internal sealed class DueSessions
{
    private readonly PriorityQueue<DialledSession, long> _queue = new();

    /// <summary>The earliest deadline, ms; <see cref="long.MaxValue"/> if nothing is due.</summary>
    public long Next
    {
        get
        {
            while (_queue.TryPeek(out var session, out var at))
            {
                if (session.NextDeadline == at)
                    return at;
                _queue.Dequeue();
            }

            return long.MaxValue;
        }
    }

    /// <summary>Something of the session is due at another time than before.</summary>
    public void Schedule(DialledSession session)
    {
        if (session.NextDeadline < long.MaxValue)
            _queue.Enqueue(session, session.NextDeadline);
    }

    /// <summary>Takes the first, if it is due by now.</summary>
    public bool TryTake(long now, out DialledSession session)
    {
        session = null!;
        return Next <= now && _queue.TryDequeue(out session!, out _);
    }

    public void Clear() => _queue.Clear();
}
