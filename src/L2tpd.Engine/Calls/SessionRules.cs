using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Engine.Calls;

/// <summary>The rules for a session that the peer asks for.</summary>
internal static class SessionRules
{
    /// <summary>
    /// The profile of the tunnel as it is configured now: the tunnel keeps the profile it began with, but a session is new. A tunnel that
    /// we dialled is dialled again when its rules change; one whose profile was removed keeps its own.
    /// </summary>
    public static PeerProfile Of(EngineContext context, Tunnel tunnel)
    {
        if (tunnel.IsInitiator || tunnel.Dialled is not null)
            return tunnel.Profile;
        // Called for every call: the profiles are searched once after a reload.
        if (tunnel.RulesOfConfiguration != context.ConfigurationNumber)
        {
            tunnel.Rules = Find(context, tunnel);
            tunnel.RulesOfConfiguration = context.ConfigurationNumber;
        }

        return tunnel.Rules;
    }

    private static PeerProfile Find(EngineContext context, Tunnel tunnel)
    {
        foreach (var peer in context.Configuration.Peers)
        {
            if (peer.Name == tunnel.Profile.Name)
                return peer;
        }

        return tunnel.Profile;
    }
}
