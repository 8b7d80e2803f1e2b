using L2tpd.Daemon.DataPlanes.Userspace;
using L2tpd.Daemon.Ppp.BuiltIn;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;

namespace L2tpd.Daemon.Ppp.Userspace;

/// <summary>The TUN interface of one session. Packets are read right behind the place of their header: no copy.</summary>
internal sealed class OwnTun(TunTap tun, UserspacePppLinks links, UserspacePppLink link, UserspaceSession session) : TunPort(tun, links)
{
    /// <summary>Makes the interface: up, without addresses. The worker's.</summary>
    public static LinuxError TryMake(RtNetlink netlink, LinkSettings settings, int mtu, out TunTap? tun)
    {
        var error = TunTap.TryOpen(settings.Interface ?? "ppp%d", tap: false, virtioHeader: false, out tun);
        if (!error.IsNone)
            return error;
        // PPP agrees on the only link-local address. A kernel without IPv6 has nothing to refuse.
        _ = netlink.SetNoLinkLocalAddress(tun!.Name);
        error = netlink.SetLink(tun.Name, up: true, mtu: (uint)Math.Min(mtu, UserspacePppLink.LargestPacket));
        if (error.IsNone)
            return error;
        tun.Dispose();
        tun = null;
        return error;
    }

    protected override bool ReadOne()
    {
        var room = session.BeginSend();
        if (room.IsEmpty)
        {
            Pause();
            session.WhenWritable(Resume);
            return false;
        }

        var header = link.HeaderSize;
        var count = Tun.Read(room[header..]);
        if (count > 0 && link.Complete(room[..(header + count)]))
            session.EndSend(header + count);
        return count > 0;
    }
}
