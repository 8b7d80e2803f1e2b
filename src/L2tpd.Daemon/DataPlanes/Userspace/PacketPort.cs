using System.Buffers;
using L2tpd.Daemon.Loop;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Offload;

namespace L2tpd.Daemon.DataPlanes.Userspace;

/// <summary>
/// A TUN or TAP interface's place in the loop: takes what the system sends into it, a bounded number of packets a turn, so that control messages and the other interfaces have
/// theirs. While the socket behind it takes no more, packets wait in the interface's queue, which knows best what to drop. Loop thread only.
/// </summary>
internal abstract class PacketPort(TunTap device, PacketBuffers buffers) : IReadinessHandler, IDisposable
{
    private LoopRegistration? _watch;

    /// <summary>The rest of a packet of which some segments are sent; null: there is none. Rented.</summary>
    private byte[]? _rest;
    private int _restLength;
    private int _restIndex;

    public TunTap Device => device;

    /// <summary>Carries packets.</summary>
    protected bool IsStarted => _watch is not null;

    /// <summary>Starts carrying.</summary>
    public void Start(EventLoop events, FaultLog faults) =>
        _watch = events.Register(device.Descriptor, Readiness.Readable, new GuardedHandler(this, faults));

    /// <summary>Gives the system a packet of the peer's.</summary>
    /// <param name="packet">Valid during the call.</param>
    /// <param name="refused">Called if the interface takes it not; null: the interface counts.</param>
    public void Deliver(ReadOnlySpan<byte> packet, Action? refused = null)
    {
        if (IsStarted)
            buffers.Coalescer.Write(device, packet, refused);
        else
            refused?.Invoke();
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        var share = buffers.Budget.Take();
        while (share > 0 && IsStarted && TryRead(out var packet, out var index))
        {
            while (index < packet.Count && TrySend(packet, index))
                (index, share) = (index + 1, share - 1);
            if (index < packet.Count)
            {
                Keep(index);
                return;
            }

            DropRest();
        }
    }

    /// <summary>Carries no more; the device may be closed after that.</summary>
    public virtual void Dispose()
    {
        _watch?.Dispose();
        _watch = null;
        buffers.Coalescer.Forget(device);
        DropRest();
    }

    /// <summary>Sends one segment to where it belongs, or drops it.</summary>
    /// <returns>False: no more can be sent now.</returns>
    protected abstract bool TrySend(in SegmentedPacket packet, int index);

    /// <summary>Calls <see cref="Resume"/> when more can be sent.</summary>
    protected abstract void AwaitRoom();

    protected void Resume() => _watch?.Watch(Readiness.Readable);

    private bool TryRead(out SegmentedPacket packet, out int index)
    {
        if (_rest is not null)
        {
            index = _restIndex;
            return TryParse(_rest.AsSpan(0, _restLength), out packet);
        }

        index = 0;
        packet = default;
        _restLength = device.Read(buffers.Read);
        if (_restLength > 0)
            return TryParse(buffers.Read.AsSpan(0, _restLength), out packet);
        // Anything else than "none now": the device was taken away, and is not to keep the loop turning.
        if (_restLength != -Errno.EAGAIN)
            _watch?.Watch(Readiness.None);
        return false;
    }

    private bool TryParse(ReadOnlySpan<byte> read, out SegmentedPacket packet)
    {
        if (device.HasOffloads)
            return SegmentedPacket.TryParse(read, device.IsEthernet, out packet);
        packet = new SegmentedPacket(read);
        return true;
    }

    private void Keep(int index)
    {
        if (_rest is null)
        {
            _rest = ArrayPool<byte>.Shared.Rent(_restLength);
            buffers.Read.AsSpan(0, _restLength).CopyTo(_rest);
        }

        _restIndex = index;
        _watch?.Watch(Readiness.None);
        AwaitRoom();
    }

    private void DropRest()
    {
        if (_rest is { } rest)
            ArrayPool<byte>.Shared.Return(rest);
        _rest = null;
    }
}
