using System.Buffers;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Offload;
using L2tpd.Runtime.Loop;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>
/// A TUN or TAP interface's place in the loop: takes what the system sends into it, a bounded number of packets a turn, so that control
/// messages and the other interfaces have theirs. While the socket behind it takes no more, packets wait in the interface's queue, which
/// knows best what to drop. Loop thread only.
/// </summary>
public abstract class PacketPort(TunTap device, PacketBuffers buffers) : IReadinessHandler, IDisposable
{
    /// <summary>Reads that fail one behind the other before the device is given up: each may be one packet's own fault.</summary>
    private const int MostFailures = 64;

    private LoopRegistration? _watch;
    private int _failures;

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
        // Of an interface that is down nothing can be read, but there is no error. An error is told, whatever is watched for, when the
        // interface is no more.
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

    /// <summary>Somebody else took the interface away. Called once; the port carries no more, and is still to be disposed of.</summary>
    protected abstract void OnInterfaceGone();

    /// <summary>
    /// More can be sent, from the next turn on. A packet that is left over is sent even if none follows it: an interface can always be
    /// written to.
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

    /// <summary>A device without an interface reports an error for ever, whatever it is watched for: it may not stay in the loop.</summary>
    private void GiveUp()
    {
        _watch?.Dispose();
        _watch = null;
        buffers.Coalescer.Forget(device);
        DropRest();
        OnInterfaceGone();
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
