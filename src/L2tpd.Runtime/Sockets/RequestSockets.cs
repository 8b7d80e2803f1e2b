using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// The sockets that take datagrams with tunnel id 0 for a UDP listener: SCCRQs, which anybody can forge. They have their own queue, and a
/// bounded number of them is read in each turn of the loop, after everything else (ADR 3). If such a socket cannot be opened, the listener
/// takes SCCRQs as well. Loop thread only, except for <see cref="Add"/> before the loop runs.
/// </summary>
/// <param name="engine">Takes the datagrams.</param>
/// <param name="attach">Adds a socket to the loop as a transport with the properties of the listener.</param>
internal sealed class RequestSockets(EngineLoop engine, Func<Transport, DatagramSocket, Transport> attach) : IDisposable
{
    /// <summary>SCCRQs answered per turn and socket: about one millisecond of work.</summary>
    private const int MostAnswersATurn = 128;

    /// <summary>Datagrams read per turn and socket: those without an answer cost little.</summary>
    private const int MostATurn = 1_024;

    /// <summary>
    /// There is a backlog if the queue was not empty at the end of a turn for this long, ms. It is shorter than the time that the queue can
    /// hold.
    /// </summary>
    private const long BacklogAfter = 40;

    /// <summary>The backlog is over if the queue was empty at times for this long, ms.</summary>
    private const long BacklogOver = 2_000;

    /// <summary>
    /// Size of the receive buffer, octets: about ten thousand SCCRQs, or the work of a tenth of a second. A longer queue would delay real
    /// peers without more of them being answered.
    /// </summary>
    private const int BufferSize = 4 << 20;

    private readonly List<Transport> _all = [];
    private readonly List<Transport> _ready = [];
    private readonly ReceiveBatch _batch = new(ReceiveBatch.MaximumCapacity, ReceiveBatch.LongestMessage);
    private long _nonEmptySince;
    private long _lastBacklog;
    private bool _isBacklogged;

    /// <summary>All open sockets for SCCRQs.</summary>
    public IReadOnlyCollection<Transport> All => _all;

    /// <summary>Opens one for a listener.</summary>
    public void Add(Transport listener, UdpSocketOptions options)
    {
        if (listener.Socket is UdpSocket socket
            && socket.TryOpenForRequests(options with { ReceiveBuffer = BufferSize }, out var requests).IsNone)
        {
            _all.Add(attach(listener, requests!));
        }
    }

    /// <summary>Notes that the socket is to be read at the end of the turn; <c>false</c> if it is not a socket for SCCRQs.</summary>
    public bool TryDefer(Transport transport)
    {
        if (!_all.Contains(transport))
            return false;
        _ready.Add(transport);
        return true;
    }

    /// <summary>Reads a bounded number of datagrams. If more are waiting, the socket is readable again in the next turn.</summary>
    public void Read()
    {
        var now = MonotonicClock.NowMilliseconds;
        // After a change of the backlog, the rest is read in the next turn, when the engine knows of the change.
        if (_ready.Count > 0 && !ReportBacklog(now))
        {
            var isEmpty = true;
            foreach (var transport in _ready)
                isEmpty &= Read(transport);
            Watch(isEmpty, now);
        }

        _ready.Clear();
    }

    /// <summary>Returns <c>true</c> if the socket was read to the end.</summary>
    private bool Read(Transport transport)
    {
        var sent = engine.Engine.Counters.DatagramsSent;
        for (var taken = 0; taken < MostATurn && engine.Engine.Counters.DatagramsSent - sent < MostAnswersATurn; taken += _batch.Capacity)
        {
            var count = transport.Socket.Receive(_batch);
            if (count > 0)
                engine.Deliver(transport, _batch);
            if (count < _batch.Capacity)
                return true;
        }

        return false;
    }

    private void Watch(bool isEmpty, long now)
    {
        if (isEmpty)
            _nonEmptySince = 0;
        else if (_nonEmptySince == 0)
            _nonEmptySince = now;
        else if (now - _nonEmptySince >= BacklogAfter)
            _lastBacklog = now;
        _ = ReportBacklog(now);
    }

    /// <summary>Reports to the engine that a backlog began or ended; <c>true</c> if it did.</summary>
    private bool ReportBacklog(long now)
    {
        var isBacklogged = _lastBacklog != 0 && now - _lastBacklog < BacklogOver;
        if (isBacklogged == _isBacklogged)
            return false;
        _isBacklogged = isBacklogged;
        engine.Submit(new RequestBacklog(isBacklogged));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();
}
