using L2tpd.Daemon.DataPlanes;
using L2tpd.Daemon.Loop;
using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <summary>
/// Links of the kernel: PPPoL2TP channels and /dev/ppp units. Frames are read and written on the loop; what may block (making and removing
/// interfaces, addresses) is done by one worker in the order decided, so that a unit's number is not another session's before the last job for it.
/// </summary>
internal sealed class KernelPppLinks : IPppLinkFactory
{
    private static readonly TimeSpan LastCalls = TimeSpan.FromSeconds(3);

    private readonly byte[] _buffer = new byte[KernelPppLink.LargestFrame];
    private RtNetlink? _netlink;

    public KernelPppLinks(EventLoop events, FaultLog faults, IInputSink sink, IDataPlane dataPlane)
    {
        (Events, Faults, Sink, DataPlane) = (events, faults, sink, dataPlane);
        Worker = new WorkQueue("l2tpd-ppp", error => sink.Post(() => faults.Add("PPP link", error)));
    }

    public EventLoop Events { get; }

    public FaultLog Faults { get; }

    public IInputSink Sink { get; }

    public IDataPlane DataPlane { get; }

    public WorkQueue Worker { get; }

    /// <summary>One buffer for all: the loop reads one frame at a time.</summary>
    public Span<byte> Buffer => _buffer;

    /// <inheritdoc/>
    public IPppLink? Create(SessionKey session, LinkSettings settings, IPppLinkObserver observer) =>
        DataPlane.BorrowPppSocket(session) is { } socket ? new KernelPppLink(this, session, socket, settings, observer) : null;

    /// <summary>The worker's netlink socket.</summary>
    public LinuxError TryNetlink(out RtNetlink netlink)
    {
        var error = _netlink is null ? RtNetlink.TryOpen(out _netlink) : LinuxError.None;
        netlink = _netlink!;
        return error;
    }

    /// <summary>Does what is queued, with patience at an end; interfaces that stay go with their descriptors when the process ends.</summary>
    public void Dispose()
    {
        Worker.Complete(LastCalls);
        Worker.Dispose();
        _netlink?.Dispose();
    }
}
