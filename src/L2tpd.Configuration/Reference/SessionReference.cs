namespace L2tpd.Configuration.Reference;

/// <summary>The keys of sessions, for the reference.</summary>
internal static class SessionReference
{
    public static readonly SectionReference[] Sections =
    [
        new("lns",
        [
            new("ppp", "name of a ppp profile, mapping, or `none`", "none", "How PPP is run.") { Section = "ppp" },
            new("sequencing", "boolean", "`false`", "Number data messages, and ask the peer for the same (Sequencing Required AVP)."),
            new("reorder-timeout", "duration, 0s to 10s", "`0s`",
                "How long numbered data that is out of order is held. 0s: it is dropped."),
            new("accm", "mapping", "none", "See accm: announced to the LAC with SLI when the session is up.") { Section = "accm" },
            new("pseudowire", "mapping", "", "See pseudowire.") { Section = "pseudowire" },
            new("report-errors", "boolean", "`false`",
                "Where we are the session's LAC: report receive errors to the LNS with WEN, at most once per 60s."),
        ]),
        new("accm",
        [
            new("send", "number, decimal or 0x", "required", "Characters that the LAC must escape when it sends."),
            new("receive", "number, decimal or 0x", "required", "Characters that the LAC may find escaped when it receives."),
        ]),
        new("pseudowire",
        [
            new("type", "`ethernet`, `vlan`, `ppp`", "`ethernet`; `ppp` where `ppp` is set",
                "Pseudowire type: of a session that we ask for; of one that the peer asks for, `vlan` accepts no `ethernet`. PPP is "
                + "7, as on Linux and Cisco; IANA lists none."),
            new("vlan", "1 to 4094", "frames as they are",
                "With `type: vlan`: the VLAN ID that frames in the pseudowire carry. Frames on the interface have no tag. See "
                + "below."),
            new("cookie", "`0`, `4`, `8`", "`8`", "Octets of the cookie that data sent to us must carry."),
            new("sublayer", "`none`, `default`", "each direction as its receiver asks",
                "L2-specific sublayer, the same in both directions; a peer that wants another is refused. Without the key we ask "
                + "for what the peer asks for; where we ask first, for `default`, or for what the peer wanted the last time. Cisco: "
                + "`none`. `none` has no room for the numbers of `sequencing`."),
            new("data-sequencing", "`none`, `non-ip`, `all`", "`all` with `sequencing`, otherwise `none`",
                "Which data the peer must number. Needs the default sublayer."),
            new("mtu", "68 to 65535", "not sent; what fits the path",
                "MTU of the interface, sent to the peer; the smaller of both ends' is used. A larger one than fits the path costs "
                + "fragments."),
            new("interface", "template", "`l2tpeth%d`",
                "Name of the interface, up to 15 characters. `{peer}` becomes the name of the profile under peers, or of the tunnel "
                + "that we dial; `{end-id}` the Remote End ID, `{id}` our session id, `%d` the next free number. If several peers "
                + "share a profile, `{peer}` is the same for all: use `{id}` or `%d`."),
            new("bridge", "interface name", "none", "Bridge that the interface joins; it must exist."),
            new("addresses", "addresses with prefix length", "none", "Addresses of the interface. Not together with bridge."),
        ]),
        new("backoff",
        [
            new("initial", "duration, from 1ms", "`1s`", "The first wait."),
            new("maximum", "duration, from 1ms", "`60s`", "The longest wait."),
            new("jitter", "0 to 1", "`0.25`", "Each wait is made longer or shorter at random by up to this part of itself."),
        ]),
        new("retry",
        [
            new("max-refused", "duration, from 1ms", "`15m`", "The longest wait. Not shorter than initial of backoff."),
            new("give-up-after", "1 to 1000000", "none: never",
                "Refusals in a row after which the session is not tried again until a reload or restart."),
        ]),
        new("sessions",
        [
            new("direction", "`incoming`, `outgoing`", "`incoming`",
                "`incoming`: we send ICRQ, as a LAC that has a call. `outgoing`: we send OCRQ, as an LNS that wants the peer to "
                + "place a call."),
            new("ppp", "name of a ppp profile, mapping, or `none`", "none", "How PPP is run.") { Section = "ppp" },
            new("sequencing", "boolean", "`false`", "As in lns."),
            new("reorder-timeout", "duration, 0s to 10s", "`0s`", "As in lns."),
            new("accm", "mapping", "none", "As in lns.") { Section = "accm" },
            new("report-errors", "boolean", "`false`", "As in lns."),
            new("pseudowire", "mapping", "", "See pseudowire.") { Section = "pseudowire" },
            new("remote-end-id", "text, to 255 octets; 0x and digits: octets", "the session's name",
                "L2TPv3 Remote End ID AVP: the peer's name for the pseudowire."),
            new("dial", "`always`, `manual`, `on-traffic`", "`always`",
                "`manual`: set up when `l2tpctl session open` says so, with its tunnel if that is down, until it is closed by hand. "
                + "`on-traffic`: set up when a packet waits for it, until it is idle. See dial on demand."),
            new("persist", "boolean", "`true`", "Set the session up again when it ends. `false`: it is asked for once in each tunnel."),
            new("backoff", "mapping", "", "See backoff.") { Section = "backoff" },
            new("retry", "mapping", "", "After the peer refused the credentials. See retry.") { Section = "retry" },
            new("calling-number", "text, to 255 octets", "none", "Calling Number AVP."),
            new("called-number", "text, to 255 octets", "none", "Called Number AVP. Required with `direction: outgoing`."),
            new("sub-address", "text, to 255 octets", "none", "Sub-Address AVP."),
            new("tx-connect-speed", "bit/s; `64k`, `100M`, `1G`", "`1G`", "Tx Connect Speed AVP."),
            new("rx-connect-speed", "bit/s", "not sent", "Rx Connect Speed AVP."),
            new("framing", "of `synchronous`, `asynchronous`", "`synchronous`", "Framing Type AVP."),
            new("bearer", "of `digital`, `analog`", "`digital`", "Bearer Type AVP."),
            new("private-group", "text, to 255 octets", "none", "Private Group ID AVP."),
            new("phb", "0 to 65535, decimal or 0x", "none", "PHB code of the session to announce (AVP 48, RFC 3308)."),
            new("minimum-speed", "bit/s", "`0`", "Lowest acceptable speed. Only with `direction: outgoing`."),
            new("maximum-speed", "bit/s", "4294967295", "Highest acceptable speed. Only with `direction: outgoing`."),
        ]),
    ];
}
