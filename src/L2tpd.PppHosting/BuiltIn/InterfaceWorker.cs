using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// Makes and changes interfaces beside the loop, in the order decided, for the kernel's locks may hold such calls up.
/// </summary>
public sealed class InterfaceWorker : IDisposable
{
    private static readonly TimeSpan LastCalls = TimeSpan.FromSeconds(3);

    private readonly WorkQueue _queue;
    private RtNetlink? _netlink;

    public InterfaceWorker(FaultLog faults, IInputSink sink) =>
        _queue = new WorkQueue("l2tpd-ppp", error => sink.Post(() => faults.Add("PPP link", error)));

    /// <summary>Queues work. Any thread.</summary>
    public void Add(Action work) => _queue.Add(work);

    /// <summary>The worker's netlink socket. From within work only.</summary>
    public LinuxError TryNetlink(out RtNetlink netlink)
    {
        var error = _netlink is null ? RtNetlink.TryOpen(out _netlink) : LinuxError.None;
        netlink = _netlink!;
        return error;
    }

    /// <summary>Does what is queued, with patience at an end; interfaces that stay go with their descriptors when the process ends.</summary>
    public void Dispose()
    {
        _queue.Complete(LastCalls);
        _queue.Dispose();
        _netlink?.Dispose();
    }
}
