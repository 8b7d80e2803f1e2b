using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Sockets;

/// <summary>
/// The sockets that take what comes to a UDP listener with tunnel id 0: SCCRQs, which anybody can forge. They have a queue of their own,
/// and of that a bounded number is read in each turn of the loop, after everything else (ADR 3). Where there is none, the listener takes
/// SCCRQs as well. Loop thread only, but for <see cref="Add"/> before the loop runs.
/// </summary>
/// <param name="engine">Who gets the datagrams.</param>
/// <param name="attach">Makes a socket a transport like the listener that it stands beside, in the loop.</param>
internal sealed class RequestSockets(EngineLoop engine, Func<Transport, DatagramSocket, Transport> attach) : IDisposable
{
    /// <summary>SCCRQs answered a turn for each socket: about a millisecond's work.</summary>
    private const int MostAnswersATurn = 128;

    /// <summary>Datagrams read a turn of each socket: those that are not answered cost little.</summary>
    private const int MostATurn = 1_024;

    /// <summary>
    /// The queue was not empty at the end of a turn for so long, ms: more come than can be answered. Less than the queue holds.
    /// </summary>
    private const long BacklogAfter = 40;

    /// <summary>It was empty at times for so long, ms: no more than can be answered.</summary>
    private const long BacklogOver = 2_000;

    /// <summary>
    /// Octets of the receive buffer: some ten thousand SCCRQs, a tenth of a second of what the daemon can answer. A longer queue would let
    /// real peers wait longer, for no more of them to be answered.
    /// </summary>
    private const int BufferSize = 4 << 20;

    private readonly List<Transport> _all = [];
    private readonly List<Transport> _ready = [];
    private readonly ReceiveBatch _batch = new(ReceiveBatch.MaximumCapacity, ReceiveBatch.LongestMessage);
    private long _nonEmptySince;
    private long _lastBacklog;
    private bool _isBacklogged;

    /// <summary>Those there are.</summary>
    public IReadOnlyCollection<Transport> All => _all;

    /// <summary>Opens one beside a listener.</summary>
    public void Add(Transport listener, UdpSocketOptions options)
    {
        if (listener.Socket is UdpSocket socket
            && socket.TryOpenForRequests(options with { ReceiveBuffer = BufferSize }, out var requests).IsNone)
        {
            _all.Add(attach(listener, requests!));
        }
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
        var now = MonotonicClock.NowMilliseconds;
        // What came after a long quiet time is read in the next turn, when the engine knows that the backlog is over.
        if (_ready.Count > 0 && !TellOfBacklog(now))
        {
            var isEmpty = true;
            foreach (var transport in _ready)
                isEmpty &= Read(transport);
            Watch(isEmpty, now);
        }

        _ready.Clear();
    }

    /// <summary>True: all was read.</summary>
    private bool Read(Transport transport)
    {
        var sent = engine.Engine.Counters.DatagramsSent;
        for (var taken = 0; taken < MostATurn && engine.Engine.Counters.DatagramsSent - sent < MostAnswersATurn; taken += _batch.Capacity)
        {
            var count = transport.Socket.Receive(_batch);
            if (count > 0)
                engine.Deliver(transport.Number, transport.Local, _batch);
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
        _ = TellOfBacklog(now);
    }

    /// <summary>True: it began or ended.</summary>
    private bool TellOfBacklog(long now)
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
