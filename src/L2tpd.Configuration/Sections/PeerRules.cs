using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Engine.Configuration;
using L2tpd.Protocol.Digests;

namespace L2tpd.Configuration.Sections;

/// <summary>The keys that a peer and a dialled tunnel have in common.</summary>
internal static class PeerRules
{
    // RFC 2661 section 4.4.3 has no limit. This one leaves room in one datagram for every other AVP.
    private const int LongestHostName = 255;
    private const int LongestSecret = 1024;
    private const ushort WidestWindow = 32_767;

    public static readonly string[] Keys =
    [
        .. SecretKeys.Of("secret"), .. SecretKeys.Of("second-secret"), "secrets", "authentication", "digest", "pseudowires",
        "challenge", "hide-avps",
        "protocol", "host-name", "router-id", "identity", "receive-window", "accept", "limits", "timers",
        "quirks", "bind-device", "fwmark", "ipsec", "phb",
    ];

    public static readonly SectionSchema LimitsSchema = new("peer limits", ["tunnels", "sessions-per-tunnel"]);

    private static readonly (string Word, ProtocolPreference Value)[] Protocols =
        [("v2", ProtocolPreference.V2), ("v3", ProtocolPreference.V3), ("auto", ProtocolPreference.Auto)];

    private static readonly ScalarType<ProtocolPreference> Protocol = WordText.OneOf(Protocols);

    /// <summary>
    /// The values of <c>protocol</c> in a tunnel. A tunnel with `static` is read elsewhere, but the suggestion for a misspelled value must
    /// contain it.
    /// </summary>
    public static readonly ScalarType<ProtocolPreference> ProtocolOfTunnel =
        WordText.OneOf([.. Protocols, (StaticTunnelsSection.Word, ProtocolPreference.V2)]);

    private static readonly ScalarType<MessageAuthentication> Authentication = WordText.OneOf(
        ("off", MessageAuthentication.Off), ("integrity", MessageAuthentication.Integrity),
        ("when-signed", MessageAuthentication.WhenSigned), ("required", MessageAuthentication.Required));

    private static readonly ScalarType<DigestType> Digest = WordText.OneOf(("md5", DigestType.HmacMd5), ("sha1", DigestType.HmacSha1));

    private static readonly ScalarType<PeerIdentity> Identity = WordText.OneOf(
        ("address", PeerIdentity.Address), ("host-name", PeerIdentity.HostName), ("router-id", PeerIdentity.RouterId));

    private static readonly ScalarType<CallDirection> Calls = WordText.OneOf(
        ("incoming-calls", CallDirection.Incoming), ("outgoing-calls", CallDirection.Outgoing));

    /// <summary>Every quirk by its name.</summary>
    public static readonly (string Word, PeerQuirks Value)[] QuirkWords =
    [
        ("accept-reply-from-any-address", PeerQuirks.AcceptReplyFromAnyAddress),
        ("ignore-unknown-mandatory-avps", PeerQuirks.IgnoreUnknownMandatoryAvps),
        ("acknowledge-at-once", PeerQuirks.AcknowledgeAtOnce),
        ("omit-vendor-avps", PeerQuirks.OmitVendorAvps),
        ("omit-tie-breaker", PeerQuirks.OmitTieBreaker),
        ("window-of-one", PeerQuirks.WindowOfOne),
        ("short-result-code", PeerQuirks.ShortResultCode),
        ("no-hello", PeerQuirks.NoHello),
        ("allow-missing-challenge-response", PeerQuirks.AllowMissingChallengeResponse),
    ];

    private static readonly ScalarType<PeerQuirks> Quirk = WordText.OneOf(QuirkWords);

    /// <summary>The profile with the values of the mapping, and <paramref name="defaults"/> for the others.</summary>
    /// <param name="mapping">A peer or tunnel.</param>
    /// <param name="defaults">The values of keys that are not set.</param>
    /// <param name="context">Files and diagnostics.</param>
    /// <param name="protocol">The values of <c>protocol</c>; <c>null</c> for those of a peer.</param>
    public static PeerProfile Read(YamlMapping mapping, PeerProfile defaults, LoadContext context,
        ScalarType<ProtocolPreference>? protocol = null)
    {
        var accept = ReadAccept(mapping, defaults);
        var limits = mapping.Section("limits", LimitsSchema);
        var secrets = ReadSecrets(mapping, context);
        var profile = defaults with
        {
            Secret = secrets.First?.Reveal() ?? defaults.Secret,
            SecondSecret = secrets.Second?.Reveal() ?? (mapping.Has("secrets") ? null : defaults.SecondSecret),
            Authentication = mapping.Has("authentication")
                ? mapping.Get("authentication", MessageAuthentication.Required, Authentication)
                : defaults.Authentication,
            Digest = mapping.Get("digest", defaults.Digest, Digest),
            Pseudowires = mapping.List("pseudowires", defaults.Pseudowires, PseudowireSection.Type),
            Challenge = mapping.Get("challenge", defaults.Challenge, WordText.Boolean),
            HideAvps = mapping.Get("hide-avps", defaults.HideAvps, WordText.Boolean),
            Protocol = mapping.Get("protocol", defaults.Protocol, protocol ?? Protocol),
            LocalHostName = mapping.Get("host-name", defaults.LocalHostName, WordText.Text(LongestHostName)!),
            LocalRouterId = mapping.Has("router-id") ? mapping.Get("router-id", 1u, RouterIdText.Type) : defaults.LocalRouterId,
            Identity = mapping.Get("identity", defaults.Identity, Identity),
            ReceiveWindow = mapping.Get("receive-window", defaults.ReceiveWindow, NumberText.UInt16Between(1, WidestWindow)),
            AcceptIncomingCalls = accept.Incoming,
            AcceptOutgoingCalls = accept.Outgoing,
            MaxTunnels = limits?.Get("tunnels", defaults.MaxTunnels, NumberText.Between(1, LimitsSection.Ids)) ?? defaults.MaxTunnels,
            MaxSessionsPerTunnel = limits?.Get("sessions-per-tunnel", defaults.MaxSessionsPerTunnel,
                NumberText.Between(1, LimitsSection.Ids))
                ?? defaults.MaxSessionsPerTunnel,
            Timers = TimersSection.Read(mapping, defaults.Timers),
            Quirks = ReadQuirks(mapping, defaults.Quirks),
            BindDevice = mapping.Get("bind-device", defaults.BindDevice, WordText.InterfaceName!),
            FwMark = mapping.Get("fwmark", defaults.FwMark, NumberText.UInt32),
            Ipsec = IpsecKey.Read(mapping, defaults.Ipsec, context),
            ControlConnectionDs = mapping.Has("phb") ? mapping.Get("phb", (ushort)0, NumberText.UInt16) : defaults.ControlConnectionDs,
        };
        Check(mapping, profile);
        return profile;
    }

    private static (Secret? First, Secret? Second) ReadSecrets(YamlMapping mapping, LoadContext context)
    {
        string[] others = [.. SecretKeys.Of("secret"), .. SecretKeys.Of("second-secret")];
        var list = SecretKeys.ReadList(mapping, "secrets", 2, others, LongestSecret, context);
        return list.Count > 0
            ? (list[0], list.ElementAtOrDefault(1))
            : (Read("secret"), Read("second-secret"));

        Secret? Read(string name) => SecretKeys.Read(mapping, name, LongestSecret, context);
    }

    private static (bool Incoming, bool Outgoing) ReadAccept(YamlMapping mapping, PeerProfile defaults)
    {
        if (mapping.Find("accept") is not { } value)
            return (defaults.AcceptIncomingCalls, defaults.AcceptOutgoingCalls);
        if (value.Text == "none")
            return (false, false);
        var calls = value.ReadList(Calls);
        return (calls.Contains(CallDirection.Incoming), calls.Contains(CallDirection.Outgoing));
    }

    private static PeerQuirks ReadQuirks(YamlMapping mapping, PeerQuirks fallback) =>
        mapping.Has("quirks") ? mapping.List("quirks", [], Quirk).Aggregate(PeerQuirks.None, static (all, one) => all | one) : fallback;

    private static void Check(YamlMapping mapping, PeerProfile profile)
    {
        // A secret that was set but could not be read has its own error.
        var secretGiven = profile.Secret is not null || SecretKeys.Of("secret").Append("secrets").Any(mapping.Has);
        if (profile.Authentication is MessageAuthentication.WhenSigned or MessageAuthentication.Required && mapping.Has("authentication")
            && !secretGiven)
        {
            mapping.Error("authentication", "needs a secret");
        }

        if (profile.Protocol == ProtocolPreference.V2 && mapping.Find("identity")?.Text == "router-id")
            mapping.Error("identity", "L2TPv2 has no Router ID; write `host-name` or `address`");
        if (profile.Protocol == ProtocolPreference.V2 && mapping.Has("router-id"))
            mapping.Error("router-id", "L2TPv2 has no Router ID; set `protocol: v3` or `auto`");
        if (profile.SecondSecret is not null && !secretGiven)
            mapping.Error("second-secret", "needs a secret");
        if (profile.HideAvps && !secretGiven)
            mapping.Error("hide-avps", "needs a secret");
        if (profile.Challenge && mapping.Has("challenge") && !secretGiven)
            mapping.Error("challenge", "needs a secret");
        if (profile.Quirks.HasFlag(PeerQuirks.AllowMissingChallengeResponse) && mapping.Has("quirks")
            && !(profile.Challenge && secretGiven))
        {
            mapping.Error("quirks", "allow-missing-challenge-response has no effect: the peer is not challenged");
        }
    }
}
