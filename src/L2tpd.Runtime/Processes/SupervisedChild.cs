using L2tpd.Linux.Loop;
using L2tpd.Linux.Processes;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Processes;

/// <summary>Is told what a child says and how it ends. Loop thread.</summary>
public interface IChildObserver
{
    /// <summary>One line of its output, valid during the call only.</summary>
    void OnLine(ReadOnlySpan<char> line);

    /// <summary>It has ended and is reaped; its output was read. The last call.</summary>
    void OnExit(ChildExit exit);

    /// <summary>It did not end in time after SIGTERM and gets SIGKILL now.</summary>
    void OnKilled();
}

/// <summary>
/// A running child in the loop: reads its output, notices its end by the pidfd, stops it with patience. Loop thread only.
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
    private LoopTimer? _patience;
    private bool _ended;

    public SupervisedChild(EventLoop events, LoopTimers timers, FaultLog faults, ChildProcess child, IChildObserver observer)
    {
        (_child, _observer, _timers) = (child, observer, timers);
        _lines = new LineSplitter(observer.OnLine);
        _output = events.Register(child.Output, Readiness.Readable, new GuardedHandler(new Handler(ReadSome), faults));
        _exit = events.Register(child.ProcessDescriptor, Readiness.Readable, new GuardedHandler(new Handler(OnExit), faults));
    }

    /// <summary>For logs.</summary>
    public int Pid => _child.Pid;

    /// <summary>SIGTERM now, SIGKILL after <paramref name="patience"/>. Idempotent.</summary>
    public void Stop(TimeSpan patience)
    {
        if (_ended || _patience is not null)
            return;
        _child.Signal(Signals.SIGTERM);
        _patience = _timers.After(patience, Kill);
    }

    /// <summary>SIGKILL now.</summary>
    public void Kill()
    {
        if (_ended)
            return;
        _observer.OnKilled();
        _child.Signal(Signals.SIGKILL);
    }

    /// <summary>Kills it if it still runs, and closes everything. The observer hears no more.</summary>
    public void Dispose()
    {
        _ended = true;
        _patience?.Cancel();
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
            // A child's last words explain its end.
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
            // The child closed its output: it would be reported as readable for ever.
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
