using L2tpd.Daemon.Loop;
using L2tpd.Linux.Sockets;

namespace L2tpd.Daemon.Effects;

/// <summary>
/// The sockets that take what comes to a UDP listener with tunnel id 0: SCCRQs, which anybody can forge. They have a queue of their own, and of that a
/// bounded number is read in each turn of the loop, after everything else (ADR 70). Where there is none, the listener takes SCCRQs as well. Loop thread only, but
/// for <see cref="Add"/> before the loop runs.
/// </summary>
/// <param name="engine">Who gets the datagrams.</param>
/// <param name="attach">Makes a socket a transport like the listener that it stands beside, in the loop.</param>
internal sealed class RequestSockets(EngineLoop engine, Func<Transport, DatagramSocket, Transport> attach) : IDisposable
{
    /// <summary>Datagrams read a turn of each socket: well under a millisecond's work.</summary>
    private const int MostATurn = 128;

    /// <summary>
    /// Octets of the receive buffer: some ten thousand SCCRQs, a tenth of a second of what the daemon can answer. A longer queue would let real peers wait longer, for
    /// no more of them to be answered.
    /// </summary>
    private const int BufferSize = 4 << 20;

    private readonly List<Transport> _all = [];
    private readonly List<Transport> _ready = [];
    private readonly ReceiveBatch _batch = new();

    /// <summary>Those there are.</summary>
    public IReadOnlyCollection<Transport> All => _all;

    /// <summary>Opens one beside a listener.</summary>
    public void Add(Transport listener, UdpSocketOptions options)
    {
        if (listener.Socket is UdpSocket socket && socket.TryOpenForRequests(options with { ReceiveBuffer = BufferSize }, out var requests).IsNone)
            _all.Add(attach(listener, requests!));
    }

    /// <summary>Notes that there is something to read at the end of the turn; false: the socket is none of these.</summary>
    public bool TryDefer(Transport transport)
    {
        if (!_all.Contains(transport))
            return false;
        _ready.Add(transport);
        return true;
    }

    /// <summary>Reads what a turn has room for. What is left makes the socket readable again.</summary>
    public void Read()
    {
        foreach (var transport in _ready)
        {
            for (var taken = 0; taken < MostATurn; taken += _batch.Capacity)
            {
                var count = transport.Socket.Receive(_batch);
                if (count > 0)
                    engine.Deliver(transport.Number, transport.Local, _batch);
                if (count < _batch.Capacity)
                    break;
            }
        }

        _ready.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();
}
