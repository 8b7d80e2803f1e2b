using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Sockets;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// Data on their way to one socket. What is queued is sent when the batch is full and at the end of each turn of the loop. A socket that
/// takes no more keeps its batch until it is writable; meanwhile whoever has more to send waits, and the packets queue where they come
/// from. Loop thread only.
/// </summary>
public sealed class SocketOutput(DataOutbox outbox, Transport transport)
{
    private readonly List<Action> _waiting = [];
    private DataBatch? _batch;

    /// <summary>Tunnels that send by it.</summary>
    public int Users { get; set; }

    public Transport Transport => transport;

    /// <summary>The socket's buffer is full.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>The buffer of the next datagram; empty: there is no room.</summary>
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

    public void Commit(UserspaceSession session, in SockAddr destination, in SockAddr source, int length, bool isJoinable) =>
        _batch!.Add(session, destination, source, length, isJoinable);

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
    /// Calls <paramref name="resume"/> once when there is room again, in the socket's buffer or for want of a batch; never from within this
    /// call.
    /// </summary>
    public void WhenWritable(Action resume)
    {
        _waiting.Add(resume);
        if (_batch is null)
            outbox.AwaitBatch(this);
    }

    /// <summary>
    /// There is a batch to be had again. Whoever waited may not send from within this call: another may be in the middle of it.
    /// </summary>
    public void Wake()
    {
        var resumed = _waiting.ToArray();
        _waiting.Clear();
        foreach (var resume in resumed)
            resume();
    }

    /// <summary>The socket is about to be closed: what is queued is lost.</summary>
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
