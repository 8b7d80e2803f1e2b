using System.Net;
using System.Net.Sockets;
using L2tpd.Configuration;
using L2tpd.Engine.Configuration;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>Interfaces of sessions that are dialled on demand.</content>
public sealed partial class BuiltInBackend
{
    /// <summary>Makes the interfaces of sessions with <c>dial: on-traffic</c>, and closes those of former ones.</summary>
    /// <param name="tunnels">The dialled tunnels in force; the profiles of their sessions were replaced before.</param>
    public void UseDemand(IEnumerable<LacTunnel> tunnels)
    {
        var sessions = new List<DemandSession>();
        foreach (var tunnel in tunnels)
        {
            foreach (var session in tunnel.Sessions)
            {
                if (session is { Dial: DialMode.OnTraffic, Session.Ppp: { } name } && profiles.TryGet(name, out var profile, out _)
                    && profile is { Backend: PppBackend.BuiltIn, Shape: PppInterfaceShape.Own })
                {
                    sessions.Add(DemandOf(tunnel, session, profile));
                }
            }
        }

        links.UseDemand(sessions);
    }

    private DemandSession DemandOf(LacTunnel tunnel, LacSession session, PppProfile profile) => new(
        tunnel.Name, session.Name, InUse(profile).LinkSettings, profile.Local, profile.Remote,
        new SessionRoutes(null, profile.DefaultRoute, profile.DefaultRouteMetric, profile.ReplaceDefaultRoute),
        [.. tunnel.Remotes.Select(static remote => IPAddress.TryParse(remote.Host, out var address) ? address : null)
            .OfType<IPAddress>().Where(static address => address.AddressFamily == AddressFamily.InterNetwork).Distinct()]);
}
