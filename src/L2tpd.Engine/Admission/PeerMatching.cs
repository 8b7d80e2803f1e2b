using System.Collections.Immutable;
using System.IO.Enumeration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;

namespace L2tpd.Engine.Admission;

/// <summary>
/// Finds the profile of a peer: the first in order whose prefixes and host name pattern both match. One that requires IPsec is not for what
/// came in clear text.
/// </summary>
internal static class PeerMatching
{
    public static PeerProfile? Match(ImmutableArray<PeerProfile> profiles, Endpoint remote, string? hostName)
    {
        foreach (var profile in profiles)
        {
            var matchesCarrier = profile.Carrier is null || profile.Carrier == remote.Carrier;
            if (profile.Ipsec.Policy == IpsecPolicy.Required && !remote.IsProtected)
                continue;
            if (matchesCarrier && MatchesAddress(profile, remote) && MatchesHostName(profile, hostName))
                return profile;
        }

        return null;
    }

    private static bool MatchesAddress(PeerProfile profile, Endpoint remote)
    {
        if (profile.Prefixes.IsDefaultOrEmpty)
            return true;
        var address = remote.ToIPAddress();
        foreach (var prefix in profile.Prefixes)
        {
            if (prefix.Contains(address))
                return true;
        }

        return false;
    }

    private static bool MatchesHostName(PeerProfile profile, string? hostName) =>
        profile.HostNamePattern is not { } pattern
        || FileSystemName.MatchesSimpleExpression(pattern, hostName ?? "", ignoreCase: true);
}
