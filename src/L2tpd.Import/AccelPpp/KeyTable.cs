using System.Collections.Frozen;

namespace L2tpd.Import.AccelPpp;

/// <summary>What becomes of a key of accel-ppp.conf.</summary>
internal enum KeyUse
{
    /// <summary>l2tpd has a key for it.</summary>
    Key,

    /// <summary>l2tpd does the same by itself, or the key changes nothing that users notice.</summary>
    Needless,

    /// <summary>It cannot be carried over.</summary>
    Impossible,
}

/// <summary>The rule of a key.</summary>
/// <param name="Use">What becomes of it.</param>
/// <param name="Why">The reason; empty for <see cref="KeyUse.Key"/>.</param>
internal sealed record KeyRule(KeyUse Use, string Why);

/// <summary>The keys of accel-ppp.conf(5) that concern L2TP, by section, and the sections that do not.</summary>
internal static class KeyTable
{
    private const string Logging = "l2tpd has one log, and `l2tpctl log`";
    private const string Identifiers = "l2tpd chooses identifiers itself";
    private const string Buffers = "l2tpd chooses sizes of buffers and caches itself";
    private const string Attempts = "l2tpd has its own numbers of attempts and waits of PPP";
    private const string Shaping = "rates are kept by sch_tbf and act_police, with a burst of 500 ms";
    private const string Realms = "l2tpd sends user names as the peer wrote them: let the RADIUS server change them";
    private const string OtherProtocol = "l2tpd speaks L2TP only";
    private const string Advertisements = "the times of router advertisements are fixed; the lifetimes of prefixes are those of `dhcpv6`";
    private const string Hooks = "use `hooks` of l2tpd: network-up, session-down";

    /// <summary>Sections of which nothing is carried over, each with the reason.</summary>
    public static FrozenDictionary<string, string> Sections { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["pptp"] = OtherProtocol,
        ["pppoe"] = OtherProtocol,
        ["sstp"] = OtherProtocol,
        ["ipoe"] = OtherProtocol,
        ["snmp"] = "l2tpd has no SNMP: use its counters (`l2tpctl show counters`)",
        ["metrics"] = "use the counters of l2tpd (`l2tpctl show counters`)",
        ["log-pgsql"] = Logging,
        ["cli"] = "l2tpctl uses a Unix socket: see `control`",
        ["connlimit"] = "see `limits`: requests that prove nothing cost a record, and refusals have a rate",
        ["pppd-compat"] = Hooks,
        ["ipv6-nd"] = Advertisements,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Modules of [modules] that need no comment, or the reason why they are lost.</summary>
    public static FrozenDictionary<string, KeyRule> Modules { get; } = Build(static add =>
    {
        add("l2tp radius chap-secrets auth_pap auth_chap_md5 auth_mschap_v2 ippool ipv6pool ipv6_nd ipv6_dhcp", KeyUse.Key, "");
        add("log_file log_syslog log_tcp log_pgsql log_term", KeyUse.Needless, Logging);
        add("sigchld shaper connlimit", KeyUse.Needless, "l2tpd has it without a module");
        add("auth_mschap_v1", KeyUse.Impossible, "built-in PPP has no MS-CHAP version 1");
        add("pptp pppoe sstp ipoe", KeyUse.Impossible, OtherProtocol);
        add("pppd_compat", KeyUse.Impossible, Hooks);
        add("net-snmp metrics logwtmp", KeyUse.Impossible, "use the counters and events of l2tpd");
    });

    private static readonly FrozenDictionary<string, FrozenDictionary<string, KeyRule>> Keys =
        new Dictionary<string, FrozenDictionary<string, KeyRule>>(StringComparer.Ordinal)
        {
            ["core"] = Build(static add => add("log-error log-debug thread-count", KeyUse.Needless, "l2tpd has one log and one loop")),
            ["common"] = Build(static add =>
            {
                add("single-session max-sessions session-timeout", KeyUse.Key, "");
                add("sid-case sid-source seq-file", KeyUse.Needless, Identifiers);
                add("nl-snd-buffer nl-rcv-buffer netns-run-dir", KeyUse.Needless, Buffers);
                add("check-ip", KeyUse.Needless, "an address belongs to one session at a time");
                add("single-session-ignore-case", KeyUse.Impossible, "names of users are compared with their case");
                add("max-starting", KeyUse.Impossible, "see `limits`: half-open counts tunnels");
            }),
            ["l2tp"] = Build(L2tp),
            ["ppp"] = Build(Ppp),
            ["auth"] = Build(static add =>
            {
                add("interval max-failure noauth challenge-name", KeyUse.Key, "");
                add("timeout", KeyUse.Needless, "a subscriber has 30 s to authenticate");
                add("any-login", KeyUse.Impossible, "l2tpd lets nobody in without a proof: set `auth: none` if that is intended");
            }),
            ["radius"] = Build(Radius),
            ["ip-pool"] = Build(static add =>
            {
                add("gw-ip-address tunnel", KeyUse.Key, "");
                add("attr", KeyUse.Key, "");
                add("shuffle reload-orphan gw", KeyUse.Needless, "addresses are given in turn, and a reload leaves those in use alone");
                add("vendor", KeyUse.Impossible, "the pool's name is in Framed-Pool");
            }),
            ["ipv6-pool"] = Build(static add =>
            {
                add("delegate", KeyUse.Key, "");
                add("reload-orphan gw-ip6-address", KeyUse.Needless,
                    "the link has link-local addresses; a reload leaves prefixes in use alone");
                add("vendor attr-prefix attr-address", KeyUse.Needless, "the names are in Delegated-IPv6-Prefix-Pool and "
                    + "Stateful-IPv6-Address-Pool (RFC 6911)");
            }),
            ["ipv6-dns"] = Build(static add =>
            {
                add("dns dnssl", KeyUse.Key, "");
                add("lifetime", KeyUse.Impossible, Advertisements);
            }),
            ["ipv6-dhcp"] = Build(static add =>
            {
                add("pref-lifetime valid-lifetime", KeyUse.Key, "");
                add("verbose route-via-gw server-id", KeyUse.Needless,
                    "l2tpd routes prefixes to sessions, and has an identifier of its own");
                add("aftr-gw", KeyUse.Impossible, "l2tpd sends no AFTR-Name");
            }),
            ["dns"] = Build(static add => add("dns1 dns2", KeyUse.Key, "")),
            ["wins"] = Build(static add => add("wins1 wins2", KeyUse.Key, "")),
            ["chap-secrets"] = Build(static add =>
            {
                add("gw-ip-address chap-secrets", KeyUse.Key, "");
                add("encrypted username-hash", KeyUse.Impossible, "built-in PPP reads passwords and names in clear");
            }),
            ["shaper"] = Build(static add =>
            {
                add("rate-limit", KeyUse.Key, "");
                add("vendor attr attr-down attr-up", KeyUse.Needless, "docs/radius.md has the attributes for rates that l2tpd understands");
                add("verbose", KeyUse.Needless, Logging);
                add("burst-factor down-burst-factor up-burst-factor latency mpu mtu r2q quantum moderate-quantum cburst ifb up-limiter "
                    + "down-limiter leaf-qdisc rate-multiplier fwmark", KeyUse.Impossible, Shaping);
            }),
            ["log"] = Build(static add =>
            {
                add("level", KeyUse.Key, "");
                add("log-file log-emerg log-fail-file log-debug syslog log-tcp copy color per-user-dir per-session-dir per-session",
                    KeyUse.Needless, Logging);
            }),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The sections whose keys are carried over.</summary>
    public static IEnumerable<string> KnownSections => Keys.Keys;

    /// <summary>The rule of a key; <c>null</c> if accel-ppp has none of that name there.</summary>
    public static KeyRule? Find(string section, string key) => Keys.GetValueOrDefault(section)?.GetValueOrDefault(key);

    /// <summary>The keys of a section.</summary>
    public static IEnumerable<string> Of(string section) => Keys.TryGetValue(section, out var keys) ? keys.Keys : [];

    private static void L2tp(Action<string, KeyUse, string> add)
    {
        add("bind port host-name hello-interval timeout rtimeout rtimeout-cap retransmit recv-window secret hide-avps dataseq "
            + "reorder-timeout ppp-max-mtu mppe session-timeout avp_permissive ip-pool ipv6-pool ipv6-pool-delegate", KeyUse.Key, "");
        add("verbose dictionary", KeyUse.Needless, Logging);
        add("use-ephemeral-ports", KeyUse.Impossible, "l2tpd answers from the port that it listens on");
        add("dir300_quirk", KeyUse.Impossible, "l2tpd takes no message of a tunnel without its id");
        add("ifname", KeyUse.Impossible, "interfaces of peers' sessions have the kernel's names (ppp0)");
    }

    private static void Ppp(Action<string, KeyUse, string> add)
    {
        add("mtu mru max-mtu ipv4 ipv6 lcp-echo-interval lcp-echo-failure lcp-echo-timeout mppe", KeyUse.Key, "");
        add("verbose", KeyUse.Needless, Logging);
        add("accomp pcomp ccp", KeyUse.Needless, "l2tpd negotiates no compression");
        add("ccp-max-configure timeout max-configure max-failure max-terminate", KeyUse.Needless, Attempts);
        add("unit-cache unit-preallocate", KeyUse.Needless, Buffers);
        add("check-ip", KeyUse.Needless, "an address belongs to one session at a time");
        add("ipv6-intf-id ipv6-peer-intf-id ipv6-accept-peer-intf-id", KeyUse.Needless, Identifiers);
        add("min-mtu", KeyUse.Impossible, "built-in PPP takes any MRU of a peer from 128");
    }

    private static void Radius(Action<string, KeyUse, string> add)
    {
        add("server auth-server acct-server dae-server dae-allowed timeout max-try req-limit fail-timeout fail-time acct-interim-interval "
            + "nas-identifier nas-ip-address gw-ip-address bind", KeyUse.Key, "");
        add("dictionary verbose interim-verbose", KeyUse.Needless, Logging);
        add("acct-delay-time acct-on sid-in-auth nas-port-id-in-req require-nas-identification framed-route-strict blast-protection",
            KeyUse.Needless, "l2tpd always does it (docs/radius.md)");
        add("max-fail", KeyUse.Needless, "a server that left three requests unanswered is asked after the others");
        add("acct-timeout acct-delay-start acct-interim-jitter", KeyUse.Needless, "records wait until a server takes them");
        add("default-realm strip-realm", KeyUse.Impossible, Realms);
        add("attr-tunnel-type", KeyUse.Impossible, "l2tpd sends Tunnel-Type");
        add("dm_coa_secret", KeyUse.Impossible, "write dae-server, with address, port and secret");
    }

    private static FrozenDictionary<string, KeyRule> Build(Action<Action<string, KeyUse, string>> fill)
    {
        var rules = new Dictionary<string, KeyRule>(StringComparer.Ordinal);
        fill((keys, use, why) =>
        {
            foreach (var key in keys.Split(' '))
                rules[key] = new KeyRule(use, why);
        });
        return rules.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
