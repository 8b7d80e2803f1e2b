using L2tpd.Daemon.Configuration;
using L2tpd.Daemon.DataPlanes;
using L2tpd.Daemon.Loop;
using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Linux.Loop;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <summary>
/// Links of the kernel: PPPoL2TP channels and /dev/ppp units. Frames are read and written on the loop; what may block (making and removing
/// interfaces, addresses) is done by one worker in the order decided, so that a unit's number is not another session's before the last job for it.
/// </summary>
internal sealed class KernelPppLinks(EventLoop events, FaultLog faults, IInputSink sink, IDataPlane dataPlane) : IPppLinkFactory
{
    private readonly MssRules _clamp = new();
    private readonly byte[] _buffer = new byte[KernelPppLink.LargestFrame];

    public EventLoop Events => events;

    public FaultLog Faults => faults;

    public IInputSink Sink => sink;

    public IDataPlane DataPlane => dataPlane;

    public InterfaceWorker Worker { get; } = new(faults, sink);

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
    public IPppLink? Create(SessionKey session, LinkSettings settings, IPppLinkObserver observer) =>
        dataPlane.BorrowPppSocket(session) is { } socket ? new KernelPppLink(this, session, socket, settings, observer) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Worker.Dispose();
        _clamp.Dispose();
    }
}
