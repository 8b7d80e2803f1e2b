using System.Collections.Immutable;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol;

namespace L2tpd.Configuration.Sections;

/// <summary><c>sessions</c> of a static tunnel.</summary>
internal static class StaticSessionsSection
{
    public static readonly SectionSchema Schema = new("static sessions",
        ["session-id", "peer-session-id", "cookie", "peer-cookie", "ppp-role", .. SessionSettings.Schema.Keys]);

    private static readonly string[] RequiredKeys = ["session-id", "peer-session-id"];

    // These are negotiated by messages, and a static session has none.
    private static readonly string[] NegotiatedKeys = ["accm", "report-errors"];

    private static readonly ScalarType<bool> Role = WordText.OneOf(("client", false), ("server", true));

    private static readonly ScalarType<byte[]> Cookie = new("8 or 16 hexadecimal digits", static text =>
    {
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return digits.Length is 8 or 16 && digits.All(char.IsAsciiHexDigit)
            ? Parsed<byte[]>.Of(Convert.FromHexString(digits))
            : Parsed<byte[]>.Wrong($"`{text}` is not 8 or 16 hexadecimal digits");
    });

    /// <param name="tunnel">The static tunnel.</param>
    /// <param name="name">Its name.</param>
    /// <param name="ids">Session ids in use: data over IP has no tunnel id, so all sessions share one space of ids.</param>
    /// <param name="id">The format of an id.</param>
    /// <param name="context">The PPP profiles.</param>
    public static ImmutableArray<StaticSession> Read(YamlMapping tunnel, string name, HashSet<SessionId> ids, ScalarType<uint> id,
        LoadContext context)
    {
        var sessions = ImmutableArray.CreateBuilder<StaticSession>();
        foreach (var value in tunnel.Section("sessions", null)?.Entries ?? [])
        {
            Names.Check(value);
            if (value.AsMapping(Schema) is not { } mapping)
                continue;
            var session = Read(mapping, value.Key, id, context);
            if (mapping.Has("session-id") && !ids.Add(session.SessionId))
                mapping.Error("session-id", $"another static session already uses {session.SessionId}");
            SessionsSection.ClaimInterface(mapping, session.Session, name, context);
            sessions.Add(session);
        }

        return sessions.DrainToImmutable();
    }

    private static StaticSession Read(YamlMapping mapping, string name, ScalarType<uint> id, LoadContext context)
    {
        foreach (var key in RequiredKeys.Where(key => !mapping.Has(key)))
            mapping.Error(key, "is required in a static session");
        foreach (var key in NegotiatedKeys.Where(mapping.Has))
            mapping.Error(key, "has no effect in a static session: no messages are exchanged");
        if (mapping.Section("pseudowire", PseudowireSection.Schema) is { } pseudowire && pseudowire.Has("cookie"))
        {
            pseudowire.Error("cookie", "is the size of a random cookie; in a static session write the cookie itself "
                + "next to session-id");
        }

        var isServer = mapping.Get("ppp-role", false, Role);
        var session = new StaticSession
        {
            Name = name,
            SessionId = new(mapping.Get("session-id", 1u, id)),
            PeerSessionId = new(mapping.Get("peer-session-id", 1u, id)),
            Cookie = mapping.Get("cookie", [], Cookie),
            PeerCookie = mapping.Get("peer-cookie", [], Cookie),
            Session = SessionSettings.Read(mapping, new SessionProfile(), dialled: !isServer, context),
            IsPppServer = isServer,
        };
        if (session.Session.Ppp is null && mapping.Has("ppp-role"))
            mapping.Error("ppp-role", "is for a session with ppp");
        return session;
    }
}
