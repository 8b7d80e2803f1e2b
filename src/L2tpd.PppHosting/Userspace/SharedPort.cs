using L2tpd.Linux.Host;
using L2tpd.Linux.Offload;

namespace L2tpd.PppHosting.Userspace;

/// <summary>The current TUN interface of a <see cref="SharedTun"/>. Loop thread only.</summary>
public sealed class SharedPort(TunTap tun, UserspacePppLinks links, SharedTun owner) : TunPort(tun, links)
{
    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        Device.Dispose();
    }

    /// <inheritdoc/>
    protected override bool TrySend(in SegmentedPacket packet, int index)
    {
        if (owner.Find(packet.Whole) is not { } link)
            Links.Drops.NoSubscriber++;
        // A tunnel with a full socket must not delay the subscribers of other tunnels: its packets are dropped.
        else if (!link.TrySend(packet, index))
            Links.Drops.NoRoom++;
        return true;
    }

    /// <inheritdoc/>
    protected override void AwaitRoom() => Resume();

    /// <inheritdoc/>
    protected override void OnInterfaceDeleted() => owner.OnInterfaceDeleted();
}
