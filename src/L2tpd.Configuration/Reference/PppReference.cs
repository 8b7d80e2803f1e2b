namespace L2tpd.Configuration.Reference;

/// <summary>The keys of PPP profiles, for the reference.</summary>
internal static class PppReference
{
    public static readonly SectionReference[] Sections =
    [
        new("ppp",
        [
            new("backend", "`auto`, `pppd`, `built-in`", "`auto`",
                "Who speaks PPP: one pppd process per session, with its pppol2tp plugin, or l2tpd itself. `auto`: what the other "
                + "keys need (users, secrets-files, lcp and similar keys are for built-in PPP; program, options, options-file for "
                + "pppd); otherwise pppd if the kernel carries the data and `program` exists, and built-in PPP if not. A log line "
                + "says which and why."),
            new("program", "absolute path", "`/usr/sbin/pppd`", "The pppd to run."),
            new("user", "text, to 255 octets", "none", "Our name when the peer authenticates us."),
            new("password", "text, to 255 octets", "none",
                "Our password. It is not on pppd's command line. Needs user. Without it pppd looks into its secrets files; built-in "
                + "PPP needs it with user."),
            new("password-file", "path", "none", "File that contains the password. See Secrets."),
            new("password-credential", "text", "none", "systemd credential that contains the password. See Secrets."),
            new("name", "text, to 255 octets", "the machine's name",
                "Our name when we authenticate peers: the server field in /etc/ppp/chap-secrets and in secrets-files."),
            new("local", "IPv4 address", "as negotiated", "Our end's address."),
            new("remote", "IPv4 address", "as negotiated", "The peer's address. Not together with pool."),
            new("pool", "ranges `a-b`, prefixes, addresses", "none",
                "Addresses for peers, one per session. The first and last address of a prefix up to /30 are left out. Pools may not "
                + "overlap, nor contain the `local` or `remote` of another profile. With `backend: pppd` they may not contain their "
                + "own `local` either; built-in PPP leaves it out, and also each `address` of a user."),
            new("dns", "IPv4 addresses, at most 2; or `none`, `resolvconf`, `resolved`, `file`", "`none`",
                "Addresses: name servers sent to the peer. A word, for sessions that we dial: what is done with the name servers "
                + "that the peer names. See [name servers](#name-servers)."),
            new("nbns", "IPv4 addresses, at most 2", "none", "NetBIOS name servers (WINS) sent to the peer. We never ask for any."),
            new("request-dns", "boolean", "`false`; `true` if `dns` is a word other than `none`",
                "Ask the peer for name servers. They are in `l2tpctl show session` and, as `L2TPD_NAME_SERVERS`, in the environment "
                + "of hooks."),
            new("mtu", "128 to 16384, octets", "`1400`, or less inside IPsec: see MTU inside IPsec",
                "Largest packet sent. The default leaves room for L2TP with IPsec and NAT traversal on a path of 1500; plain L2TP "
                + "over IPv4 has room for 1460."),
            new("mru", "128 to 16384, octets", "as `mtu`", "Largest packet that we ask the peer to send."),
            new("auth", "`none`, or of `pap`, `chap`, `mschap`, `mschap-v2`, `eap`", "`none`",
                "Peers' sessions: the peer must authenticate with one of these. Sessions that we dial: what we agree to; everything "
                + "if not set. Built-in PPP has `pap`, `chap`, `mschap-v2` and, for peers with `access: radius`, `eap`; it asks for "
                + "the first in the list first."),
            new("rechallenge-interval", "duration in whole seconds, at most 1d, or `never`", "`never`",
                "Peers' sessions: the peer must authenticate again after this time. Needs `chap`, `mschap`, `mschap-v2` or built-in "
                + "PPP's `eap` in auth: PAP cannot be repeated."),
            new("default-route", "boolean, or mapping", "`false`",
                "Route everything through the session. Only for sessions that we dial. `true`: a "
                + "default route of metric 0; an existing default route of metric 0 prevents it, with a "
                + "warning. A mapping: see default-route.") { Section = "default-route" },
            new("ipv6", "`none`, `link-local`, `router`", "`none`",
                "Negotiate IPv6. `link-local` (or `true`): addresses of the link alone. `router`, built-in PPP: the LNS end is the "
                + "router of the other. Peers' sessions: we send router advertisements with the user's prefixes. Sessions that we "
                + "dial: the system takes those of the LNS, also where it forwards packets itself. `false` is `none`. Needs an mtu "
                + "and mru of 1280. See [ipv6.md](ipv6.md)."),
            new("ipv6-dns", "IPv6 addresses, at most 8", "none",
                "Built-in PPP with `ipv6: router`, peers' sessions: name servers that are advertised to users for whom RADIUS names "
                + "none."),
            new("ipv6-search", "domains, at most 8", "none",
                "Built-in PPP with `ipv6: router`, peers' sessions: domains that peers search."),
            new("dhcp-domain", "domain", "none",
                "Built-in PPP, peers' sessions: the domain that a peer is told that asks by DHCPINFORM, as Windows does (option 15). With "
                + "this key or `dhcp-routes` peers get an answer, with the name servers of `dns` and `nbns` too. A peer is answered for "
                + "its own address only, at most once per second after five at once."),
            new("dhcp-routes", "IPv4 networks, at most 28", "none",
                "Built-in PPP, peers' sessions: the networks that a peer is told to reach through us (options 121 and 249): split "
                + "tunnelling. The client decides whether it uses them."),
            new("ipv6-prefix-pool", "name of a prefix pool of /64", "none",
                "Built-in PPP with `ipv6: router`, peers' sessions: the prefix that router advertisements give to a user for whom "
                + "RADIUS names none."),
            new("delegated-prefix-pool", "name of a prefix pool", "none", "The same for the prefix that DHCPv6 delegates (IA_PD)."),
            new("ipv6-address-pool", "name of a prefix pool of /128", "none", "The same for an address by DHCPv6 (IA_NA)."),
            new("dhcpv6", "mapping", "", "See dhcpv6.") { Section = "dhcpv6" },
            new("echo-interval", "duration in whole seconds, or `never`", "`30s`",
                "LCP echo after this time; built-in PPP: after this time without anything from the peer. 0s or `never`: none."),
            new("echo-failures", "1 to 1000", "`4`", "Unanswered echoes before the session is dropped."),
            new("interface", "interface name, `none`, or `{ shared: NAME }`", "the kernel's choice",
                "Name of the network interface: only for sessions that we dial. Built-in PPP: `none` makes no interface; PPP comes "
                + "up, and data is dropped and counted. `{ shared: NAME }`, on the userspace data plane only, gives all sessions of "
                + "peers of this profile one TUN interface NAME, see [shared interface](#one-interface-for-all-subscribers)."),
            new("source-check", "boolean", "`true`",
                "Peers' sessions: drop what a subscriber sends from an address that is not its own. See [source "
                + "addresses](#source-addresses-of-subscribers)."),
            new("options-file", "path", "none",
                "File with more pppd options, read before options. A relative path starts at the directory of the file that names "
                + "it."),
            new("options", "texts", "none",
                "More pppd options, each item as on a line of an options file. They come last and take precedence. Refused: what "
                + "l2tpd sets itself, and `password`."),
            new("access", "`local`, `radius`, `[radius, local]`", "`local`",
                "Built-in PPP, peers' sessions: who decides which users may come in. `local`: users and secrets-files. `radius`: "
                + "the servers of radius. `[radius, local]`: the servers, and users and secrets-files only when no server answers, "
                + "never after a reject. With `radius` all sessions of the profile are accounted there. See [radius.md](radius.md)."),
            new("radius-group", "name of a radius group", "all servers",
                "With `access: radius`: the servers to ask, for authentication and accounting."),
            new("users", "mapping of names", "none", "Built-in PPP: who may come in. See users.") { Section = "users" },
            new("secrets-files", "paths", "none",
                "Built-in PPP: files in the format of pppd's chap-secrets and pap-secrets; every file serves every protocol. A "
                + "single address in a line is fixed, as `address` of users is; any other list leaves the address to the pool, see "
                + "[addresses](#addresses-of-peers). A secret written `@/path` is the first word of that file. Entries of users come "
                + "first. Read again on reload. Passwords hashed with crypt are not accepted."),
            new("same-user", "`allow`, `refuse`, `replace`", "`allow`",
                "Built-in PPP: what happens when a user comes in who has a session already: both stay, the new one is refused, or "
                + "the earlier one is closed."),
            new("lcp", "`proxy`, `renegotiate`", "`proxy`",
                "Built-in PPP, peers' sessions: take over what the LAC negotiated with the subscriber where it is acceptable, or "
                + "always negotiate LCP again. Not acceptable is an MRU above 1500 and above ours; a CHAP proof without its "
                + "identifier is asked for again."),
            new("session-timeout", "duration, or `never`", "`never`",
                "Built-in PPP: longest session, from the time when its network came up."),
            new("idle-timeout", "duration in whole seconds, or `never`", "`never`",
                "Built-in PPP: longest time without data in either direction."),
            new("interim-interval", "duration of at least 60s, or `never`", "`never`",
                "Built-in PPP: time between interim accounting records. A longer Acct-Interim-Interval of RADIUS replaces it, a "
                + "shorter one does not."),
            new("auth-retries", "0 to 10", "`0`",
                "Built-in PPP, peers' sessions: how often a peer may try again after a wrong password, without a new call. PAP and "
                + "MS-CHAPv2 have such retries, CHAP has none. A RADIUS server that rejects MS-CHAPv2 with `R=0` permits none."),
            new("framed-routes", "mapping", "", "See framed-routes: which routes of users are installed.") { Section = "framed-routes" },
            new("mss-clamp", "boolean", "`false`",
                "Built-in PPP: lower the MSS of TCP connections through a session to what fits its MTU and MRU. The kernel data "
                + "plane does it by the program `nft`, which must be installed."),
            new("rate", "`DOWN/UP`, one rate for both, or mapping; bit/s, with `k`, `M` or `G`, or `unlimited`", "`unlimited`",
                "Built-in PPP: largest rate to the peer (down) and from it (up) of users who have no value of "
                + "their own. A mapping: see rate. See [rates](#rates-of-subscribers).") { Section = "rate" },
        ]),
    ];
}
