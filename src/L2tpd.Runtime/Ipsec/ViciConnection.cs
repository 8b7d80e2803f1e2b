using L2tpd.Ipsec;
using L2tpd.Ipsec.Vici;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Ipsec;

/// <summary>Takes what happens on a connection to strongSwan.</summary>
public interface IViciConnectionObserver : IViciObserver
{
    /// <summary>The connection is closed, or could not be opened. It is tried again unless it was made for one command.</summary>
    /// <param name="why">The reason, for the operator.</param>
    void OnDown(string why);
}

/// <summary>
/// A connection to the VICI socket of strongSwan. A kept one is opened again whenever it is lost, with growing intervals. One that is not
/// kept ends when it is lost. Loop thread only; nothing blocks. A turn reads at most <see cref="ViciLoop.ReadSize"/> octets, so that a
/// strongSwan that writes without end delays nobody.
/// </summary>
public sealed class ViciConnection : IReadinessHandler, IViciCommands, IDisposable
{
    private readonly string _path;
    private readonly ViciLoop _loop;
    private readonly IViciConnectionObserver _observer;
    private readonly bool _isKept;
    private readonly ViciClient _client;
    private readonly RetryInterval _interval = new();
    private UnixStreamSocket? _socket;
    private LoopRegistration? _registration;
    private LoopTimer? _timer;
    private long _timerDue = long.MaxValue;
    private byte[] _unsent = [];
    private int _sent;
    private bool _isDisposed;

    /// <summary>Makes it; <see cref="Open"/> connects.</summary>
    /// <param name="path">The socket's path.</param>
    /// <param name="loop">The loop and its timers.</param>
    /// <param name="events">Events to register for.</param>
    /// <param name="observer">Takes what happens.</param>
    /// <param name="isKept">Whether it is opened again when it is lost.</param>
    public ViciConnection(string path, ViciLoop loop, IReadOnlyList<string> events, IViciConnectionObserver observer, bool isKept)
    {
        (_path, _loop, _observer, _isKept) = (path, loop, observer, isKept);
        _client = new ViciClient(events, observer);
    }

    /// <inheritdoc/>
    public bool IsReady => _client.IsReady;

    /// <summary>Connects. If it cannot, <see cref="IViciConnectionObserver.OnDown"/> is called from within.</summary>
    public void Open()
    {
        if (_isDisposed || _socket is not null)
            return;
        var error = UnixStreamSocket.TryConnect(_path, out _socket);
        if (!error.IsNone)
        {
            Lose($"cannot connect to {_path}: {Errno.Describe(error.Errno)}");
            return;
        }

        _registration = _loop.Events.Register(_socket!.Descriptor, Readiness.Readable, new GuardedHandler(this, _loop.Faults));
        _client.Open(_loop.Timers.Now);
        Flush();
    }

    /// <summary>Whether every command has its result.</summary>
    public bool IsIdle => _client.IsIdle;

    /// <inheritdoc/>
    public void Request(string name, ViciSection arguments, TimeSpan limit, Action<ViciResult> done)
    {
        _client.Request(name, arguments, (long)limit.TotalMilliseconds, _loop.Timers.Now, done);
        Flush();
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        if ((readiness & ~Readiness.Writable) != 0)
            Read();
        Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _timer?.Cancel();
        Close("l2tpd has closed the connection to strongSwan");
    }

    private void Read()
    {
        if (_socket is not { } socket)
            return;
        var count = socket.Read(_loop.Buffer);
        if (count == -Errno.EAGAIN)
            return;
        if (count <= 0)
            Lose(count == 0 ? "strongSwan has closed the connection" : $"cannot read from {_path}: {Errno.Describe(-count)}");
        else if (_client.Receive(_loop.Buffer.AsSpan(0, count), _loop.Timers.Now) is { } problem)
            Lose(problem);
        else if (_client.IsReady)
            _interval.Reset();
    }

    private void Flush()
    {
        while (_socket is { } socket && (_sent < _unsent.Length || TryTakeNext()))
        {
            var count = socket.Write(_unsent.AsSpan(_sent));
            if (count == -Errno.EAGAIN)
                break;
            if (count < 0)
            {
                Lose($"cannot write to {_path}: {Errno.Describe(-count)}");
                return;
            }

            _sent += count;
        }

        _registration?.Watch(_sent < _unsent.Length ? Readiness.Readable | Readiness.Writable : Readiness.Readable);
        Arm(_client.Deadline, CheckDeadline);
    }

    private bool TryTakeNext()
    {
        _sent = 0;
        if (_client.TryTakeOutgoing(out _unsent))
            return true;
        _unsent = [];
        return false;
    }

    /// <summary>A timer that is due earlier is left: it looks again.</summary>
    private void Arm(long due, Action work)
    {
        if (due >= _timerDue || _isDisposed)
            return;
        _timer?.Cancel();
        _timerDue = due;
        _timer = _loop.Timers.After(TimeSpan.FromMilliseconds(Math.Max(0, due - _loop.Timers.Now)), () =>
        {
            _timerDue = long.MaxValue;
            work();
        });
    }

    private void CheckDeadline()
    {
        if (_client.IsOverdue(_loop.Timers.Now))
            Lose("strongSwan does not answer");
        else
            Arm(_client.Deadline, CheckDeadline);
    }

    private void Lose(string why)
    {
        Close(why);
        if (_isDisposed)
            return;
        if (_isKept)
            Arm(_loop.Timers.Now + (long)_interval.Next(_loop.Random()).TotalMilliseconds, Open);
        _observer.OnDown(why);
    }

    private void Close(string why)
    {
        _timer?.Cancel();
        _timerDue = long.MaxValue;
        _registration?.Dispose();
        _socket?.Dispose();
        (_registration, _socket, _unsent, _sent) = (null, null, [], 0);
        _client.Close(why);
    }
}
