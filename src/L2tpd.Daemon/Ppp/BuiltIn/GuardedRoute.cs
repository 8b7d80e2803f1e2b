using System.Net;
using L2tpd.Linux;
using L2tpd.Linux.Netlink;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <summary>A default route through a session, and before it the guard of the tunnel's other end. The link worker's.</summary>
internal sealed class GuardedRoute(RouteGuards guards)
{
    private bool _isThere;
    private IPAddress? _guarded;
    private uint _interface;

    /// <summary>Adds both; once is enough, for they outlive the addresses of a network layer that is negotiated anew.</summary>
    public LinuxError Add(RtNetlink netlink, string @interface, IPAddress? tunnelEnd)
    {
        if (_isThere)
            return LinuxError.None;
        var error = netlink.GetLink(@interface, out var link);
        if (!error.IsNone)
            return error;
        _interface = link!.Index;
        if (tunnelEnd is not null && _guarded is null)
        {
            error = guards.Enter(netlink, tunnelEnd, _interface);
            if (!error.IsNone)
                return error;
            _guarded = tunnelEnd;
        }

        error = netlink.AddRoute(new NetworkRoute(IPAddress.Any, 0, null, _interface));
        _isThere = error.IsNone;
        return error;
    }

    /// <summary>Takes the guard away; the default route goes with its interface.</summary>
    public void RemoveGuard(RtNetlink netlink)
    {
        if (_guarded is { } end)
            guards.Leave(netlink, end, _interface);
        _guarded = null;
    }
}
