namespace L2tpd.Configuration.Reference;

/// <summary>The keys of static tunnels, for the reference.</summary>
internal static class StaticReference
{
    public static readonly SectionReference[] Sections =
    [
        new("static tunnels",
        [
            new("protocol", "`static`", "required", "Makes it a static tunnel."),
            new("transport", "`udp`, `ip`", "`udp`", "`ip`: IP protocol 115, without ports."),
            new("remote", "`address`, `address:port`, `[v6]:port`", "required; port 1701", "The other end."),
            new("local-address", "address", "as routing decides", "Our address."),
            new("source-port", "1 to 65535", "`1701`", "Our UDP port; it is the remote port of the other end. It may be a listener's."),
            new("tunnel-id", "1 to 4294967295", "required", "Our id: one that no other tunnel of this network namespace has."),
            new("peer-tunnel-id", "1 to 4294967295", "required", "The other end's id."),
            new("keepalive", "duration, or mapping", "none: HELLOs are answered, none are sent",
                "Time between HELLOs, to an end that answers (l2tpd, ql2tpd of go-l2tp). When nothing at "
                + "all comes from it any more, the sessions' interfaces go down; when something comes, they "
                + "go up. See keepalive.") { Section = "keepalive" },
            new("bind-device", "interface name", "none", "Bind the tunnel's socket to this interface."),
            new("fwmark", "number, decimal or 0x", "`0`: none", "Mark of the packets sent (SO_MARK)."),
            new("ipsec", "`required`, `preferred`, `none`, or mapping", "`none`",
                "Whether the tunnel must run in IPsec. See ipsec.") { Section = "ipsec" },
            new("backoff", "mapping", "", "Waits before what was lost is set up again. See backoff.") { Section = "backoff" },
            new("sessions", "mapping of names", "none", "See static sessions.") { Section = "static sessions" },
        ]),
        new("keepalive",
        [
            new("interval", "duration, 100ms to 1d", "`10s`", "Time from the answer to one HELLO to the next HELLO."),
            new("retransmit-initial", "duration, from 1ms", "`1s`", "Time to the first retransmission. It doubles each time."),
            new("retransmit-cap", "duration, from 1ms", "`8s`", "Longest time between retransmissions."),
            new("max-retransmits", "1 to 100", "`3`", "Retransmissions before the other end is silent."),
        ]),
        new("static sessions",
        [
            new("session-id", "1 to 4294967295", "required", "Our id: one that no other L2TPv3 session of this network namespace has."),
            new("peer-session-id", "1 to 4294967295", "required", "The other end's id."),
            new("cookie", "8 or 16 hexadecimal digits", "none",
                "What data must carry to be accepted here: `peer_cookie` of our `ip l2tp`, `cookie` of the other end's."),
            new("peer-cookie", "8 or 16 hexadecimal digits", "none", "What the other end accepts: `cookie` of our `ip l2tp`."),
            new("ppp", "name of a ppp profile, mapping, or `none`", "none", "How PPP is run, over a PPP pseudowire.") { Section = "ppp" },
            new("ppp-role", "`client`, `server`", "`client`", "Our role in PPP."),
            new("sequencing", "boolean", "`false`",
                "Number all data, and drop data without numbers; the same at both ends. `seq both` of `ip l2tp`. An end that starts "
                + "again begins at 0, and no message tells the other end, which drops what is behind the numbers that it has seen: "
                + "useful only if both ends restart together."),
            new("reorder-timeout", "duration, 0s to 10s", "`0s`", "As in lns."),
            new("accm", "mapping", "none", "Not in a static session.") { Section = "accm" },
            new("report-errors", "boolean", "`false`", "Not in a static session."),
            new("pseudowire", "mapping", "",
                "See pseudowire. `sublayer` is `default`, as with `ip l2tp`; `cookie` is not written "
                + "there.") { Section = "pseudowire" },
        ]),
    ];
}
