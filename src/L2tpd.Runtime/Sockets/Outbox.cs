using L2tpd.Engine.Addressing;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// Collects the datagrams of the engine and gives them to the kernel in batches, at the end of each turn or when a batch is full. A socket
/// that has something to send rents a batch (<see cref="BatchPool{TBatch}"/>). A socket whose buffer is full keeps its batch until it is
/// writable. A datagram without room is dropped and counted; the reliable channel sends it again.
/// </summary>
public sealed class Outbox : IDisposable
{
    private const int MostBatches = 64;

    private readonly BatchPool<OutgoingBatch> _batches;
    private readonly List<Transport> _dirty = [];
    private readonly Action<TunnelKey, SockAddr, int> _onRefused;

    /// <summary>Makes an empty outbox.</summary>
    /// <param name="onRefused">Takes each datagram that the kernel refused: its tunnel, its destination, errno.</param>
    public Outbox(Action<TunnelKey, SockAddr, int> onRefused)
    {
        _onRefused = onRefused;
        _batches = new BatchPool<OutgoingBatch>(MostBatches, static () => new OutgoingBatch(), FlushAll);
    }

    /// <summary>Datagrams dropped because there was no room.</summary>
    public long Dropped { get; private set; }

    /// <summary>Datagrams that the kernel refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Queues one datagram.</summary>
    /// <param name="transport">The socket.</param>
    /// <param name="tunnel">The tunnel, or none.</param>
    /// <param name="destination">The peer; none on a connected socket.</param>
    /// <param name="source">The source address; none for the address that the socket is bound to.</param>
    /// <param name="mark">The mark to send with; 0 for that of the socket.</param>
    /// <param name="datagram">The datagram, which is copied.</param>
    public void Add(
        Transport transport, TunnelKey tunnel, in SockAddr destination, in SockAddr source, uint mark, ReadOnlySpan<byte> datagram)
    {
        if (!TryRent(transport))
        {
            Dropped++;
            return;
        }

        if (transport.Batch!.TryAdd(tunnel, destination, source, mark, datagram))
            return;
        if (!transport.IsBlocked)
            Flush(transport);
        if (!TryRent(transport) || !transport.Batch!.TryAdd(tunnel, destination, source, mark, datagram))
            Dropped++;
    }

    /// <summary>Sends everything that can be sent now.</summary>
    public void FlushAll()
    {
        for (var i = _dirty.Count - 1; i >= 0; i--)
        {
            if (!_dirty[i].IsBlocked)
                Flush(_dirty[i]);
        }
    }

    /// <summary>Sends what is queued for one socket.</summary>
    public void Flush(Transport transport)
    {
        if (transport.Batch is not { } batch)
            return;
        var done = transport.Socket.Send(batch.Datagrams);
        transport.SetBlocked(!done);
        if (done)
            GiveBack(transport, batch);
    }

    /// <summary>Sends what can be sent now and drops the rest, because the socket is about to be closed.</summary>
    public void Forget(Transport transport)
    {
        Flush(transport);
        if (transport.Batch is { } batch)
            GiveBack(transport, batch);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var transport in _dirty.ToArray())
            Forget(transport);
        _batches.Dispose();
    }

    private bool TryRent(Transport transport)
    {
        if (transport.Batch is not null)
            return true;
        if (!_batches.TryTake(out var batch))
            return false;
        transport.Batch = batch;
        _dirty.Add(transport);
        return true;
    }

    private void GiveBack(Transport transport, OutgoingBatch batch)
    {
        transport.Batch = null;
        _dirty.Remove(transport);
        if (batch.Datagrams.Failed > 0)
            Report(batch);
        batch.Datagrams.Clear();
        _batches.Return(batch);
    }

    private void Report(OutgoingBatch batch)
    {
        for (var i = 0; i < batch.Datagrams.Count; i++)
        {
            var errno = batch.Datagrams.ErrorOf(i);
            if (errno == 0)
                continue;
            Refused++;
            _onRefused(batch.TunnelOf(i), batch.Datagrams.Destination(i), errno);
        }
    }
}
