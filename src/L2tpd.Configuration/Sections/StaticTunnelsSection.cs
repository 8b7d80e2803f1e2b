using System.Collections.Immutable;
using System.Net;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol;
using L2tpd.Protocol.Data;

namespace L2tpd.Configuration.Sections;

/// <summary>Entries of <c>tunnels</c> with <c>protocol: static</c>: no control protocol, both ends are configured.</summary>
internal static class StaticTunnelsSection
{
    /// <summary>The value of <c>protocol</c> of such a tunnel.</summary>
    public const string Word = "static";

    public static readonly SectionSchema Schema = new("static tunnels",
    [
        "protocol", "transport", "remote", "local-address", "source-port", "tunnel-id", "peer-tunnel-id", "keepalive", "bind-device",
        "fwmark", "ipsec",
        "backoff", "sessions",
    ]);

    public static readonly SectionSchema KeepaliveSchema =
        new("keepalive", ["interval", "retransmit-initial", "retransmit-cap", "max-retransmits"]);

    private static readonly string[] RequiredKeys = ["remote", "tunnel-id", "peer-tunnel-id"];

    private const ushort L2tpPort = 1701;

    // With a shorter interval, a late answer on a bad line would count as none.
    private static readonly ScalarType<TimeSpan> Interval = DurationText.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));

    private static readonly ScalarType<uint> Id = new("a number from 1 to 4294967295", static text =>
    {
        var number = NumberText.UInt32.Parse(text);
        return number is { Succeeded: true, Value: 0 } ? Parsed<uint>.Wrong("0 is not a valid id") : number;
    });

    /// <summary>Whether the entry is a static tunnel.</summary>
    public static bool IsStatic(YamlValue entry) => entry.IsMapping && entry.AsMapping(null)?.Find("protocol")?.Text == Word;

    public static ImmutableArray<StaticTunnel> Read(YamlMapping root, LoadContext context)
    {
        var tunnels = ImmutableArray.CreateBuilder<StaticTunnel>();
        var sessions = new HashSet<SessionId>();
        var ids = new Dictionary<TunnelId, string>();
        var ends = new Dictionary<(Endpoint, string?, ushort), string>();
        foreach (var value in root.Section("tunnels", null)?.Entries ?? [])
        {
            if (!IsStatic(value) || value.AsMapping(Schema) is not { } mapping)
                continue;
            var tunnel = Read(mapping, value.Key, sessions, context);
            CheckUnique(mapping, tunnel, ids, ends);
            if (tunnel.Sessions.IsEmpty && mapping.Find("sessions") is null or { HasEntries: false }
                && context.DataPlane != DataPlaneChoice.Null)
            {
                value.WarningAtKey("has no sessions: it carries nothing; add `sessions: { NAME: { session-id: ..., "
                    + "peer-session-id: ... } }`");
            }

            tunnels.Add(tunnel);
        }

        return tunnels.DrainToImmutable();
    }

    private static StaticTunnel Read(YamlMapping mapping, string name, HashSet<SessionId> sessions, LoadContext context)
    {
        foreach (var key in RequiredKeys.Where(key => !mapping.Has(key)))
            mapping.Error(key, "is required in a static tunnel");
        var carrier = mapping.Get("transport", DataCarrier.Udp, ListenSection.Transport);
        var remote = mapping.Get("remote", null, AddressText.Endpoint!) ?? new IPEndPoint(IPAddress.Loopback, L2tpPort);
        var ipsec = IpsecKey.Read(mapping, IpsecSettings.None, context);
        var tunnel = new StaticTunnel
        {
            Name = name,
            Remote = Endpoint.From(remote.Address, remote.Port, carrier) with { IsProtected = ipsec.Policy == IpsecPolicy.Required },
            LocalAddress = mapping.Get("local-address", null, AddressText.Any!)?.ToString(),
            LocalPort = carrier == DataCarrier.Ip ? (ushort)0
                : mapping.Get("source-port", L2tpPort, NumberText.UInt16Between(1, ushort.MaxValue)),
            TunnelId = new(mapping.Get("tunnel-id", 1u, Id)),
            PeerTunnelId = new(mapping.Get("peer-tunnel-id", 1u, Id)),
            BindDevice = mapping.Get("bind-device", null, WordText.InterfaceName!),
            FwMark = mapping.Get("fwmark", 0u, NumberText.UInt32),
            Ipsec = ipsec,
            Keepalive = ReadKeepalive(mapping),
            Backoff = BackoffSection.Read(mapping, new Backoff()),
            Sessions = StaticSessionsSection.Read(mapping, name, sessions, Id, context),
        };
        Check(mapping, tunnel, remote);
        if (mapping.Has("remote"))
            IpsecKey.CheckAddresses(mapping, tunnel.Ipsec, tunnel.LocalAddress, remote.Address.ToString());
        return tunnel;
    }

    private static StaticKeepaliveSettings? ReadKeepalive(YamlMapping parent)
    {
        var defaults = new StaticKeepaliveSettings(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), 3);
        if (parent.Find("keepalive") is not { } value)
            return null;
        if (!value.IsMapping)
            return defaults with { Interval = value.Read(defaults.Interval, Interval) };
        var mapping = value.AsMapping(KeepaliveSchema)!;
        var keepalive = new StaticKeepaliveSettings(
            mapping.Get("interval", defaults.Interval, Interval),
            mapping.Get("retransmit-initial", defaults.RetransmitInitial, DurationText.Positive),
            mapping.Get("retransmit-cap", defaults.RetransmitCap, DurationText.Positive),
            mapping.Get("max-retransmits", defaults.MaxRetransmits, NumberText.Between(1, 100)));
        if (keepalive.RetransmitCap < keepalive.RetransmitInitial)
        {
            mapping.Error(mapping.Has("retransmit-cap") ? "retransmit-cap" : "retransmit-initial",
                "retransmit-cap is shorter than retransmit-initial");
        }

        return keepalive;
    }

    private static void Check(YamlMapping mapping, StaticTunnel tunnel, IPEndPoint remote)
    {
        if (tunnel.LocalAddress is { } local && IPAddress.Parse(local).AddressFamily != remote.AddressFamily && mapping.Has("remote"))
            mapping.Error("local-address", $"{local} and the remote {remote.Address} are of different families");
        if (!tunnel.Remote.IsOverIp)
            return;
        if (remote.Port != L2tpPort)
            mapping.Error("remote", "must not have a port: IP protocol 115 has none");
        if (mapping.Has("source-port"))
            mapping.Error("source-port", "is for `transport: udp`: IP protocol 115 has no ports");
    }

    private static void CheckUnique(
        YamlMapping mapping, StaticTunnel tunnel, Dictionary<TunnelId, string> ids, Dictionary<(Endpoint, string?, ushort), string> ends)
    {
        if (!ids.TryAdd(tunnel.TunnelId, tunnel.Name) && mapping.Has("tunnel-id"))
            mapping.Error("tunnel-id", $"`{ids[tunnel.TunnelId]}` already uses {tunnel.TunnelId}");
        var end = (tunnel.Remote, tunnel.LocalAddress, tunnel.LocalPort);
        if (!ends.TryAdd(end, tunnel.Name) && !tunnel.Remote.IsOverIp && mapping.Has("remote"))
            mapping.Error("source-port", $"`{ends[end]}` has the same addresses and ports: one of the two gets no data; set another port");
    }
}
