namespace L2tpd.Access;

/// <content>
/// Records that are written before any server has them, so that a process that is killed loses none. They count as waiting only when no
/// server answers: then they are on disk already. The writes of a turn go to the worker in one go, and the disk is synced at most once per
/// second, so that a record which is answered at once costs two small writes and no wait.
/// </content>
public sealed partial class AccountingSpool
{
    private readonly Dictionary<string, List<Waiting>> _ahead = new(StringComparer.Ordinal);

    /// <summary>Writes a record that is about to be sent; <see cref="Forget"/> or <see cref="TryAdd"/> follows.</summary>
    internal Waiting WriteAhead(SpoolRecord record)
    {
        var ahead = new Waiting(EntryOf(record), ++_order) { IsAhead = true };
        if (!_ahead.TryGetValue(record.SessionId, out var ofSession))
            _ahead[record.SessionId] = ofSession = [];
        ofSession.Add(ahead);
        _byToken[++_tokens] = ahead;
        store.Append(_tokens, SpoolFrame.Write(record));
        return ahead;
    }

    /// <summary>A server has the record, or it is elsewhere on disk.</summary>
    internal void Forget(Waiting ahead)
    {
        if (!Take(ahead))
            return;

        ahead.IsRemoved = true;
        if (ahead.Entry.Place.Size > 0)
            store.MarkDone(ahead.Entry.Place);
    }

    /// <summary>Whether the record is on disk or is being written.</summary>
    internal bool Has(Waiting ahead) => _ahead.TryGetValue(ahead.Entry.SessionId, out var ofSession) && ofSession.Contains(ahead);

    /// <summary>No server answers: the record waits from now on, where it was written.</summary>
    /// <param name="ahead">The record.</param>
    /// <param name="onStored">Called once, possibly within the call: <c>null</c> if it is on disk, otherwise why it is not.</param>
    /// <returns>False if it must be written again: it is not on disk, or one before it of its session is written after it.</returns>
    internal bool TryAdd(Waiting ahead, Action<string?> onStored)
    {
        var id = ahead.Entry.SessionId;
        if (_sessions.TryGetValue(id, out var before)
            && before.Any(other => other.Entry.Place.Size == 0 && other.Order > ahead.Order))
        {
            return false;
        }

        if (!Take(ahead))
            return false;
        if (Count == 0)
            observer.OnSpoolFilling();
        (ahead.IsAhead, ahead.OnStored) = (false, onStored);
        var isFirst = AddLast(ahead);
        Supersede(id);
        if (ahead.Entry.Place.Size == 0)
            return true;

        if (isFirst)
            _ready.Enqueue(ahead, ahead.Order);
        onStored(null);
        return true;
    }

    private static SpoolEntry EntryOf(SpoolRecord record) => new(default, record.Status, record.Timestamp, record.SessionId);

    private bool Take(Waiting ahead)
    {
        var id = ahead.Entry.SessionId;
        if (!_ahead.TryGetValue(id, out var ofSession) || !ofSession.Remove(ahead))
            return false;
        if (ofSession.Count == 0)
            _ahead.Remove(id);
        return true;
    }

    private void OnAheadAppended(Waiting ahead, SpoolPlace? place, string? error, long droppedThrough)
    {
        if (place is { } written)
        {
            ahead.Entry = ahead.Entry with { Place = written };
            if (ahead.IsRemoved)
                store.MarkDone(written);
        }
        else if (_ahead.TryGetValue(ahead.Entry.SessionId, out var ofSession) && ofSession.Contains(ahead))
        {
            // What follows it must not be on disk without it.
            foreach (var other in ofSession.Where(other => other.Order >= ahead.Order).ToArray())
                Forget(other);
            observer.OnSpoolError(error ?? "it was not written");
        }

        DropThrough(droppedThrough);
    }

    /// <summary>They are in memory as well, and are written again when no server takes them.</summary>
    private void DropAheadThrough(long segment)
    {
        Waiting[] dropped = [.. _ahead.Values.SelectMany(static ofSession => ofSession)
            .Where(ahead => ahead.Entry.Place.Size > 0 && ahead.Entry.Place.Segment <= segment)];
        foreach (var ahead in dropped)
            Take(ahead);
    }
}
