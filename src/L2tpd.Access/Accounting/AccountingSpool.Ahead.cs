namespace L2tpd.Access;

/// <content>
/// Records that are written before any server has them, so that a process that is killed loses none. They count as waiting only when no
/// server answers: then they are on disk already. The writes of a turn go to the worker in one go, and the disk is synced at most once per
/// second, so that a record which is answered at once costs two small writes and no wait.
/// </content>
public sealed partial class AccountingSpool
{
    private readonly HashSet<Waiting> _ahead = [];

    /// <summary>Writes a record that is about to be sent; <see cref="Forget"/> or <see cref="TryAdd"/> follows.</summary>
    internal Waiting WriteAhead(SpoolRecord record)
    {
        var ahead = new Waiting(EntryOf(record), ++_order) { IsAhead = true };
        _ahead.Add(ahead);
        _byToken[++_tokens] = ahead;
        store.Append(_tokens, SpoolFrame.Write(record));
        return ahead;
    }

    /// <summary>A server has the record, or it is elsewhere on disk.</summary>
    internal void Forget(Waiting ahead)
    {
        if (!_ahead.Remove(ahead))
            return;

        ahead.IsRemoved = true;
        if (ahead.Entry.Place.Size > 0)
            store.MarkDone(ahead.Entry.Place);
    }

    /// <summary>Whether the record is on disk or is being written.</summary>
    internal bool Has(Waiting ahead) => _ahead.Contains(ahead);

    /// <summary>No server answers: the record waits from now on, where it was written.</summary>
    /// <param name="ahead">The record.</param>
    /// <param name="onStored">Called once, possibly within the call: <c>null</c> if it is on disk, otherwise why it is not.</param>
    /// <returns>False if it must be written again: it is not on disk, or one before it of its session is not yet.</returns>
    internal bool TryAdd(Waiting ahead, Action<string?> onStored)
    {
        var id = ahead.Entry.SessionId;
        if (!Has(ahead) || (_sessions.TryGetValue(id, out var before) && before.Any(static other => other.Entry.Place.Size == 0)))
            return false;

        _ahead.Remove(ahead);
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

    private void OnAheadAppended(Waiting ahead, SpoolPlace? place, string? error, long droppedThrough)
    {
        if (place is { } written)
        {
            ahead.Entry = ahead.Entry with { Place = written };
            if (ahead.IsRemoved)
                store.MarkDone(written);
        }
        else if (_ahead.Remove(ahead))
        {
            observer.OnSpoolError(error ?? "it was not written");
        }

        DropThrough(droppedThrough);
    }
}
