
namespace L2tpd.Runtime.Loop;

/// <summary>
/// One worker thread that does what may block (netlink, process start, files), in the order it was asked; what was added as last only while
/// nothing else waits. Results go back by <see cref="IInputSink.Post(Action)"/>.
/// </summary>
public sealed class WorkQueue : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<Action> _work = new();
    private readonly Queue<Action> _last = new();
    private readonly Thread _thread;
    private readonly Action<Exception> _onFault;
    private bool _isComplete;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="onFault">Told what work threw; called on the worker's thread.</param>
    public WorkQueue(string name, Action<Exception> onFault)
    {
        _onFault = onFault;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Jobs waiting.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _work.Count + _last.Count;
        }
    }

    /// <summary>Queues work; after <see cref="Complete"/> it is dropped. Any thread.</summary>
    public void Add(Action work) => Add(_work, work);

    /// <summary>
    /// Queues work that may be overtaken by what is added later with <see cref="Add(Action)"/>, but not by its like. Any thread.
    /// </summary>
    public void AddLast(Action work) => Add(_last, work);

    /// <summary>Takes no more work, does what is queued, and waits for that.</summary>
    /// <returns>False: it was not done in time.</returns>
    public bool Complete(TimeSpan wait)
    {
        lock (_gate)
        {
            _isComplete = true;
            Monitor.PulseAll(_gate);
        }

        return _thread.Join(wait);
    }

    /// <inheritdoc/>
    public void Dispose() => Complete(TimeSpan.FromSeconds(1));

    private void Add(Queue<Action> queue, Action work)
    {
        lock (_gate)
        {
            // Shutting down: whoever asked is ending too.
            if (_isComplete)
                return;
            queue.Enqueue(work);
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        while (Take() is { } work)
        {
            try
            {
                work();
            }
            catch (Exception error)
            {
                _onFault(error);
            }
        }
    }

    private Action? Take()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_work.TryDequeue(out var work) || _last.TryDequeue(out work))
                    return work;
                if (_isComplete)
                    return null;
                Monitor.Wait(_gate);
            }
        }
    }
}
