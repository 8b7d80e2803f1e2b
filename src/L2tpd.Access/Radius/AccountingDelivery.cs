using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// Delivers accounting records of one profile. The records of one session are sent one after the other, so that a server never sees a Stop
/// before its Start. Start and Stop are sent until a server has them (RFC 5080 section 2.2.1); of the Interims of a session only the newest
/// waits. Where there is a spool, Start and Stop are written to disk when they occur, and removed there when a server has them. A record
/// that no server answered waits on disk, and so do all records that must not overtake it: the host is answered when they are there.
/// </summary>
/// <remarks>
/// A session's records wait in memory, the first of them is at a server or rests, or they are being written to disk. A record that could
/// not be written rests and is tried again.
/// </remarks>
/// <param name="exchange">The client.</param>
/// <param name="answers">Takes the answers for the host.</param>
/// <param name="unixTime">Seconds since 1970.</param>
internal sealed class AccountingDelivery(RadiusExchange exchange, Queue<AccessAnswer> answers, Func<uint> unixTime) : IRadiusRequester
{
    /// <summary>How long a Start or Stop rests after its first round without an answer, milliseconds; it doubles with each round.</summary>
    public const long FirstRest = 1_000;

    /// <summary>The longest rest, milliseconds.</summary>
    public const long LongestRest = 30_000;

    /// <summary>Records that may wait; one beyond them is lost, and the host is told.</summary>
    public const int MaxRecords = 65_536;

    private readonly Dictionary<string, List<Entry>> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, Entry> _sent = [];
    private readonly Queue<List<Entry>> _ready = new();
    private readonly PriorityQueue<List<Entry>, long> _resting = new();
    private int _records;
    private long _now;

    /// <inheritdoc/>
    public string? Group { get; init; }

    /// <summary>When to call <see cref="HandleDeadline"/>.</summary>
    public long NextDeadline => _resting.TryPeek(out _, out var due) ? due : long.MaxValue;

    /// <summary>Starts the delivery of a record.</summary>
    public void Account(ulong requestId, AccountingRecord record, long now)
    {
        _now = now;
        var entry = new Entry(requestId, record, now, unixTime());
        if (record.Status == AccountingStatus.Off)
        {
            Close(entry, now);
            return;
        }

        if (_records >= MaxRecords)
        {
            Answer(entry, $"{MaxRecords} records wait already, and no RADIUS server answers");
            return;
        }

        var id = record.Session.SessionId;
        if (!_sessions.TryGetValue(id, out var session))
            _sessions[id] = session = [];
        else
            Supersede(session);

        session.Add(entry);
        _records++;
        // A record that is at a server is not written: its answer decides.
        if (!session[0].IsSent && MustSpool(record))
        {
            Spool(session);
            return;
        }

        WriteAhead(session, entry);
        if (session.Count == 1)
            Send(entry, now);
    }

    /// <summary>Sends again what has rested.</summary>
    public void HandleDeadline(long now)
    {
        _now = now;
        while (_resting.TryPeek(out var session, out var due) && due <= now)
        {
            _resting.Dequeue();
            SendOrSpool(session, now);
        }
    }

    /// <inheritdoc/>
    public void OnAnswered(ulong token, string server, in RadiusPacket answer)
    {
        if (!_sent.Remove(token, out var entry))
            return;

        entry.IsSent = false;
        exchange.Spool?.NoteAnswered();
        End(entry, null);
    }

    /// <inheritdoc/>
    public void OnUnanswered(ulong token, long now)
    {
        if (!_sent.Remove(token, out var entry))
            return;

        entry.IsSent = false;
        var name = $"{entry.Record.Status} of {entry.Record.UserName ?? "the server"} ({entry.Record.Session.SessionId})";
        exchange.Spool?.NoteUnanswered(entry.AnswersBefore, now);
        if (exchange.Spool is not null && entry.Record.Status != AccountingStatus.Off)
            Spool(_sessions[entry.Record.Session.SessionId]);
        else if (entry.Record.Status is AccountingStatus.Interim or AccountingStatus.Off)
            End(entry, $"{name}: no RADIUS server answered");
        else
            _resting.Enqueue(_sessions[entry.Record.Session.SessionId], now + entry.NextRest());
        Continue(now);
    }

    /// <inheritdoc/>
    public void Continue(long now)
    {
        while (_ready.TryDequeue(out var session))
            SendOrSpool(session, now);
    }

    /// <summary>The session's first record is due, unless it went another way meanwhile.</summary>
    private void SendOrSpool(List<Entry> session, long now)
    {
        if (session.Count == 0 || session[0].IsSent || session.Exists(static entry => entry.IsSpooling))
            return;

        if (MustSpool(session[0].Record))
            Spool(session);
        else
            Send(session[0], now);
    }

    /// <summary>
    /// The last record. No other call follows: what waits goes to disk, and Off is sent once; it goes to disk as well where something must
    /// come before it.
    /// </summary>
    private void Close(Entry off, long now)
    {
        if (exchange.Spool is not { } spool)
        {
            Send(off, now);
            return;
        }

        foreach (var session in _sessions.Values.ToArray())
            Spool(session);
        if (spool.Count > 0)
            spool.Add(off.ForDisk(Group), error => Answer(off, error));
        else
            Send(off, now);
    }

    /// <summary>Whether a new record must wait behind others that are on disk.</summary>
    private bool MustSpool(AccountingRecord record) => exchange.Spool is { } spool
        && (spool.TakesAll || spool.Holds(record.Session.SessionId)
            || (record.Status == AccountingStatus.On && spool.Count > 0));

    /// <summary>A Stop is not written without its Start: after a kill it would come to a server that knows no such session.</summary>
    private void WriteAhead(List<Entry> session, Entry entry)
    {
        if (exchange.Spool is { } spool && entry.IsKept
            && session.TrueForAll(other => other == entry || !other.IsKept || (other.Ahead is { } before && spool.Has(before))))
        {
            entry.Ahead = spool.WriteAhead(entry.ForDisk(Group));
        }
    }

    private void Spool(List<Entry> session)
    {
        // A record that could not be written waits until those behind it have their result, which is the same.
        var first = session.FindIndex(static entry => !entry.IsSpooling);
        if (first < 0 || session.FindIndex(first, static entry => entry.IsSpooling) >= 0)
            return;

        var left = session.Where(static entry => !entry.IsSpooling).ToArray();
        foreach (var entry in left)
            entry.IsSpooling = true;
        foreach (var entry in left)
        {
            if (entry.Ahead is not { } ahead || !exchange.Spool!.TryAdd(ahead, error => OnSpooled(session, entry, error)))
                exchange.Spool!.Add(entry.ForDisk(Group), error => OnSpooled(session, entry, error));
        }
    }

    private void OnSpooled(List<Entry> session, Entry entry, string? error)
    {
        entry.IsSpooling = false;
        if (error is null)
        {
            Answer(entry, null);
            Forget(entry);
            session.Remove(entry);
            _records--;
            if (session.Count == 0)
                _sessions.Remove(entry.Record.Session.SessionId);
        }

        // What is left could not be written: it is tried again when all of the session have their result.
        if (session.Count > 0 && !session.Exists(static other => other.IsSpooling))
            _resting.Enqueue(session, _now + session[0].NextRest());
    }

    /// <summary>Interims that were not sent yet: what follows has higher counts.</summary>
    private void Supersede(List<Entry> session)
    {
        for (var i = session.Count - 1; i > 0; i--)
        {
            if (session[i].Record.Status != AccountingStatus.Interim || session[i].IsSpooling)
                continue;

            Answer(session[i], null);
            session.RemoveAt(i);
            _records--;
        }
    }

    private void Send(Entry entry, long now)
    {
        entry.IsSent = true;
        entry.AnswersBefore = exchange.Spool?.Answers ?? 0;
        _sent[exchange.Submit(this, new RadiusAccountingRequest(entry.Record, entry.Timestamp, now - entry.At), now)] = entry;
    }

    private void End(Entry entry, string? error)
    {
        Answer(entry, error);
        Forget(entry);
        var id = entry.Record.Session.SessionId;
        if (!_sessions.TryGetValue(id, out var session) || !session.Remove(entry))
            return;

        _records--;
        if (session.Count == 0)
            _sessions.Remove(id);
        else
            _ready.Enqueue(session);
    }

    private void Forget(Entry entry)
    {
        if (entry.Ahead is { } ahead)
            exchange.Spool?.Forget(ahead);
    }

    private void Answer(Entry entry, string? error) => answers.Enqueue(new AccessAnswer.Accounted(entry.RequestId, error));

    /// <summary>A record that waits or is on its way.</summary>
    private sealed class Entry(ulong requestId, AccountingRecord record, long at, uint timestamp)
    {
        private long _rest = FirstRest;

        public ulong RequestId => requestId;

        public AccountingRecord Record => record;

        /// <summary>When it happened, milliseconds.</summary>
        public long At => at;

        /// <summary>When it happened, seconds since 1970.</summary>
        public uint Timestamp => timestamp;

        /// <summary>It is sent until a server has it.</summary>
        public bool IsKept => record.Status is AccountingStatus.Start or AccountingStatus.Stop;

        /// <summary>The record on disk, written when it occurred; <c>null</c>: it was not.</summary>
        public AccountingSpool.Waiting? Ahead { get; set; }

        /// <summary>It is at a server.</summary>
        public bool IsSent { get; set; }

        /// <summary>How many answers the spool knew of when it was sent.</summary>
        public ulong AnswersBefore { get; set; }

        /// <summary>It is being written to disk.</summary>
        public bool IsSpooling { get; set; }

        /// <summary>The record for the disk.</summary>
        public SpoolRecord ForDisk(string? group) => new(record.Status, timestamp, record.Session.SessionId, group ?? string.Empty,
            SpooledRequest.ContentOf(new RadiusAccountingRequest(record, timestamp, 0)));

        /// <summary>How long it rests now.</summary>
        public long NextRest()
        {
            var rest = _rest;
            _rest = Math.Min(rest * 2, LongestRest);
            return rest;
        }
    }
}
