using System.Net;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;

namespace L2tpd.Configuration.Sections;

/// <summary>
/// Finds profiles that are never used because an earlier one matches all of their peers. Profiles are indexed by what they match, so that
/// the time does not grow with their number: a prefix has at most 129 prefixes that contain it.
/// </summary>
internal sealed class PeerCoverage
{
    /// <summary>Number of profiles per prefix that are kept. Further ones of the same prefix are compared with these only.</summary>
    private const int MostOfOnePrefix = 8;

    /// <summary>
    /// The first profiles that match a prefix (<c>null</c> for every address) and a host name pattern (empty for every name).
    /// </summary>
    private readonly Dictionary<(string Name, DataCarrier? Carrier, IPNetwork? Prefix),
    List<(PeerProfile Profile, int Number)>> _profiles = [];

    private readonly HashSet<int> _lengths = [];
    private int _count;

    /// <summary>The first earlier profile that matches every peer of this one; <c>null</c> if there is none.</summary>
    public PeerProfile? EarlierThatCovers(PeerProfile peer)
    {
        (PeerProfile Profile, int Number)? best = null;
        foreach (var name in NameOf(peer).Length == 0 ? [""] : new[] { "", NameOf(peer) })
        {
            foreach (var carrier in peer.Carrier is null ? new DataCarrier?[] { null } : [null, peer.Carrier])
            {
                if (Find(name, carrier, peer) is { } found && (best is null || found.Number < best.Value.Number))
                    best = found;
            }
        }

        return best?.Profile;
    }

    public void Add(PeerProfile peer)
    {
        _count++;
        if (peer.Prefixes.IsEmpty)
            Add(peer, null);
        foreach (var prefix in peer.Prefixes)
            Add(peer, prefix);
    }

    private void Add(PeerProfile peer, IPNetwork? prefix)
    {
        var key = (NameOf(peer), peer.Carrier, prefix);
        _lengths.Add(prefix?.PrefixLength ?? 0);
        if (!_profiles.TryGetValue(key, out var profiles))
            _profiles.Add(key, profiles = []);
        if (profiles.Count < MostOfOnePrefix)
            profiles.Add((peer, _count));
    }

    private (PeerProfile Profile, int Number)? Find(string name, DataCarrier? carrier, PeerProfile peer)
    {
        if (_profiles.TryGetValue((name, carrier, null), out var every))
            return every[0];
        // One profile must contain all prefixes: candidates are looked up by the first prefix and compared with the others.
        if (peer.Prefixes.IsEmpty)
            return null;
        for (var length = peer.Prefixes[0].PrefixLength; length >= 0; length--)
        {
            if (!_lengths.Contains(length))
                continue;
            var wide = new IPNetwork(Masked(peer.Prefixes[0].BaseAddress, length), length);
            foreach (var found in _profiles.GetValueOrDefault((name, carrier, wide)) ?? [])
            {
                if (peer.Prefixes.All(narrow => found.Profile.Prefixes.Any(prefix => Holds(prefix, narrow))))
                    return found;
            }
        }

        return null;
    }

    // Host names are compared case-insensitively.
    private static string NameOf(PeerProfile peer) => peer.HostNamePattern is null or "*" ? "" : peer.HostNamePattern.ToUpperInvariant();

    private static bool Holds(IPNetwork wide, IPNetwork narrow) => wide.PrefixLength <= narrow.PrefixLength
        && wide.Contains(narrow.BaseAddress);

    private static IPAddress Masked(IPAddress address, int length)
    {
        var octets = address.GetAddressBytes();
        for (var i = 0; i < octets.Length; i++)
            octets[i] &= (byte)(0xff << (8 - Math.Clamp(length - (i * 8), 0, 8)));
        return new IPAddress(octets);
    }
}
