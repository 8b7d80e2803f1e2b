using L2tpd.Linux.Host;
using L2tpd.Linux.Offload;

namespace L2tpd.PppHosting.Userspace.Demand;

/// <summary>Reads the interface of a session that is down. Loop thread only.</summary>
internal sealed class DemandPort(TunTap tun, UserspacePppLinks links, DemandInterface owner) : TunPort(tun, links)
{
    /// <inheritdoc/>
    protected override bool TrySend(in SegmentedPacket packet, int index)
    {
        owner.OnPacket(packet, index);
        return true;
    }

    /// <inheritdoc/>
    protected override void AwaitRoom() => Resume();

    /// <inheritdoc/>
    protected override void OnInterfaceDeleted() => owner.OnInterfaceDeleted();
}
