using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// Data queued for one socket. The queue is sent when the batch is full and at the end of each turn of the loop. If the socket's buffer is
/// full, the batch stays until the socket is writable. Meanwhile senders wait, and packets queue at their source. Loop thread only.
/// </summary>
public sealed class SocketOutput(DataOutbox outbox, Transport transport)
{
    private readonly List<Action> _waiting = [];
    private DataBatch? _batch;

    /// <summary>Number of tunnels that send by this socket.</summary>
    public int Users { get; set; }

    public Transport Transport => transport;

    /// <summary>Whether the socket's buffer is full.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>The buffer of the next datagram; empty if there is no room.</summary>
    public Span<byte> Reserve()
    {
        _batch ??= outbox.TryRent(this);
        if (_batch is { Datagrams.IsFull: true } && !IsBlocked)
        {
            Flush();
            _batch ??= outbox.TryRent(this);
        }

        return _batch is null ? default : _batch.Datagrams.Reserve();
    }

    public void Commit(UserspaceSession session, in SockAddr destination, in SockAddr source, uint mark, int length, bool isJoinable) =>
        _batch!.Add(session, destination, source, mark, length, isJoinable);

    /// <summary>Sends what can be sent now.</summary>
    public void Flush()
    {
        if (_batch is not { } batch)
            return;
        if (!transport.Socket.Send(batch.Datagrams))
        {
            Block();
            return;
        }

        _batch = null;
        outbox.GiveBack(this, batch);
        if (IsBlocked)
            Resume();
    }

    /// <summary>
    /// Calls <paramref name="resume"/> once when there is room again in the socket's buffer, or a batch is free; never from within this
    /// call.
    /// </summary>
    public void WhenWritable(Action resume)
    {
        _waiting.Add(resume);
        if (_batch is null)
            outbox.AwaitBatch(this);
    }

    /// <summary>
    /// A batch is free again. The waiting senders must not send from within this call, because another sender may be in the middle of a
    /// packet.
    /// </summary>
    public void Wake()
    {
        var resumed = _waiting.ToArray();
        _waiting.Clear();
        foreach (var resume in resumed)
            resume();
    }

    /// <summary>Drops what is queued, because the socket is about to be closed.</summary>
    public void Forget()
    {
        if (_batch is { } batch)
            outbox.GiveBack(this, batch);
        _batch = null;
        _waiting.Clear();
        outbox.Withdraw(this);
    }

    private void Block()
    {
        if (IsBlocked)
            return;
        IsBlocked = true;
        transport.WaitForRoom(Flush);
    }

    private void Resume()
    {
        IsBlocked = false;
        transport.WaitForRoom(null);
        Wake();
    }
}
