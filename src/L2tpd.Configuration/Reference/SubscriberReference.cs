namespace L2tpd.Configuration.Reference;

/// <summary>The keys of users of a PPP profile, and what they get, for the reference.</summary>
internal static class SubscriberReference
{
    public static readonly SectionReference[] Sections =
    [
        new("prefix-pools",
        [
            new("prefix", "IPv6 prefix of 16 bits or more", "required", "What is divided. Pools may not overlap."),
            new("length", "20 to 128, at most 64 more than that of `prefix`", "required",
                "Length of each prefix: 64 for router advertisement, 128 for addresses, what a subscriber's network needs for "
                + "delegation (56 or 48)."),
        ]),
        new("dhcpv6",
        [
            new("preferred-lifetime", "duration, 2m to 30d", "`1h`",
                "How long a subscriber prefers its addresses and prefixes. It renews them after half of that time."),
            new("valid-lifetime", "duration, 2m to 30d", "`2h`",
                "How long they are valid if they are not renewed; at least preferred-lifetime. They stay the session's until its "
                + "end in any case."),
            new("rapid-commit", "boolean", "`true`", "Answer a Solicit with Rapid Commit by a Reply: one exchange instead of two."),
        ]),
        new("default-route",
        [
            new("metric", "0 to 4294967295", "`0`",
                "Metric of the route. Of several default routes the one with the lowest metric counts."),
            new("replace", "boolean", "`false`",
                "Take precedence over every default route, whatever its metric. Two routes, 0.0.0.0/1 and 128.0.0.0/1, lead through "
                + "the session. The former default route stays in the table and counts again as soon as the session's interface is "
                + "removed. That is at once when the daemon is killed; a pppd outlives a killed daemon until the next start, or until "
                + "its LCP echoes stay unanswered."),
        ]),
        new("framed-routes",
        [
            new("limit", "0 to 256", "`16`", "Routes per session and family; further ones are left out."),
            new("covering", "boolean", "`false`",
                "Install default routes (also halves of everything, such as 128.0.0.0/1), and routes that contain the address of "
                + "the tunnel's other end. The tunnel then needs a more specific route of its own, or its packets go into the "
                + "session."),
        ]),
        new("filters",
        [
            new("table", "family and name", "`inet l2tpd_filters`", "The table with the sets. Family `inet`, `ip` or `ip6`."),
            new("required", "boolean", "`false`",
                "A session whose filter cannot be set ends. `false`: it stays up, and a log line says why it is not filtered."),
        ]),
        new("users",
        [
            new("password", "text, to 255 octets", "required", "The user's password."),
            new("password-file", "path", "none", "File that contains the password. See Secrets."),
            new("password-credential", "text", "none", "systemd credential that contains the password. See Secrets."),
            new("address", "IPv4 address", "from the pool",
                "The user's address, always the same. Nobody else gets it, whether it is in a pool or not. Not `local`."),
            new("rate", "as `rate` of ppp", "that of the profile", "The user's largest rates.") { Section = "rate" },
            new("pool", "name", "the profile's `pool`",
                "The pool under the top-level `pools` that the user's address is taken from. Not together with `address`."),
            new("routes", "routes", "none",
                "Networks behind the user: `192.0.2.0/24`, or with gateway and metric as Framed-Route writes it, `192.0.2.0/24 "
                + "0.0.0.0 5`; IPv4 and IPv6. See framed-routes."),
            new("filters", "names", "none", "Sets of the table in filters that the session becomes an element of."),
        ]),
        new("rate",
        [
            new("down", "rate in bit/s, with `k`, `M` or `G`; or `unlimited`", "that of the profile, otherwise `unlimited`",
                "To the peer."),
            new("up", "the same", "the same", "From the peer."),
        ]),
    ];
}
