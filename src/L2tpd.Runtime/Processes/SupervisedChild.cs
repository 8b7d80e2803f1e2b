using L2tpd.Linux.Loop;
using L2tpd.Linux.Processes;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Processes;

/// <summary>Takes a child's output and its end. Loop thread.</summary>
public interface IChildObserver
{
    /// <summary>Takes one line of the child's output. The span is valid during the call only.</summary>
    void OnLine(ReadOnlySpan<char> line);

    /// <summary>The child has ended and was reaped, and its output was read to the end. This is the last call.</summary>
    void OnExit(ChildExit exit);

    /// <summary>The child did not end in time after SIGTERM. SIGKILL is sent now.</summary>
    void OnKilled();
}

/// <summary>
/// A running child in the loop: reads its output, notices its end by the pidfd, stops it with SIGTERM and after a wait with SIGKILL. Loop
/// thread only.
/// </summary>
public sealed class SupervisedChild : IDisposable
{
    private const int ReadSize = 4_096;
    private const int MostReadsAtEnd = 16;

    private readonly ChildProcess _child;
    private readonly IChildObserver _observer;
    private readonly LoopTimers _timers;
    private readonly LineSplitter _lines;
    private readonly LoopRegistration _exit;
    private LoopRegistration? _output;
    private LoopTimer? _killTimer;
    private bool _ended;

    public SupervisedChild(EventLoop events, LoopTimers timers, FaultLog faults, ChildProcess child, IChildObserver observer)
    {
        (_child, _observer, _timers) = (child, observer, timers);
        _lines = new LineSplitter(observer.OnLine);
        _output = events.Register(child.Output, Readiness.Readable, new GuardedHandler(new Handler(ReadSome), faults));
        _exit = events.Register(child.ProcessDescriptor, Readiness.Readable, new GuardedHandler(new Handler(OnExit), faults));
    }

    /// <summary>The process id, for logs.</summary>
    public int Pid => _child.Pid;

    /// <summary>The child.</summary>
    public ChildProcess Process => _child;

    /// <summary>Sends SIGTERM now, and SIGKILL after <paramref name="wait"/>. Idempotent.</summary>
    public void Stop(TimeSpan wait)
    {
        if (_ended || _killTimer is not null)
            return;
        _child.Signal(Signals.SIGTERM);
        _killTimer = _timers.After(wait, Kill);
    }

    /// <summary>Sends SIGKILL now.</summary>
    public void Kill()
    {
        if (_ended)
            return;
        _observer.OnKilled();
        _child.Signal(Signals.SIGKILL);
    }

    /// <summary>Kills the child if it still runs, and closes all descriptors. The observer is not called any more.</summary>
    public void Dispose()
    {
        _ended = true;
        _killTimer?.Cancel();
        _output?.Dispose();
        _exit.Dispose();
        _child.Dispose();
    }

    private void OnExit()
    {
        if (_ended || !_child.TryReap(out var exit))
            return;
        for (var i = 0; i < MostReadsAtEnd && _output is not null && Read(); i++)
        {
            // The last lines of a child explain why it ended.
        }

        _lines.End();
        Dispose();
        _observer.OnExit(exit);
    }

    private void ReadSome() => Read();

    private bool Read()
    {
        Span<byte> buffer = stackalloc byte[ReadSize];
        var count = _child.ReadOutput(buffer);
        if (count > 0)
        {
            _lines.Add(buffer[..count]);
        }
        else if (count == 0)
        {
            // The child closed its output: epoll would report the descriptor as readable in every turn.
            _output?.Dispose();
            _output = null;
        }

        return count > 0;
    }

    private sealed class Handler(Action ready) : IReadinessHandler
    {
        public void OnReady(Readiness readiness) => ready();
    }
}
