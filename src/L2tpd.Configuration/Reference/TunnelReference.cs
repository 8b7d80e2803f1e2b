namespace L2tpd.Configuration.Reference;

/// <summary>The keys of tunnels that we dial, for the reference.</summary>
internal static class TunnelReference
{
    public static readonly SectionReference[] Sections =
    [
        new("tunnels",
        [
            new("lns", "`host`, `host:port`, `[v6]:port`, or a list", "required; port 1701",
                "The LNSs to dial: names or addresses, tried in order. Names are resolved again at every attempt."),
            new("select", "`radius`", "none",
                "In place of `lns`: a RADIUS server is asked at every attempt which LNSs to dial, with which names and secrets. See "
                + "[radius.md](radius.md#a-lac-that-asks-radius)."),
            new("select-user", "text, 1 to 253 octets", "required with select",
                "What the server is asked for: a realm, a user, or whatever else it knows its LNSs by."),
            new("select-password", "text, to 128 octets", "`cisco`", "The password that the server wants with the question."),
            new("select-password-file", "path", "", ""),
            new("select-password-credential", "name", "", ""),
            new("radius-group", "name of a radius group", "all servers", "With `select`: the servers to ask."),
            new("transport", "`udp`, `ip`", "`udp`",
                "`ip`: IP protocol 115. Needs `protocol: v3`; there are no ports, and no fallback to UDP."),
            new("peer", "name of a profile under peers", "none", "Take the rules of that profile; what is written here takes precedence."),
            new("secret", "text, to 1024 octets", "none", "As in peers."),
            new("secret-file", "path", "none", "As in peers."),
            new("secret-credential", "text", "none", "As in peers."),
            new("challenge", "boolean", "`true` with a secret", "As in peers."),
            new("hide-avps", "boolean", "`false`", "As in peers."),
            new("second-secret", "text, to 1024 octets", "none", "As in peers."),
            new("second-secret-file", "path", "none", "As in peers."),
            new("second-secret-credential", "text", "none", "As in peers."),
            new("secrets", "text or list", "none", "As in peers."),
            new("authentication", "`off`, `integrity`, `when-signed`, `required`", "`required` with a secret, otherwise `off`",
                "As in peers."),
            new("digest", "`sha1`, `md5`", "`sha1`", "As in peers."),
            new("pseudowires", "of `ethernet`, `vlan`, `ppp`", "those its sessions are set up for", "As in peers."),
            new("protocol", "`v2`, `v3`, `auto`", "`v2`",
                "As in peers. `static` makes it a static tunnel, with keys of its own: see static tunnels."),
            new("host-name", "text, to 255 octets", "host-name at the top", "As in peers."),
            new("router-id", "number, or IPv4 address", "router-id at the top", "As in peers."),
            new("identity", "`address`, `host-name`, `router-id`", "`router-id`", "As in peers."),
            new("receive-window", "1 to 32767, messages", "`64`", "As in peers."),
            new("accept", "`none`, or of `incoming-calls`, `outgoing-calls`", "`none`; with peer: as there", "As in peers."),
            new("limits", "mapping", "", "See peer limits.") { Section = "peer limits" },
            new("timers", "mapping", "timers at the top", "See timers.") { Section = "timers" },
            new("quirks", "list of words", "none", "See quirks."),
            new("bind-device", "interface name", "none", "Bind the tunnel's socket to this interface."),
            new("fwmark", "number, decimal or 0x", "`0`: none", "Mark of the packets sent (SO_MARK)."),
            new("ipsec", "`required`, `preferred`, `none`, or mapping", "`none`; with peer: as there",
                "Whether the tunnel must run in IPsec. See ipsec.") { Section = "ipsec" },
            new("phb", "0 to 65535, decimal or 0x", "none", "As in peers."),
            new("local-address", "IP address", "as routing decides", "Our address."),
            new("source-port", "0 to 65535", "`0`: ephemeral", "Our UDP port. A port that is listened on is shared with the listener."),
            new("redirect", "`refuse`, `same-prefix`, `any`", "`same-prefix`",
                "Where an LNS that refuses our SCCRQ with \"try another\" (RFC 3193 section 4) may send us: nowhere; to addresses "
                + "in the IPv4 /24 or IPv6 /64 of the one that was dialled; anywhere. All other redirections are ignored. In L2TPv2 "
                + "without IPsec the refusal can be forged: `any` is for trusted paths."),
            new("dial", "`always`, `manual`, `on-traffic`", "`always`; `on-traffic` if all its sessions are",
                "`manual`: dialled when `l2tpctl tunnel open` (or `session open` of one of its sessions) says so, until it is closed by "
                + "hand. `on-traffic`: dialled when traffic sets up one of its sessions, and closed after the last one. See dial on "
                + "demand."),
            new("persist", "boolean", "`true`", "Dial again when the tunnel ends."),
            new("backoff", "mapping", "", "See backoff.") { Section = "backoff" },
            new("prefer-back", "duration or `never`", "`10m`",
                "An LNS that was lost (it did not answer, or no longer does) is tried after the others for this time. When the "
                + "tunnel has been up for this time at another LNS than the first, those before it in `lns` are tried again, in "
                + "parallel to the running tunnel; if one answers, the tunnel moves to it, and its sessions are set up again. "
                + "`never`: the tunnel stays where it is."),
            new("peer-sessions", "mapping", "lns at the top",
                "How sessions are set up that the peer asks for. Keys as in lns.") { Section = "lns" },
            new("sessions", "mapping of names", "none", "See sessions: those that we ask for.") { Section = "sessions" },
        ]),
    ];
}
