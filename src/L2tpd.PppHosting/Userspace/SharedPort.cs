using L2tpd.Linux.Host;
using L2tpd.Linux.Offload;

namespace L2tpd.PppHosting.Userspace;

/// <summary>The TUN interface that a <see cref="SharedTun"/> has at present. Loop thread only.</summary>
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
        // A tunnel whose socket takes no more must not keep the other tunnels' subscribers waiting: its packets are dropped.
        else if (!link.TrySend(packet, index))
            Links.Drops.NoRoom++;
        return true;
    }

    /// <inheritdoc/>
    protected override void AwaitRoom() => Resume();

    /// <inheritdoc/>
    protected override void OnInterfaceGone() => owner.OnInterfaceGone();
}
