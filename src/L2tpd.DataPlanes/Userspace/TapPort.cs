using L2tpd.Linux.Host;
using L2tpd.Linux.Offload;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>Ethernet frames between a session and its TAP interface. Loop thread only.</summary>
/// <param name="session">The session.</param>
/// <param name="tap">The interface.</param>
/// <param name="buffers">The shared buffers.</param>
/// <param name="gone">Called once if another program deleted the interface.</param>
internal sealed class TapPort(UserspaceSession session, TunTap tap, PacketBuffers buffers, Action gone)
    : PacketPort(tap, buffers), ISessionPort
{
    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> payload) =>
        // The interface counts frames that it does not accept because it is down or the frame is too short.
        Deliver(payload);

    /// <inheritdoc/>
    public override void Dispose()
    {
        session.Port = null;
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override bool TrySend(in SegmentedPacket packet, int index)
    {
        var room = session.BeginSend();
        if (room.IsEmpty)
            return false;
        var length = packet.LengthOf(index);
        // The interface's MTU was set to more than the longest datagram.
        if (length > room.Length)
            return true;
        packet.Write(index, room);
        session.EndSend(length);
        return true;
    }

    /// <inheritdoc/>
    protected override void AwaitRoom() => session.WhenWritable(Resume);

    /// <inheritdoc/>
    protected override void OnInterfaceDeleted() => gone();
}
