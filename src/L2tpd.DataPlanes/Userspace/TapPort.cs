using L2tpd.Linux.Host;
using L2tpd.Linux.Offload;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>Ethernet frames between a session and its TAP interface. Loop thread only.</summary>
/// <param name="session">The session.</param>
/// <param name="tap">The interface.</param>
/// <param name="buffers">What interfaces share.</param>
/// <param name="gone">Called once when somebody else took the interface away.</param>
internal sealed class TapPort(UserspaceSession session, TunTap tap, PacketBuffers buffers, Action gone)
    : PacketPort(tap, buffers), ISessionPort
{
    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> payload) =>
        // What the interface does not take, being down or the frame being too short, is counted by the interface.
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
        // An interface whose MTU was made larger than any datagram.
        if (length > room.Length)
            return true;
        packet.Write(index, room);
        session.EndSend(length);
        return true;
    }

    /// <inheritdoc/>
    protected override void AwaitRoom() => session.WhenWritable(Resume);

    /// <inheritdoc/>
    protected override void OnInterfaceGone() => gone();
}
