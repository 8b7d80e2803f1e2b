using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// Accounting records that wait on disk, because no server answered, and their delivery when one answers: the oldest first, the records of
/// one session one after the other, at most <see cref="Window"/> at a time and <see cref="PerSecond"/> per second, beside live requests.
/// </summary>
/// <remarks>
/// One thread, the loop's; the files are behind <see cref="ISpoolStore"/>. A record is being written, waits, is being read, is at a server,
/// or is done. The delivery is stalled from the time when a record got no answer, and no other one got one meanwhile, to the next
/// answer: one record is tried per rest, a different one each time, so that a record which no server takes does not stop the others.
/// Records of the whole server (On, Off) are barriers: they are sent alone.
/// A record is marked as done when its answer has come. A process that ends between the two sends it again after its restart, with the same
/// Acct-Session-Id, Acct-Status-Type, Event-Timestamp and content, by which a server knows it.
/// </remarks>
/// <param name="exchange">The client.</param>
/// <param name="store">The files.</param>
/// <param name="unixTime">Seconds since 1970.</param>
/// <param name="observer">Receives what belongs in the log.</param>
public sealed partial class AccountingSpool(RadiusExchange exchange, ISpoolStore store, Func<uint> unixTime, ISpoolObserver observer)
    : IRadiusRequester
{
    /// <summary>Records at servers at one time.</summary>
    public const int Window = 32;

    /// <summary>Records sent per second.</summary>
    public const int PerSecond = 2_000;

    private const long FirstRest = 1_000;
    private const long LongestRest = 10_000;

    private readonly Dictionary<string, Queue<Waiting>> _sessions = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Waiting, long> _ready = new();
    private readonly List<Waiting> _unanswered = [];
    private readonly Dictionary<ulong, Waiting> _byToken = [];
    private readonly Dictionary<ulong, Waiting> _sent = [];
    private readonly ReplayPace _pace = new(PerSecond, Window);
    private long _order;
    private ulong _tokens;
    private int _underWay;
    private int _ofServer;
    private bool _isBarrierUnderWay;
    private long _delivered;
    private long _rest = FirstRest;
    private long _restsUntil = long.MinValue;

    /// <summary>Longest wait of a record, seconds; older ones are lost.</summary>
    public long MaxAge { get; set; } = 7 * 86_400;

    /// <summary>Records that wait, those that are being written included.</summary>
    public int Count { get; private set; }

    /// <summary>Whether every new record must go to disk: servers do not answer, or a record of the whole server must come first.</summary>
    public bool TakesAll => Count > 0 && (IsStalled || _ofServer > 0);

    /// <summary>Whether no server answers.</summary>
    public bool IsStalled => _restsUntil != long.MinValue;

    /// <summary>Answers to accounting records so far, for <see cref="NoteUnanswered"/>.</summary>
    public ulong Answers { get; private set; }

    /// <summary>When to call <see cref="HandleDeadline"/>; <see cref="long.MaxValue"/>: never.</summary>
    public long NextDeadline => _ready.Count == 0 || _isBarrierUnderWay || _underWay >= (IsStalled ? 1 : Window) || IsBlockedByBarrier
        ? long.MaxValue
        : Math.Max(IsStalled ? _restsUntil : 0, _pace.NextFree);

    private bool IsBlockedByBarrier => _underWay > 0 && _ready.TryPeek(out var next, out _) && next.Entry.Status
        is AccountingStatus.On or AccountingStatus.Off;

    /// <summary>Whether records of that session wait: further ones must go behind them.</summary>
    public bool Holds(string sessionId) => _sessions.ContainsKey(sessionId);

    /// <summary>A server took an accounting record, of the spool or not.</summary>
    public void NoteAnswered()
    {
        Answers++;
        (_restsUntil, _rest) = (long.MinValue, FirstRest);
        RetryUnanswered();
    }

    /// <summary>No server took an accounting record.</summary>
    /// <param name="answersBefore"><see cref="Answers"/> when it was submitted: if others were answered since, nothing is stalled.</param>
    /// <param name="now">Milliseconds.</param>
    public void NoteUnanswered(ulong answersBefore, long now)
    {
        if (answersBefore == Answers && now >= _restsUntil)
            (_restsUntil, _rest) = (now + _rest, Math.Min(_rest * 2, LongestRest));
    }

    /// <summary>Takes over the records of a former run, the oldest first. Before anything else.</summary>
    public void Recover(IEnumerable<SpoolEntry> entries)
    {
        foreach (var entry in entries)
        {
            var waiting = new Waiting(entry, ++_order);
            if (AddLast(waiting))
                _ready.Enqueue(waiting, waiting.Order);
        }
    }

    /// <summary>Writes a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="onStored">Called once, later: <c>null</c> if it is on disk, otherwise why it is not.</param>
    public void Add(SpoolRecord record, Action<string?> onStored)
    {
        if (Count == 0)
            observer.OnSpoolFilling();

        var waiting = new Waiting(EntryOf(record), ++_order) { OnStored = onStored };
        AddLast(waiting);
        Supersede(record.SessionId);
        _byToken[++_tokens] = waiting;
        store.Append(_tokens, SpoolFrame.Write(record));
    }

    /// <summary>The result of <see cref="ISpoolStore.Append"/>.</summary>
    /// <param name="token">As the store got it.</param>
    /// <param name="place">Where it is; <c>null</c>: nowhere.</param>
    /// <param name="error">Why it was not written.</param>
    /// <param name="droppedThrough">Files up to this number were removed to make room; 0: none.</param>
    public void OnAppended(ulong token, SpoolPlace? place, string? error, long droppedThrough)
    {
        if (!_byToken.Remove(token, out var waiting))
            return;

        if (waiting.IsAhead)
        {
            OnAheadAppended(waiting, place, error, droppedThrough);
            return;
        }

        if (place is { } written)
        {
            waiting.Entry = waiting.Entry with { Place = written };
            if (waiting.Refusal is { } refusal)
            {
                Discard(waiting);
                (place, error) = (null, refusal);
            }
            else if (waiting.IsSuperseded)
            {
                Discard(waiting);
            }
            else if (IsFirst(waiting))
            {
                _ready.Enqueue(waiting, waiting.Order);
            }
        }
        else
        {
            RefuseFollowers(waiting, error ?? "it was not written");
            Remove(waiting);
            observer.OnSpoolError(error ?? "it was not written");
        }

        DropThrough(droppedThrough);
        waiting.OnStored?.Invoke(place is null ? error : null);
    }

    /// <summary>The result of <see cref="ISpoolStore.Read"/>.</summary>
    /// <param name="token">As the store got it.</param>
    /// <param name="record">The record; <c>null</c>: it cannot be read.</param>
    /// <param name="now">Milliseconds.</param>
    public void OnRead(ulong token, SpoolRecord? record, long now)
    {
        if (!_byToken.Remove(token, out var waiting))
            return;

        if (record is null || waiting.IsRemoved)
        {
            EndOfSending(waiting);
            if (!waiting.IsRemoved)
                Lose(waiting, "it cannot be read from disk");
            Pump(now);
            return;
        }

        waiting.AnswersBefore = Answers;
        _sent[exchange.Submit(this, new SpooledRequest(record, unixTime()), record.Group.Length > 0 ? record.Group : null, now)]
            = waiting;
    }

    /// <summary>
    /// A record could not be marked as done, or the disk did not take what was written: a record may be sent again after a restart.
    /// </summary>
    public void OnStoreError(string error) => observer.OnSpoolError(error);

    /// <summary>Sends what may be sent now.</summary>
    public void HandleDeadline(long now) => Pump(now);

    // Each record says its own.
    string? IRadiusRequester.Group => null;

    void IRadiusRequester.OnAnswered(ulong token, string server, in RadiusPacket answer)
    {
        if (!_sent.Remove(token, out var waiting))
            return;

        EndOfSending(waiting);
        NoteAnswered();
        if (waiting.IsRemoved)
            return;

        _delivered++;
        Discard(waiting);
    }

    void IRadiusRequester.OnUnanswered(ulong token, long now)
    {
        if (!_sent.Remove(token, out var waiting))
            return;

        EndOfSending(waiting);
        NoteUnanswered(waiting.AnswersBefore, now);
        _unanswered.Add(waiting);
        // All were tried: again from the oldest.
        if (_ready.Count == 0)
            RetryUnanswered();
    }

    void IRadiusRequester.Continue(long now) => Pump(now);

    private void Pump(long now)
    {
        while (true)
        {
            // The last of the others may have been lost rather than tried: no outcome follows.
            if (_ready.Count == 0 && _underWay == 0)
                RetryUnanswered();
            if (NextDeadline > now || !_ready.TryDequeue(out var next, out _))
                return;

            if (next.IsRemoved)
                continue;

            if (unixTime() - (long)next.Entry.Timestamp > MaxAge)
            {
                Lose(next, "it waited for longer than max-age");
                continue;
            }

            _pace.Take(now);
            _underWay++;
            _isBarrierUnderWay = next.IsOfServer;
            next.IsUnderWay = true;
            _byToken[++_tokens] = next;
            store.Read(_tokens, next.Entry.Place);
        }
    }

    private void EndOfSending(Waiting waiting)
    {
        _underWay--;
        waiting.IsUnderWay = false;
        if (waiting.IsOfServer)
            _isBarrierUnderWay = false;
    }

    /// <summary>Of the Interims of a session only the newest counts.</summary>
    private void Supersede(string sessionId)
    {
        if (!_sessions.TryGetValue(sessionId, out var session))
            return;

        foreach (var former in session.SkipLast(1).ToArray())
        {
            if (former is not { Entry.Status: AccountingStatus.Interim, IsUnderWay: false })
                continue;

            if (former.Entry.Place.Size > 0)
                Discard(former);
            else
                former.IsSuperseded = true;
        }
    }

    /// <summary>What follows a record that was not written must not be on disk before it, although there may be room for it.</summary>
    private void RefuseFollowers(Waiting waiting, string error)
    {
        foreach (var follower in _sessions[waiting.Entry.SessionId].Where(other => other.Order > waiting.Order))
            follower.Refusal = error;
    }

    private void RetryUnanswered()
    {
        foreach (var waiting in _unanswered)
            _ready.Enqueue(waiting, waiting.Order);
        _unanswered.Clear();
    }

    /// <summary>It is no longer needed, on disk either.</summary>
    private void Discard(Waiting waiting)
    {
        store.MarkDone(waiting.Entry.Place);
        Remove(waiting);
    }

    private void DropThrough(long segment)
    {
        if (segment == 0)
            return;

        DropAheadThrough(segment);
        Waiting[] lost = [.. _sessions.Values.SelectMany(static session => session)
            .Where(waiting => waiting.Entry.Place.Size > 0 && waiting.Entry.Place.Segment <= segment)];
        foreach (var waiting in lost)
            Remove(waiting);
        if (lost.Length > 0)
            observer.OnRecordsLost(lost.Length, "max-size of the accounting spool is used up");
    }

    private void Lose(Waiting waiting, string why)
    {
        Discard(waiting);
        observer.OnRecordsLost(1, why);
    }

    /// <summary>Returns whether it is the first of its session.</summary>
    private bool AddLast(Waiting waiting)
    {
        if (!_sessions.TryGetValue(waiting.Entry.SessionId, out var session))
            _sessions[waiting.Entry.SessionId] = session = new Queue<Waiting>();

        session.Enqueue(waiting);
        Count++;
        if (waiting.IsOfServer)
            _ofServer++;
        return session.Count == 1;
    }

    private bool IsFirst(Waiting waiting) =>
        _sessions.TryGetValue(waiting.Entry.SessionId, out var session) && ReferenceEquals(session.Peek(), waiting);

    private void Remove(Waiting waiting)
    {
        var session = _sessions[waiting.Entry.SessionId];
        var wasFirst = ReferenceEquals(session.Peek(), waiting);
        if (wasFirst)
            session.Dequeue();
        else
            _sessions[waiting.Entry.SessionId] = session = new Queue<Waiting>(session.Where(other => !ReferenceEquals(other, waiting)));

        waiting.IsRemoved = true;
        Count--;
        if (waiting.IsOfServer)
            _ofServer--;
        if (session.Count == 0)
            _sessions.Remove(waiting.Entry.SessionId);
        else if (wasFirst && session.Peek() is { Entry.Place.Size: > 0 } next)
            _ready.Enqueue(next, next.Order);
        if (Count > 0)
            return;

        (_restsUntil, _rest) = (long.MinValue, FirstRest);
        observer.OnSpoolEmpty(_delivered);
        _delivered = 0;
    }

    /// <summary>A record, from the time when it is written to the answer.</summary>
    internal sealed class Waiting(SpoolEntry entry, long order)
    {
        /// <summary>Where and what it is; its place has no size while it is being written.</summary>
        public SpoolEntry Entry { get; set; } = entry;

        /// <summary>The order of all records.</summary>
        public long Order => order;

        /// <summary>Called once: <c>null</c> when it is on disk, otherwise why it is not.</summary>
        public Action<string?>? OnStored { get; set; }

        /// <summary>It is also in memory, and at a server or about to be sent.</summary>
        public bool IsAhead { get; set; }

        public bool IsOfServer => Entry.Status is AccountingStatus.On or AccountingStatus.Off;

        /// <summary>It is being read, or at a server.</summary>
        public bool IsUnderWay { get; set; }

        /// <summary>Why it must not be on disk: a record before it was not written.</summary>
        public string? Refusal { get; set; }

        /// <summary>A newer Interim came before it was written.</summary>
        public bool IsSuperseded { get; set; }

        /// <summary>How many answers had come when it was sent.</summary>
        public ulong AnswersBefore { get; set; }

        /// <summary>It waits no longer.</summary>
        public bool IsRemoved { get; set; }
    }
}
