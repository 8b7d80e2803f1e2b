using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// Links of the kernel data plane: PPPoL2TP channels and /dev/ppp units. Frames are read and written on the loop. What may block
/// (interfaces and addresses) is done by one worker, in order: no job for a unit's number runs after another session got that number.
/// </summary>
public sealed class KernelPppLinks : IPppLinkFactory
{
    private readonly MssRules _clamp = new();
    private readonly byte[] _buffer = new byte[KernelPppLink.LargestFrame];

    /// <summary>Takes over the guards and their worker.</summary>
    public KernelPppLinks(EventLoop events, FaultLog faults, IInputSink sink, IDataPlane dataPlane, RouteGuards guards, SourceRules sources)
    {
        (Events, Faults, Sink, DataPlane, Sources) = (events, faults, sink, dataPlane, sources);
        (Guards, Worker) = (guards, guards.Worker);
    }

    public EventLoop Events { get; }

    public FaultLog Faults { get; }

    public IInputSink Sink { get; }

    public IDataPlane DataPlane { get; }

    public InterfaceWorker Worker { get; }

    /// <summary>Keeps tunnels out of their own sessions.</summary>
    public RouteGuards Guards { get; }

    /// <summary>Drops packets of subscribers with a source address that is not theirs.</summary>
    public SourceRules Sources { get; }

    /// <summary>One buffer for all: the loop reads one frame at a time.</summary>
    public Span<byte> Buffer => _buffer;

    /// <inheritdoc/>
    public LinuxError Prepare(LinkSettings settings)
    {
        if (settings.Shape == PppInterfaceShape.Shared)
            return new LinuxError(Errno.EOPNOTSUPP, $"shared interface {settings.Interface}", "needs `data-plane: userspace`");
        return Clamp(settings);
    }

    /// <summary>Sees to the rule for the MTU of these settings. Worker thread, or before the loop runs.</summary>
    internal LinuxError Clamp(LinkSettings settings) => settings.ClampMss ? _clamp.Add(settings.Mtu) : LinuxError.None;

    /// <inheritdoc/>
    public void PrepareRunning(LinkSettings settings, Action<LinuxError> onFailure) => Worker.Add(() =>
    {
        // nft is another program, and may be slow.
        if (Prepare(settings) is { IsNone: false } error)
            Sink.Post(() => onFailure(error));
    });

    /// <inheritdoc/>
    public IPppLink? Create(SessionKey session, LinkSettings settings, IPppLinkObserver observer) =>
        DataPlane.PppSockets?.Borrow(session) is { } socket ? new KernelPppLink(this, session, socket, settings, observer) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Guards.Dispose();
        Worker.Dispose();
        _clamp.Dispose();
    }
}
