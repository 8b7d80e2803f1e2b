using System.Net;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <summary>
/// A default route through a session, and before it the guard: a route of its own to the tunnel's other end by the way taken so far, where that is
/// another router. On a network of ours the network's own route does. The link worker's.
/// </summary>
internal sealed class GuardedRoute
{
    private bool _isThere;
    private NetworkRoute? _guard;

    /// <summary>Adds both; once is enough, for they outlive the addresses of a network layer that is negotiated anew.</summary>
    public LinuxError Add(RtNetlink netlink, string @interface, IPAddress? tunnelEnd)
    {
        if (tunnelEnd is not null && _guard is null)
        {
            var error = netlink.FindRoute(tunnelEnd, out var way);
            if (!error.IsNone)
                return error;
            if (way!.Gateway is not null)
            {
                error = netlink.AddRoute(way);
                if (error.IsNone)
                    _guard = way;
                else if (error.Errno != Errno.EEXIST)
                    return error;
            }
        }

        if (_isThere)
            return LinuxError.None;
        var added = netlink.GetLink(@interface, out var link);
        if (added.IsNone)
            added = netlink.AddRoute(new NetworkRoute(IPAddress.Any, 0, null, link!.Index));
        _isThere = added.IsNone;
        return added;
    }

    /// <summary>Takes the guard away; the default route goes with its interface.</summary>
    public void RemoveGuard(RtNetlink netlink)
    {
        if (_guard is { } guard)
            netlink.RemoveRoute(guard);
        _guard = null;
    }
}
