using System.Collections.Immutable;
using System.Net;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>Makes a session's accounting records: one Start, Interims at intervals, one Stop, and no Stop without a Start.</summary>
public sealed class SessionAccounting
{
    private readonly SessionAttributes _session;
    private AccountingRecord? _start;
    private SessionCounters _before;
    private long _started;
    private readonly Func<long, long>? _spread;
    private long _interval;
    private bool _stopped;

    /// <param name="session">The attributes that all records repeat.</param>
    /// <param name="interval">
    /// Milliseconds between Interims unless the authorisation names a longer interval (RFC 5080 section 2.3.4); 0: only if it names one.
    /// </param>
    /// <param name="spread">
    /// Makes an interval a little longer or shorter each time, so that the Interims of sessions that began together do not come together;
    /// <c>null</c>: as it is.
    /// </param>
    public SessionAccounting(SessionAttributes session, long interval = 0, Func<long, long>? spread = null)
    {
        _spread = spread;
        _session = session;
        _interval = interval;
    }

    /// <summary>Goes on with the accounting of another process.</summary>
    /// <param name="snapshot">As <see cref="Snapshot"/> made it.</param>
    /// <param name="now">Milliseconds, of this process's clock.</param>
    public SessionAccounting(AccountingSnapshot snapshot, long now)
        : this(snapshot.Session, snapshot.Interval)
    {
        _start = snapshot.Start;
        _before = snapshot.Before;
        _started = now - snapshot.Elapsed;
        _stopped = snapshot.IsStopped;
        NextDeadline = snapshot.InterimLeft is { } left ? now + left : long.MaxValue;
    }

    /// <summary>The attributes that all records repeat.</summary>
    public SessionAttributes Session => _session;

    /// <summary>True between Start and Stop.</summary>
    public bool IsRunning => _start is not null && !_stopped;

    /// <summary>The user; <c>null</c> before Start, or without a name.</summary>
    public string? UserName => _start?.UserName;

    /// <summary>
    /// Whether the records of the session have these attributes: all that a request from outside names must match (RFC 5176 section 3).
    /// The IPv4 address is the caller's concern.
    /// </summary>
    public bool Matches(SessionIdentification selector) => IsRunning
        && Same(selector.SessionId, _session.SessionId) && Same(selector.UserName, _start!.UserName)
        && (selector.NasPort is null || selector.NasPort == _session.NasPort) && Same(selector.NasPortId, _session.NasPortId)
        && Same(selector.CallingNumber, _session.CallingNumber) && Same(selector.CalledNumber, _session.CalledNumber)
        && Same(selector.NasIdentifier, _session.NasIdentifier) && selector.MultiSessionId is null
        && (selector.ChargeableUserIdentity is null
            || selector.ChargeableUserIdentity == Convert.ToHexString(_start.ChargeableUserIdentity.AsSpan()))
        && (selector.InterfaceIdentifier == 0 || selector.InterfaceIdentifier == _start.InterfaceIdentifier)
        && Has(_start.Ipv6Prefixes, selector.Ipv6Prefix) && Has(_start.DelegatedPrefixes, selector.DelegatedPrefix)
        && (selector.Ipv6Address is null || _start.Ipv6Addresses.Contains(selector.Ipv6Address));

    /// <summary>When <see cref="Interim"/> is due; <see cref="long.MaxValue"/>: never.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    /// <summary>The first network layer is up; <c>null</c> if there was a Start before.</summary>
    public AccountingRecord? Start(string? userName, Ipv4Address address, ulong interfaceIdentifier, Authorisation? authorisation, long now)
    {
        if (_start is not null)
            return null;

        _started = now;
        // The local interval is the minimum (RFC 5080 section 2.3.4).
        _interval = Math.Max(authorisation?.InterimInterval ?? 0, _interval);
        NextDeadline = _interval > 0 ? now + Spread(_interval) : long.MaxValue;
        return _start = new AccountingRecord
        {
            Status = AccountingStatus.Start,
            Session = _session,
            UserName = userName,
            AuthenticatedBy = authorisation?.AuthenticatedBy ?? AuthenticationSource.Local,
            Address = address,
            InterfaceIdentifier = interfaceIdentifier,
            Class = authorisation?.Class ?? [],
            ChargeableUserIdentity = authorisation?.ChargeableUserIdentity ?? [],
            Ipv6Prefixes = authorisation?.Ipv6Prefixes ?? [],
            DelegatedPrefixes = authorisation?.DelegatedPrefixes ?? [],
            Ipv6Addresses = authorisation?.Ipv6Addresses ?? [],
        };
    }

    /// <summary>The session's addresses changed: all further records have the new ones.</summary>
    /// <returns>True if they changed after Start: an Interim should report it.</returns>
    public bool Move(Ipv4Address address, ulong interfaceIdentifier)
    {
        if (!IsRunning || (_start!.Address == address && _start.InterfaceIdentifier == interfaceIdentifier))
            return false;

        _start = _start with { Address = address, InterfaceIdentifier = interfaceIdentifier };
        return true;
    }

    /// <summary>Sets what the data plane counted before this accounting began: it belongs to another user.</summary>
    public void CountFrom(in SessionCounters counters) => _before = counters;

    /// <summary>Time reached the deadline, and the host reads the counters: the next Interim is due one interval from now.</summary>
    public void Postpone(long now) => NextDeadline = IsRunning && _interval > 0 ? now + Spread(_interval) : long.MaxValue;

    /// <summary>Changes the interval of a session that is up; 0: no Interims.</summary>
    public void ChangeInterval(long interval, long now)
    {
        _interval = interval;
        Postpone(now);
    }

    /// <summary>Changes the Class of all further records.</summary>
    public void ChangeClass(ImmutableArray<ImmutableArray<byte>> value)
    {
        if (_start is not null)
            _start = _start with { Class = value };
    }

    /// <summary>An Interim with the counters of now; <c>null</c> if the session is not up.</summary>
    public AccountingRecord? Interim(in SessionCounters counters, long now)
    {
        if (_start is null || _stopped)
            return null;

        return _start with { Status = AccountingStatus.Interim, SessionTime = now - _started, Counters = Own(counters) };
    }

    /// <summary>The session ended; <c>null</c> without a Start, or if there was a Stop before.</summary>
    /// <param name="end">Why.</param>
    /// <param name="counters">The data plane's counters.</param>
    /// <param name="now">When it ended.</param>
    public AccountingRecord? Stop(PppEnd end, in SessionCounters counters, long now)
    {
        if (_start is null || _stopped)
            return null;

        _stopped = true;
        NextDeadline = long.MaxValue;
        return _start with
        {
            Status = AccountingStatus.Stop,
            SessionTime = now - _started,
            Counters = Own(counters),
            TerminateCause = end.TerminateCause,
            DisconnectCode = end.Code,
            Reason = end.Text,
        };
    }

    /// <summary>The accounting as another process can continue it.</summary>
    public AccountingSnapshot Snapshot(long now) => new(_session)
    {
        Start = _start,
        Elapsed = _start is null ? 0 : now - _started,
        Before = _before,
        Interval = _interval,
        InterimLeft = NextDeadline == long.MaxValue ? null : Math.Max(0, NextDeadline - now),
        IsStopped = _stopped,
    };

    private long Spread(long interval) => _spread?.Invoke(interval) ?? interval;

    private static bool Same(string? wanted, string? own) => wanted is null || wanted == own;

    private static bool Has(ImmutableArray<IPNetwork> own, IPNetwork? wanted) => wanted is not { } prefix || own.Contains(prefix);

    // Counters that are lower than before were reset by the data plane.
    private SessionCounters Own(in SessionCounters counters) => new(
        Since(counters.OctetsIn, _before.OctetsIn), Since(counters.OctetsOut, _before.OctetsOut),
        Since(counters.PacketsIn, _before.PacketsIn), Since(counters.PacketsOut, _before.PacketsOut));

    private static ulong Since(ulong now, ulong before) => now >= before ? now - before : now;
}
