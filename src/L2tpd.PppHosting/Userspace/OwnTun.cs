using L2tpd.DataPlanes.Userspace;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Offload;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.PppHosting.Userspace;

/// <summary>The TUN interface of one session.</summary>
internal sealed class OwnTun(TunTap tun, UserspacePppLinks links, UserspacePppLink link, UserspaceSession session) : TunPort(tun, links)
{
    /// <summary>Makes the interface: up, without addresses. Worker thread only.</summary>
    public static LinuxError TryMake(RtNetlink netlink, LinkSettings settings, int mtu, bool offloads, out TunTap? tun)
    {
        var error = TunTap.TryOpen(settings.Interface ?? "ppp%d", tap: false, offloads, out tun);
        if (!error.IsNone)
            return error;
        // The link-local address is PPP's. A kernel without IPv6 returns an error here, which is ignored.
        _ = netlink.SetNoLinkLocalAddress(tun!.Name);
        error = netlink.SetLink(tun.Name, up: true, mtu: (uint)Math.Min(mtu, UserspacePppLink.LargestPacket));
        if (error.IsNone)
            return error;
        tun.Dispose();
        tun = null;
        return error;
    }

    /// <inheritdoc/>
    protected override bool TrySend(in SegmentedPacket packet, int index) => link.TrySend(packet, index);

    /// <inheritdoc/>
    protected override void AwaitRoom() => session.WhenWritable(Resume);

    /// <inheritdoc/>
    protected override void OnInterfaceDeleted() => link.OnInterfaceDeleted(Name);
}
