
namespace L2tpd.Runtime.Loop;

/// <summary>
/// A worker thread for calls that may block (netlink, process start, files). It runs jobs in the order in which they were added; jobs added
/// with <see cref="AddLast"/> wait until no other job waits. Results go back by <see cref="IInputSink.Post(Action)"/>.
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
    /// <param name="onFault">Takes each exception of a job; called on the worker's thread.</param>
    public WorkQueue(string name, Action<Exception> onFault)
    {
        _onFault = onFault;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Number of waiting jobs.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _work.Count + _last.Count;
        }
    }

    /// <summary>Adds a job; after <see cref="Complete"/> it is dropped. Any thread.</summary>
    public void Add(Action work) => Add(_work, work);

    /// <summary>
    /// Adds a job with low priority: jobs of <see cref="Add(Action)"/> go first, jobs of this method keep their order. Any thread.
    /// </summary>
    public void AddLast(Action work) => Add(_last, work);

    /// <summary>Accepts no more jobs and waits until the queued ones are done.</summary>
    /// <returns><c>false</c> if they were not done in time.</returns>
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
            // The daemon is shutting down: nobody needs the result.
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
