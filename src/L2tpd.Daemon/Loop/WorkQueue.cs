using System.Collections.Concurrent;

namespace L2tpd.Daemon.Loop;

/// <summary>
/// One worker thread that does what may block (netlink, process start, files), strictly in the order it was asked. Results go back by
/// <see cref="IInputSink.Post(Action)"/>.
/// </summary>
public sealed class WorkQueue : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly Action<Exception> _onFault;

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
    public int Waiting => _work.Count;

    /// <summary>Queues work; after <see cref="Complete"/> it is dropped. Any thread.</summary>
    public void Add(Action work)
    {
        try
        {
            _work.Add(work);
        }
        catch (InvalidOperationException)
        {
            // Shutting down: whoever asked is ending too.
        }
    }

    /// <summary>Takes no more work, does what is queued, and waits for that.</summary>
    /// <returns>False: it was not done in time.</returns>
    public bool Complete(TimeSpan wait)
    {
        _work.CompleteAdding();
        return _thread.Join(wait);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.CompleteAdding();
        if (_thread.Join(TimeSpan.FromSeconds(1)))
            _work.Dispose();
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
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
}
