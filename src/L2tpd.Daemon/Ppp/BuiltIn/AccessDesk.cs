using L2tpd.Daemon.Loop;
using L2tpd.Ppp.Access;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <summary>
/// Between the sessions and their access backends: sends requests, takes answers to those who asked, and lets requests from outside
/// (Disconnect and CoA of RFC 5176) find their sessions. Answers are taken when the loop turns, and at once where the backend knows at once.
/// Loop thread only.
/// </summary>
internal sealed partial class AccessDesk(LoopTimers timers, IReadOnlyDictionary<long, BuiltInSession> sessions, ILogger log)
{
    private readonly Dictionary<ulong, (BuiltInSession Session, uint Attempt)> _asked = [];
    private readonly Dictionary<IAccessBackend, int> _backends = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(IAccessBackend Backend, AccessAnswer Answer)> _fromOutside = new();
    private IAccessBackend[]? _inUse;
    private ulong _requests;

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

    // As it was: serving one backend may end the last session of another.
    private IAccessBackend[] InUse => _inUse ??= [.. _backends.Keys];

    /// <summary>A session uses a backend from now on.</summary>
    public void Enter(IAccessBackend backend)
    {
        if (_backends.TryAdd(backend, 1))
            _inUse = null;
        else
            _backends[backend]++;
    }

    /// <summary>A session ended. A backend stays until its last session has left, and what it still has to say was heard.</summary>
    public void Leave(IAccessBackend backend)
    {
        TakeAnswers(backend);
        if (_backends.GetValueOrDefault(backend) > 1)
            _backends[backend]--;
        else if (_backends.Remove(backend))
            _inUse = null;
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
                case AccessAnswer.Accounted { Error: { } error }:
                    LogNotAccounted(error);
                    break;
                case AccessAnswer.Disconnect or AccessAnswer.Change:
                    // Served when nothing else is under way: the session meant may be the one that just asked.
                    _fromOutside.Enqueue((backend, answer));
                    break;
            }
        }
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
}
