using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// The outputs of all sockets. Batches are rented to sockets that have data to send: as many as sockets in use within one turn, within a
/// bound. Loop thread only.
/// </summary>
public sealed class DataOutbox : IDisposable
{
    private const int MostBatches = 64;

    private readonly BatchPool<DataBatch> _batches;
    private readonly List<SocketOutput> _dirty = [];
    private readonly Dictionary<Transport, SocketOutput> _outputs = [];

    /// <summary>Outputs that wait for a batch: their own sockets will not call them.</summary>
    private readonly HashSet<SocketOutput> _waiting = [];

    /// <summary>An outbox without sockets.</summary>
    public DataOutbox()
    {
        _batches = new BatchPool<DataBatch>(MostBatches, static () => new DataBatch(), FlushAll);
    }

    /// <summary>The output of a socket, for one more tunnel.</summary>
    public SocketOutput Take(Transport transport)
    {
        if (!_outputs.TryGetValue(transport, out var output))
            _outputs[transport] = output = new SocketOutput(this, transport);
        output.Users++;
        return output;
    }

    /// <summary>One tunnel less.</summary>
    public void Release(SocketOutput output)
    {
        if (--output.Users > 0)
            return;
        output.Flush();
        output.Forget();
        output.Transport.WaitForRoom(null);
        _outputs.Remove(output.Transport);
    }

    /// <summary>Sends everything that can be sent now.</summary>
    public void FlushAll()
    {
        for (var i = _dirty.Count - 1; i >= 0; i--)
        {
            if (!_dirty[i].IsBlocked)
                _dirty[i].Flush();
        }
    }

    public DataBatch? TryRent(SocketOutput output)
    {
        if (!_batches.TryTake(out var batch))
            return null;
        _dirty.Add(output);
        return batch;
    }

    /// <summary>Wakes the output when there is a batch again.</summary>
    public void AwaitBatch(SocketOutput output) => _waiting.Add(output);

    public void GiveBack(SocketOutput output, DataBatch batch)
    {
        _dirty.Remove(output);
        batch.Clear();
        _batches.Return(batch);
        // All of them: the first may have nothing to send any more.
        while (_waiting.Count > 0)
        {
            var waiting = _waiting.First();
            _waiting.Remove(waiting);
            waiting.Wake();
        }
    }

    /// <summary>The output waits no more.</summary>
    public void Withdraw(SocketOutput output) => _waiting.Remove(output);

    /// <inheritdoc/>
    public void Dispose()
    {
        ForgetAll();
        _batches.Dispose();
    }

    private void ForgetAll()
    {
        foreach (var output in _outputs.Values)
            output.Forget();
        _outputs.Clear();
    }
}
