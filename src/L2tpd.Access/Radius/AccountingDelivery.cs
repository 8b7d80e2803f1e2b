using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// Delivers accounting records of one profile. The records of one session are sent one after the other, so that a server never sees a Stop
/// before its Start. Start and Stop are sent until a server has them (RFC 5080 section 2.2.1); of the Interims of a session only the newest
/// waits.
/// </summary>
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

    /// <inheritdoc/>
    public string? Group { get; init; }

    /// <summary>When to call <see cref="HandleDeadline"/>.</summary>
    public long NextDeadline => _resting.TryPeek(out _, out var due) ? due : long.MaxValue;

    /// <summary>Starts the delivery of a record.</summary>
    public void Account(ulong requestId, AccountingRecord record, long now)
    {
        var entry = new Entry(requestId, record, now, unixTime());
        if (record.Status == AccountingStatus.Off)
        {
            // No other call follows: it is sent once, whatever waits.
            Send(entry, now);
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
        if (session.Count == 1)
            Send(entry, now);
    }

    /// <summary>Sends again what has rested.</summary>
    public void HandleDeadline(long now)
    {
        while (_resting.TryPeek(out var session, out var due) && due <= now)
        {
            _resting.Dequeue();
            Send(session[0], now);
        }
    }

    /// <inheritdoc/>
    public void OnAnswered(ulong token, string server, in RadiusPacket answer)
    {
        if (_sent.Remove(token, out var entry))
            End(entry, null);
    }

    /// <inheritdoc/>
    public void OnUnanswered(ulong token, long now)
    {
        if (!_sent.Remove(token, out var entry))
            return;

        var name = $"{entry.Record.Status} of {entry.Record.UserName ?? "the server"} ({entry.Record.Session.SessionId})";
        if (entry.Record.Status is AccountingStatus.Interim or AccountingStatus.Off)
            End(entry, $"{name}: no RADIUS server answered");
        else
            _resting.Enqueue(_sessions[entry.Record.Session.SessionId], now + entry.NextRest());
        Continue(now);
    }

    /// <inheritdoc/>
    public void Continue(long now)
    {
        while (_ready.TryDequeue(out var session))
            Send(session[0], now);
    }

    /// <summary>Interims that were not sent yet: what follows has higher counts.</summary>
    private void Supersede(List<Entry> session)
    {
        for (var i = session.Count - 1; i > 0; i--)
        {
            if (session[i].Record.Status != AccountingStatus.Interim)
                continue;

            Answer(session[i], null);
            session.RemoveAt(i);
            _records--;
        }
    }

    private void Send(Entry entry, long now) => _sent[exchange.Submit(
        this, new RadiusAccountingRequest(entry.Record, entry.Timestamp, now - entry.At), now)] = entry;

    private void End(Entry entry, string? error)
    {
        Answer(entry, error);
        var id = entry.Record.Session.SessionId;
        if (!_sessions.TryGetValue(id, out var session) || !session.Remove(entry))
            return;

        _records--;
        if (session.Count == 0)
            _sessions.Remove(id);
        else
            _ready.Enqueue(session);
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

        /// <summary>How long it rests now.</summary>
        public long NextRest()
        {
            var rest = _rest;
            _rest = Math.Min(rest * 2, LongestRest);
            return rest;
        }
    }
}
