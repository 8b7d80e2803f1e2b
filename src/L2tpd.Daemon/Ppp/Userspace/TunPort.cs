using L2tpd.Daemon.Loop;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;

namespace L2tpd.Daemon.Ppp.Userspace;

/// <summary>
/// A TUN interface's place in the loop: takes what the system sends into it, a bounded number of packets a turn, so that control messages and the other
/// interfaces have theirs. Loop thread only.
/// </summary>
internal abstract class TunPort : IReadinessHandler, IDisposable
{
    private readonly LoopRegistration _watch;

    protected TunPort(TunTap tun, UserspacePppLinks links)
    {
        (Tun, Links) = (tun, links);
        _watch = links.Events.Register(tun.Descriptor, Readiness.Readable, new GuardedHandler(this, links.Faults));
    }

    public string Name => Tun.Name;

    protected TunTap Tun { get; }

    protected UserspacePppLinks Links { get; }

    protected bool IsDisposed { get; private set; }

    /// <summary>Gives the system a packet of a peer's.</summary>
    public void Deliver(ReadOnlySpan<byte> packet)
    {
        if (IsDisposed || Tun.Write(packet) != 0)
            Links.Drops.NoRoom++;
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        var share = Links.Budget.Take();
        for (var i = 0; i < share && !IsDisposed; i++)
            if (!ReadOne())
                return;
    }

    /// <summary>No longer watched: the interface may be closed.</summary>
    public virtual void Dispose()
    {
        if (IsDisposed)
            return;
        IsDisposed = true;
        _watch.Dispose();
    }

    /// <summary>Reads one packet and sends it to its peer.</summary>
    /// <returns>False: there is none, or no more can be sent now.</returns>
    protected abstract bool ReadOne();

    /// <summary>Leaves packets in the interface's queue until <see cref="Resume"/>, where they are dropped as the system drops for any interface.</summary>
    protected void Pause() => _watch.Watch(Readiness.None);

    protected void Resume()
    {
        if (!IsDisposed)
            _watch.Watch(Readiness.Readable);
    }
}
