namespace L2tpd.Ppp.Access;

/// <summary>When a session's accounting records are due: Start once, Interim at intervals, Stop once and only after a Start.</summary>
public sealed class SessionAccounting
{
    private readonly SessionFacts _session;
    private AccountingRecord? _start;
    private long _started;
    private long _interval;
    private bool _stopped;

    public SessionAccounting(SessionFacts session)
    {
        _session = session;
    }

    /// <summary>When <see cref="Interim"/> is due; <see cref="long.MaxValue"/>: never.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    /// <summary>The first network layer is up; null when that was told before.</summary>
    public AccountingRecord? Start(string? userName, Ipv4Address address, ulong interfaceIdentifier, Authorisation? authorisation, long now)
    {
        if (_start is not null)
        {
            return null;
        }

        _started = now;
        _interval = authorisation?.InterimInterval ?? 0;
        NextDeadline = _interval > 0 ? now + _interval : long.MaxValue;
        return _start = new AccountingRecord
        {
            Status = AccountingStatus.Start,
            Session = _session,
            UserName = userName,
            Address = address,
            InterfaceIdentifier = interfaceIdentifier,
            Class = authorisation?.Class ?? [],
        };
    }

    /// <summary>The deadline came; null when nothing is due.</summary>
    public AccountingRecord? Interim(in SessionCounters counters, long now)
    {
        if (_start is null || _stopped || now < NextDeadline)
        {
            return null;
        }

        NextDeadline = now + _interval;
        return _start with { Status = AccountingStatus.Interim, SessionTime = now - _started, Counters = counters };
    }

    /// <summary>The session ended; null without a Start or when that was told before.</summary>
    public AccountingRecord? Stop(PppEnd end, in SessionCounters counters, long now)
    {
        if (_start is null || _stopped)
        {
            return null;
        }

        _stopped = true;
        NextDeadline = long.MaxValue;
        return _start with
        {
            Status = AccountingStatus.Stop,
            SessionTime = now - _started,
            Counters = counters,
            TerminateCause = end.TerminateCause,
            DisconnectCode = end.Code,
            Reason = end.Text,
        };
    }
}
