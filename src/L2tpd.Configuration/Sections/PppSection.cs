using System.Collections.Immutable;
using L2tpd.Access;
using L2tpd.Configuration.Scalars;
using L2tpd.Configuration.Yaml;
using L2tpd.Ppp;

namespace L2tpd.Configuration.Sections;

/// <c>ppp</c>: named profiles at the top level; in a session the name of a profile, or an inline profile.
internal static class PppSection
{
    // pppd's MAXNAMELEN and MAXSECRETLEN without their final zero; MINMRU and MAXMRU; the least MTU of IPv6 (RFC 8200).
    private const int LongestName = 255;
    private const int LeastMru = 128;
    private const int MostMru = 16_384;
    private const int LeastMtuOfIPv6 = 1280;

    private static readonly TimeSpan LeastInterim = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan MostRechallenge = TimeSpan.FromDays(1);

    public static readonly SectionSchema Schema = new("ppp",
    [
        "backend", "program", "user", .. SecretKeys.Of("password"), "name", "local", "remote", "pool", "dns", "nbns", "request-dns",
        "mtu", "mru",
        "auth", "rechallenge-interval", "default-route", "ipv6", .. Ipv6Keys.OfRouter, "echo-interval", "echo-failures",
        "interface", "source-check",
        "options-file", "options",
        "access", "radius-group", "users", "secrets-files", "same-user", "lcp", "session-timeout", "idle-timeout", "interim-interval",
        "mss-clamp", "auth-retries", "framed-routes", "rate", .. InformKeys.Keys, .. Ipv6PoolKeys.Keys,
    ]);

    private static readonly SectionSchema InterfaceSchema = new("interface", ["shared"]);

    private static readonly string[] PppdKeys = ["program", "options-file", "options"];

    private static readonly string[] BuiltInKeys =
    [
        "access", "radius-group", "users", "secrets-files", "same-user", "lcp", "session-timeout", "idle-timeout", "interim-interval",
        "mss-clamp", "auth-retries", "framed-routes", "rate", .. InformKeys.Keys, .. Ipv6PoolKeys.Keys,
    ];

    private static readonly string[] UserKeys = ["users", "secrets-files"];

    private static readonly ScalarType<PppBackend?> Backend =
        WordText.OneOf<PppBackend?>(("auto", null), ("pppd", PppBackend.Pppd), ("built-in", PppBackend.BuiltIn));

    private static readonly ScalarType<NameServerUse> Use = WordText.OneOf(
        ("none", NameServerUse.None), ("resolvconf", NameServerUse.Resolvconf), ("resolved", NameServerUse.Resolved),
        ("file", NameServerUse.File));

    private static readonly ScalarType<SameUserPolicy> SameUser = WordText.OneOf(
        ("allow", SameUserPolicy.Allow), ("refuse", SameUserPolicy.Refuse), ("replace", SameUserPolicy.Replace));

    private static readonly ScalarType<ProxyLcpPolicy> Lcp = WordText.OneOf(
        ("proxy", ProxyLcpPolicy.ProxyLcp), ("renegotiate", ProxyLcpPolicy.Renegotiate));

    private static readonly ScalarType<PppAuthentication> Authentication = WordText.OneOf(
        ("pap", PppAuthentication.Pap), ("chap", PppAuthentication.Chap), ("mschap", PppAuthentication.MsChap),
        ("mschap-v2", PppAuthentication.MsChapV2), ("eap", PppAuthentication.Eap));

    /// <summary>Reads the named profiles.</summary>
    public static void ReadProfiles(YamlMapping root, LoadContext context)
    {
        foreach (var value in root.Section("ppp", null)?.Entries ?? [])
        {
            if (value.Key == "none")
                value.Error("`none` means no PPP; choose another name");
            Names.Check(value);
            if (value.AsMapping(Schema) is { } mapping)
                context.Ppp.Add(Read(mapping, value.Key, context), mapping);
        }
    }

    /// <summary>The name of the profile that a session uses; <c>null</c> if there is none.</summary>
    public static string? ReadReference(YamlMapping parent, string? fallback, bool dialled, LoadContext context)
    {
        if (parent.Find("ppp") is not { } value)
            return fallback;
        if (value.Text == "none")
            return null;
        var name = value.IsScalar ? Named(value, context) : Inline(value, context);
        if (name is null)
            return null;
        context.Ppp.MarkUsed(name);
        if (context.DataPlane == DataPlaneChoice.Null)
            value.Error("PPP needs a data plane that carries data, and data-plane is null");
        if (context.Ppp.Find(name) is { } profile)
            CheckUse(value, profile, dialled, context);
        return name;
    }

    private static void CheckUse(YamlValue value, PppProfile profile, bool dialled, LoadContext context)
    {
        if (dialled && profile.Shape == PppInterfaceShape.Shared)
            value.Error("a shared interface is only for sessions of peers: set an interface of its own, or `interface: none`");
        if (!dialled && profile is { Interface: not null, Shape: PppInterfaceShape.Own })
            value.Error("interface is only for sessions that we dial: every session of the peers would have the same name");
        if (!dialled && profile.DefaultRoute)
            value.Error("default-route is only for sessions that we dial: a peer's session would attract all our traffic");
        if (dialled && profile.Ipv6Pools != Ipv6PoolNames.None)
            value.Error("prefix pools are only for sessions of peers: the LNS that we dial gives the prefixes");
        if (!dialled && profile.NameServerUse != NameServerUse.None)
        {
            value.Error("`dns` with that value is only for sessions that we dial: write the addresses of the name servers for "
                + "the peers");
        }

        if (!dialled && profile is { Backend: PppBackend.BuiltIn, Local: null })
            value.Error("built-in PPP needs `local`, our own address, for the sessions of peers" + WhyBuiltIn(profile));
        if (!dialled && profile is
            { Backend: PppBackend.BuiltIn, Authentication.IsEmpty: false, Users.IsEmpty: true, Access: AccessChoice.Local }
            && !context.Ppp.IsIncomplete(profile.Name))
        {
            value.Error("built-in PPP with `auth` needs `users` or `secrets-files`: no user could log in" + WhyBuiltIn(profile));
        }

        if (!dialled && profile is
            { Backend: PppBackend.BuiltIn, Local: not null, Remote: null, Pool.IsEmpty: true, Access: AccessChoice.Local }
            && !context.Ppp.IsIncomplete(profile.Name)
            && context.Ppp.WithoutAddresses(profile, LacksAddresses) is { } whose)
        {
            value.WarningAtKey($"there is neither `pool` nor `remote`: {whose}");
        }

        if (dialled && profile is { Interface: { } name, Shape: PppInterfaceShape.Own }
            && context.Ppp.ClaimInterface(name, value.Path) is { } other)
        {
            value.Error($"{other} already has the interface {name}");
        }
    }

    private static string WhyBuiltIn(PppProfile profile) => profile.BackendReason is { } reason
        ? $" (built-in by `backend: auto`: {reason})" : "";

    private static string? LacksAddresses(PppProfile profile) =>
        profile.Authentication.IsEmpty ? "every peer must choose its own IPv4 address, and may choose any"
        : profile.Users.Any(static user => user.Addresses.IsEmpty && user.Pool is null)
            ? "users without an address in their entry get no IPv4 address"
        : null;

    private static string? Named(YamlValue value, LoadContext context)
    {
        if (context.Ppp.Names.Contains(value.Text))
            return value.Text;
        value.Error($"there is no profile `{Excerpt.Of(value.Text!)}` under ppp"
            + Suggestion.For(value.Text!, context.Ppp.Names.Append("none")));
        return null;
    }

    private static string? Inline(YamlValue value, LoadContext context)
    {
        if (value.AsMapping(Schema) is not { } mapping)
            return null;
        context.Ppp.Add(Read(mapping, value.Path, context), mapping);
        return value.Path;
    }

    private static PppProfile Read(YamlMapping mapping, string name, LoadContext context)
    {
        var defaults = new PppProfile { Name = name };
        var errors = context.Diagnostics.ErrorCount;
        var (shape, interfaceName) = ReadInterface(mapping);
        var route = DefaultRouteSection.Read(mapping);
        var use = ReadNameServerUse(mapping);
        var profile = defaults with
        {
            Program = mapping.Get("program", defaults.Program, WordText.AbsolutePath),
            User = mapping.Get("user", null, WordText.Text(LongestName)!),
            Password = SecretKeys.Read(mapping, "password", LongestName, context),
            ServerName = mapping.Get("name", null, WordText.Text(LongestName)!),
            Local = mapping.Get("local", null, AddressText.HostV4!),
            Remote = mapping.Get("remote", null, AddressText.HostV4!),
            Pool = mapping.List("pool", [], AddressText.Range),
            Dns = use is null ? mapping.List("dns", [], AddressText.V4) : [],
            NameServerUse = use ?? NameServerUse.None,
            Nbns = mapping.List("nbns", [], AddressText.V4),
            RequestDns = mapping.Get("request-dns", use is not (null or NameServerUse.None), WordText.Boolean),
            Access = AccessKey.Read(mapping),
            RadiusGroup = AccessKey.ReadGroup(mapping),
            Mtu = mapping.Get("mtu", defaults.Mtu, NumberText.Between(LeastMru, MostMru)),
            Mru = mapping.Get("mru", defaults.Mru, NumberText.Between(LeastMru, MostMru)),
            IsSizeWritten = mapping.Has("mtu") || mapping.Has("mru") || defaults.IsSizeWritten,
            Authentication = ReadAuthentication(mapping),
            RechallengeInterval = mapping.Get("rechallenge-interval", defaults.RechallengeInterval, DurationText.OrNever),
            DefaultRoute = route.IsWanted,
            DefaultRouteMetric = route.Metric,
            ReplaceDefaultRoute = route.Replace,
            EchoInterval = mapping.Get("echo-interval", defaults.EchoInterval, DurationText.OrNever),
            EchoFailures = mapping.Get("echo-failures", defaults.EchoFailures, NumberText.Between(1, 1000)),
            Interface = interfaceName,
            Shape = shape,
            SourceCheck = mapping.Get("source-check", defaults.SourceCheck, WordText.Boolean),
            ClampMss = mapping.Get("mss-clamp", defaults.ClampMss, WordText.Boolean),
            OptionsFile = ReadOptionsFile(mapping),
            Lcp = mapping.Get("lcp", defaults.Lcp, Lcp),
            SessionTimeout = mapping.Get("session-timeout", defaults.SessionTimeout, DurationText.OrNever),
            IdleTimeout = mapping.Get("idle-timeout", defaults.IdleTimeout, DurationText.OrNever),
            Options = [.. mapping.List("options", [], PppdOptionText.Options).SelectMany(static words => words)],
        };
        profile = Ipv6PoolKeys.Read(mapping, ReadUserDefaults(mapping, profile));
        return Complete(mapping, profile, context, hasErrors: context.Diagnostics.ErrorCount > errors);
    }

    /// <summary>What holds for users that have no value of their own.</summary>
    private static PppProfile ReadUserDefaults(YamlMapping mapping, PppProfile profile)
    {
        var (toPeer, fromPeer) = RateKey.Read(mapping);
        return profile with
        {
            RateToPeer = toPeer,
            RateFromPeer = fromPeer,
            AuthenticationRetries = mapping.Get("auth-retries", profile.AuthenticationRetries, NumberText.Between(0, 10)),
            FramedRoutes = FramedRoutesSection.Read(mapping),
            InterimInterval = mapping.Get("interim-interval", profile.InterimInterval, DurationText.OrNever),
            SameUser = mapping.Get("same-user", profile.SameUser, SameUser),
        };
    }

    /// <summary>Adds the back end and the users, which depend on other keys, and checks what must fit together.</summary>
    private static PppProfile Complete(YamlMapping mapping, PppProfile profile, LoadContext context, bool hasErrors)
    {
        var errors = context.Diagnostics.ErrorCount;
        profile = ChooseBackend(mapping, InformKeys.Read(mapping, Ipv6Keys.Read(mapping, profile)), context);
        var addresses = new UserAddresses(profile.Local, profile.ServerName ?? context.Environment.HostName);
        profile = profile with { Users = PppUsers.Read(mapping, addresses, context) };
        if (hasErrors || context.Diagnostics.ErrorCount > errors)
            context.Ppp.MarkIncomplete(profile.Name);
        Check(mapping, profile);
        Ipv6PoolKeys.Check(mapping, profile, context);
        if (profile.Backend == PppBackend.BuiltIn)
            AccessKey.Check(mapping, profile, context);
        if (profile.Shape == PppInterfaceShape.Shared)
            CheckShared(mapping, profile, context);
        return profile;
    }

    /// <summary>
    /// The configured back end; with <c>auto</c> the one that the other keys need, otherwise pppd if this machine can run it.
    /// </summary>
    private static PppProfile ChooseBackend(YamlMapping mapping, PppProfile profile, LoadContext context)
    {
        if (mapping.Get("backend", null, Backend) is { } written)
            return profile with { Backend = written };
        if (BuiltInKeys.FirstOrDefault(mapping.Has) is { } own)
            return profile with { Backend = PppBackend.BuiltIn, BackendReason = $"`{own}` is for built-in PPP" };
        if (profile.IPv6Router)
            return profile with { Backend = PppBackend.BuiltIn, BackendReason = "`ipv6: router` is for built-in PPP" };
        if (profile.Shape != PppInterfaceShape.Own)
            return profile with { Backend = PppBackend.BuiltIn, BackendReason = "`interface: none` and `shared` are for built-in PPP" };
        if (PppdKeys.FirstOrDefault(mapping.Has) is { } pppds)
            return profile with { Backend = PppBackend.Pppd, BackendReason = $"`{pppds}` is for pppd" };
        if (profile is { User: not null, Password: null }
            || profile.Authentication.Any(static protocol => protocol is PppAuthentication.MsChap or PppAuthentication.Eap))
        {
            return profile with { Backend = PppBackend.Pppd, BackendReason = "its `auth` needs pppd" };
        }

        return context.Environment.PppdObstacle(context.DataPlane, profile.Program) is { } obstacle
            ? profile with { Backend = PppBackend.BuiltIn, BackendReason = obstacle }
            : profile with { Backend = PppBackend.Pppd, BackendReason = $"the kernel has PPP, and {profile.Program} exists" };
    }

    private static ImmutableArray<PppAuthentication> ReadAuthentication(YamlMapping mapping) =>
        mapping.Find("auth") is { Text: "none" } ? [] : mapping.List("auth", [], Authentication);

    private static (PppInterfaceShape Shape, string? Name) ReadInterface(YamlMapping mapping)
    {
        if (mapping.Find("interface") is not { } value)
            return (PppInterfaceShape.Own, null);
        if (value.Text == "none")
            return (PppInterfaceShape.None, null);
        if (value.IsScalar)
            return (PppInterfaceShape.Own, value.Read(null, WordText.InterfaceName!));
        var shared = value.AsMapping(InterfaceSchema);
        if (shared is not null && !shared.Has("shared"))
            value.Error("write a name, `none`, or `{ shared: NAME }`");
        return (PppInterfaceShape.Shared, shared?.Get("shared", null, WordText.InterfaceName!));
    }

    /// <c>dns</c> is a list of addresses for peers, or one value for sessions that we dial; <c>null</c> if it is not such a value.
    private static NameServerUse? ReadNameServerUse(YamlMapping mapping) =>
        mapping.Find("dns") is { Text: { } text } && Use.Parse(text) is { Succeeded: true } use ? use.Value : null;

    private static string? ReadOptionsFile(YamlMapping mapping)
    {
        if (mapping.Find("options-file") is not { } value || value.Read("", WordText.Text(4096)) is not { Length: > 0 } written)
            return null;
        var path = LoadContext.Resolve(value, written);
        if (!File.Exists(path))
            value.Error($"there is no file {path}");
        return path;
    }

    private static void Check(YamlMapping mapping, PppProfile profile)
    {
        if (profile is { Password: not null, User: null })
            mapping.Error(SecretKeys.Of("password").First(mapping.Has), "needs `user`");
        if (profile.Remote is not null && !profile.Pool.IsEmpty)
            mapping.Error("pool", "contradicts `remote`: every peer would get that address");
        if (profile.Remote is not null && profile.Remote.Equals(profile.Local))
            mapping.Error("remote", "is our own address, `local`");
        // Built-in PPP removes it from the pool.
        if (profile is { Backend: PppBackend.Pppd, Local: { } local } && profile.Pool.Any(range => range.Contains(local)))
            mapping.Error("pool", $"contains our own address {local}, `local`");
        if (profile is { NameServerUse: not NameServerUse.None, RequestDns: false })
            mapping.Error("request-dns", "contradicts `dns`, which uses the name servers that the peer sends");
        if (profile.Dns.Length > 2)
            mapping.Error("dns", "PPP has room for two name servers (RFC 1877)");
        if (profile.Nbns.Length > 2)
            mapping.Error("nbns", "PPP has room for two NetBIOS name servers (RFC 1877)");
        CheckRechallenge(mapping, profile);
        if (profile.Backend == PppBackend.BuiltIn)
            CheckBuiltIn(mapping, profile);
        foreach (var key in BuiltInKeys.Where(key => profile.Backend == PppBackend.Pppd && mapping.Has(key)))
            mapping.Error(key, "is only for `backend: built-in`" + AccessKey.WhyNotPppd(key, profile));
        if (profile.Backend == PppBackend.Pppd && profile.Shape != PppInterfaceShape.Own)
            mapping.Error("interface", "every pppd has its own interface: `none` and `shared` are only for `backend: built-in`");
        if (profile.Backend == PppBackend.Pppd && profile.EchoInterval.Ticks % TimeSpan.TicksPerSecond != 0)
            mapping.Error("echo-interval", "pppd counts whole seconds");
        Ipv6Keys.Check(mapping, profile);
        if (profile.IPv6)
            CheckMtuOfIPv6(mapping, profile);
    }

    private static void CheckRechallenge(YamlMapping mapping, PppProfile profile)
    {
        if (profile.RechallengeInterval == TimeSpan.Zero)
            return;
        if (profile.RechallengeInterval.Ticks % TimeSpan.TicksPerSecond != 0)
            mapping.Error("rechallenge-interval", "is in whole seconds");
        if (profile.RechallengeInterval > MostRechallenge)
            mapping.Error("rechallenge-interval", "is at most 1d");
        if (!profile.Authentication.Any(protocol =>
            protocol is PppAuthentication.Chap or PppAuthentication.MsChap or PppAuthentication.MsChapV2
                || (protocol == PppAuthentication.Eap && profile.Backend == PppBackend.BuiltIn)))
        {
            mapping.Error("rechallenge-interval", "needs `auth` with a challenge: `chap`, `mschap`, `mschap-v2` or built-in PPP's `eap`");
        }
    }

    private static void CheckShared(YamlMapping mapping, PppProfile profile, LoadContext context)
    {
        if (context.DataPlane is DataPlaneChoice.Kernel or DataPlaneChoice.Null)
            mapping.Error("interface", "a shared interface needs `data-plane: userspace`");
        if (!profile.SourceCheck)
            mapping.Error("source-check", "is required with a shared interface: only the source address distinguishes its peers");
        if (profile.Interface is { } name && context.Ppp.ClaimInterface(name, mapping.Path) is { } other)
            mapping.Error("interface", $"{other} already has the interface {name}");
    }

    private static void CheckBuiltIn(YamlMapping mapping, PppProfile profile)
    {
        foreach (var key in PppdKeys.Where(mapping.Has))
            mapping.Error(key, "is only for `backend: pppd`");
        if (!mapping.Has("auth") && UserKeys.FirstOrDefault(mapping.Has) is { } users)
            mapping.Error(users, "needs `auth`: without it no user is asked for a password. Write `auth: none` if that is intended");
        if (profile.Authentication.Contains(PppAuthentication.MsChap))
            mapping.Error("auth", "built-in PPP supports only `pap`, `chap`, `mschap-v2` and, with `access: radius`, `eap`");
        if (profile.Authentication.Contains(PppAuthentication.Eap) && profile.Access == AccessChoice.Local)
            mapping.Error("auth", "`eap` of built-in PPP needs `access: radius`: the server has the methods, local users have none");
        if (profile is { User: not null, Password: null })
            mapping.Error("user", "needs `password`: built-in PPP does not read our own password from a secrets file");
        if (profile.Shape == PppInterfaceShape.None && profile.DefaultRoute)
            mapping.Error("default-route", "needs an interface");
        if (profile.InterimInterval > TimeSpan.Zero && profile.InterimInterval < LeastInterim)
            mapping.Error("interim-interval", "is at least 60s (RFC 2869 section 5.16)");
        if (profile.Pool.Any(static range => range.Count > AddressPool.LargestSize))
            mapping.Error("pool", "a range of built-in PPP has at most 16777216 addresses, a /8");
        if (profile.IdleTimeout.Ticks % TimeSpan.TicksPerSecond != 0)
            mapping.Error("idle-timeout", "the kernel counts whole seconds");
    }

    private static void CheckMtuOfIPv6(YamlMapping mapping, PppProfile profile)
    {
        if (profile.Mtu < LeastMtuOfIPv6)
            mapping.Error("mtu", $"IPv6 needs {LeastMtuOfIPv6}");
        if (profile.Mru < LeastMtuOfIPv6)
            mapping.Error("mru", $"IPv6 needs {LeastMtuOfIPv6}");
    }
}
