namespace L2tpd.Configuration.Reference;

/// <summary>The keys of peers, for the reference.</summary>
internal static class PeerReference
{
    public static readonly SectionReference[] Sections =
    [
        new("peers",
        [
            new("match", "mapping", "every peer", "See match.") { Section = "match" },
            new("secret", "text, to 1024 octets", "none", "Shared secret: authenticates the tunnel and hides AVPs. See Secrets."),
            new("secret-file", "path", "none", "File that contains the secret."),
            new("secret-credential", "text", "none", "systemd credential that contains the secret."),
            new("challenge", "boolean", "`true` with a secret", "Challenge the peer. A peer's own challenge is always answered."),
            new("hide-avps", "boolean", "`false`",
                "Hide every AVP that may be hidden. Needs a secret. What peers hide is always understood. With a second secret our "
                + "SCCRQ hides nothing, because it is not known yet which of the two the peer has; later messages are hidden with the "
                + "one that the peer has shown to have."),
            new("second-secret", "text, to 1024 octets", "none",
                "While a secret is being changed: accepted too. L2TPv3 sends a digest of it in addition to that of `secret`. L2TPv2 uses "
                + "the one that the peer has shown to have; until then it hides nothing, and answers a challenge with the one that was "
                + "right the last time. The two ends may have the secrets in either order."),
            new("second-secret-file", "path", "none", "File that contains the second secret."),
            new("second-secret-credential", "text", "none", "systemd credential that contains the second secret."),
            new("secrets", "text or list", "none",
                "While a secret is being changed, 1 or 2 texts to 1024 octets: `[NEW, OLD]` is `secret: NEW` and `second-secret: OLD`."),
            new("authentication", "`off`, `integrity`, `when-signed`, `required`", "`required` with a secret, otherwise `off`",
                "L2TPv3 digests. `required`: what is not signed with one of our secrets is dropped and counted, without an answer. "
                + "`when-signed`: signed if the peer begins with a signed message, open if not. `integrity`: digests without a "
                + "secret, against corruption only."),
            new("digest", "`sha1`, `md5`", "`sha1`", "L2TPv3 digest where we speak first; an answer uses the peer's."),
            new("pseudowires", "of `ethernet`, `vlan`, `ppp`", "those its sessions are set up for",
                "L2TPv3 pseudowire types that the peer may ask for, and that are offered to it."),
            new("protocol", "`v2`, `v3`, `auto`", "`v2`",
                "Version of the protocol. `auto`: when dialling, both are offered and the answer decides; when answering, v3 for "
                + "those who speak it. A `v2` peer never sees v3, and the reverse."),
            new("host-name", "text, to 255 octets", "host-name at the top", "Our name to this peer."),
            new("router-id", "number, or IPv4 address", "router-id at the top", "L2TPv3: our Router ID to this peer."),
            new("identity", "`address`, `host-name`, `router-id`", "`router-id`",
                "For tunnels that take the rules of this profile. When both ends dial at once: how an SCCRQ of the peer that we "
                + "dial is distinguished from those of others. `host-name` and `router-id`: it carries the value that the peer had in "
                + "its last answer. From another address than the one that we dial it must also be signed with the tunnel's secret, "
                + "and with `router-id` have the peer's host name. Until the peer has answered once, and in L2TPv2, which has no "
                + "Router ID, the address decides for `router-id`. `address`: the address always decides."),
            new("receive-window", "1 to 32767, messages", "`64`", "Receive Window Size that we advertise."),
            new("accept", "`none`, or of `incoming-calls`, `outgoing-calls`", "`incoming-calls`",
                "Which calls the peer may ask for. `incoming-calls`: ICRQ, we are its LNS. `outgoing-calls`: OCRQ, we are its LAC."),
            new("limits", "mapping", "", "See peer limits.") { Section = "peer limits" },
            new("timers", "mapping", "timers at the top", "See timers.") { Section = "timers" },
            new("quirks", "list of words", "none", "What must be done differently for this peer. See quirks."),
            new("bind-device", "interface name", "none", "Bind the tunnel's own socket to this interface."),
            new("fwmark", "number, decimal or 0x", "`0`: none", "Mark of the packets sent (SO_MARK)."),
            new("ipsec", "`required`, `preferred`, `none`, or mapping", "`none`",
                "Whether tunnels of these peers must come out of IPsec. See ipsec.") { Section = "ipsec" },
            new("phb", "0 to 65535, decimal or 0x", "none",
                "PHB code of the control connection to announce (AVP 47, RFC 3308): DSCP 46 is 0xb800."),
            new("same-peer", "`replace`, `keep`", "`replace` in IPsec, otherwise `keep`",
                "What becomes of a tunnel when its peer has a new one from the same address, port and mark, with the same host name, under "
                + "another tunnel id. `replace`: the former one is asked with HELLO when the new one is established, and ends if no answer "
                + "comes within 3 s; until then it does not count against `limits`. A client that was cut off does not answer; a LAC that "
                + "opens several tunnels from one port does, and keeps them all. `keep`: it stays until HELLO finds it dead. "
                + "With `replace` the peer is asked as well when the SCCRQ of its tunnel comes again."),
            new("lns", "mapping", "lns at the top", "How the sessions of these peers are set up. See lns.") { Section = "lns" },
            new("endpoints", "mapping of names", "any Remote End ID",
                "L2TPv3: what the peers may ask for. See endpoints.") { Section = "endpoints" },
        ]),
        new("match",
        [
            new("address", "prefixes or addresses", "any", "Source address of the SCCRQ."),
            new("host-name", "pattern with `*` and `?`", "any",
                "The peer's name in its Host Name AVP; upper and lower case are the same. Anybody can claim a name: set a secret "
                + "too."),
            new("transport", "`udp`, `ip`", "either", "What carried the SCCRQ."),
        ]),
        new("endpoints",
        [
            new("remote-end-id", "text, to 255 octets; 0x and digits: octets", "the endpoint's name", "Remote End ID AVP of the request."),
            new("ppp", "name of a ppp profile, mapping, or `none`", "as in lns", "How PPP is run.") { Section = "ppp" },
            new("sequencing", "boolean", "as in lns", "As in lns."),
            new("reorder-timeout", "duration, 0s to 10s", "as in lns", "As in lns."),
            new("accm", "mapping", "as in lns", "As in lns.") { Section = "accm" },
            new("report-errors", "boolean", "as in lns", "As in lns."),
            new("pseudowire", "mapping", "as in lns", "See pseudowire.") { Section = "pseudowire" },
        ]),
        new("peer limits",
        [
            new("tunnels", "1 to 65535", "no limit", "Tunnels of this profile at one time. Half-open ones do not count."),
            new("sessions-per-tunnel", "1 to 65535", "`65535`", "Sessions in one tunnel."),
        ]),
    ];
}
