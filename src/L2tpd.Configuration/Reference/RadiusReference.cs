namespace L2tpd.Configuration.Reference;

/// <summary>The keys of RADIUS, for the reference.</summary>
internal static class RadiusReference
{
    public static readonly SectionReference[] Sections =
    [
        new("radius",
        [
            new("servers", "mapping of names", "required",
                "See radius servers. A profile without `radius-group` uses them all, the first one "
                + "that answers.") { Section = "radius servers" },
            new("groups", "mapping of names", "none", "See radius groups.") { Section = "radius groups" },
            new("timeout", "duration, 100ms to 20s", "`2s`",
                "How long the first packet of a request waits for an answer. The wait doubles with each further packet, up to 16s, "
                + "and varies by a tenth (RFC 5080)."),
            new("attempts", "number, 1 to 10", "`2`",
                "Packets per request and server, before the next server is asked. A user waits 24s at most, whatever servers are "
                + "left. Over TLS a request is sent once, and waits as long as all packets would."),
            new("probe-interval", "duration, 1s to 1h", "`30s`",
                "Time between two Status-Server probes of a server that does not answer, and of an idle TLS connection (RFC 3539). "
                + "Varies by a fifteenth."),
            new("dead-time", "duration, 1s to 1h", "`60s`",
                "A dead server that answers no probes gets one request after this time, to try it."),
            new("dynamic-authorization", "mapping", "none",
                "See radius dynamic-authorization: who may change and end sessions.") { Section = "radius dynamic-authorization" },
            new("accounting-spool", "mapping", "none",
                "See radius accounting-spool: accounting records wait on disk while no "
                + "server answers. Without it they wait in memory only.") { Section = "radius accounting-spool" },
            new("chargeable-user-identity", "boolean", "`false`",
                "Ask for a Chargeable-User-Identity (RFC 4372). One that a server sends unasked is repeated in accounting in any "
                + "case."),
        ]),
        new("radius servers",
        [
            new("address", "IP address", "required", "The server."),
            new("transport", "`udp`, `tls`", "`udp`", "`tls`: RADIUS/TLS (RadSec, RFC 6614), with `tls`."),
            new("auth-port", "port", "`1812`", "UDP port for authentication."),
            new("acct-port", "port", "`1813`", "UDP port for accounting."),
            new("port", "port", "`2083`", "TCP port with `transport: tls`; connections carry accounting too."),
            new("secret", "text, to 128 octets", "required; `radsec` with `tls`",
                "The secret that we share with the server. Make it long and random: with it, anybody can answer in the server's "
                + "place and let users in."),
            new("secret-file", "path", "none", "File that contains the secret. See Secrets."),
            new("secret-credential", "text", "none", "systemd credential that contains the secret. See Secrets."),
            new("tls", "mapping", "none", "See radius tls; required with `transport: tls`.") { Section = "radius tls" },
            new("source", "IP address", "by the routes", "Our address towards the server; also NAS-IP-Address or NAS-IPv6-Address."),
            new("require-message-authenticator", "`auto`, `yes`, `no`", "`auto`; `no` with `tls`",
                "Whether an answer to an Access-Request must have a Message-Authenticator (CVE-2024-3596). `auto`: from the first "
                + "answer of the server that has one. `yes` protects from the start; set it where the server is configured for it."),
            new("status-server", "`auto`, `yes`, `no`", "`auto`",
                "Whether the server is probed with Status-Server (RFC 5997) while it does not answer; with TLS, also while a "
                + "connection is idle. `yes`: a dead server is used again only when it answers probes. `auto`: also tried by a "
                + "request after `dead-time`, until it has answered a probe."),
            new("max-requests", "number, 1 to 65536", "`128`; `255` with `tls`",
                "Requests in flight at one time, of each UDP port or of all connections; further ones wait. A larger burst can "
                + "overflow the receive buffer of a server with the kernel's default (208 KiB). More sockets or connections are "
                + "opened where 256 identifiers do not suffice."),
        ]),
        new("radius tls",
        [
            new("ca", "path", "required",
                "Certificates of the authorities that may have signed the server's certificate. The system's are not trusted."),
            new("certificate", "path", "required", "Our certificate, then those between it and the authority."),
            new("key", "path", "required", "The private key of our certificate, without a password."),
            new("name", "text", "the server's `address`",
                "DNS name or IP address that the server's certificate must have (subjectAltName)."),
        ]),
        new("radius groups",
        [
            new("servers", "list of names", "required", "Names of radius servers, in the order of preference."),
            new("mode", "`failover`, `balance`", "`failover`",
                "`failover`: the first server that answers. `balance`: shared by a hash of the user's name; those of a server that "
                + "does not answer go to the others."),
        ]),
        new("radius dynamic-authorization",
        [
            new("listen", "IP address", "all addresses", "The address to receive requests on, of the family of the clients."),
            new("port", "port", "`3799`", "The UDP port. Some servers send to 1700."),
            new("require-event-timestamp", "boolean", "`false`",
                "Drop requests without Event-Timestamp. A request that somebody recorded can then be repeated for 300 s only, and "
                + "within that time it is known as a duplicate."),
            new("clients", "mapping of names", "required",
                "See radius dynamic-authorization clients.") { Section = "radius dynamic-authorization clients" },
        ]),
        new("radius dynamic-authorization clients",
        [
            new("address", "IP address", "required", "Where the client's requests come from, with any port."),
            new("secret", "text, to 128 octets", "required", "The secret that we share with the client."),
            new("secret-file", "path", "none", "File that contains the secret. See Secrets."),
            new("secret-credential", "text", "none", "systemd credential that contains the secret. See Secrets."),
        ]),
        new("radius accounting-spool",
        [
            new("directory", "absolute path", "required",
                "Directory of this daemon alone, for example `/var/lib/l2tpd/accounting`. It is made if it is missing."),
            new("max-size", "size, 1M to 16G", "`64M`",
                "Octets of all files together, where K, M and G are 1,024 and its powers. A record takes about 400. When they are "
                + "used up, the oldest file is removed and its records are lost, which is logged."),
            new("max-age", "duration, 1m to 30d", "`7d`", "Records that waited longer are lost, which is logged."),
        ]),
    ];
}
