namespace L2tpd.Access;

/// <summary>The back end for local users; it answers within the call. Accounting records go to a callback, for log and history.</summary>
public sealed class LocalAccess : IAccessBackend
{
    private readonly Queue<AccessAnswer> _answers = new();
    private readonly HashSet<ulong> _cancelled = [];
    private readonly HashSet<ulong> _open = [];
    private readonly string _server;
    private readonly Action<AccountingRecord>? _accounting;

    /// <param name="users">The users.</param>
    /// <param name="server">Our name in the secrets.</param>
    /// <param name="accounting">Receives every record; <c>null</c>: records are dropped.</param>
    public LocalAccess(LocalUsers users, string server, Action<AccountingRecord>? accounting = null)
    {
        Users = users;
        _server = server;
        _accounting = accounting;
    }

    /// <summary>The users; replaced when the file changes.</summary>
    public LocalUsers Users { get; set; }

    public long NextDeadline => long.MaxValue;

    public void Authenticate(ulong requestId, AccessRequest request, long now) =>
        Enqueue(new AccessAnswer.Authenticated(requestId, Users.Verify(request.Authentication, _server)));

    public void Account(ulong requestId, AccountingRecord record, long now)
    {
        _accounting?.Invoke(record);
        Enqueue(new AccessAnswer.Accounted(requestId, null));
    }

    public void Cancel(ulong requestId)
    {
        if (_open.Contains(requestId))
            _cancelled.Add(requestId);
    }

    public bool TryTake(out AccessAnswer? answer)
    {
        while (_answers.TryDequeue(out answer))
        {
            _open.Remove(answer.RequestId);
            if (!_cancelled.Remove(answer.RequestId))
                return true;
        }

        return false;
    }

    public void Answer(ulong requestId, ControlOutcome outcome)
    {
        // Local users have no requests from outside.
    }

    public void HandleDeadline(long now)
    {
        // Everything is answered at once.
    }

    private void Enqueue(AccessAnswer answer)
    {
        _open.Add(answer.RequestId);
        _answers.Enqueue(answer);
    }
}
