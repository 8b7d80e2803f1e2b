using System.Net;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;

namespace L2tpd.Configuration.Sections;

/// <summary>What <c>dial: on-traffic</c> needs: an interface that is there before the session, and a way to the LNS outside it.</summary>
internal static class DemandRules
{
    private const string Key = "dial";

    /// <summary>Checks a session that is dialled by traffic.</summary>
    public static void Check(YamlMapping mapping, LacSession session, LoadContext context)
    {
        if (context.DataPlane != DataPlaneChoice.Userspace)
        {
            mapping.Error(Key, "`on-traffic` needs `data-plane: userspace`: on the kernel data plane a PPP interface comes with its "
                + "session, and there would be nothing to send the first packet to");
        }

        if (session.Direction == CallDirection.Outgoing)
            mapping.Error(Key, "`on-traffic` is for `direction: incoming`: the peer of an outgoing call dials, and not our traffic");
        if (mapping.Has("persist"))
            mapping.Warning("persist", "has no effect with `dial: on-traffic`: the session is set up when traffic comes");
        if (session.Session.Ppp is not { } name)
        {
            // What could not be read has an error of its own.
            if (mapping.Find("ppp") is null or { Text: "none" })
                mapping.Error(Key, "`on-traffic` needs `ppp`: the interface of a session without PPP comes with the session");
            return;
        }

        if (context.Ppp.Find(name) is { } profile && !context.Ppp.IsIncomplete(name))
            Check(mapping, profile);
    }

    private static void Check(YamlMapping mapping, PppProfile profile)
    {
        if (profile.Backend != PppBackend.BuiltIn)
            mapping.Error(Key, "`on-traffic` needs `backend: built-in`: pppd makes its interface with the session");
        else if (profile.Shape != PppInterfaceShape.Own)
            mapping.Error(Key, "`on-traffic` needs an interface of the session: remove `interface: none` from its PPP profile");
        else if (profile.IdleTimeout == TimeSpan.Zero)
            mapping.Warning(Key, "without `idle-timeout` in its PPP profile the session stays up once traffic has dialled it");
    }

    /// <summary>When a tunnel is dialled: as the file says; otherwise by traffic, if that is what all its sessions wait for.</summary>
    public static DialMode ModeOf(YamlMapping mapping, LacTunnel tunnel)
    {
        var mode = mapping.Get(Key, DialMode.Always, SessionsSection.Dial);
        var isOnTraffic = !tunnel.Sessions.IsEmpty && tunnel.Sessions.All(static session => session.Dial == DialMode.OnTraffic);
        var mayBeCalled = tunnel.Peer.AcceptIncomingCalls || tunnel.Peer.AcceptOutgoingCalls;
        if (!mapping.Has(Key))
            return isOnTraffic && !mayBeCalled ? DialMode.OnTraffic : DialMode.Always;
        if (mode != DialMode.OnTraffic)
            return mode;
        if (!isOnTraffic && mapping.Find("sessions") is null or { HasEntries: false })
            mapping.Error(Key, "`on-traffic` needs sessions with `dial: on-traffic`: nothing would ever dial the tunnel");
        else if (!isOnTraffic)
            mapping.Error(Key, "`on-traffic` needs `dial: on-traffic` in all its sessions: the others would have no tunnel");
        if (mayBeCalled)
            mapping.Error(Key, "`on-traffic` does not fit `accept`: the peer could not call while the tunnel is down");
        return mode;
    }

    /// <summary>
    /// A default route is there before the tunnel: the tunnel's own packets, and the look-up of its name, would go into the session that
    /// they are to set up.
    /// </summary>
    public static void CheckRoutes(YamlMapping mapping, LacTunnel tunnel, LoadContext context)
    {
        var isRouted = tunnel.Sessions.Any(session => session is { Dial: DialMode.OnTraffic, Session.Ppp: { } name }
            && context.Ppp.Find(name) is { DefaultRoute: true });
        if (isRouted && tunnel.Remotes.Any(static remote => !IPAddress.TryParse(remote.Host, out _)))
        {
            mapping.Error(mapping.Has("lns") ? "lns" : "select", "`dial: on-traffic` with `default-route` needs addresses here: the "
                + "default route is there before the tunnel, and a name could not be looked up through it");
        }
    }
}
