using System.Buffers;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Offload;
using L2tpd.Runtime.Loop;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// A TUN or TAP interface in the loop. It reads a bounded number of packets per turn, so that control messages and other interfaces are not
/// delayed. While the socket behind it has no room, packets wait in the interface's queue, whose queueing discipline decides what to drop.
/// Loop thread only.
/// </summary>
public abstract class PacketPort(TunTap device, PacketBuffers buffers) : IReadinessHandler, IDisposable
{
    /// <summary>Consecutive failed reads after which the device is given up. A single failure may be the fault of one packet.</summary>
    private const int MostFailures = 64;

    private LoopRegistration? _watch;
    private int _failures;

    /// <summary>The rest of a packet of which some segments were sent; <c>null</c> if there is none. Rented.</summary>
    private byte[]? _rest;
    private int _restLength;
    private int _restIndex;

    public TunTap Device => device;

    /// <summary>Whether the port carries packets.</summary>
    protected bool IsStarted => _watch is not null;

    /// <summary>Starts to carry packets.</summary>
    public void Start(EventLoop events, FaultLog faults) =>
        _watch = events.Register(device.Descriptor, Readiness.Readable, new GuardedHandler(this, faults));

    /// <summary>Writes a packet of the peer to the interface.</summary>
    /// <param name="packet">Valid during the call.</param>
    /// <param name="refused">Called if the interface does not accept it; <c>null</c> if the interface counts that.</param>
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
        // An interface that is down cannot be read, but reports no error. A deleted interface reports an error, whatever the loop
        // watches for.
        if (readiness.HasFlag(Readiness.Error))
        {
            GiveUp();
            return;
        }

        if (readiness.HasFlag(Readiness.Writable))
            _watch?.Watch(Readiness.Readable);
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

    /// <summary>Stops to carry packets. The device may be closed after that.</summary>
    public virtual void Dispose()
    {
        _watch?.Dispose();
        _watch = null;
        buffers.Coalescer.Forget(device);
        DropRest();
    }

    /// <summary>Sends one segment, or drops it.</summary>
    /// <returns><c>false</c> if no more can be sent now.</returns>
    protected abstract bool TrySend(in SegmentedPacket packet, int index);

    /// <summary>Arranges that <see cref="Resume"/> is called when more can be sent.</summary>
    protected abstract void AwaitRoom();

    /// <summary>
    /// Another program deleted the interface. Called once. The port carries nothing any more, and must still be disposed of.
    /// </summary>
    protected abstract void OnInterfaceDeleted();

    /// <summary>
    /// More can be sent, from the next turn on. A waiting rest of a packet is sent even if no other packet follows: the loop watches for
    /// writability, which an interface always reports.
    /// </summary>
    protected void Resume() => _watch?.Watch(_rest is null ? Readiness.Readable : Readiness.Readable | Readiness.Writable);

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
        {
            _failures = 0;
            return TryParse(buffers.Read.AsSpan(0, _restLength), out packet);
        }

        if (_restLength is not (-Errno.EAGAIN or -Errno.EINTR) && (_restLength == -Errno.EBADFD || ++_failures == MostFailures))
            GiveUp();
        return false;
    }

    /// <summary>
    /// A device without an interface reports an error in every turn, whatever the loop watches for, so it is removed from the loop.
    /// </summary>
    private void GiveUp()
    {
        _watch?.Dispose();
        _watch = null;
        buffers.Coalescer.Forget(device);
        DropRest();
        OnInterfaceDeleted();
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
