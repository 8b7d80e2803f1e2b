using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.PppHosting.BuiltIn;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.Pppd;

/// <summary>
/// The routes of a session that pppd runs: pppd sets the addresses, the daemon guards the tunnel and adds the default route, so that both
/// are done before the network is reported as up. Loop thread only.
/// </summary>
/// <param name="profile">The PPP profile.</param>
/// <param name="request">The session.</param>
/// <param name="guards">Guards tunnels; <c>null</c>: no routes are set.</param>
/// <param name="sink">Receives results.</param>
internal sealed class PppdNetwork(PppProfile profile, PppRequest request, RouteGuards? guards, IInputSink sink)
{
    private readonly GuardedRoute? _route = guards is null ? null : new GuardedRoute(guards);

    /// <summary>pppd has started: guards the tunnel of a session that we dialled.</summary>
    public void Watch()
    {
        if (_route is null || SessionRouting.Of(profile, request, peer: null)?.TunnelEnd is not { } end)
            return;
        guards!.Worker.Add(() =>
        {
            // A route that cannot be read is an error when the session gets its addresses.
            if (guards.Worker.TryNetlink(out var netlink).IsNone)
                _route.Watch(netlink, end);
        });
    }

    /// <summary>pppd has set the addresses.</summary>
    /// <param name="interface">The session's interface.</param>
    /// <param name="local">Our address.</param>
    /// <param name="peer">The peer's address; <c>null</c>: not known.</param>
    /// <param name="done">Called once on the loop, with why the session must end (<c>null</c>: it need not) and why there is no default
    /// route.</param>
    public void Add(string @interface, string? local, string? peer, Action<string?, LinuxError> done)
    {
        if (_route is null || !IPAddress.TryParse(local, out var ours)
            || ours.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
        {
            done(null, LinuxError.None);
            return;
        }

        _ = IPAddress.TryParse(peer, out var theirs);
        if (SessionRouting.Objection(profile, request, ours, theirs) is { } objection)
        {
            done(objection, LinuxError.None);
            return;
        }

        var network = new LinkNetwork(ours, theirs, 0, SessionRouting.Of(profile, request, theirs));
        if (network.Routes is null)
            done(null, LinuxError.None);
        else
            guards!.Worker.Add(() => Add(@interface, network, done));
    }

    /// <summary>pppd has ended, and its interface with it.</summary>
    public void Remove()
    {
        if (_route is not null)
        {
            guards!.Worker.Add(() =>
            {
                if (guards.Worker.TryNetlink(out var netlink).IsNone)
                    _route.RemoveGuard(netlink);
            });
        }
    }

    /// <summary>Worker thread only.</summary>
    private void Add(string @interface, LinkNetwork network, Action<string?, LinuxError> done)
    {
        var route = LinuxError.None;
        var error = guards!.Worker.TryNetlink(out var netlink);
        if (error.IsNone)
            error = _route!.Add(netlink, @interface, network, static () => LinuxError.None, out route);
        // A pppd that ended at once has no interface any more. Its end is reported elsewhere.
        var refusal = error.IsNone || !network.PeerIsTunnelEnd || error.Errno == Errno.ENODEV ? null
            : SessionRouting.Unguarded(network.Peer!, error);
        sink.Post(() => done(refusal, error.IsNone ? route : error));
    }
}
