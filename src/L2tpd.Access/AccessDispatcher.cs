namespace L2tpd.Access;

/// <summary>
/// Carries requests of sessions to their access back ends and answers back, and lets requests from outside (Disconnect and CoA of RFC 5176)
/// find their sessions. It owns the request numbers and knows which back ends are in use: those of profiles, of sessions, and those that
/// still owe an answer.
/// </summary>
/// <remarks>
/// One thread, the loop's. Answers are taken once per turn (<see cref="OnTurn"/>), and within the call where the back end answers at once.
/// A known race: an answer for a session that has ended or asked again. Its number is no longer among the open requests, and the answer is
/// dropped.
/// </remarks>
/// <param name="sessions">The sessions that are up; read when a request from outside is served.</param>
/// <param name="observer">Receives what belongs in the log.</param>
public sealed class AccessDispatcher(IEnumerable<IAccessSession> sessions, IAccessObserver observer)
{
    private readonly Dictionary<ulong, (IAccessSession Session, uint Attempt)> _open = [];
    private readonly Dictionary<IAccessBackend, Usage> _backends = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, IAccessBackend> _ofProfile = new(StringComparer.Ordinal);
    private readonly HashSet<ulong> _stops = [];
    private readonly Queue<(IAccessBackend Backend, AccessAnswer Answer)> _fromOutside = new();
    private readonly Dictionary<string, string?> _identifiers = new(StringComparer.Ordinal);
    private IAccessBackend[]? _inUse;
    private ulong _requests;

    /// <summary>Gives requests from outside that belong to no back end: they may mean every session. <c>null</c>: there are none.</summary>
    public IRequestSource? Requests { get; set; }

    /// <summary>Stop records that their back ends have not stored yet.</summary>
    public int UnansweredStops => _stops.Count;

    /// <summary>The latest time for the next <see cref="OnTurn"/>; <see cref="long.MaxValue"/>: none is needed.</summary>
    public long NextDeadline
    {
        get
        {
            if (_fromOutside.Count > 0)
                return 0;

            var next = long.MaxValue;
            foreach (var backend in InUse)
                next = Math.Min(next, backend.NextDeadline);

            return next;
        }
    }

    // A snapshot: serving one back end may end the use of another.
    private IAccessBackend[] InUse => _inUse ??= [.. _backends.Keys];

    /// <summary>Gives a profile its back end. Requests from outside are served from then on, with or without sessions.</summary>
    /// <param name="profile">Name of the profile; the back end it had before stays until its last answer.</param>
    /// <param name="backend">The back end; several profiles may share one.</param>
    /// <param name="server">Identifies this server and run in its records.</param>
    /// <param name="isStart">No session was up yet: the back end gets Accounting-On.</param>
    /// <param name="now">Milliseconds.</param>
    public void AddProfile(string profile, IAccessBackend backend, SessionAttributes server, bool isStart, long now)
    {
        var isNew = !_backends.ContainsKey(backend);
        UsageOf(backend).Profiles++;
        UsageOf(backend).Server = server;
        RemoveProfile(profile);
        _ofProfile[profile] = backend;
        _identifiers[profile] = server.NasIdentifier;
        // Not after a reload: for a RADIUS server, Accounting-On ends all sessions of this server, those that are up included.
        if (isNew && isStart)
            Account(backend, new AccountingRecord { Status = AccountingStatus.On, Session = server }, now);
    }

    /// <summary>Removes all profiles but these. Their back ends stay until their last answer.</summary>
    public void RetainProfiles(IReadOnlySet<string> profiles)
    {
        foreach (var profile in _ofProfile.Keys.Where(profile => !profiles.Contains(profile)).ToArray())
            RemoveProfile(profile);
    }

    /// <summary>The daemon stops: sends Accounting-Off to every back end.</summary>
    public void Close(SessionAttributes server, long now)
    {
        foreach (var backend in InUse)
        {
            Account(
                backend, new AccountingRecord { Status = AccountingStatus.Off, Session = UsageOf(backend).Server ?? server }, now);
        }
    }

    /// <summary>A session uses a back end.</summary>
    public void AddSession(IAccessBackend backend) => UsageOf(backend).Sessions++;

    /// <summary>A session ended. Its back end stays while a profile or another session uses it, or an answer is missing.</summary>
    public void RemoveSession(IAccessBackend backend)
    {
        UsageOf(backend).Sessions--;
        TakeAnswers(backend);
    }

    /// <summary>
    /// Starts an authentication; <see cref="IAccessSession.OnAuthenticated"/> follows, within this call where the back end answers at once.
    /// </summary>
    public void Authenticate(IAccessSession session, IAccessBackend backend, uint attempt, AccessRequest request, long now)
    {
        _open[++_requests] = (session, attempt);
        session.OpenRequest = _requests;
        backend.Authenticate(_requests, request, now);
        TakeAnswers(backend);
    }

    /// <summary>The session no longer waits for the answer to its open request.</summary>
    public void Cancel(IAccessSession session, IAccessBackend backend)
    {
        if (_open.Remove(session.OpenRequest))
            backend.Cancel(session.OpenRequest);
    }

    /// <summary>Sends an accounting record.</summary>
    public void Account(IAccessBackend backend, AccountingRecord record, long now)
    {
        UsageOf(backend).Unanswered++;
        if (record.Status == AccountingStatus.Stop)
            _stops.Add(_requests + 1);

        backend.Account(++_requests, record, now);
        TakeAnswers(backend);
    }

    /// <summary>Once per turn: timers of the back ends, late answers, requests from outside.</summary>
    public void OnTurn(long now)
    {
        foreach (var backend in InUse)
        {
            if (backend.NextDeadline <= now)
                backend.HandleDeadline(now);

            TakeAnswers(backend);
        }

        while (_fromOutside.TryDequeue(out var request))
            request.Backend.Answer(request.Answer.RequestId, Serve(request.Backend, request.Answer, now));
        while (Requests is { } source && source.TryTake(out var one))
            source.Answer(one!.RequestId, Serve(null, one, now));
    }

    /// <summary>Changes a session by hand, as a request from outside that means it.</summary>
    public ControlOutcome Change(IAccessSession session, AuthorisationChange change, string by, long now)
    {
        var request = new AccessAnswer.Change(0, new SessionIdentification(), by, change);
        var outcome = session.Change(request, now);
        observer.OnRequestServed(request, session.Name, outcome);
        return outcome;
    }

    private void TakeAnswers(IAccessBackend backend)
    {
        while (backend.TryTake(out var answer))
        {
            switch (answer)
            {
                case AccessAnswer.Authenticated authenticated when _open.Remove(authenticated.RequestId, out var asked):
                    asked.Session.OnAuthenticated(asked.Attempt, authenticated.Result);
                    break;
                case AccessAnswer.Accounted accounted:
                    UsageOf(backend).Unanswered--;
                    _stops.Remove(accounted.RequestId);
                    if (accounted.Error is { } error)
                        observer.OnAccountingLost(error);
                    break;
                case AccessAnswer.Disconnect or AccessAnswer.Change:
                    // Served at the end of the turn: the session meant may be the one that is asking now.
                    _fromOutside.Enqueue((backend, answer));
                    break;
            }
        }

        RemoveIfUnused(backend);
    }

    private Usage UsageOf(IAccessBackend backend)
    {
        if (_backends.TryGetValue(backend, out var known))
            return known;

        _inUse = null;
        return _backends[backend] = new Usage();
    }

    private void RemoveProfile(string profile)
    {
        _identifiers.Remove(profile);
        if (!_ofProfile.Remove(profile, out var backend))
            return;

        UsageOf(backend).Profiles--;
        RemoveIfUnused(backend);
    }

    private void RemoveIfUnused(IAccessBackend backend)
    {
        if (_backends.GetValueOrDefault(backend) is { Profiles: 0, Sessions: 0, Unanswered: <= 0 } && _backends.Remove(backend))
            _inUse = null;
    }

    private ControlOutcome Serve(IAccessBackend? backend, AccessAnswer request, long now)
    {
        var selector = request switch
        {
            AccessAnswer.Disconnect disconnect => disconnect.Selector,
            AccessAnswer.Change change => change.Selector,
            _ => new SessionIdentification(),
        };
        var outcome = Find(backend, selector, out var session);
        if (session is not null && request is AccessAnswer.Disconnect end)
            session.Disconnect(end);
        else if (session is not null && request is AccessAnswer.Change change)
            outcome = session.Change(change, now);

        observer.OnRequestServed(request, session?.Name, outcome);
        return outcome;
    }

    // Such requests are rare, and every attribute has to match: no index is worth its memory.
    private ControlOutcome Find(IAccessBackend? backend, SessionIdentification selector, out IAccessSession? found)
    {
        found = null;
        if (selector.IsEmpty)
            return ControlOutcome.MissingAttribute;

        foreach (var session in sessions)
        {
            if (!session.Matches(backend, selector))
                continue;

            if (found is not null)
            {
                found = null;
                return ControlOutcome.SeveralSessions;
            }

            found = session;
        }

        if (found is not null)
            return ControlOutcome.Done;

        return selector.NasIdentifier is { } identifier && !_identifiers.ContainsValue(identifier)
            ? ControlOutcome.NasIdentificationMismatch
            : ControlOutcome.SessionNotFound;
    }

    /// <summary>Why a back end is kept.</summary>
    private sealed class Usage
    {
        public int Profiles { get; set; }

        /// <summary>Identifies this server and run to the back end.</summary>
        public SessionAttributes? Server { get; set; }

        public int Sessions { get; set; }

        public int Unanswered { get; set; }
    }
}
