using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// The outputs of all sockets. A socket that has data to send rents a batch, within a bound (<see cref="BatchPool{TBatch}"/>). Loop thread
/// only.
/// </summary>
public sealed class DataOutbox : IDisposable
{
    private const int MostBatches = 64;

    private readonly BatchPool<DataBatch> _batches;
    private readonly List<SocketOutput> _dirty = [];
    private readonly Dictionary<Transport, SocketOutput> _outputs = [];

    /// <summary>Outputs that wait for a batch: no event of their own sockets will wake them.</summary>
    private readonly HashSet<SocketOutput> _waiting = [];

    /// <summary>Makes an outbox without sockets.</summary>
    public DataOutbox()
    {
        _batches = new BatchPool<DataBatch>(MostBatches, static () => new DataBatch(), FlushAll);
    }

    /// <summary>The output of a socket, with one more tunnel as its user.</summary>
    public SocketOutput Take(Transport transport)
    {
        if (!_outputs.TryGetValue(transport, out var output))
            _outputs[transport] = output = new SocketOutput(this, transport);
        output.Users++;
        return output;
    }

    /// <summary>Ends a tunnel's use of the output.</summary>
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

    /// <summary>Wakes the output when a batch is free again.</summary>
    public void AwaitBatch(SocketOutput output) => _waiting.Add(output);

    public void GiveBack(SocketOutput output, DataBatch batch)
    {
        _dirty.Remove(output);
        batch.Clear();
        _batches.Return(batch);
        // Wake all of them: the first may have nothing to send any more.
        while (_waiting.Count > 0)
        {
            var waiting = _waiting.First();
            _waiting.Remove(waiting);
            waiting.Wake();
        }
    }

    /// <summary>Ends the output's wait for a batch.</summary>
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
