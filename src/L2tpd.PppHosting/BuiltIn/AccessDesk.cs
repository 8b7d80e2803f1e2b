using L2tpd.Ppp.Access;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// Between the sessions and their access backends: sends requests, takes answers to those who asked, and lets requests from outside
/// (Disconnect and CoA of RFC 5176) find their sessions. Answers are taken when the loop turns, and at once where the backend knows at once.
/// Loop thread only.
/// </summary>
internal sealed partial class AccessDesk(LoopTimers timers, IReadOnlyDictionary<long, BuiltInSession> sessions, ILogger log)
{
    private readonly Dictionary<ulong, (BuiltInSession Session, uint Attempt)> _asked = [];
    private readonly Dictionary<IAccessBackend, Employment> _backends = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, IAccessBackend> _ofProfile = new(StringComparer.Ordinal);
    private readonly HashSet<ulong> _stops = [];
    private readonly Queue<(IAccessBackend Backend, AccessAnswer Answer)> _fromOutside = new();
    private IAccessBackend[]? _inUse;
    private ulong _requests;

    /// <summary>Stop records that their backends have not stored yet.</summary>
    public int UnansweredStops => _stops.Count;

    /// <summary>When <see cref="OnTurn"/> is wanted at the latest; <see cref="long.MaxValue"/>: never.</summary>
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

    // As it was: serving one backend may end the work of another.
    private IAccessBackend[] InUse => _inUse ??= [.. _backends.Keys];

    /// <summary>A profile has this backend from now on, with or without sessions: requests from outside are answered, records sent until they are stored.</summary>
    /// <param name="profile">Name of the profile; the backend it had before stays until its work is done.</param>
    /// <param name="backend">The backend, perhaps of other profiles too.</param>
    /// <param name="server">What names this server and run in its records.</param>
    /// <param name="isStart">No session was up yet: the backend is told so, by Accounting-On.</param>
    public void Employ(string profile, IAccessBackend backend, SessionFacts server, bool isStart)
    {
        var isNew = !_backends.ContainsKey(backend);
        Entry(backend).Profiles++;
        Dismiss(profile);
        _ofProfile[profile] = backend;
        // By a reload it is told nothing: On would end, in the eyes of the same RADIUS server, the sessions that are up.
        if (isNew && isStart)
            Account(backend, new AccountingRecord { Status = AccountingStatus.On, Session = server });
    }

    /// <summary>Profiles are these from now on; backends of others stay until their work is done.</summary>
    public void Retain(IReadOnlySet<string> profiles)
    {
        foreach (var profile in _ofProfile.Keys.Where(profile => !profiles.Contains(profile)).ToArray())
            Dismiss(profile);
    }

    /// <summary>The daemon ends: Accounting-Off to every backend.</summary>
    public void Close(SessionFacts server)
    {
        foreach (var backend in InUse)
            Account(backend, new AccountingRecord { Status = AccountingStatus.Off, Session = server });
    }

    /// <summary>A session uses a backend from now on.</summary>
    public void Enter(IAccessBackend backend) => Entry(backend).Sessions++;

    /// <summary>A session ended. Its backend stays while it is a profile's, has sessions, or owes an answer.</summary>
    public void Leave(IAccessBackend backend)
    {
        Entry(backend).Sessions--;
        TakeAnswers(backend);
    }

    /// <summary>Asks for a verdict; <see cref="BuiltInSession.OnVerdict"/> follows, from within this call where the backend knows at once.</summary>
    public void Authenticate(BuiltInSession session, IAccessBackend backend, uint attempt, AccessRequest request)
    {
        _asked[++_requests] = (session, attempt);
        session.OpenRequest = _requests;
        backend.Authenticate(_requests, request, timers.Now);
        TakeAnswers(backend);
    }

    /// <summary>The answer to the session's open request is wanted no more.</summary>
    public void Cancel(BuiltInSession session, IAccessBackend backend)
    {
        if (_asked.Remove(session.OpenRequest))
            backend.Cancel(session.OpenRequest);
    }

    /// <summary>Hands in an accounting record.</summary>
    public void Account(IAccessBackend backend, AccountingRecord record)
    {
        Entry(backend).Unanswered++;
        if (record.Status == AccountingStatus.Stop)
            _stops.Add(_requests + 1);
        backend.Account(++_requests, record, timers.Now);
        TakeAnswers(backend);
    }

    /// <summary>Once a turn: timers of the backends, late answers, requests from outside.</summary>
    public void OnTurn(long now)
    {
        foreach (var backend in InUse)
        {
            if (backend.NextDeadline <= now)
                backend.HandleDeadline(now);
            TakeAnswers(backend);
        }

        while (_fromOutside.TryDequeue(out var request))
            Serve(request.Backend, request.Answer, now);
    }

    private void TakeAnswers(IAccessBackend backend)
    {
        while (backend.TryTake(out var answer))
        {
            switch (answer)
            {
                case AccessAnswer.Authenticated verdict when _asked.Remove(verdict.RequestId, out var asked):
                    asked.Session.OnVerdict(asked.Attempt, verdict.Result);
                    break;
                case AccessAnswer.Accounted accounted:
                    Entry(backend).Unanswered--;
                    _stops.Remove(accounted.RequestId);
                    if (accounted.Error is { } error)
                        LogNotAccounted(error);
                    break;
                case AccessAnswer.Disconnect or AccessAnswer.Change:
                    // Served when nothing else is under way: the session meant may be the one that just asked.
                    _fromOutside.Enqueue((backend, answer));
                    break;
            }
        }

        ForgetIfIdle(backend);
    }

    private Employment Entry(IAccessBackend backend)
    {
        if (_backends.TryGetValue(backend, out var known))
            return known;
        _inUse = null;
        return _backends[backend] = new Employment();
    }

    private void Dismiss(string profile)
    {
        if (!_ofProfile.Remove(profile, out var backend))
            return;
        Entry(backend).Profiles--;
        ForgetIfIdle(backend);
    }

    private void ForgetIfIdle(IAccessBackend backend)
    {
        if (_backends.GetValueOrDefault(backend) is { Profiles: 0, Sessions: 0, Unanswered: <= 0 } && _backends.Remove(backend))
            _inUse = null;
    }

    private void Serve(IAccessBackend backend, AccessAnswer request, long now)
    {
        var selector = request switch
        {
            AccessAnswer.Disconnect disconnect => disconnect.Selector,
            AccessAnswer.Change change => change.Selector,
            _ => new SessionSelector(),
        };
        var outcome = Find(backend, selector, out var session);
        if (session is not null && request is AccessAnswer.Disconnect { From: var by })
            session.Disconnect(by);
        else if (session is not null && request is AccessAnswer.Change change)
            outcome = session.Change(change, now);
        LogServed(request is AccessAnswer.Disconnect ? "disconnect" : "change", session?.Name ?? "no session", outcome);
        backend.Answer(request.RequestId, outcome);
    }

    // Such requests are rare, and every fact given has to match: no index is worth its memory.
    private ControlOutcome Find(IAccessBackend backend, SessionSelector selector, out BuiltInSession? found)
    {
        found = null;
        if (selector.IsEmpty)
            return ControlOutcome.MissingAttribute;
        foreach (var session in sessions.Values)
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

        return found is null ? ControlOutcome.SessionNotFound : ControlOutcome.Done;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An accounting record was lost: {Error}")]
    private partial void LogNotAccounted(string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Request from outside to {What} {Session}: {Outcome}")]
    private partial void LogServed(string what, string session, ControlOutcome outcome);

    /// <summary>Why a backend is kept.</summary>
    private sealed class Employment
    {
        public int Profiles { get; set; }

        public int Sessions { get; set; }

        public int Unanswered { get; set; }
    }
}
