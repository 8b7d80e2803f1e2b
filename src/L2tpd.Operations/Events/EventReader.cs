using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Operations.Events;

/// <summary>
/// One reader of the event stream: a bounded queue. When it overflows, further events are only counted until the reader has emptied the
/// queue; it is then told the number, as an event of kind <c>events-missed</c>, and receives events again.
/// </summary>
public sealed class EventReader : IDisposable
{
    private readonly EventStream _stream;
    private readonly EventsRequest _request;
    private readonly Lock _lock = new();
    private readonly Queue<EventView> _queue = new();
    private readonly SemaphoreSlim _filled = new(0, 1);
    private int _capacity;
    private long _missed;

    internal EventReader(EventStream stream, EventsRequest request, int capacity) =>
        (_stream, _request, _capacity) = (stream, request, capacity);

    /// <summary>It waits for further events after those that are kept.</summary>
    public bool Follows => _request.Follow;

    /// <summary><see cref="ReadAsync"/> has something to return at once.</summary>
    public bool HasMore
    {
        get
        {
            lock (_lock)
                return _queue.Count > 0 || _missed > 0;
        }
    }

    /// <summary>The next event takes a place in the queue; otherwise it is missed.</summary>
    internal bool HasRoom
    {
        get
        {
            lock (_lock)
                return _missed == 0 && _queue.Count < _capacity;
        }
    }

    /// <summary>
    /// The next event, or <c>null</c> if there was none for <paramref name="wait"/> or the reader does not follow and has read all.
    /// </summary>
    public async Task<EventView?> ReadAsync(TimeSpan wait, CancellationToken cancellation)
    {
        if (TryRead() is { } waiting)
            return waiting;
        if (!_request.Follow)
            return null;
        // The signal may be of an event that was read without waiting.
        while (await _filled.WaitAsync(wait, cancellation).ConfigureAwait(false))
        {
            if (TryRead() is { } view)
                return view;
        }

        return null;
    }

    /// <summary>Leaves the stream.</summary>
    public void Dispose()
    {
        // The stream signals its readers under its lock, so that no signal comes after this.
        _stream.Close(this);
        _filled.Dispose();
    }

    /// <summary>Those of the kept events that it wants. They take none of the places for later ones.</summary>
    internal void AddKept(IEnumerable<EventView> kept)
    {
        foreach (var view in kept)
        {
            if (view.Number > _request.After)
                Add(view);
        }

        _capacity += _queue.Count;
    }

    internal void Add(EventView view)
    {
        if (_request.Name is { } name && view.Name != name && view.Tunnel != name && view.Peer != name && view.User != name)
            return;
        lock (_lock)
        {
            _queue.Enqueue(view);
            Signal();
        }
    }

    internal void Miss()
    {
        lock (_lock)
        {
            _missed++;
            Signal();
        }
    }

    private EventView? TryRead()
    {
        lock (_lock)
        {
            if (_queue.TryDequeue(out var view))
                return view;
            if (_missed == 0)
                return null;
            var missed = _missed;
            _missed = 0;
            return new EventView
            {
                Number = _stream.Count,
                At = TimeProvider.System.GetUtcNow(),
                Area = "stream",
                Kind = "events-missed",
                Text = string.Create(CultureInfo.InvariantCulture, $"{missed} events were not delivered: this reader is too slow"),
                Missed = missed,
            };
        }
    }

    private void Signal()
    {
        if (_filled.CurrentCount == 0)
            _filled.Release();
    }
}
