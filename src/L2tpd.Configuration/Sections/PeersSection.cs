using System.Collections.Immutable;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;

namespace L2tpd.Configuration.Sections;

/// <summary><c>peers</c>: named profiles, in order.</summary>
internal static class PeersSection
{
    public static readonly SectionSchema Schema =
        new("peers", ["match", .. PeerRules.Keys, "same-peer", "lns", "endpoints"]) { Elsewhere = Misplaced.InPeer };

    public static readonly SectionSchema MatchSchema = new("match", ["address", "host-name", "transport"]);

    public static readonly SectionSchema EndpointsSchema = new("endpoints", ["remote-end-id", .. SessionSettings.Schema.Keys]);

    private static readonly ScalarType<SamePeerPolicy> SamePeer =
        WordText.OneOf(("replace", SamePeerPolicy.Replace), ("keep", SamePeerPolicy.Keep));

    public static ImmutableArray<PeerProfile> Read(YamlMapping root, PeerProfile defaults, LoadContext context)
    {
        var peers = ImmutableArray.CreateBuilder<PeerProfile>();
        var coverage = new PeerCoverage();
        foreach (var value in root.Section("peers", null)?.Entries ?? [])
        {
            Names.Check(value);
            if (value.AsMapping(Schema) is not { } mapping)
                continue;
            var peer = ReadPeer(mapping, defaults with { Name = value.Key }, context);
            if (coverage.EarlierThatCovers(peer) is { } earlier)
                value.WarningAtKey($"is never used: `{earlier.Name}` before it matches all of its peers");
            coverage.Add(peer);
            if (peer.Ipsec.HasCredentials)
                context.IpsecPeers.Add((mapping, peer));
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
            Carrier = match?.Has("transport") == true ? match.Get("transport", DataCarrier.Udp, ListenSection.Transport) : null,
            SamePeer = mapping.Has("same-peer") ? mapping.Get("same-peer", SamePeerPolicy.Keep, SamePeer) : defaults.SamePeer,
            Session = SessionSettings.ReadAccepted(mapping, "lns", defaults.Session, context),
        };
        peer = peer with { Endpoints = ReadEndpoints(mapping, peer, context) };
        if (peer is { Carrier: DataCarrier.Ip, Protocol: ProtocolPreference.V2 })
            match!.Error("transport", "L2TPv2 runs over UDP only; set `protocol: v3`");
        if (peer.Protocol == ProtocolPreference.V2 && !peer.Endpoints.IsEmpty)
            mapping.Error("endpoints", "is for L2TPv3; set `protocol: v3` or `auto`");
        var carriesNothing = peer.Protocol == ProtocolPreference.V2 && context.DataPlane != DataPlaneChoice.Null
            && peer.Session.Ppp is null;
        if (carriesNothing && peer.AcceptIncomingCalls && !mapping.Has("lns"))
            mapping.Diagnostics.Warning(mapping.Position, mapping.Path, "has no lns.ppp: its sessions would carry nothing");
        if (peer.Endpoints.IsEmpty && peer.Session.Pseudowire.Interface is { } name && InterfaceTemplate.IsFixed(name))
            mapping.Warning("lns", $"only one session at a time can have the interface name {name}: write `%d` or `{{end-id}}` into it");
        return PseudowireOffer.Complete(mapping, peer, PseudowireOffer.Accepted(peer), context);
    }

    private static ImmutableArray<PseudowireEndpoint> ReadEndpoints(YamlMapping peer, PeerProfile rules, LoadContext context)
    {
        var endpoints = ImmutableArray.CreateBuilder<PseudowireEndpoint>();
        var endIds = new HashSet<string>(StringComparer.Ordinal);
        var interfaces = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in peer.Section("endpoints", null)?.Entries ?? [])
        {
            Names.Check(value);
            if (value.AsMapping(EndpointsSchema) is not { } mapping)
                continue;
            var endId = mapping.Get("remote-end-id", value.Key, SessionsSection.RemoteEndId);
            if (!endIds.Add(endId))
                mapping.Error("remote-end-id", $"another endpoint already uses `{endId}`");
            var endpoint = new PseudowireEndpoint(value.Key, endId, SessionSettings.Read(mapping, rules.Session, dialled: false, context));
            CheckName(mapping, endpoint, interfaces, rules);
            endpoints.Add(endpoint);
        }

        return endpoints.DrainToImmutable();
    }

    private static void CheckName(YamlMapping mapping, PseudowireEndpoint endpoint, Dictionary<string, string> interfaces,
        PeerProfile rules)
    {
        if (endpoint.Session.Pseudowire.Interface is not { } template || !InterfaceTemplate.IsFixedForEndId(template))
            return;
        if (!interfaces.TryAdd(template, endpoint.Name) && InterfaceTemplate.IsFixed(template))
        {
            mapping.Warning("pseudowire", $"only one session at a time can have the interface name {template}, which "
                + $"`{interfaces[template]}` has too: write `{{end-id}}` into it");
        }
        else if (!IsOfOnePeer(rules))
        {
            mapping.Warning("pseudowire", $"only one peer at a time can have the interface name {template}, but the profile is "
                + $"for several: write `%d` or `{{id}}` into it, or `match` one address or host name");
        }
    }

    // As far as the configuration shows.
    private static bool IsOfOnePeer(PeerProfile rules) =>
        rules.HostNamePattern?.AsSpan().ContainsAny('*', '?') == false
        || (rules.Prefixes is [var only] && only.PrefixLength == only.BaseAddress.GetAddressBytes().Length * 8);
}
