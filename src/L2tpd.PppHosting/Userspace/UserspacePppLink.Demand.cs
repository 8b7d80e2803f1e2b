using L2tpd.Linux;
using L2tpd.Linux.Netlink;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.PppHosting.Userspace.Demand;

namespace L2tpd.PppHosting.Userspace;

/// <content>The interface of the session: its own, or one that was there before it (dial on demand).</content>
public sealed partial class UserspacePppLink
{
    /// <summary>The interface that was there before the session; <c>null</c>: the session makes its own.</summary>
    internal DemandInterface? Demand { get; init; }

    /// <summary>Worker thread only.</summary>
    private LinuxError TakeInterface(RtNetlink netlink, int mtu) => Demand?.TryUse(netlink, mtu, out _tun)
        ?? OwnTun.TryMake(netlink, settings, mtu, links.Buffers.UseOffloads, out _tun);

    /// <summary>Worker thread only.</summary>
    private LinuxError SetAddress(RtNetlink netlink, LinkNetwork network) =>
        Demand?.SetAddress(netlink, _tun!.Name, network) ?? InterfaceAddress.Add(netlink, _tun!.Name, network);

    private void OnMade(LinkNetwork network, LinuxError error, LinuxError route)
    {
        if (IsClosing)
            return;
        if (_tun is { } tun && _own is null)
        {
            Demand?.Lend(this);
            _own = new OwnTun(tun, links, this, session);
        }

        if (!route.IsNone)
            observer.OnRouteRefused(route);
        OnAdded(network, error);
    }

    /// <summary>Worker thread only.</summary>
    private void ReleaseInterface()
    {
        if (links.Worker.TryNetlink(out var netlink).IsNone)
        {
            _route?.RemoveGuard(netlink);
            Demand?.Restore(netlink);
        }

        if (Demand is null)
            _tun?.Dispose();
    }

    private void OnClosed()
    {
        // Before the report: the next call may begin when the end is known.
        Demand?.TakeBack();
        observer.OnClosed();
    }
}
