namespace L2tpd.Engine.Calls;

/// <summary>
/// The sessions of a tunnel that are being set up, oldest first. All have the same guard time, so this is also the order of their
/// deadlines. The links are in the sessions: leaving needs no search and no allocation.
/// </summary>
internal sealed class SetupList
{
    private Session? _first;
    private Session? _last;

    public Instant NextDeadline => _first?.SetupDeadline ?? Instant.Never;

    public Session? First => _first;

    public void Append(Session session, Instant deadline)
    {
        session.SetupDeadline = deadline;
        session.PreviousInSetup = _last;
        if (_last is null)
            _first = session;
        else
            _last.NextInSetup = session;
        _last = session;
    }

    /// <summary>No effect on a session that is not in the list.</summary>
    public void Remove(Session session)
    {
        if (session.SetupDeadline == Instant.Never)
            return;
        session.SetupDeadline = Instant.Never;
        if (session.PreviousInSetup is { } previous)
            previous.NextInSetup = session.NextInSetup;
        else
            _first = session.NextInSetup;
        if (session.NextInSetup is { } next)
            next.PreviousInSetup = session.PreviousInSetup;
        else
            _last = session.PreviousInSetup;
        session.PreviousInSetup = session.NextInSetup = null;
    }
}
