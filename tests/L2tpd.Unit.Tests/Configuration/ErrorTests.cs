using L2tpd.Configuration;
using L2tpd.Daemon.Hosting;

namespace L2tpd.Unit.Tests.Configuration;

/// <summary>Errors are reported with file, line, column and key: one row per mistake, with the exact text.</summary>
public sealed class ErrorTests
{
    private const string Tunnel = "tunnels:\n  t:\n    lns: a\n    ";

    private const string Static = "tunnels:\n  t:\n    protocol: static\n    remote: 192.0.2.2\n    tunnel-id: 7\n    "
        + "peer-tunnel-id: 8\n    ";

    private const string Session = "data-plane: 'null'\ntunnels:\n  t:\n    lns: a\n    sessions:\n      s: ";

    private const string Peer = "data-plane: 'null'\nlisten: 0.0.0.0\npeers:\n  p:\n    ";

    private const string Ppp = "listen: 0.0.0.0\npeers: { p: { lns: { ppp: x } } }\nppp:\n  x: ";

    private const string Servers = "radius: { servers: { a: { address: 10.0.0.2, secret: x } } }\n";

    private const string Dynamic = "radius: { servers: { a: { address: 10.0.0.2, secret: x } }, dynamic-authorization: ";

    private const string Spool = "radius: { servers: { a: { address: 10.0.0.2, secret: x } }, accounting-spool: ";

    private const string Prefixes = "prefix-pools: { a: { prefix: '2001:db8::/32', length: 56 } }";

    private const string BuiltIn = Ppp + "{ backend: built-in, auth: chap, local: 10.0.0.1, ";

    public static TheoryData<string, string> Mistakes() => new()
    {
        // Metrics
        { "metrics: { listen: 0.0.0.0:9101 }",
            "1:20: metrics.listen: 0.0.0.0 can be reached from other machines: say which ones in `reachable-from`, or use 127.0.0.1" },
        { "metrics: { listen: 127.0.0.1 }", "1:20: metrics.listen: `127.0.0.1` has no port; write `127.0.0.1:9101`" },
        { "metrics: { reachable-from: 10.0.0.0/8 }", "1:28: metrics.reachable-from: needs `listen`" },

        // RADIUS
        { "radius: {}", "1:1: radius.servers: is required" },
        { "radius: { servers: {} }", "1:11: radius.servers: there is no server" },
        { "radius: { servers: { a: { secret: x } } }", "1:22: radius.servers.a.address: is required" },
        { "radius: { servers: { a: { address: 10.0.0.1 } } }", "1:22: radius.servers.a.secret: is required" },
        { "radius: { servers: { a: { address: host, secret: x } } }",
            "1:36: radius.servers.a.address: `host` is not an IP address" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x, auth-port: 0 } } }",
            "1:68: radius.servers.a.auth-port: 0 is out of range; from 1 to 65535" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x, acct-port: 1812 } } }",
            "1:68: radius.servers.a.acct-port: auth-port and acct-port are the same" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x, source: '2001:db8::1' } } }",
            "1:65: radius.servers.a.source: 2001:db8::1 and the server's address 10.0.0.1 are of different families" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x } }, timeout: 1m }",
            "1:70: radius.timeout: 1m is out of range; from 100ms to 20s" },
        { Dynamic + "{ port: 1 } }",
            "1:61: radius.dynamic-authorization.clients: is required" },
        { Dynamic + "{ clients: {} } }",
            "1:86: radius.dynamic-authorization.clients: there is no client" },
        { Dynamic + "{ clients: { c: { secret: x } } } }",
            "1:97: radius.dynamic-authorization.clients.c.address: is required" },
        { Dynamic + "{ clients: { c: { address: 10.0.0.1 } } } }",
            "1:97: radius.dynamic-authorization.clients.c.secret: is required" },
        { Dynamic + "{ clients: { c: { address: 10.0.0.1, secret: x }, d: { address: 10.0.0.1, secret: y } } } }",
            "1:148: radius.dynamic-authorization.clients.d.address: 10.0.0.1 is the address of client c too" },
        { Dynamic + "{ listen: '::1', clients: { c: { address: 10.0.0.1, secret: x } } } }",
            "1:126: radius.dynamic-authorization.clients.c.address: 10.0.0.1 and `listen` ::1 are of different families" },
        { Spool + "{ max-size: 1M } }",
            "1:61: radius.accounting-spool.directory: is required, for example /var/lib/l2tpd/accounting" },
        { Spool + "{ directory: /x, max-size: 1k } }",
            "1:106: radius.accounting-spool.max-size: `1k` is not a size; write `64M` or `1G`" },
        { Spool + "{ directory: /x, max-size: 32G } }",
            "1:106: radius.accounting-spool.max-size: 32G is out of range; from 1M to 16G" },
        { Spool + "{ directory: /x, max-age: 1s } }",
            "1:105: radius.accounting-spool.max-age: 1s is out of range; from 1m to 30d" },
        { BuiltIn + "access: radius }",
            "4:64: ppp.x.access: there is no server: write `radius: { servers: { NAME: { address: ..., secret: ... } } }`" },
        { BuiltIn + "access: [local, radius], users: { a: { password: a } } }",
            "4:64: ppp.x.access: the only list is [radius, local]: local users are asked when no server answers" },
        { Servers + BuiltIn + "access: radius, users: { a: { password: a } } }",
            "5:79: ppp.x.users: is not asked with `access: radius`; write `access: [radius, local]` to ask it when no server answers" },
        { Servers + BuiltIn + "access: [radius, local] }",
            "5:64: ppp.x.access: needs `users` or `secrets-files`, for the time when no server answers" },
        { Servers + Ppp + "{ local: 10.0.0.1, access: radius }",
            "5:33: ppp.x.access: needs `auth`: a server is asked about what a peer proves" },
        { Servers + Ppp + "{ backend: pppd, access: radius }",
            "5:31: ppp.x.access: is only for `backend: built-in`: pppd asks servers only by its own plugin, which "
                + "`options: [\"plugin radius.so\"]` loads, with a configuration of its own (pppd-radius(8)); set `backend: built-in` for "
                + "the servers under `radius`" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x, transport: tls } } }",
            "1:22: radius.servers.a.tls: is required with `transport: tls`: { ca: PATH, certificate: PATH, key: PATH }" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x, tls: {} } } }",
            "1:62: radius.servers.a.tls: is only for `transport: tls`" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x, port: 9 } } }",
            "1:63: radius.servers.a.port: is only for `transport: tls`; write `auth-port` and `acct-port`" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x, max-requests: 0 } } }",
            "1:71: radius.servers.a.max-requests: 0 is out of range; from 1 to 65536" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x } }, groups: { g: { servers: [b] } } }",
            "1:85: radius.groups.g.servers: there is no server `b` in `radius.servers`; did you mean `a`?" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x } }, groups: { g: { servers: [a, a] } } }",
            "1:85: radius.groups.g.servers: a server is listed twice" },
        { "radius: { servers: { a: { address: 10.0.0.1, secret: x } }, groups: { g: {} } }",
            "1:71: radius.groups.g.servers: is required: names of `radius.servers`" },
        { Servers + BuiltIn + "access: radius, radius-group: g }", "5:86: ppp.x.radius-group: there is no group `g` in `radius.groups`" },
        { Servers + BuiltIn + "radius-group: g, users: { a: { password: a } } }",
            "5:70: ppp.x.radius-group: needs `access: radius`" },

        { "tunnels: { t: { select: radius, select-user: a } }",
            "1:25: tunnels.t.select: there is no server: write `radius: { servers: { NAME: { address: ..., secret: ... } } }`" },
        { Servers + "tunnels: { t: { select: radius } }",
            "2:12: tunnels.t.select-user: is required with `select`: the realm or user to ask for" },
        { Servers + "tunnels: { t: { select: radius, select-user: a, lns: 10.0.0.1 } }",
            "2:54: tunnels.t.lns: contradicts `select`: the server names the LNSs" },
        { Servers + "tunnels: { t: { select: dns, select-user: a } }", "2:25: tunnels.t.select: `dns` is not one of `radius`" },
        { Servers + "tunnels: { t: { select: radius, select-user: a, radius-group: g } }",
            "2:63: tunnels.t.radius-group: there is no group `g` in `radius.groups`" },
        { "tunnels: { t: { lns: 10.0.0.1, radius-group: a } }", "1:46: tunnels.t.radius-group: needs `select: radius`" },
        { "tunnels: { t: { lns: 10.0.0.1, select-user: a } }", "1:45: tunnels.t.select-user: needs `select: radius`" },

        // YAML itself
        { "a: [", "2:1: not valid YAML: while parsing a node, did not find expected node content" },
        { "- a", "1:1: expected keys with values, found a list" },
        { "text", "1:1: expected keys with values, found a single value" },
        { "log: {}\n---\nlog: {}", "2:1: a second document: a configuration file holds only one" },
        { "log: {}\ncontrol: {}\nlog: {}", "3:1: log: is already set at FILE:1:1" },
        { "log: { level: debug, level: trace }", "1:22: log.level: is already set at FILE:1:8" },
        { "[a]: b", "1:1: a key is a single value, found a list" },
        { "host-name: *there", "1:12: host-name: refers to an anchor that is not set before it; quote a text that begins with *" },

        { "log:\n  level: debug\n\tformat: json\n", "3:1: not valid YAML: a tab in the indentation; indent with blanks" },
        { "log: {}\npeers:\n\tany: {}\n", "3:1: not valid YAML: a tab in the indentation; indent with blanks" },
        { "log:\n  level: debug\n  \tx: json\n", "3:3: not valid YAML: a tab in the indentation; indent with blanks" },

        // Keys
        { "hostname: x", "1:1: hostname: unknown key; did you mean `host-name`?" },
        { "Host_Name: x", "1:1: Host_Name: unknown key; did you mean `host-name`?" },
        { "zebra: x", "1:1: zebra: unknown key" },
        { "timers:\n  helo-interval: 30s", "2:3: timers.helo-interval: unknown key; did you mean `hello-interval`?" },
        { Tunnel + "sessions: { s: { ppp: { usr: x } } }", "4:29: tunnels.t.sessions.s.ppp.usr: unknown key; did you mean `user`?" },

        // Shapes
        { "log: debug", "1:6: log: expected a mapping, found a single value" },
        { "peers: [a]", "1:8: peers: expected a mapping, found a list" },
        { "host-name: [a]", "1:12: host-name: expected a text, found a list" },
        { "host-name:", "1:11: host-name: expected a text, found nothing" },
        { "listen: [[a]]", "1:10: listen[0]: expected an address and port such as 0.0.0.0:1701, or ip:0.0.0.0, found a list" },
        { "tunnels: { 'a b': { lns: x } }",
            "1:12: tunnels.a b: a name is up to 64 letters, digits, `-`, `_` and `.`, and begins with a letter or digit" },

        // Durations
        { "timers: { linger: 30 }", "1:19: timers.linger: a duration needs a unit: `30s`, `30ms`, `30m`" },
        { "timers: { linger: 30 s }", "1:19: timers.linger: `30 s` is not a duration; did you mean `30s`?" },
        { "timers: { linger: 1y }", "1:19: timers.linger: `1y` is not a duration; write `30s`, `500ms`, `2m` or `1h30m`" },
        { "timers: { linger: 31d }", "1:19: timers.linger: 31d is out of range; from 0ms to 30d" },
        { "timers: { tunnel-setup: 0s }", "1:25: timers.tunnel-setup: 0s is out of range; from 1ms to 30d" },
        { "timers: { linger: 99999999999d }", "1:19: timers.linger: 99999999999d is out of range; from 0ms to 30d" },

        // Numbers and words
        { Tunnel + "redirect: never", "4:15: tunnels.t.redirect: `never` is not one of `refuse`, `same-prefix`, `any`" },
        { "limits: { tunnels: 65536 }", "1:20: limits.tunnels: 65536 is out of range; from 1 to 65535" },
        { "limits: { tunnels: -1 }", "1:20: limits.tunnels: -1 is out of range; from 1 to 65535" },
        { "limits: { tunnels: many }", "1:20: limits.tunnels: `many` is not a whole number" },
        { "limits: { tunnels: 99999999999999999999 }", "1:20: limits.tunnels: 99999999999999999999 is out of range; from 1 to 65535" },
        { "data-plane: kernal", "1:13: data-plane: `kernal` is not one of `auto`, `kernel`, `userspace`, `null`; did you mean `kernel`?" },
        { "log: { level: info }", "1:15: log.level: `info` is not one of `trace`, `debug`, `information`, `warning`, `error`" },
        { "control: { mode: 0680 }", "1:18: control.mode: `0680` is not permissions in octal; write `0660`" },
        { "control: { mode: 4755 }", "1:18: control.mode: `4755` is not permissions in octal; write `0660`" },
        { "control: { socket: x.sock }", "1:20: control.socket: `x.sock` is not an absolute path" },
        { "state-file: none", "1:13: state-file: `none` is not an absolute path" },
        { "host-name: ''", "1:12: host-name: is empty" },
        { "host-name: \"a\\nb\"", "1:12: host-name: contains a control character" },
        { "hooks: { tunnel-up: [reboot] }", "1:21: hooks.tunnel-up: `reboot` is not an absolute path; the first item is the program" },

        // Addresses
        { "listen: 10.1:1701", "1:9: listen: `10.1:1701` is not an address and port; write `192.0.2.1:1701` or `[2001:db8::1]:1701`" },
        { "listen: 0.0.0.0:0", "1:9: listen: 0 is not a port; from 1 to 65535" },
        { "listen: localhost", "1:9: listen: `localhost` is not an address and port; write `192.0.2.1:1701` or `[2001:db8::1]:1701`" },
        { "listen: { fwmark: 1 }", "1:1: listen.address: is required" },
        { "peers: { p: {} }\ndata-plane: 'null'\nlisten: [0.0.0.0, 0.0.0.0:1701]",
            "3:19: listen[1]: another listener already uses 0.0.0.0:1701/udp" },
        { "listen: { address: 0.0.0.0, bind-device: an-interface-name }",
            "1:42: listen.bind-device: `an-interface-name` is not an interface name: 1 to 15 characters without blanks, `/` or `:`" },
        { Peer + "match: { address: 10.0.0.1/8 }",
            "5:23: peers.p.match.address: `10.0.0.1/8` has bits set after the prefix; did you mean `10.0.0.0/8`?" },
        { Peer + "match: { address: 10.0.0.0/33 }",
            "5:23: peers.p.match.address: `10.0.0.0/33` is not a prefix; write `192.0.2.0/24` or `2001:db8::/32`" },
        { "tunnels: { t: { lns: 'a b' } }", "1:22: tunnels.t.lns: `a b` is not a host name or address" },
        { "tunnels: { t: { lns: 300.1.1.1 } }", "1:22: tunnels.t.lns: `300.1.1.1` is not a host name or address" },
        { "tunnels: { t: { lns: [] } }", "1:22: tunnels.t.lns: is an empty list" },
        { "tunnels: { t: {} }", "1:12: tunnels.t.lns: is required: the address or host name to dial, or several in order" },
        { "tunnels:\n  t:", "2:3: tunnels.t.lns: is required: the address or host name to dial, or several in order" },

        // Contradictions
        { "timers: { retransmit-cap: 500ms }", "1:27: timers.retransmit-cap: retransmit-cap 500ms is shorter than retransmit-initial 1s" },
        { "timers: { retransmit-initial: 9s }",
            "1:31: timers.retransmit-initial: retransmit-cap 8s is shorter than retransmit-initial 9s" },
        { "timers: { ack-delay: 1s }", "1:22: timers.ack-delay: ack-delay 1s is not shorter than retransmit-initial 1s: peers "
            + "would retransmit" },
        { "limits: { refusal-rate: 0 }", "1:25: limits.refusal-rate: 0 is out of range; from 1 to 1000000" },
        { "limits: { half-open: 4, half-open-per-source: 5 }", "1:47: limits.half-open-per-source: 5 is more than half-open, 4" },
        { Peer + "hide-avps: true", "5:16: peers.p.hide-avps: needs a secret" },
        { Peer + "challenge: true", "5:16: peers.p.challenge: needs a secret" },
        { Peer + "{ secret: a, secret-file: b }", "5:31: peers.p.secret-file: contradicts `secret`: set the secret in one place" },
        { Peer + "secret-file: nowhere", "5:18: peers.p.secret-file: cannot read nowhere: no such file" },
        { Peer + "secret-credential: x", "5:24: peers.p.secret-credential: there are no systemd credentials: $CREDENTIALS_DIRECTORY is "
            + "not set (LoadCredential= in the unit sets it)" },
        { Peer + "receive-window: 0", "5:21: peers.p.receive-window: 0 is out of range; from 1 to 32767" },
        { Peer + "limits: { sessions-per-tunnel: 65536 }",
            "5:36: peers.p.limits.sessions-per-tunnel: 65536 is out of range; from 1 to 65535" },
        { Peer + "protocol: v4", "5:15: peers.p.protocol: `v4` is not one of `v2`, `v3`, `auto`; did you mean `v2`?" },
        { Peer + "authentication: required", "5:21: peers.p.authentication: needs a secret" },
        { Peer + "second-secret: a", "5:20: peers.p.second-secret: needs a secret" },
        { Peer + "secrets: [a, b, c]", "5:14: peers.p.secrets: has 3 secrets; write the new one first, then the old one" },
        { Peer + "secrets: []", "5:14: peers.p.secrets: has 0 secrets; write the new one first, then the old one" },
        { Peer + "{ secret: a, secrets: [b, c] }", "5:15: peers.p.secret: contradicts `secrets`: set the secret in one place" },
        { "tunnels: { t: { lns: a, protocol: statc } }",
            "1:35: tunnels.t.protocol: `statc` is not one of `v2`, `v3`, `auto`, `static`; did you mean `static`?" },
        // Contradictions within a dialled tunnel
        { "tunnels: { t: { lns: 192.0.2.7, local-address: '2001:db8::1' } }",
            "1:48: tunnels.t.local-address: 2001:db8::1 and 192.0.2.7 of `lns` are of different families" },
        { "tunnels: { t: { lns: ['[2001:db8::7]:1702', '2001:db8::8'], local-address: 192.0.2.1 } }",
            "1:76: tunnels.t.local-address: 192.0.2.1 and 2001:db8::7, 2001:db8::8 of `lns` are of different families" },
        { "tunnels: { t: { lns: a, protocol: v3, sessions: { s: {}, u: { remote-end-id: s } } } }",
            "1:78: tunnels.t.sessions.u.remote-end-id: session `s` already uses `s`: the peer could not distinguish the two" },
        { "tunnels: { t: { lns: a, protocol: v3, sessions: { s: { remote-end-id: u }, u: {} } } }",
            "1:76: tunnels.t.sessions.u.remote-end-id: session `s` already uses `u`: the peer could not distinguish the two" },
        { "tunnels:\n  t: { lns: a, protocol: v3, sessions: { s: { pseudowire: { interface: x0 } } } }\n  u: { lns: b, protocol: v3, "
            + "sessions: { s: { pseudowire: { interface: x0 } } } }",
            "3:59: tunnels.u.sessions.s.pseudowire: tunnels.t.sessions.s already has the interface x0" },
        { "tunnels: { t: { lns: a, protocol: v3, sessions: { s: { pseudowire: { interface: 'w-{peer}' } }, u: { pseudowire: { interface: "
            + "'w-{peer}' } } } } }", "1:114: tunnels.t.sessions.u.pseudowire: tunnels.t.sessions.s already has the interface w-t" },
        { Static + "sessions: { s: { session-id: 1, peer-session-id: 1, pseudowire: { interface: x0 } }, u: { session-id: 2, "
            + "peer-session-id: 2, pseudowire: { interface: x0 } } }",
            "7:142: tunnels.t.sessions.u.pseudowire: tunnels.t.sessions.s already has the interface x0" },

        { "router-id: 0", "1:12: router-id: 0 is not a valid router ID" },
        { "router-id: 1.2.3.256", "1:12: router-id: `1.2.3.256` is not a whole number" },
        { Peer + "router-id: 1.2.3.4", "5:16: peers.p.router-id: L2TPv2 has no Router ID; set `protocol: v3` or `auto`" },
        { Peer + "identity: router-id", "5:15: peers.p.identity: L2TPv2 has no Router ID; write `host-name` or `address`" },
        { Peer + "identity: router", "5:15: peers.p.identity: `router` is not one of `address`, `host-name`, `router-id`; did you mean "
            + "`router-id`?" },
        // L2TP over IP
        { "listen: ip:192.0.2.1:1701", "1:9: listen: `ip:192.0.2.1:1701` is not an address for IP protocol 115, which has no ports; write "
            + "`ip:192.0.2.1` or `ip:[2001:db8::1]`" },
        { "listen: [0.0.0.0, { address: 192.0.2.1:1702, transport: ip }]\npeers: { p: { protocol: v3 } }",
            "1:30: listen[1].address: must not have a port: IP protocol 115 has none" },
        { "listen: { address: 'ip:192.0.2.1', transport: udp }\npeers: { p: { protocol: v3 } }",
            "1:47: listen.transport: contradicts the address, which says `ip:`" },
        { "listen: ['ip:0.0.0.0', 'ip:0.0.0.0']\npeers: { p: { protocol: v3 } }",
            "1:24: listen[1]: another listener already uses 0.0.0.0/ip" },
        { Peer + "match: { transport: ip }", "5:25: peers.p.match.transport: L2TPv2 runs over UDP only; set `protocol: v3`" },
        { Tunnel + "transport: ip", "4:16: tunnels.t.transport: L2TPv2 runs over UDP only; set `protocol: v3`" },
        { Tunnel + "transport: ip\n    protocol: auto",
            "4:16: tunnels.t.transport: `protocol: auto` offers L2TPv2 as well, which runs over UDP only; set `protocol: v3`" },
        { Tunnel + "protocol: v3\n    transport: ip\n    source-port: 1701",
            "6:18: tunnels.t.source-port: is for `transport: udp`: IP protocol 115 has no ports" },
        { "tunnels:\n  t: { lns: 'a:1702', protocol: v3, transport: ip }",
            "2:13: tunnels.t.lns: must not have a port: IP protocol 115 has none" },

        // Static tunnels
        { "tunnels:\n  t: { protocol: static, tunnel-id: 1, peer-tunnel-id: 2 }", "2:3: tunnels.t.remote: is required in a static tunnel" },
        { Static + "lns: a", "7:5: tunnels.t.lns: unknown key" },
        { Static + "source-port: 0", "7:18: tunnels.t.source-port: 0 is out of range; from 1 to 65535" },
        { Static + "transport: ip\n    source-port: 1",
            "8:18: tunnels.t.source-port: is for `transport: udp`: IP protocol 115 has no ports" },
        { Static + "local-address: '::1'", "7:20: tunnels.t.local-address: ::1 and the remote 192.0.2.2 are of different families" },
        { Static + "keepalive: 50ms", "7:16: tunnels.t.keepalive: 50ms is out of range; from 100ms to 1d" },
        { Static + "keepalive: { retransmit-initial: 9s }",
            "7:38: tunnels.t.keepalive.retransmit-initial: retransmit-cap is shorter than retransmit-initial" },
        { Static + "sessions: { s: { session-id: 0, peer-session-id: 1 } }", "7:34: tunnels.t.sessions.s.session-id: 0 is not a valid id" },
        { Static + "sessions: { s: { session-id: 1 } }", "7:17: tunnels.t.sessions.s.peer-session-id: is required in a static session" },
        { Static + "sessions: { s: { session-id: 1, peer-session-id: 1, cookie: 123 } }",
            "7:65: tunnels.t.sessions.s.cookie: `123` is not 8 or 16 hexadecimal digits" },
        { Static + "sessions: { s: { session-id: 1, peer-session-id: 1, pseudowire: { cookie: 8 } } }",
            "7:79: tunnels.t.sessions.s.pseudowire.cookie: is the size of a random cookie; in a static session write the cookie "
            + "itself next to session-id" },
        { Static + "sessions: { s: { session-id: 1, peer-session-id: 1, report-errors: true } }",
            "7:72: tunnels.t.sessions.s.report-errors: has no effect in a static session: no messages are exchanged" },
        { Static + "sessions: { s: { session-id: 1, peer-session-id: 1, ppp-role: server } }",
            "7:67: tunnels.t.sessions.s.ppp-role: is for a session with ppp" },
        { Static + "sessions: { s: { session-id: 1, peer-session-id: 1 }, u: { session-id: 1, peer-session-id: 2 } }",
            "7:76: tunnels.t.sessions.u.session-id: another static session already uses 1" },
        { Static + "\n  u: { protocol: static, remote: 192.0.2.3, tunnel-id: 7, peer-tunnel-id: 9 }",
            "8:56: tunnels.u.tunnel-id: `t` already uses 7" },
        { Static + "\n  u: { protocol: static, remote: 192.0.2.2, tunnel-id: 9, peer-tunnel-id: 9 }",
            "8:3: tunnels.u.source-port: `t` has the same addresses and ports: one of the two gets no data; set another port" },

        { Peer + "endpoints: { a: {} }", "5:16: peers.p.endpoints: is for L2TPv3; set `protocol: v3` or `auto`" },
        { Peer + "lns: { pseudowire: { cookie: 5 } }",
            "5:34: peers.p.lns.pseudowire.cookie: `5` is not one of `0`, `4`, `8`; did you mean `0`?" },
        { Peer + "lns: { pseudowire: { sublayer: none, data-sequencing: all } }",
            "5:59: peers.p.lns.pseudowire.data-sequencing: data-sequencing needs `sublayer: default`" },
        { Peer + "lns: { sequencing: true, pseudowire: { sublayer: none } }",
            "5:24: peers.p.lns.sequencing: sequencing needs `sublayer: default`: all data would be dropped; for L2TPv2 alone, write "
            + "`data-sequencing: none` in pseudowire" },
        { Session + "{ sequencing: true, pseudowire: { sublayer: none } }",
            "6:24: tunnels.t.sessions.s.sequencing: sequencing needs `sublayer: default`: all data would be dropped; for L2TPv2 alone, "
            + "write `data-sequencing: none` in pseudowire" },
        { Static + "sessions: { s: { session-id: 1, peer-session-id: 1, sequencing: true, pseudowire: { sublayer: none } } }",
            "7:69: tunnels.t.sessions.s.sequencing: sequencing needs `sublayer: default`: all data would be dropped; for L2TPv2 alone, "
            + "write `data-sequencing: none` in pseudowire" },
        { Peer + "protocol: v3\n    lns: { sequencing: true }\n    endpoints: { a: { pseudowire: { sublayer: none } }, b: {} }",
            "7:35: peers.p.endpoints.a.pseudowire: sequencing needs `sublayer: default`: all data would be dropped; for L2TPv2 alone, "
            + "write `data-sequencing: none` in pseudowire" },
        { Peer + "protocol: v3\n    lns: { sequencing: true, pseudowire: { sublayer: none } }\n    endpoints: { a: {}, b: { "
            + "ppp: none } }", "6:24: peers.p.lns.sequencing: sequencing needs `sublayer: default`: all data would be dropped; for L2TPv2 "
            + "alone, write `data-sequencing: none` in pseudowire" },
        { Peer + "lns: { pseudowire: { vlan: 7 } }", "5:32: peers.p.lns.pseudowire.vlan: needs `type: vlan`" },
        { Peer + "lns: { pseudowire: { type: vlan, vlan: 4095 } }",
            "5:44: peers.p.lns.pseudowire.vlan: 4095 is out of range; from 1 to 4094" },
        { Peer + "lns: { pseudowire: { bridge: br0, addresses: 10.0.0.1/24 } }",
            "5:50: peers.p.lns.pseudowire.addresses: an interface in a bridge needs no addresses: set them on the bridge" },
        { Peer + "lns: { pseudowire: { type: ppp, bridge: br0 } }",
            "5:45: peers.p.lns.pseudowire.bridge: is for Ethernet and VLAN pseudowires" },
        { Peer + "lns: { pseudowire: { interface: 'a{name}' } }",
            "5:37: peers.p.lns.pseudowire.interface: `a{name}` has a placeholder other than `{peer}`, `{end-id}`, `{id}`" },
        { Peer + "lns: { pseudowire: { interface: 'a%s' } }",
            "5:37: peers.p.lns.pseudowire.interface: `a%s` may have one `%d` in it, and no other `%`" },
        { Peer + "lns: { pseudowire: { interface: 'a/b' } }",
            "5:37: peers.p.lns.pseudowire.interface: `a/b` is not an interface name: 1 to 15 characters without blanks, `/` or `:`" },
        { "listen: 0.0.0.0\npeers:\n  p: { protocol: v3, pseudowires: ppp }",
            "3:35: peers.p.pseudowires: there is no `ppp` in `lns` or `endpoints`, which says how PPP is run" },
        { "listen: 0.0.0.0\npeers:\n  a-long-name: { protocol: v3, lns: { pseudowire: { interface: 'l2tp-{peer}' } } }",
            "3:3: peers.a-long-name: the interface name `l2tp-{peer}` becomes `l2tp-a-long-name`, which is longer than 15 characters" },
        { "tunnels: { t: { lns: a, protocol: v3, sessions: { s: { pseudowire: { type: ppp } } } } }",
            "1:68: tunnels.t.sessions.s.pseudowire: `type: ppp` needs `ppp`, which says how PPP is run" },
        { "tunnels: { t: { lns: a, protocol: v3, sessions: { s: { ppp: {}, pseudowire: { bridge: br0 } } } } }",
            "1:77: tunnels.t.sessions.s.pseudowire: is for an Ethernet session, but the session runs PPP: remove one of the two" },
        { Peer + "quirks: [no-helo]", "5:14: peers.p.quirks[0]: `no-helo` is not one of `accept-reply-from-any-address`, "
            + "`ignore-unknown-mandatory-avps`, `acknowledge-at-once`, `omit-vendor-avps`, `omit-tie-breaker`, `window-of-one`, "
            + "`short-result-code`, `no-hello`, `allow-missing-challenge-response`; did you mean `no-hello`?" },
        { Peer + "quirks: allow-missing-challenge-response",
            "5:13: peers.p.quirks: allow-missing-challenge-response has no effect: the peer is not challenged" },
        { Peer + "lns: { ppp: {} }", "5:17: peers.p.lns.ppp: PPP needs a data plane that carries data, and data-plane is null" },
        { Peer + "lns: { accm: { send: 1 } }", "5:12: peers.p.lns.accm.receive: is required" },
        { Peer + "lns: { reorder-timeout: 11s }", "5:29: peers.p.lns.reorder-timeout: 11s is out of range; from 0ms to 10s" },
        { Tunnel + "peer: nobody", "4:11: tunnels.t.peer: there is no profile `nobody` under peers" },
        { Tunnel + "backoff: { maximum: 500ms }", "4:25: tunnels.t.backoff.maximum: maximum 500ms is shorter than initial 1s" },
        { Session + "{ ppp: none, retry: { max-refused: 500ms } }",
            "6:45: tunnels.t.sessions.s.retry.max-refused: 500ms is shorter than the first wait, 1s" },
        { Session + "{ ppp: none, retry: { give-up-after: 0 } }",
            "6:47: tunnels.t.sessions.s.retry.give-up-after: 0 is out of range; from 1 to 1000000" },
        { Tunnel + "backoff: { jitter: 1.5 }", "4:24: tunnels.t.backoff.jitter: `1.5` is not a number from 0 to 1" },
        { "peers: { p: {} }\ndata-plane: 'null'\nlisten: 0.0.0.0\ntunnels: { t: { lns: a, source-port: 1701, bind-device: eth0 } }",
            "4:57: tunnels.t.bind-device: no listener on port 1701 is bound to eth0, and source-port shares its socket" },
        { Session + "{ direction: outgoing }",
            "6:7: tunnels.t.sessions.s.called-number: is required with `direction: outgoing`: the number that the peer must call" },
        { Session + "{ maximum-speed: 1 }", "6:27: tunnels.t.sessions.s.maximum-speed: is only for `direction: outgoing`" },
        { Session + "{ direction: outgoing, called-number: 1, maximum-speed: 1k, minimum-speed: 1M }",
            "6:66: tunnels.t.sessions.s.maximum-speed: maximum-speed is lower than minimum-speed" },
        { Session + "{ tx-connect-speed: 5G }", "6:30: tunnels.t.sessions.s.tx-connect-speed: 5G is out of range; to 4294967295 bit/s" },
        { Session + "{ tx-connect-speed: fast }",
            "6:30: tunnels.t.sessions.s.tx-connect-speed: `fast` is not a speed; write bit/s, `64k`, `100M` or `1G`" },

        // PPP
        { "listen: 0.0.0.0\npeers: { p: { lns: { ppp: xx } } }\nppp: { x: { } }",
            "2:27: peers.p.lns.ppp: there is no profile `xx` under ppp; did you mean `x`?" },
        { "ppp: { none: {} }", "1:14: ppp.none: `none` means no PPP; choose another name" },
        { Ppp + "{ password: a }", "4:18: ppp.x.password: needs `user`" },
        { Ppp + "{ remote: 10.0.0.2, pool: 10.0.0.0/24 }", "4:32: ppp.x.pool: contradicts `remote`: every peer would get that address" },
        { Ppp + "{ local: 10.0.0.1, remote: 10.0.0.1 }", "4:33: ppp.x.remote: is our own address, `local`" },
        { Ppp + "{ local: 10.0.0.1, pool: 10.0.0.0/24 }", "4:31: ppp.x.pool: contains our own address 10.0.0.1, `local`" },
        { BuiltIn + "users: { a: { password: a, address: 10.0.0.1 } } }",
            "4:92: ppp.x.users.a.address: 10.0.0.1 is our own address, `local`" },
        { BuiltIn + "users: { a: { password: a, address: 0.0.0.0 } } }",
            "4:92: ppp.x.users.a.address: 0.0.0.0 is not a valid host address" },
        { BuiltIn + "users: { a: { password: a, address: 224.0.0.5 } } }",
            "4:92: ppp.x.users.a.address: 224.0.0.5 is not a valid host address" },
        { BuiltIn + "users: { a: { password: a, address: 255.255.255.255 } } }",
            "4:92: ppp.x.users.a.address: 255.255.255.255 is not a valid host address" },
        { Ppp + "{ remote: 239.1.1.1 }", "4:16: ppp.x.remote: 239.1.1.1 is not a valid host address" },
        { Ppp + "{ pool: 10.0.1.0/24 }\ntunnels: { t: { lns: a, sessions: { s: { ppp: { remote: 10.0.1.7 } } } } }",
            "5:57: tunnels.t.sessions.s.ppp.remote: 10.0.1.7 is in the pool of ppp.x: a session could get it too" },
        { Ppp + "{ pool: 10.0.1.0/24 }\ntunnels: { t: { lns: a, sessions: { s: { ppp: { local: 10.0.1.7 } } } } }",
            "5:56: tunnels.t.sessions.s.ppp.local: 10.0.1.7 is in the pool of ppp.x: a session could get it too" },
        { Ppp + "{ pool: [10.0.0.1-10.0.0.9, 10.0.0.9-10.0.0.10] }",
            "4:14: ppp.x.pool: 10.0.0.9-10.0.0.10 overlaps 10.0.0.1-10.0.0.9 of ppp.x: an address would go to two sessions" },
        { Ppp + "{ pool: 10.0.0.9-10.0.0.1 }",
            "4:14: ppp.x.pool: `10.0.0.9-10.0.0.1` ends before it begins; did you mean `10.0.0.1-10.0.0.9`?" },
        { Ppp + "{ pool: '2001:db8::/64' }",
            "4:14: ppp.x.pool: `2001:db8::/64` is not a range of IPv4 addresses; write `10.0.0.10-10.0.0.250` or `10.0.0.0/24`" },
        { Ppp + "{ dns: [10.0.0.1, 10.0.0.2, 10.0.0.3] }", "4:13: ppp.x.dns: PPP has room for two name servers (RFC 1877)" },
        { Ppp + "{ dns: resolved }", "2:27: peers.p.lns.ppp: `dns` with that value is only for sessions that we dial: write the "
            + "addresses of the name servers for the peers" },
        { "tunnels: { t: { lns: a, sessions: { s: { ppp: { dns: file, request-dns: false } } } } }",
            "1:73: tunnels.t.sessions.s.ppp.request-dns: contradicts `dns`, which uses the name servers that the peer sends" },
        { Ppp + "{ ipv6: routed }",
            "4:14: ppp.x.ipv6: `routed` is not one of `none`, `link-local`, `router`, `false`, `true`; did you mean `router`?" },
        { Ppp + "{ ipv6: router, backend: pppd }",
            "4:14: ppp.x.ipv6: `router` is only for `backend: built-in`: pppd sends no router advertisements" },
        { Ppp + "{ ipv6: true, ipv6-dns: [\"2001:db8::1\"] }",
            "4:30: ppp.x.ipv6-dns: needs `ipv6: router`: it is sent in router advertisements" },
        { Ppp + "{ ipv6: router, ipv6-dns: [192.0.2.1], local: 10.1.0.1 }",
            "4:33: ppp.x.ipv6-dns[0]: `192.0.2.1` is not an IPv6 address" },
        { Ppp + "{ ipv6: router, ipv6-dns: [\"fe80::1\"], local: 10.1.0.1 }",
            "4:33: ppp.x.ipv6-dns[0]: fe80::1 cannot be reached by others: write a global address" },
        { Ppp + "{ dhcp-domain: a..b, local: 10.1.0.1 }", "4:21: ppp.x.dhcp-domain: `a..b` is not a domain" },
        { Ppp + "{ dhcp-routes: [\"2001:db8::/32\"], local: 10.1.0.1 }", "4:21: ppp.x.dhcp-routes: DHCP has routes of IPv4 only" },
        { Ppp + "{ dhcp-routes: [10.0.0.0/8], backend: pppd }", "4:21: ppp.x.dhcp-routes: is only for `backend: built-in`" },
        { Ppp + "{ ipv6: router, ipv6-search: [a..b], local: 10.1.0.1 }",
            "4:36: ppp.x.ipv6-search[0]: `a..b` is not a domain" },
        { Ppp + "{ ipv6: router, delegated-prefix-pool: b, local: 10.1.0.1 }\n" + Prefixes,
            "4:45: ppp.x.delegated-prefix-pool: there is no pool `b` under prefix-pools; did you mean `a`?" },
        { Ppp + "{ ipv6: true, delegated-prefix-pool: a, local: 10.1.0.1 }\n" + Prefixes,
            "4:43: ppp.x.delegated-prefix-pool: needs `ipv6: router`: nothing is given to the peers of other links" },
        { Ppp + "{ ipv6: router, ipv6-prefix-pool: a, local: 10.1.0.1 }\n" + Prefixes,
            "4:40: ppp.x.ipv6-prefix-pool: `a` has prefixes of 56 bits: a subscriber makes its address in a prefix of 64 bits" },
        { Ppp + "{ ipv6: router, ipv6-address-pool: a, local: 10.1.0.1 }\n" + Prefixes,
            "4:41: ppp.x.ipv6-address-pool: `a` has prefixes of 56 bits: an address has 128 bits" },
        { Ppp + "{ ipv6: router, delegated-prefix-pool: a, local: 10.1.0.1 }\n"
            + Prefixes.Replace("32', length: 56", "64', length: 128", StringComparison.Ordinal),
            "4:45: ppp.x.delegated-prefix-pool: `a` has prefixes of 128 bits: an address cannot be delegated; use `ipv6-address-pool`" },
        { Ppp + "{ ipv6: router, local: 10.1.0.1, dhcpv6: { valid-lifetime: 30m } }",
            "4:65: ppp.x.dhcpv6.valid-lifetime: the preferred lifetime is longer than the valid one" },
        { Ppp + "{ ipv6: router, local: 10.1.0.1, dhcpv6: { preferred-lifetime: 1m } }",
            "4:69: ppp.x.dhcpv6.preferred-lifetime: 1m is out of range; from 2m to 30d" },
        { "prefix-pools: { a: { length: 56 } }", "1:17: prefix-pools.a.prefix: is required" },
        { "prefix-pools: { a: { prefix: '2001:db8::/32' } }", "1:17: prefix-pools.a.length: is required" },
        { "prefix-pools: { a: { prefix: 10.0.0.0/8, length: 56 } }",
            "1:30: prefix-pools.a.prefix: 10.0.0.0/8 is not an IPv6 prefix of 16 bits or more; write `2001:db8:7700::/40`" },
        { "prefix-pools: { a: { prefix: '2001:db8::/32', length: 28 } }",
            "1:55: prefix-pools.a.length: 28 is less than the 32 of 2001:db8::/32, which is to be divided" },
        { "prefix-pools: { a: { prefix: '2001:db8::/32', length: 97 } }",
            "1:55: prefix-pools.a.length: 97 is more than 64 bits longer than 2001:db8::/32" },
        { "prefix-pools: { a: { prefix: '2001:db8::/32', length: 56 }, b: { prefix: '2001:db8:7700::/40', length: 64 } }",
            "1:74: prefix-pools.b.prefix: 2001:db8:7700::/40 overlaps 2001:db8::/32 of `a`: a prefix would go to two sessions" },
        { Ppp + "{ ipv6: true, mtu: 1000 }", "4:25: ppp.x.mtu: IPv6 needs 1280" },
        { Ppp + "{ mru: 100 }", "4:13: ppp.x.mru: 100 is out of range; from 128 to 16384" },
        { Ppp + "{ echo-interval: 1500ms }", "4:23: ppp.x.echo-interval: pppd counts whole seconds" },
        { Ppp + "{ auth: [none] }", "4:15: ppp.x.auth[0]: `none` is not one of `pap`, `chap`, `mschap`, `mschap-v2`, `eap`" },
        { Ppp + "{ options: [debug, 'password x'] }",
            "4:25: ppp.x.options[1]: `password` is not allowed here: set `password` of the ppp profile: here every user of the machine "
            + "could read it" },
        { Ppp + "{ options: pppol2tp_lns_mode }", "4:17: ppp.x.options: `pppol2tp_lns_mode` is not allowed here: l2tpd sets it" },
        { Ppp + "{ options: 'a \"b' }", "4:17: ppp.x.options: a quote is not closed" },
        { Ppp + "{ options-file: gone }", "4:22: ppp.x.options-file: there is no file gone" },
        { Ppp + "{ default-route: { replace: true } }",
            "2:27: peers.p.lns.ppp: default-route is only for sessions that we dial: a peer's session would attract all our traffic" },
        { Ppp + "{ default-route: [1] }", "4:23: ppp.x.default-route: write `true`, `false`, or `{ metric: NUMBER, replace: true }`" },
        { Ppp + "{ default-route: true }",
            "2:27: peers.p.lns.ppp: default-route is only for sessions that we dial: a peer's session would attract all our traffic" },
        { "tunnels: { t: { lns: a, sessions: { s: { ppp: x }, u: { ppp: x } } } }\nppp: { x: { interface: up } }",
            "1:62: tunnels.t.sessions.u.ppp: tunnels.t.sessions.s.ppp already has the interface up" },
        { Ppp + "{ interface: up }", "2:27: peers.p.lns.ppp: interface is only for sessions that we dial: every session of the peers "
            + "would have the same name" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void An_error_names_position_key_and_reason(string text, string expected)
    {
        using var files = new TemporaryConfiguration(text);
        var result = files.Load();
        Assert.Null(result.Configuration);
        Assert.Equal(
            $"{TemporaryConfiguration.Main}:{expected.Replace("FILE", TemporaryConfiguration.Main, StringComparison.Ordinal)}",
            Assert.Single(files.Lines(result.Errors)));
    }

    public static TheoryData<string, string> WarningRows() => new()
    {
        { "listen: 0.0.0.0", "1:9: listen: there are no peers: every tunnel will be refused" },
        { "data-plane: 'null'\npeers: { p: {} }", "2:1: peers: there is no listener and no tunnel to dial: set `listen`" },
        { "listen: 0.0.0.0\npeers: { p: {} }", "2:10: peers.p: has no lns.ppp: its sessions would carry nothing" },
        { "tunnels: { t: { lns: a, sessions: { s: {} } } }", "1:37: tunnels.t.sessions.s: has no ppp: it would carry nothing" },
        { "ppp:\n  x: {}", "2:3: ppp.x: is not used by any session" },
        { BuiltIn + "users: { a: { password: a, address: 10.0.0.7 }, b: { password: b, address: 10.0.0.7 } } }",
            "4:131: ppp.x.users.b.address: 10.0.0.7 also belongs to `a`: only one of the two can be logged in at a time" },
        { "listen: 0.0.0.0\npeers: { p: { match: { address: 10.0.0.1 }, lns: { ppp: x } }, q: { match: { address: 10.0.0.2 }, "
            + "lns: { ppp: y } } }\nppp:\n  x: { backend: built-in, auth: chap, local: 10.0.0.1, users: { a: { password: a, "
            + "address: 10.0.2.7 } } }\n  y: { pool: 10.0.2.0/24 }",
            "4:63: ppp.x.users: 10.0.2.7 of `a` is in the pool of ppp.y: a session of pppd could get it too" },
        { "tunnels: { t: { lns: a, protocol: auto, sessions: { s: {} } } }",
            "1:53: tunnels.t.sessions.s: has no ppp: with a peer that answers in L2TPv2 it would carry nothing" },
        { "tunnels: { t: { lns: a, protocol: v3, sessions: { s: { direction: outgoing } } } }",
            "1:67: tunnels.t.sessions.s.direction: Ethernet pseudowires are set up by incoming calls only (RFC 4719): a peer may refuse" },
        { "listen: 0.0.0.0\npeers:\n  p: { protocol: v3, lns: { pseudowire: { interface: pw0 } } }",
            "3:27: peers.p.lns: only one session at a time can have the interface name pw0: write `%d` or `{end-id}` into it" },
        { "listen: 0.0.0.0\npeers:\n  p: { protocol: v3, lns: { pseudowire: { interface: 'l2tp-{peer}' } } }",
            "3:27: peers.p.lns: only one session at a time can have the interface name l2tp-{peer}: write `%d` or `{end-id}` into it" },
        { "listen: 0.0.0.0\npeers:\n  p: { protocol: v3, endpoints: { a: { pseudowire: { interface: 'l2tp-{peer}' } } } }",
            "3:52: peers.p.endpoints.a.pseudowire: only one peer at a time can have the interface name l2tp-{peer}, but the profile is for "
            + "several: write `%d` or `{id}` into it, or `match` one address or host name" },
        { "listen: 0.0.0.0\npeers:\n  p: { protocol: v3, match: { address: 192.0.2.0/24 }, endpoints: { a: { pseudowire: { interface: "
            + "'{end-id}' } }, b: {} } }", "3:86: peers.p.endpoints.a.pseudowire: only one peer at a time can have the interface name "
            + "{end-id}, but the profile is for several: write `%d` or `{id}` into it, or `match` one address or host name" },
        { "listen: 0.0.0.0\npeers:\n  p: { protocol: v3, match: { host-name: p }, lns: { pseudowire: { interface: pw } }, endpoints: { a: "
            + "{}, b: {}, c: { pseudowire: { interface: 'pw{id}' } } } }", "3:107: peers.p.endpoints.b.pseudowire: only one session at a "
            + "time can have the interface name pw, which `a` has too: write `{end-id}` into it" },
        { "data-plane: 'null'\nlisten: 0.0.0.0\npeers:\n  a: {}\n  b: { match: { address: 10.0.0.0/8 } }",
            "5:3: peers.b: is never used: `a` before it matches all of its peers" },
        { "data-plane: 'null'\nlisten: 0.0.0.0\npeers:\n  a: { match: { address: 10.0.0.0/8 } }\n  b: { match: { address: 10.1.0.0/16 "
            + "} }\n  c: {}", "5:3: peers.b: is never used: `a` before it matches all of its peers" },
    };

    [Theory]
    [MemberData(nameof(WarningRows))]
    public void A_warning_does_not_stop_loading(string text, string expected)
    {
        using var files = new TemporaryConfiguration(text);
        var result = files.Load();
        Assert.Empty(files.Lines(result.Errors));
        Assert.Equal([$"{TemporaryConfiguration.Main}:{expected}"], files.Lines(result.Warnings));
        Assert.NotNull(result.Configuration);
    }

    [Theory]
    [InlineData(Peer + "lns: { sequencing: true, pseudowire: { sublayer: none, data-sequencing: none } }")]
    [InlineData(Peer + "protocol: v3\n    match: { address: 192.0.2.2 }\n    endpoints: { a: { pseudowire: { interface: 'l2tp-{peer}' } "
        + "}, b: { pseudowire: { interface: '{end-id}' } } }")]
    [InlineData(Peer + "protocol: v3\n    endpoints: { a: { pseudowire: { interface: 'pw%d' } }, b: { pseudowire: { interface: "
        + "'pw%d' } } }")]
    public void Is_neither_wrong_nor_doubted(string text)
    {
        using var files = new TemporaryConfiguration(text);
        var result = files.Load();
        Assert.Empty(files.Lines([.. result.Errors, .. result.Warnings]));
    }

    [Fact]
    public void All_at_once_in_the_order_of_the_file()
    {
        using var files = new TemporaryConfiguration("""
            data-plane: fast
            listen: nowhere
            timers: { linger: 5, hello: 3s }
            tunnels:
              a: { sessions: { s: { tx-connect-speed: x } } }
            log: { level: loud }
            """);
        Assert.Equal(
            [
                "l2tpd.yaml:1:13: data-plane: `fast` is not one of `auto`, `kernel`, `userspace`, `null`",
                "l2tpd.yaml:2:9: listen: `nowhere` is not an address and port; write `192.0.2.1:1701` or `[2001:db8::1]:1701`",
                "l2tpd.yaml:3:19: timers.linger: a duration needs a unit: `5s`, `5ms`, `5m`",
                "l2tpd.yaml:3:22: timers.hello: unknown key",
                "l2tpd.yaml:5:3: tunnels.a.lns: is required: the address or host name to dial, or several in order",
                "l2tpd.yaml:5:43: tunnels.a.sessions.s.tx-connect-speed: `x` is not a speed; write bit/s, `64k`, `100M` or `1G`",
                "l2tpd.yaml:6:15: log.level: `loud` is not one of `trace`, `debug`, `information`, `warning`, `error`",
            ],
            files.Lines(files.Load().Errors));
    }

    [Fact]
    public void Missing_file()
    {
        var result = ConfigurationLoader.Load("/nonexistent/l2tpd.yaml", MachineEnvironment.OfProcess());
        Assert.Equal(["/nonexistent/l2tpd.yaml: cannot be read: no such file"], result.Errors.Select(static error => error.ToString()));
    }

    [Fact]
    public void Directory_for_a_file()
    {
        using var files = new TemporaryConfiguration();
        var result = ConfigurationLoader.Load(files.Directory, MachineEnvironment.OfProcess());
        Assert.Equal(["cannot be read: it is a directory"], result.Errors.Select(static error => error.Message));
    }

    [Fact]
    public void Not_text()
    {
        using var files = new TemporaryConfiguration();
        File.WriteAllBytes(Path.Combine(files.Directory, TemporaryConfiguration.Main), [0x61, 0xff, 0xfe]);
        Assert.Equal(["l2tpd.yaml:1:2: is not UTF-8 text: the octet here does not begin a character"], files.Lines(files.Load().Errors));
        File.WriteAllBytes(Path.Combine(files.Directory, TemporaryConfiguration.Main), [.. "# é\r\nhost-name: é"u8, 0xe9, .. "x\n"u8]);
        Assert.Equal(["l2tpd.yaml:2:13: is not UTF-8 text: the octet here does not begin a character"], files.Lines(files.Load().Errors));
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_text()
    {
        const string mark = "\ufeff";
        using var files = new TemporaryConfiguration(mark
            + "listen: 0.0.0.0\npeers: { p: { secret-file: s, lns: { ppp: x } } }\nppp: { x: { backend: built-in, auth: chap, local: "
            + "10.0.0.1, secrets-files: c } }");
        files.Write("s", mark + "secret\n");
        files.Write("c", mark + "alice * wonderland *\n");
        var result = files.Load();
        Assert.Empty(files.Lines([.. result.Errors, .. result.Warnings]));
        Assert.Equal("secret"u8.ToArray(), result.Configuration!.Engine.Peers[0].Secret);
        Assert.Equal("alice", result.Configuration.PppProfiles["x"].Users[0].Client);
    }

    [Fact]
    public void Control_characters_of_keys_and_values_do_not_reach_the_terminal()
    {
        var errors = TemporaryConfiguration.LoadText("\"a\\e[31m\": 1\ndata-plane: \"\\u202e\"\n").Errors.Select(static error =>
            error.ToString()).ToArray();
        Assert.EndsWith(":1:1: a\\x1b[31m: unknown key", errors[0], StringComparison.Ordinal);
        Assert.Contains("`\\x202e` is not one of", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_file_with_secrets_that_all_users_can_read_is_a_warning()
    {
        using var files = new TemporaryConfiguration(
            "listen: 0.0.0.0\npeers: { p: { match: { address: 10.0.0.2 }, secret: a, lns: { ppp: x } }, q: { match: { "
            + "address: 10.0.0.1 }, secret: b } }\nppp: { x: { backend: built-in, auth: chap, local: 10.0.0.1, secrets-files: c } }");
        files.Write("c", "alice * wonderland *\n");
        Assert.DoesNotContain(files.Load().Warnings, static warning => warning.Message.Contains("every user", StringComparison.Ordinal));
        files.LetAllRead(TemporaryConfiguration.Main);
        files.LetAllRead("c");
        Assert.Equal(
            [
                $"2:45: peers.p.secret: every user of the machine can read {TemporaryConfiguration.Main}, and there are secrets in it",
                "3:76: ppp.x.secrets-files: every user of the machine can read c",
            ],
            files.Load().Warnings.Select(warning =>
                $"{warning.Line}:{warning.Column}: {warning.Key}: "
                + $"{warning.Message.Replace(files.Directory + "/", "", StringComparison.Ordinal)}")
                .Where(static line => line.Contains("every user", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Fixed_addresses_of_the_secrets_files_are_checked_too()
    {
        using var files = new TemporaryConfiguration(
            "listen: 0.0.0.0\npeers: { p: { lns: { ppp: x } } }\nppp: { x: { backend: built-in, auth: chap, local: 10.0.0.1, name: lns, "
            + "users: { a: { password: a, address: 10.0.0.7 } }, secrets-files: c } }");
        files.Write("c", "b * b 10.0.0.1\n# d\nd lns d 10.0.0.7\na * other 10.0.0.7\ne elsewhere e 10.0.0.1\nf * f 0.0.0.0\n");
        var result = files.Load();
        Assert.Empty(result.Errors);
        Assert.Equal(
            [
                "c:1: 10.0.0.1 is our own address, `local`; the line is ignored",
                "c:3: 10.0.0.7 also belongs to `a`: only one of the two can be logged in at a time",
                "c:6: 0.0.0.0 is not a valid host address; the line is ignored",
            ],
            result.Warnings.Select(warning => warning.Message.Replace(files.Directory + "/", "", StringComparison.Ordinal)));
        Assert.Equal(["a", "d", "a", "e"], result.Configuration!.PppProfiles["x"].Users.Select(static user => user.Client));
    }

    [Fact]
    public void Nested_too_deeply()
    {
        using var files = new TemporaryConfiguration("a: " + new string('[', 5000) + new string(']', 5000));
        Assert.Equal(["l2tpd.yaml:1:36: not valid YAML: nested too deeply"], files.Lines(files.Load().Errors));
    }

    [Fact]
    public void Endless_file_is_refused()
    {
        using var files = new TemporaryConfiguration("data-plane: 'null'\nlisten: 0.0.0.0\npeers: { p: { secret-file: /dev/zero } }");
        Assert.Equal(
            ["l2tpd.yaml:3:28: peers.p.secret-file: cannot read /dev/zero: it is longer than 4096 octets"],
            files.Lines(files.Load().Errors));
    }
}
