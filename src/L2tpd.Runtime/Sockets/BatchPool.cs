using System.Diagnostics.CodeAnalysis;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// Rents batches to sockets that have something to send. The number of batches depends on the number of sockets in use at one time, within
/// a bound, so that memory does not grow with the number of tunnels. One thread only.
/// </summary>
/// <param name="most">The bound.</param>
/// <param name="make">Makes a batch if none is free.</param>
/// <param name="flush">Sends what can be sent, which frees batches; called when the bound is reached.</param>
public sealed class BatchPool<TBatch>(int most, Func<TBatch> make, Action flush) : IDisposable
    where TBatch : class, IDisposable
{
    private readonly Stack<TBatch> _free = new();
    private int _made;

    /// <summary>Takes a free batch, or makes one within the bound.</summary>
    /// <param name="batch">An empty batch.</param>
    public bool TryTake([NotNullWhen(true)] out TBatch? batch)
    {
        if (_free.Count == 0 && _made >= most)
            flush();
        if (_free.TryPop(out batch))
            return true;
        if (_made >= most)
            return false;
        _made++;
        batch = make();
        return true;
    }

    /// <summary>Returns an emptied batch.</summary>
    public void Return(TBatch batch) => _free.Push(batch);

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_free.TryPop(out var batch))
            batch.Dispose();
    }
}
