using System.Globalization;
using L2tpd.Control;
using L2tpd.Engine.Events;
using L2tpd.Linux;
using L2tpd.Operations.Control;
using L2tpd.Runtime.Logging;

namespace L2tpd.Operations.Events;

/// <summary>
/// The events of the daemon for readers of the control API. It numbers them, keeps the latest and gives each reader a queue of its own. The
/// loop's thread writes and never waits: a reader whose queue is full misses events and is told how many. The view of an event is made only
/// where it is kept or read, and the number kept per second is bounded, so that a burst (100,000 sessions that end together) costs the loop
/// little.
/// </summary>
public sealed class EventStream : IOperationsObserver
{
    /// <summary>
    /// Latest events kept for readers that come later: of 400 sessions from call to end, with ten events each. One takes about
    /// 1,200 octets.
    /// </summary>
    public const int Kept = 4_000;

    /// <summary>Readers at one time.</summary>
    public const int MaxReaders = 16;

    private readonly Lock _lock = new();
    private readonly Queue<EventView> _latest = new();
    private readonly HashSet<EventReader> _readers = [];
    private readonly LineBudget _budget;
    private readonly TimeProvider _clock;
    private readonly int _queueLength;
    private long _number;

    /// <summary>Makes an empty stream.</summary>
    /// <param name="queueLength">Events that may wait for one reader, in addition to those that were kept when it came.</param>
    /// <param name="keptPerSecond">Events kept per second, after a burst of <see cref="Kept"/>.</param>
    /// <param name="clock">Wall clock; <c>null</c>: the system's.</param>
    public EventStream(int queueLength = 1_000, int keptPerSecond = 100, TimeProvider? clock = null)
    {
        (_queueLength, _clock) = (queueLength, clock ?? TimeProvider.System);
        _budget = new LineBudget(Kept, keptPerSecond);
    }

    /// <summary>Readers now. Any thread.</summary>
    public int Readers
    {
        get
        {
            lock (_lock)
                return _readers.Count;
        }
    }

    /// <summary>Events since the start. Any thread.</summary>
    public long Count => Interlocked.Read(ref _number);

    /// <inheritdoc/>
    public void Observe(OperationsEvent operationsEvent)
    {
        // An event that only completes what is known of a user is not one for people.
        if (operationsEvent is SessionUserChanged { IsAuthentication: false })
            return;
        var now = MonotonicClock.NowMilliseconds;
        lock (_lock)
        {
            Interlocked.Increment(ref _number);
            EventView? view = null;
            if (_budget.TryTake(now, out _))
                Keep(view = EventViews.From(operationsEvent, _number, _clock.GetUtcNow(), now));
            foreach (var reader in _readers)
            {
                if (reader.HasRoom)
                    reader.Add(view ??= EventViews.From(operationsEvent, _number, _clock.GetUtcNow(), now));
                else
                    reader.Miss();
            }
        }
    }

    /// <summary>When and why a dialled tunnel or session is tried again, or that it is not; <c>null</c>: nothing is kept of it.</summary>
    /// <param name="name">Name of the tunnel, or of the session with its tunnel.</param>
    public string? RetryOf(string name)
    {
        lock (_lock)
        {
            var last = _latest.LastOrDefault(
                view => view.Name == name && (view.Kind is "retry-scheduled" or "retry-abandoned" or "dialling"
                    or "waits-for-traffic" or "dialled-by-traffic"));
            return last switch
            {
                { Kind: "dialling" } => $"an attempt to {last.Remote} runs since {last.At.UtcDateTime:HH:mm:ss}Z",
                { Kind: "retry-abandoned" } => $"it is not tried again: {last.Text}",
                { Kind: "dialled-by-traffic" } => $"a packet waits for it since {last.At.UtcDateTime:HH:mm:ss}Z: it is being set up",
                { Kind: "waits-for-traffic", DelaySeconds: { } holdOff } =>
                    $"it waits for traffic, which counts from {last.At.AddSeconds(holdOff).UtcDateTime:HH:mm:ss}Z on: {last.Text}",
                { Kind: "waits-for-traffic" } => $"it waits for traffic: {last.Text}",
                { DelaySeconds: { } delay } => string.Create(
                    CultureInfo.InvariantCulture,
                    $"attempt {last.Attempt} begins at {last.At.AddSeconds(delay).UtcDateTime:HH:mm:ss}Z: {last.Text}"),
                _ => null,
            };
        }
    }

    /// <summary>Opens a reader. Any thread.</summary>
    /// <param name="request">What it wants to read.</param>
    /// <exception cref="ControlUnavailableException">There are too many readers.</exception>
    public EventReader Open(EventsRequest request)
    {
        lock (_lock)
        {
            if (_readers.Count >= MaxReaders)
                throw new ControlUnavailableException($"{MaxReaders} clients read events already");
            var reader = new EventReader(this, request, _queueLength);
            reader.AddKept(_latest);
            if (request.Follow)
                _readers.Add(reader);
            return reader;
        }
    }

    internal void Close(EventReader reader)
    {
        lock (_lock)
            _readers.Remove(reader);
    }

    private void Keep(EventView view)
    {
        if (_latest.Count == Kept)
            _latest.Dequeue();
        _latest.Enqueue(view);
    }
}

/// <summary>Which events a reader wants.</summary>
/// <param name="Name">Only events of the tunnel, session, peer profile or user of this name; <c>null</c>: all.</param>
/// <param name="After">Only events with a larger number.</param>
/// <param name="Follow">Wait for further ones after those that are kept.</param>
public sealed record EventsRequest(string? Name = null, long After = 0, bool Follow = false);
