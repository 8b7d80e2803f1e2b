using System.Collections.Immutable;
using L2tpd.Daemon.Configuration.Scalars;
using L2tpd.Daemon.Configuration.Yaml;
using L2tpd.Engine.Configuration;

namespace L2tpd.Daemon.Configuration.Sections;

/// <summary><c>tunnels</c>: those we dial.</summary>
internal static class TunnelsSection
{
    public static readonly SectionSchema Schema = new("tunnels",
    [
        "lns", "peer", .. PeerRules.Keys, "local-address", "source-port", "persist", "backoff", "peer-sessions", "sessions",
    ]);

    public static ImmutableArray<LacTunnel> Read(
        YamlMapping root, PeerProfile defaults, ImmutableArray<PeerProfile> peers, ImmutableArray<Listener> listeners, LoadContext context)
    {
        var tunnels = ImmutableArray.CreateBuilder<LacTunnel>();
        foreach (var value in root.Section("tunnels", null)?.Entries ?? [])
        {
            Names.Check(value);
            if (value.AsMapping(Schema) is not { } mapping)
                continue;
            var tunnel = Read(mapping, value.Key, defaults, peers, context);
            CheckSocket(mapping, tunnel, listeners);
            tunnels.Add(tunnel);
        }
        return tunnels.DrainToImmutable();
    }

    private static LacTunnel Read(
        YamlMapping mapping, string name, PeerProfile defaults, ImmutableArray<PeerProfile> peers, LoadContext context)
    {
        if (!mapping.Has("lns"))
            mapping.Error("lns", "is required: the address or host name to dial, or several in order");
        else if (mapping.Find("lns") is { } remotes && !remotes.Items().Any())
            remotes.Error("is an empty list");
        var plain = new LacTunnel { Name = name, Remotes = [], Peer = defaults };
        var rules = ReadRules(mapping, name, defaults, peers, context);
        var sessions = SessionsSection.Read(mapping, rules.Protocol, context);
        ImmutableArray<SessionProfile> set = [.. sessions.Select(static session => session.Session), .. rules.AcceptIncomingCalls ? [rules.Session] : Array.Empty<SessionProfile>()];
        return plain with
        {
            Remotes = mapping.List("lns", [], AddressText.Host),
            Peer = PseudowireOffer.Complete(mapping, rules, set, context),
            LocalAddress = mapping.Get("local-address", null, AddressText.Any!)?.ToString(),
            SourcePort = mapping.Get("source-port", plain.SourcePort, NumberText.UInt16),
            Persist = mapping.Get("persist", plain.Persist, WordText.Boolean),
            Backoff = BackoffSection.Read(mapping, plain.Backoff),
            Sessions = sessions,
        };
    }

    // An LNS that we dial has no business calling us, unless the operator says so or names a profile that says so.
    private static PeerProfile ReadRules(
        YamlMapping mapping, string name, PeerProfile defaults, ImmutableArray<PeerProfile> peers, LoadContext context)
    {
        var profile = ReadProfile(mapping, peers) ?? defaults with { AcceptIncomingCalls = false };
        var rules = PeerRules.Read(mapping, profile with { Name = name, Prefixes = [], HostNamePattern = null }, context);
        return rules with { Session = SessionSettings.ReadAccepted(mapping, "peer-sessions", rules.Session, context) };
    }

    private static PeerProfile? ReadProfile(YamlMapping mapping, ImmutableArray<PeerProfile> peers)
    {
        if (mapping.Find("peer") is not { } value || value.Read("", WordText.Text(255)) is not { Length: > 0 } name)
            return null;
        var profile = peers.FirstOrDefault(peer => peer.Name == name);
        if (profile is null)
            value.Error($"there is no profile `{name}` under peers" + Suggestion.For(name, peers.Select(static peer => peer.Name)));
        return profile;
    }

    // A tunnel from a listener's port uses the listener's socket, whose device cannot be another.
    private static void CheckSocket(YamlMapping mapping, LacTunnel tunnel, ImmutableArray<Listener> listeners)
    {
        if (tunnel.SourcePort == 0)
            return;
        var device = tunnel.Peer.BindDevice;
        var shared = listeners.Where(listener => listener.Port == tunnel.SourcePort).ToArray();
        if (shared.Length > 0 && device is not null && shared.All(listener => listener.BindDevice != device))
            mapping.Error("bind-device", $"no listener on port {tunnel.SourcePort} is bound to {device}, and source-port shares its socket");
    }
}
