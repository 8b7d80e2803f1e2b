using System.Collections.Immutable;
using System.Net;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Data;

namespace L2tpd.Configuration.Sections;

/// <c>tunnels</c>: the tunnels that we dial.
public static class TunnelsSection
{
    public static readonly SectionSchema Schema = new("tunnels",
    [
        "lns", .. SelectKeys.All, "transport", "peer", .. PeerRules.Keys, "local-address", "source-port", "redirect", "dial", "persist",
        "backoff",
        "prefer-back", "peer-sessions", "sessions",
    ])
    {
        Elsewhere = Misplaced.InTunnel,
    };

    /// <summary>Every policy by its name.</summary>
    public static readonly (string Word, RedirectPolicy Value)[] RedirectWords =
        [("refuse", RedirectPolicy.Refuse), ("same-prefix", RedirectPolicy.SamePrefix), ("any", RedirectPolicy.Any)];

    private static readonly ScalarType<RedirectPolicy> Redirect = WordText.OneOf(RedirectWords);

    public static ImmutableArray<LacTunnel> Read(
        YamlMapping root, PeerProfile defaults, ImmutableArray<PeerProfile> peers, ImmutableArray<Listener> listeners, LoadContext context)
    {
        var tunnels = ImmutableArray.CreateBuilder<LacTunnel>();
        var profiles = new Dictionary<string, PeerProfile>(StringComparer.Ordinal);
        foreach (var peer in peers)
            profiles.TryAdd(peer.Name, peer);
        foreach (var value in root.Section("tunnels", null)?.Entries ?? [])
        {
            Names.Check(value);
            if (StaticTunnelsSection.IsStatic(value) || value.AsMapping(Schema) is not { } mapping)
                continue;
            var tunnel = Read(mapping, value.Key, defaults, profiles, context);
            if (mapping.Find("peer") is { Text: { } based })
                context.PeersOfTunnels.Add(based);
            CheckCarrier(mapping, tunnel);
            CheckFamily(mapping, tunnel);
            CheckSocket(mapping, tunnel, listeners);
            IpsecKey.CheckCarrier(mapping, tunnel, context);
            IpsecKey.CheckAddresses(mapping, tunnel.Peer.Ipsec, [tunnel.LocalAddress, .. tunnel.Remotes.Select(static to => to.Host)]);
            CheckUse(value, mapping, tunnel, context);
            DemandRules.CheckRoutes(mapping, tunnel, context);
            tunnels.Add(tunnel);
        }

        return tunnels.DrainToImmutable();
    }

    private static LacTunnel Read(
        YamlMapping mapping, string name, PeerProfile defaults, IReadOnlyDictionary<string, PeerProfile> peers, LoadContext context)
    {
        var selected = SelectKeys.Read(mapping, context);
        if (selected is null && !mapping.Has("lns"))
            mapping.Error("lns", "is required: the address or host name to dial, or several in order");
        else if (mapping.Find("lns") is { } remotes && !remotes.Items().Any())
            remotes.Error("is an empty list");
        var plain = new LacTunnel { Name = name, Remotes = [], Peer = defaults };
        var rules = ReadRules(mapping, name, defaults, peers, context);
        var sessions = SessionsSection.Read(mapping, rules, context);
        ImmutableArray<SessionProfile> set =
            [.. sessions.Select(static session => session.Session), .. rules.AcceptIncomingCalls ? PseudowireOffer.Accepted(rules) : []];
        var read = plain with
        {
            Remotes = selected is null ? mapping.List("lns", [], AddressText.Host) : [selected],
            Carrier = mapping.Get("transport", plain.Carrier, ListenSection.Transport),
            Peer = PseudowireOffer.Complete(mapping, rules, set, context),
            LocalAddress = mapping.Get("local-address", null, AddressText.Any!)?.ToString(),
            SourcePort = mapping.Get("source-port", plain.SourcePort, NumberText.UInt16),
            Redirect = mapping.Get("redirect", plain.Redirect, Redirect),
            Persist = mapping.Get("persist", plain.Persist, WordText.Boolean),
            Backoff = BackoffSection.Read(mapping, plain.Backoff),
            PreferBack = mapping.Get("prefer-back", plain.PreferBack, DurationText.OrNever),
            Sessions = sessions,
        };
        return read with { Dial = DemandRules.ModeOf(mapping, read) };
    }

    // An LNS that we dial may not call us unless a key allows it, or the tunnel names a profile that does.
    private static PeerProfile ReadRules(
        YamlMapping mapping, string name, PeerProfile defaults, IReadOnlyDictionary<string, PeerProfile> peers, LoadContext context)
    {
        var profile = ReadProfile(mapping, peers) ?? defaults with { AcceptIncomingCalls = false };
        var rules = PeerRules.Read(mapping, profile with { Name = name, Prefixes = [], HostNamePattern = null }, context,
            PeerRules.ProtocolOfTunnel);
        return rules with { Session = SessionSettings.ReadAccepted(mapping, "peer-sessions", rules.Session, context) };
    }

    private static PeerProfile? ReadProfile(YamlMapping mapping, IReadOnlyDictionary<string, PeerProfile> peers)
    {
        if (mapping.Find("peer") is not { } value || value.Read("", WordText.Text(255)) is not { Length: > 0 } name)
            return null;
        if (peers.TryGetValue(name, out var profile))
            return profile;
        value.Error($"there is no profile `{Excerpt.Of(name)}` under peers" + Suggestion.For(name, peers.Keys));
        return null;
    }

    // Sessions that could not be read have errors of their own.
    private static void CheckUse(YamlValue value, YamlMapping mapping, LacTunnel tunnel, LoadContext context)
    {
        var mayBeCalled = tunnel.Peer.AcceptIncomingCalls || tunnel.Peer.AcceptOutgoingCalls;
        if (tunnel.Sessions.IsEmpty && !mayBeCalled && context.DataPlane != DataPlaneChoice.Null
            && mapping.Find("sessions") is null or { HasEntries: false })
        {
            value.WarningAtKey("has no sessions: it is dialled and carries nothing; add `sessions: { NAME: { ppp: ... } }`");
        }
    }

    private static void CheckCarrier(YamlMapping mapping, LacTunnel tunnel)
    {
        if (tunnel.Carrier == DataCarrier.Udp)
            return;
        if (tunnel.Peer.Protocol == ProtocolPreference.V2)
            mapping.Error("transport", "L2TPv2 runs over UDP only; set `protocol: v3`");
        else if (tunnel.Peer.Protocol == ProtocolPreference.Auto)
            mapping.Error("transport", "`protocol: auto` offers L2TPv2 as well, which runs over UDP only; set `protocol: v3`");
        if (tunnel.Remotes.Any(static remote => remote.Port != L2tpPort))
            mapping.Error("lns", "must not have a port: IP protocol 115 has none");
        if (tunnel.SourcePort != 0)
            mapping.Error("source-port", "is for `transport: udp`: IP protocol 115 has no ports");
        if (tunnel.Peer.Quirks.HasFlag(PeerQuirks.AcceptReplyFromAnyAddress) && mapping.Has("quirks"))
            mapping.Error("quirks", "accept-reply-from-any-address is for `transport: udp`");
    }

    // A name may have addresses of both families.
    private static void CheckFamily(YamlMapping mapping, LacTunnel tunnel)
    {
        if (tunnel.LocalAddress is not { } local || tunnel.Remotes.IsEmpty)
            return;
        var family = IPAddress.Parse(local).AddressFamily;
        if (tunnel.Remotes.All(remote => IPAddress.TryParse(remote.Host, out var address) && address.AddressFamily != family))
        {
            mapping.Error("local-address", $"{local} and {string.Join(", ", tunnel.Remotes.Select(static remote => remote.Host))} of "
                + "`lns` are of different families");
        }
    }

    private const ushort L2tpPort = 1701;

    // A tunnel from a listener's port uses the listener's socket, so that the device cannot be different.
    private static void CheckSocket(YamlMapping mapping, LacTunnel tunnel, ImmutableArray<Listener> listeners)
    {
        if (tunnel.SourcePort == 0 || tunnel.Carrier == DataCarrier.Ip)
            return;
        var device = tunnel.Peer.BindDevice;
        var shared = listeners.Where(listener => listener.Carrier == DataCarrier.Udp && listener.Port == tunnel.SourcePort).ToArray();
        if (shared.Length > 0 && device is not null && shared.All(listener => listener.BindDevice != device))
        {
            mapping.Error("bind-device", $"no listener on port {tunnel.SourcePort} is bound to {device}, and source-port "
                + "shares its socket");
        }
    }
}
