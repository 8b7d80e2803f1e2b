namespace L2tpd.Configuration.Reference;

/// <summary>The keys of the daemon as a whole, for the reference.</summary>
internal static class DaemonReference
{
    public static readonly SectionReference[] Sections =
    [
        new("top level",
        [
            new("host-name", "text", "the machine's name", "Host Name AVP: our name to peers. A peer or tunnel may have its own."),
            new("vendor-name", "text", "`l2tpd`", "Vendor Name AVP."),
            new("router-id", "number, or IPv4 address", "made from /etc/machine-id and host-name",
                "Router ID AVP of L2TPv3: any number but 0 that names this host, and no other host that the peers know. The default "
                + "stays the same over restarts. A peer or tunnel may have its own."),
            new("data-plane", "`auto`, `kernel`, `userspace`, `null`", "`auto`",
                "What carries data messages. `kernel`: the Linux kernel; an error at start if it has no L2TP. `userspace`: the "
                + "daemon itself, with a TAP interface for each Ethernet pseudowire and TUN interfaces for built-in PPP; it needs "
                + "`/dev/net/tun` and CAP_NET_ADMIN and cannot run pppd. `null`: nothing; control messages only. `auto`: the kernel "
                + "if it has L2TP, otherwise userspace; a log line says which and why."),
            new("offloads", "`true` or `false`", "`true`",
                "Userspace data plane: cut TCP from the interfaces into segments and join it again in the daemon, and exchange "
                + "datagrams with the kernel in runs (TSO of TUN and TAP, UDP_SEGMENT, UDP_GRO). `false`: one packet at a time, to "
                + "rule out a faulty driver or network card."),
            new("state-file", "absolute path", "`/run/l2tpd/state.json`",
                "Records which kernel tunnels and pppd processes are ours, so that the next start can remove those of a crashed "
                + "run."),
            new("state-directory", "absolute path", "`/var/lib/l2tpd`",
                "Directory for what outlives a reboot: which user had which IPv6 prefix, our DHCPv6 identifier, and the secret of "
                + "interface identifiers. It is made when something is written."),
            new("log", "mapping", "", "See log.") { Section = "log" },
            new("control", "mapping", "", "See control: the socket for l2tpctl.") { Section = "control" },
            new("metrics", "mapping", "none", "See metrics: Prometheus' text over TCP.") { Section = "metrics" },
            new("shutdown", "mapping", "", "See shutdown.") { Section = "shutdown" },
            new("listen", "address, mapping, or list of these", "none",
                "See listen: sockets that answer peers. Without it only dialled tunnels exist.") { Section = "listen" },
            new("strongswan", "mapping", "none; the defaults if an `ipsec` has credentials",
                "See strongswan: the IKE daemon of this host.") { Section = "strongswan" },
            new("limits", "mapping", "", "See limits: they protect the whole daemon.") { Section = "limits" },
            new("timers", "mapping", "", "See timers: for all tunnels. A peer or tunnel may have its own.") { Section = "timers" },
            new("prefix-pools", "mapping of names", "none",
                "See prefix-pools: IPv6 prefixes for subscribers.") { Section = "prefix-pools" },
            new("ppp", "mapping of names", "none", "See ppp: named profiles for sessions.") { Section = "ppp" },
            new("radius", "mapping", "none", "See radius: the servers that profiles with `access: radius` ask.") { Section = "radius" },
            new("pools", "mapping of names to ranges", "none",
                "IPv4 address pools of all profiles, for users who are given one by name: Framed-Pool of RADIUS, or `pool` of a "
                + "user. See [addresses](#addresses-of-peers)."),
            new("filters", "mapping", "none",
                "See filters: the nftables table whose sets Filter-Id of RADIUS, or `filters` of a user, "
                + "name.") { Section = "filters" },
            new("lns", "mapping", "",
                "See lns: how sessions that peers ask for are set up, unless the peer says otherwise.") { Section = "lns" },
            new("peers", "mapping of names", "none",
                "See peers: who may open tunnels to us. The first profile that matches counts.") { Section = "peers" },
            new("tunnels", "mapping of names", "none", "See tunnels: those that we dial.") { Section = "tunnels" },
            new("hooks", "mapping", "none", "See hooks: commands that run when something happens.") { Section = "hooks" },
        ]),
        new("log",
        [
            new("level", "`trace`, `debug`, `information`, `warning`, `error`", "`information`",
                "The least serious entries that are logged."),
            new("format", "`auto`, `console`, `journal`, `json`", "`auto`",
                "`console`: lines for people on standard output. `journal`: to journald, with tunnel, session and peer as fields. "
                + "`json`: one object per line on standard output. `auto`: the journal under systemd, otherwise the console."),
        ]),
        new("control",
        [
            new("socket", "absolute path or `none`", "`/run/l2tpd/control.sock`",
                "Unix socket for l2tpctl, at most 107 octets. `none`: no socket."),
            new("mode", "octal", "`0660`; `0666` with two groups", "Permissions of the socket."),
            new("group", "text", "the daemon's, or the only one of the two below", "Group that owns the socket."),
            new("admin-group", "text", "none",
                "Group that may do everything. With this or `read-group`, only root, the daemon's user and members of these groups may use "
                + "the socket; without both, everybody who can connect may do everything."),
            new("read-group", "text", "none", "Group that may see everything but traces, and change nothing."),
        ]),
        new("metrics",
        [
            new("listen", "`address:port` or `[v6]:port`", "none",
                "TCP address that serves `/metrics` and nothing else. The control socket serves it in any case."),
            new("reachable-from", "prefixes or addresses", "this machine",
                "Sources that are served; connections of others are closed at once. Required unless `listen` is a loopback address."),
        ]),
        new("shutdown",
        [
            new("wait", "duration, 0s to 1h", "`5s`",
                "How long peers may take to acknowledge after SIGTERM. A second SIGTERM ends the daemon at once."),
            new("ppp-wait", "duration, 0s to 1h", "`8s`",
                "How long a pppd may take to end before it is killed, at any time, not only at the daemon's end. pppd itself waits "
                + "up to 5s for its scripts."),
            new("hook-wait", "duration, 0s to 1h", "`20s`",
                "How long the commands of `hooks` may take at the end, from the time when everything else has ended. The others are "
                + "killed or not run, and the log says how many."),
        ]),
        new("listen",
        [
            new("address", "`address`, `address:port`, `[v6]:port`, `ip:address`", "required; port 1701",
                "Where to listen. Over IP there is no port."),
            new("transport", "`udp`, `ip`", "`udp`; `ip` where the address says so",
                "What carries L2TP. `ip` needs the kernel module l2tp_ip or l2tp_ip6. On other data planes than the kernel's, a raw "
                + "socket (CAP_NET_RAW) is enough."),
            new("bind-device", "interface name", "none", "Only packets that arrive by this interface (SO_BINDTODEVICE)."),
            new("fwmark", "number, decimal or 0x", "`0`: none", "Mark of the packets sent (SO_MARK)."),
            new("ipsec", "`required`, `preferred`, `none`, or mapping", "`none`",
                "Whether L2TP must come out of IPsec. See ipsec.") { Section = "ipsec" },
            new("nat-zones", "boolean", "`false`",
                "Clients behind one NAT that use the same UDP port inside IPsec (Windows always uses 1701) are told apart by zones "
                + "of the connection tracking, with rules in an nftables table of l2tpd's own. For IPv4 over UDP, with `ipsec`."),
            new("marks", "boolean", "`false`",
                "The mark of a datagram (SO_RCVMARK, Linux 5.19) is part of its sender's address, and answers and data leave with it "
                + "(SO_MARK): clients behind one NAT are told apart by the marks of their security associations, which rules of yours "
                + "or strongSwan's connmark plugin set. With `ipsec`, over UDP. What has no mark is dropped with `ipsec: required`. "
                + "`nat-zones` includes it, with rules of l2tpd's own."),
        ]),
        .. IpsecReference.Sections,
        new("limits",
        [
            new("tunnels", "1 to 65535", "`60000`", "Tunnels overall. Half-open ones do not count, so forged requests cannot use them up."),
            new("sessions", "1 to 100000000", "`1000000`", "Sessions overall."),
            new("half-open", "1 to 1048576", "`65536`",
                "Tunnel requests that were answered and not completed, overall. At the limit the oldest is dropped. A request takes "
                + "about 300 octets, at most 700."),
            new("half-open-per-source", "1 to 65535", "`64`",
                "Tunnels of one source address that have answered our SCCRP and not completed it. Not more than half-open."),
            new("sccrq-rate-per-source", "1 to 1000000, per second", "`50`",
                "New tunnels of one source address that prove no secret, and refusals sent to it. A peer that proves its secret is "
                + "never counted."),
            new("sccrq-burst-per-source", "1 to 1000000", "`200`", "How many of them may come at once before the rate counts."),
            new("refusal-rate", "1 to 1000000, per second", "`1000`",
                "Refusals (StopCCN) sent to all sources together. Refused requests above it are dropped and counted."),
            new("tracked-sources", "1 to 10000000", "`65536`",
                "Source addresses that the rate limiter remembers. The one unheard for longest is forgotten first."),
        ]),
        new("timers",
        [
            new("retransmit-initial", "duration, from 1ms", "`1s`", "Time to the first retransmission. It doubles each time."),
            new("retransmit-cap", "duration, from 1ms", "`8s`", "Longest time between retransmissions. RFC 2661 wants 8s or more."),
            new("max-retransmits", "1 to 100", "`5`; `10` in L2TPv3",
                "Retransmissions before the tunnel is declared dead. With the defaults that is after 1+2+4+8+8+8 = 31s, in L2TPv3 "
                + "after 71s. A tunnel that offers both versions counts as L2TPv3."),
            new("sccrq-retransmits", "1 to 100", "`3`",
                "Retransmissions of our SCCRQ before the next address or LNS is tried. With the defaults that is after 1+2+4+8 = "
                + "15s. If the dialled host itself answers that nothing listens (ICMP port unreachable), after the first and again "
                + "after the second SCCRQ, the next is tried at once."),
            new("hello-interval", "duration or `never`", "`60s`",
                "HELLO after this time without anything received. 0s or `never`: none are sent."),
            new("ack-delay", "duration", "`0s`",
                "How long an acknowledgement may wait for a message to ride on. `0s`: until the packets at hand are processed. "
                + "Shorter than retransmit-initial."),
            new("tunnel-setup", "duration, from 1ms", "`60s`; `79s` in L2TPv3",
                "A tunnel that is not established by then is cleared. The default is 60s, or the retransmission cycle of the keys "
                + "above and one retransmit-cap if that is longer, so that the log can say which message was unanswered."),
            new("session-setup", "duration, from 1ms", "as tunnel-setup", "A session that is not established by then is cleared."),
            new("linger", "duration", "`31s`", "How long an ended tunnel acknowledges a repeated StopCCN."),
        ]),
        new("hooks",
        [
            new("tunnel-up", "text or list", "none", "A tunnel is established."),
            new("tunnel-down", "text or list", "none", "A tunnel ended."),
            new("session-up", "text or list", "none", "A session is established."),
            new("network-up", "text or list", "none",
                "PPP negotiated addresses on a session, or changed them; at most once per 5 s for one session."),
            new("session-down", "text or list", "none", "A session ended."),
            new("peer-silent", "text or list", "none", "The other end of a static tunnel no longer answers HELLO."),
            new("peer-answers", "text or list", "none", "It answers again."),
            new("process", "text or list", "none",
                "A process that stays, beside the commands above: it gets a line of JSON on its input for each of these events, and is "
                + "started again when it ends."),
            new("timeout", "duration, from 1ms", "`30s`", "A command that runs longer is killed."),
            new("parallel", "1 to 256", "`4`", "Tunnels whose commands run at one time. The others wait."),
        ]),
    ];
}
