using L2tpd.Configuration;
using L2tpd.DataPlanes;
using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// Links of the kernel: PPPoL2TP channels and /dev/ppp units. Frames are read and written on the loop; what may block (making and removing
/// interfaces, addresses) is done by one worker in the order decided, so that a unit's number is not another session's before the last job for it.
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

    /// <summary>What keeps tunnels out of default routes through them.</summary>
    public RouteGuards Guards { get; }

    /// <summary>What drops packets of subscribers with sources of others.</summary>
    public SourceRules Sources { get; }

    /// <summary>One buffer for all: the loop reads one frame at a time.</summary>
    public Span<byte> Buffer => _buffer;

    /// <inheritdoc/>
    public LinuxError Prepare(LinkSettings settings)
    {
        if (settings.Shape == PppInterfaceShape.Shared)
            return new LinuxError(Errno.EOPNOTSUPP, $"shared interface {settings.Interface}", "needs `data-plane: userspace`");
        return settings.ClampMss ? _clamp.Add(settings.Mtu) : LinuxError.None;
    }

    /// <inheritdoc/>
    public void PrepareRunning(LinkSettings settings, Action<LinuxError> onFailure) => Worker.Add(() =>
    {
        // nft is another program, and may take its time.
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
