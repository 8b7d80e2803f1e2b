using System.Diagnostics;
using System.Net;
using L2tpd.Engine;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Linux;
using Path = L2tpd.Engine.Addressing.Path;

namespace L2tpd.Bench;

/// <summary>One engine without sockets; what it sends waits in memory. Its clock stands, but for one millisecond per exchange.</summary>
internal sealed class EngineEnd : ControlPlaneEffects
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID: other work on the machine does not count.</summary>
    private const int ThreadCpuClock = 3;

    private readonly L2tpEngine _engine;
    private readonly byte[] _octets = new byte[16 << 20];
    private readonly List<(int Start, int Length)> _sent = new(65_536);
    private int _used;
    private Instant _now = new(1);
    private long _nanoseconds;
    private long _longest;

    public EngineEnd(EngineConfiguration configuration, IPAddress local, IPAddress remote)
    {
        _engine = new L2tpEngine(configuration, new BufferedRandomSource(this));
        Path = new Path(0, Endpoint.From(local, 1701), Endpoint.From(remote, 1701));
    }

    public int TunnelsUp { get; private set; }

    public int SessionsUp { get; private set; }

    /// <summary>Datagrams and inputs that wait.</summary>
    public int Pending => _sent.Count + Inputs.Count;

    /// <summary>CPU time of <see cref="Take"/> since <see cref="Begin"/>, ns.</summary>
    public double Nanoseconds => _nanoseconds;

    /// <summary>The longest datagram since <see cref="Begin"/>, by the wall clock.</summary>
    public TimeSpan Longest => Stopwatch.GetElapsedTime(0, _longest);

    /// <summary>Octets allocated since <see cref="Begin"/>.</summary>
    public long Allocated { get; private set; }

    public void Start() => Inputs.Enqueue(new Start());

    public void ShutDown() => Inputs.Enqueue(new ShutDown());

    /// <summary>The figures count from here.</summary>
    public void Begin() => (_nanoseconds, _longest, Allocated) = (0, 0, 0);

    /// <summary>Handles the results of its own effects, and what is due.</summary>
    public void Run()
    {
        while (Inputs.TryDequeue(out var input))
            _engine.Handle(input, _now, this);
        if (_engine.NextDeadline <= _now)
            _engine.Handle(DeadlineReached.Instance, _now, this);
    }

    /// <summary>Handles all that the other end has sent.</summary>
    public void Take(EngineEnd other)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var cpu = MonotonicClock.Nanoseconds(ThreadCpuClock);
        var before = Stopwatch.GetTimestamp();
        foreach (var (start, length) in other._sent)
        {
            _engine.Handle(new Datagram(Path, other._octets.AsSpan(start, length)), _now, this);
            var after = Stopwatch.GetTimestamp();
            _longest = Math.Max(_longest, after - before);
            before = after;
        }

        _now = new(_now.Milliseconds + 1);
        Run();
        _nanoseconds += MonotonicClock.Nanoseconds(ThreadCpuClock) - cpu;
        Allocated += GC.GetAllocatedBytesForCurrentThread() - allocated;
        other._sent.Clear();
        other._used = 0;
    }

    public override void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram)
    {
        datagram.CopyTo(_octets.AsSpan(_used));
        _sent.Add((_used, datagram.Length));
        _used += datagram.Length;
    }

    public override void OpenTransport(TunnelKey tunnel, TransportRequest request) => Inputs.Enqueue(new TransportOpened(tunnel, Path));

    public override void Notify(EngineEvent engineEvent)
    {
        if (engineEvent is TunnelEstablished)
            TunnelsUp++;
        else if (engineEvent is SessionEstablished)
            SessionsUp++;
    }
}
