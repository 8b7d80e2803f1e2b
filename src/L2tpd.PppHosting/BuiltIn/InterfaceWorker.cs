using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// A thread that makes and changes interfaces, in order: such calls may wait for locks of the kernel.
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

    /// <summary>The worker's netlink socket. Within work only.</summary>
    public LinuxError TryNetlink(out RtNetlink netlink)
    {
        var error = _netlink is null ? RtNetlink.TryOpen(out _netlink) : LinuxError.None;
        netlink = _netlink!;
        return error;
    }

    /// <summary>
    /// Does the queued work, up to a timeout. Interfaces that stay are removed with their descriptors when the process ends.
    /// </summary>
    public void Dispose()
    {
        _queue.Complete(LastCalls);
        _queue.Dispose();
        _netlink?.Dispose();
    }
}
