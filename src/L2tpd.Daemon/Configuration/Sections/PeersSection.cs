using System.Collections.Immutable;
using System.Net;
using L2tpd.Daemon.Configuration.Scalars;
using L2tpd.Daemon.Configuration.Yaml;
using L2tpd.Engine.Configuration;

namespace L2tpd.Daemon.Configuration.Sections;

/// <summary><c>peers</c>: named profiles, in order.</summary>
internal static class PeersSection
{
    public static readonly SectionSchema Schema = new("peers", ["match", .. PeerRules.Keys, "lns"]);

    public static readonly SectionSchema MatchSchema = new("match", ["address", "host-name"]);

    public static ImmutableArray<PeerProfile> Read(YamlMapping root, PeerProfile defaults, LoadContext context)
    {
        var peers = ImmutableArray.CreateBuilder<PeerProfile>();
        foreach (var value in root.Section("peers", null)?.Entries ?? [])
        {
            Names.Check(value);
            if (value.AsMapping(Schema) is not { } mapping)
                continue;
            var peer = ReadPeer(mapping, defaults with { Name = value.Key }, context);
            if (peers.FirstOrDefault(earlier => Covers(earlier, peer)) is { } earlier)
                value.WarningAtKey($"is never used: `{earlier.Name}` before it matches all of its peers");
            peers.Add(peer);
        }
        return peers.DrainToImmutable();
    }

    private static PeerProfile ReadPeer(YamlMapping mapping, PeerProfile defaults, LoadContext context)
    {
        var match = mapping.Section("match", MatchSchema);
        var peer = PeerRules.Read(mapping, defaults, context) with
        {
            Prefixes = match?.List("address", [], AddressText.Prefix) ?? [],
            HostNamePattern = match?.Get("host-name", null, WordText.Text(255)!),
            Session = SessionSettings.ReadAccepted(mapping, "lns", defaults.Session, context),
        };
        if (context.DataPlane != DataPlaneChoice.Null && peer.Session.Ppp is null && peer.AcceptIncomingCalls && !mapping.Has("lns"))
            mapping.Diagnostics.Warning(mapping.Position, mapping.Path, "has no lns.ppp: its sessions would carry nothing");
        return peer;
    }

    // True when every peer of the later profile is one of the earlier.
    private static bool Covers(PeerProfile earlier, PeerProfile later)
    {
        var everyName = earlier.HostNamePattern is null or "*"
            || string.Equals(earlier.HostNamePattern, later.HostNamePattern, StringComparison.OrdinalIgnoreCase);
        var everyAddress = earlier.Prefixes.IsEmpty
            || (!later.Prefixes.IsEmpty && later.Prefixes.All(prefix => earlier.Prefixes.Any(wide => Holds(wide, prefix))));
        return everyName && everyAddress;
    }

    private static bool Holds(IPNetwork wide, IPNetwork narrow) =>
        wide.PrefixLength <= narrow.PrefixLength && wide.Contains(narrow.BaseAddress);
}
