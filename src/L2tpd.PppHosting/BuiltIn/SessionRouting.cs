using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// The routes of a session, and the addresses it cannot have because its own tunnel needs them. For the built-in PPP and pppd.
/// </summary>
internal static class SessionRouting
{
    /// <summary>
    /// The tunnel's other end, whose route is watched from the start of PPP on, since routes through the session may cover it; <c>null</c>:
    /// none may. A subscriber has no default route.
    /// </summary>
    public static IPAddress? WatchedEnd(PppProfile profile, PppRequest request) =>
        profile.Shape == PppInterfaceShape.Own && !request.Server && EndOf(request) is { IsIPv6LinkLocal: false } end ? end : null;

    /// <summary>
    /// The IPv4 routes of the session; <c>null</c>: none that concerns the tunnel. A session of a subscriber has no default route, but may
    /// have any peer address.
    /// </summary>
    /// <param name="profile">The PPP profile.</param>
    /// <param name="request">The session.</param>
    /// <param name="peer">The peer's PPP address.</param>
    public static SessionRoutes? Of(PppProfile profile, PppRequest request, IPAddress? peer)
    {
        var end = EndOf(request);
        if (profile.Shape != PppInterfaceShape.Own)
            return null;
        if (request.Server)
            return end.Equals(peer) ? new SessionRoutes(end) : null;
        return new SessionRoutes(
            end.AddressFamily == AddressFamily.InterNetwork ? end : null,
            profile.DefaultRoute, profile.DefaultRouteMetric, profile.ReplaceDefaultRoute);
    }

    /// <summary>
    /// The IPv6 routes of the session; <c>null</c>: none that concerns the tunnel. PPP's own addresses are link-local and cover no tunnel,
    /// but a default route of the peer's advertisements covers one over IPv6.
    /// </summary>
    public static SessionRoutes? OfIPv6(PppProfile profile, PppRequest request) =>
        WatchedEnd(profile, request) is { AddressFamily: AddressFamily.InterNetworkV6 } end ? new SessionRoutes(end) : null;

    /// <summary>Why the session cannot have these addresses, as text; <c>null</c>: it can.</summary>
    public static string? Objection(PppProfile profile, PppRequest request, IPAddress local, IPAddress? peer)
    {
        var end = EndOf(request);
        if (profile.Shape == PppInterfaceShape.None)
            return null;
        if (local.Equals(end) && !local.Equals(request.Session.Tunnel.Path.Local.ToIPAddress()))
        {
            return $"the PPP address {local} that we got is the address of the tunnel's other end: " +
                "the tunnel's packets would not leave this machine";
        }

        return profile.Shape == PppInterfaceShape.Shared && end.Equals(peer)
            ? $"the peer's PPP address {peer} is also its tunnel's address: " +
                "behind a shared interface the tunnel's packets would go into the tunnel"
            : null;
    }

    /// <summary>Why a network cannot be routed to the session, as text; <c>null</c>: it can.</summary>
    public static string? RouteObjection(PppRequest request, IPNetwork destination)
    {
        var end = EndOf(request);
        return destination.Contains(end)
            ? $"it contains {end}, the tunnel's other end: the tunnel's packets would go into the tunnel" : null;
    }

    /// <summary>Why a session is refused whose peer address is the tunnel's other end.</summary>
    public static string Unguarded(IPAddress peer, LinuxError error) =>
        $"the peer's PPP address {peer} is also its tunnel's address, and the tunnel cannot be given a route outside the session: " +
        $"{error}; the session would carry its own tunnel";

    private static IPAddress EndOf(PppRequest request) => request.Session.Tunnel.Path.Remote.ToIPAddress();
}
