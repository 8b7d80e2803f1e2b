using System.Collections.Immutable;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Avps;

namespace L2tpd.Configuration.Sections;

/// <c>sessions</c> of a tunnel: the sessions that we ask the peer for.
internal static class SessionsSection
{
    public static readonly SectionSchema Schema = new("sessions",
    [
        "direction", .. SessionSettings.Schema.Keys, "dial", "persist", "backoff", "retry", "calling-number", "called-number",
        "sub-address", "tx-connect-speed", "rx-connect-speed", "framing", "bearer", "private-group", "phb", "minimum-speed",
        "maximum-speed", "remote-end-id",
    ])
    {
        Elsewhere = Misplaced.InSession,
    };

    // Well below the maximum of an AVP (1,017 octets), far above any number or name in use.
    private const int LongestText = 255;

    /// <summary>Text, or 0x and hexadecimal digits for octets.</summary>
    public static ScalarType<string> RemoteEndId => WordText.Text(LongestText);

    private static readonly string[] OutgoingKeys = ["minimum-speed", "maximum-speed"];

    private static readonly ScalarType<CallDirection> Direction = WordText.OneOf(
        ("incoming", CallDirection.Incoming), ("outgoing", CallDirection.Outgoing));

    /// <summary>The values of <c>dial</c>.</summary>
    public static readonly ScalarType<DialMode> Dial = WordText.OneOf(
        ("always", DialMode.Always), ("manual", DialMode.Manual), ("on-traffic", DialMode.OnTraffic));

    private static readonly ScalarType<FramingTypes> Framing = WordText.OneOf(
        ("synchronous", FramingTypes.Synchronous), ("asynchronous", FramingTypes.Asynchronous));

    private static readonly ScalarType<BearerTypes> Bearer = WordText.OneOf(
        ("digital", BearerTypes.Digital), ("analog", BearerTypes.Analog));

    public static ImmutableArray<LacSession> Read(YamlMapping tunnel, PeerProfile rules, LoadContext context)
    {
        var sessions = ImmutableArray.CreateBuilder<LacSession>();
        var endIds = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in tunnel.Section("sessions", null)?.Entries ?? [])
        {
            Names.Check(value);
            if (value.AsMapping(Schema) is not { } mapping)
                continue;
            var session = Read(mapping, value.Key, rules.Protocol, context);
            if (!endIds.TryAdd(EndIdOf(session), session.Name) && rules.Protocol != ProtocolPreference.V2)
            {
                mapping.Error("remote-end-id",
                    $"session `{endIds[EndIdOf(session)]}` already uses `{EndIdOf(session)}`: the peer could not distinguish the two");
            }

            ClaimInterface(mapping, session.Session, rules.Name, context);
            sessions.Add(session);
        }

        return sessions.DrainToImmutable();
    }

    /// <summary>Reports an error if another session already has the fixed interface name of this one.</summary>
    /// <param name="mapping">The session.</param>
    /// <param name="session">Its settings.</param>
    /// <param name="tunnel">The tunnel's name, which is the value of <c>{peer}</c>.</param>
    /// <param name="context">The names in use.</param>
    public static void ClaimInterface(YamlMapping mapping, SessionProfile session, string tunnel, LoadContext context)
    {
        if (session.Pseudowire.Interface is not { } template || !InterfaceTemplate.IsFixed(template))
            return;
        var name = template.Replace("{peer}", tunnel, StringComparison.Ordinal);
        if (context.Ppp.ClaimInterface(name, mapping.Path) is { } other)
            mapping.Error("pseudowire", $"{other} already has the interface {name}");
    }

    private static string EndIdOf(LacSession session) => session.RemoteEndId ?? session.Name;

    private static LacSession Read(YamlMapping mapping, string name, ProtocolPreference protocol, LoadContext context)
    {
        var defaults = new LacSession { Name = name };
        var session = defaults with
        {
            Direction = mapping.Get("direction", defaults.Direction, Direction),
            Session = SessionSettings.Read(mapping, defaults.Session, dialled: true, context),
            Dial = mapping.Get("dial", defaults.Dial, Dial),
            Persist = mapping.Get("persist", defaults.Persist, WordText.Boolean),
            Backoff = BackoffSection.Read(mapping, defaults.Backoff),
            CallingNumber = Text(mapping, "calling-number"),
            CalledNumber = Text(mapping, "called-number"),
            SubAddress = Text(mapping, "sub-address"),
            TxConnectSpeed = mapping.Get("tx-connect-speed", defaults.TxConnectSpeed, NumberText.Speed),
            RxConnectSpeed = mapping.Has("rx-connect-speed") ? mapping.Get("rx-connect-speed", 0u, NumberText.Speed) : null,
            FramingType = Flags(mapping, "framing", defaults.FramingType, Framing, static (one, other) => one | other),
            BearerType = Flags(mapping, "bearer", defaults.BearerType, Bearer, static (one, other) => one | other),
            PrivateGroupId = Text(mapping, "private-group"),
            SessionDs = mapping.Has("phb") ? mapping.Get("phb", (ushort)0, NumberText.UInt16) : null,
            RemoteEndId = mapping.Get("remote-end-id", null, RemoteEndId!),
            MinimumBps = mapping.Get("minimum-speed", defaults.MinimumBps, NumberText.Speed),
            MaximumBps = mapping.Get("maximum-speed", defaults.MaximumBps, NumberText.Speed),
        };
        session = RetrySection.Read(mapping, session);
        Check(mapping, session, protocol, context);
        if (session.Dial == DialMode.OnTraffic)
            DemandRules.Check(mapping, session, context);
        return session;
    }

    private static string? Text(YamlMapping mapping, string key) => mapping.Get(key, null, WordText.Text(LongestText)!);

    private static T Flags<T>(YamlMapping mapping, string key, T fallback, ScalarType<T> type, Func<T, T, T> join)
        where T : struct => mapping.Has(key) ? mapping.List(key, [], type).Aggregate(default(T), join) : fallback;

    private static void Check(YamlMapping mapping, LacSession session, ProtocolPreference protocol, LoadContext context)
    {
        if (session.MaximumBps < session.MinimumBps)
            mapping.Error(mapping.Has("maximum-speed") ? "maximum-speed" : "minimum-speed", "maximum-speed is lower than minimum-speed");
        // OCRQ must carry a Called Number (RFC 2661 section 6.9).
        if (protocol != ProtocolPreference.V3 && session is { Direction: CallDirection.Outgoing, CalledNumber: null }
            && !mapping.Has("called-number"))
        {
            mapping.Error("called-number", "is required with `direction: outgoing`: the number that the peer must call");
        }

        if (session.Direction == CallDirection.Incoming)
        {
            foreach (var key in OutgoingKeys.Where(mapping.Has))
                mapping.Error(key, "is only for `direction: outgoing`");
        }

        if (protocol != ProtocolPreference.V3 && context.DataPlane != DataPlaneChoice.Null && session.Session.Ppp is null
            && !mapping.Has("ppp"))
        {
            mapping.Diagnostics.Warning(mapping.Position, mapping.Path, protocol == ProtocolPreference.V2
                ? "has no ppp: it would carry nothing"
                : "has no ppp: with a peer that answers in L2TPv2 it would carry nothing");
        }

        if (protocol == ProtocolPreference.V3
            && session is { Direction: CallDirection.Outgoing, Session.PseudowireType: not PseudowireType.Ppp })
        {
            mapping.Warning("direction", "Ethernet pseudowires are set up by incoming calls only (RFC 4719): a peer may refuse");
        }
    }
}
