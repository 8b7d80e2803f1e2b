using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;

namespace L2tpd.Runtime.Sockets;

/// <summary>What a transport has: a listener of many tunnels, or one tunnel's own socket.</summary>
public enum TransportKind
{
    /// <summary>Bound, unconnected, for all peers.</summary>
    Listener,

    /// <summary>Opened for a dialled tunnel.</summary>
    Own,

    /// <summary>Beside a listener, on its port or over IP, connected to one tunnel's peer.</summary>
    Connected,
}

/// <summary>One socket of the daemon, UDP or L2TP/IP, and its place in the loop. Loop thread only.</summary>
public sealed class Transport(
    int number, TransportKind kind, TunnelKey owner, DatagramSocket socket, ITransportHandler handler) : IReadinessHandler, IDisposable
{
    private LoopRegistration? _registration;
    private Action? _room;

    /// <summary>The number under which the engine knows it: a connected socket goes by its listener's number.</summary>
    public int Number => number;

    public TransportKind Kind => kind;

    /// <summary>The tunnel it was opened for; none for a listener.</summary>
    public TunnelKey Owner => owner;

    public DatagramSocket Socket => socket;

    /// <summary>True for IP protocol 115.</summary>
    public bool IsOverIp => socket is not UdpSocket;

    /// <summary>The peer it is connected to: sends need no address, and may have none. Null: unconnected.</summary>
    public Endpoint? ConnectedTo { get; set; }

    /// <summary>As it was configured; null: no listener.</summary>
    internal Listener? Listener { get; init; }

    /// <summary>The address it is bound to.</summary>
    public Endpoint Local { get; set; }

    /// <summary>Datagrams queued for this socket; null: none. The <see cref="Outbox"/>'s.</summary>
    internal OutgoingBatch? Batch { get; set; }

    /// <summary>The socket's buffer was full: the rest of <see cref="Batch"/> waits for it to be writable.</summary>
    internal bool IsBlocked { get; private set; }

    /// <summary>Starts receiving.</summary>
    public void Attach(LoopRegistration registration) => _registration = registration;

    /// <summary>Waits for room in the socket's buffer, or no longer.</summary>
    internal void SetBlocked(bool blocked)
    {
        if (IsBlocked == blocked)
            return;
        IsBlocked = blocked;
        Watch();
    }

    /// <summary>Data wait for room in the socket's buffer as well: who is to be told; null: they no longer do.</summary>
    public void WaitForRoom(Action? room)
    {
        _room = room;
        Watch();
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        if ((readiness & Readiness.Error) != 0)
            handler.OnErrors(this);
        if ((readiness & Readiness.Readable) != 0)
            handler.OnReadable(this);
        if ((readiness & Readiness.Writable) != 0 && IsBlocked)
            handler.OnWritable(this);
        if ((readiness & Readiness.Writable) != 0)
            _room?.Invoke();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration?.Dispose();
        _registration = null;
        socket.Dispose();
    }

    private void Watch() => _registration?.Watch(IsBlocked
        || _room is not null ? Readiness.Readable | Readiness.Writable : Readiness.Readable);
}

/// <summary>What is done for a ready socket.</summary>
public interface ITransportHandler
{
    /// <summary>Datagrams are there.</summary>
    void OnReadable(Transport transport);

    /// <summary>There is room to send again.</summary>
    void OnWritable(Transport transport);

    /// <summary>The error queue has something.</summary>
    void OnErrors(Transport transport);
}
