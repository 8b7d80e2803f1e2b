using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Sockets;

/// <summary>Whether a socket serves many tunnels or one.</summary>
public enum TransportKind
{
    /// <summary>Bound, unconnected, for all peers.</summary>
    Listener,

    /// <summary>Opened for one dialled tunnel.</summary>
    Own,

    /// <summary>Opened on the address of a listener, and connected to the peer of one tunnel.</summary>
    Connected,
}

/// <summary>One socket of the daemon, UDP or L2TP/IP, and its place in the loop. Loop thread only.</summary>
public sealed class Transport(
    int number, TransportKind kind, TunnelKey owner, DatagramSocket socket, ITransportHandler handler) : IReadinessHandler, IDisposable
{
    private LoopRegistration? _registration;
    private Action? _room;

    /// <summary>The number by which the engine knows the socket; a connected socket has the number of its listener.</summary>
    public int Number => number;

    public TransportKind Kind => kind;

    /// <summary>The tunnel that the socket was opened for; none for a listener.</summary>
    public TunnelKey Owner => owner;

    public DatagramSocket Socket => socket;

    /// <summary>Whether it is a socket of IP protocol 115.</summary>
    public bool IsOverIp => socket is not UdpSocket;

    /// <summary>The peer that the socket is connected to, so that sends must have no address; <c>null</c> if it is not connected.</summary>
    public Endpoint? ConnectedTo { get; set; }

    /// <summary>The socket that is used instead of this one, which is closed; <c>null</c>: none.</summary>
    internal Transport? Successor { get; set; }

    /// <summary>Whether the socket is closed.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>The listener's configuration; <c>null</c> if the socket is not a listener.</summary>
    internal Listener? Listener { get; init; }

    /// <summary>Whether the kernel drops what does not come out of ESP on this socket.</summary>
    public bool IsProtected { get; init; }

    /// <summary>Whether the marks of datagrams tell peers apart.</summary>
    public bool TakesMarks { get; init; }

    /// <summary>A peer's address as the engine knows it by this socket.</summary>
    /// <param name="peer">The address.</param>
    /// <param name="mark">The datagram's mark, which counts if the socket takes marks.</param>
    public Endpoint RemoteOf(in SockAddr peer, uint mark = 0) =>
        (IsOverIp ? peer.ToEndpointOverIp() : peer.ToEndpoint()) with { IsProtected = IsProtected, Mark = TakesMarks ? mark : 0 };

    /// <summary>
    /// Whether the datagram must be dropped: where all peers have marks, one without is of an association that no rule knows yet. Its
    /// answer would find no association, and leave in clear text.
    /// </summary>
    public bool LacksMark(in Endpoint remote) => TakesMarks && IsProtected && remote.Mark == 0;

    /// <summary>The address that the socket is bound to.</summary>
    public Endpoint Local { get; set; }

    /// <summary>Datagrams queued for this socket; <c>null</c> if there are none. Set by the <see cref="Outbox"/>.</summary>
    internal OutgoingBatch? Batch { get; set; }

    /// <summary>Whether the socket's buffer is full, so that the rest of <see cref="Batch"/> waits until the socket is writable.</summary>
    internal bool IsBlocked { get; private set; }

    /// <summary>Starts receiving.</summary>
    public void Attach(LoopRegistration registration) => _registration = registration;

    /// <summary>Starts or ends waiting for room in the socket's buffer.</summary>
    internal void SetBlocked(bool blocked)
    {
        if (IsBlocked == blocked)
            return;
        IsBlocked = blocked;
        Watch();
    }

    /// <summary>Sets the callback of data that wait for room in the socket's buffer; <c>null</c> if none wait.</summary>
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
        IsDisposed = true;
        _registration?.Dispose();
        _registration = null;
        socket.Dispose();
    }

    private void Watch() => _registration?.Watch(IsBlocked
        || _room is not null ? Readiness.Readable | Readiness.Writable : Readiness.Readable);
}

/// <summary>Handles the readiness of a socket.</summary>
public interface ITransportHandler
{
    /// <summary>The socket has datagrams to read.</summary>
    void OnReadable(Transport transport);

    /// <summary>The socket has room to send again.</summary>
    void OnWritable(Transport transport);

    /// <summary>The socket's error queue has entries.</summary>
    void OnErrors(Transport transport);
}
