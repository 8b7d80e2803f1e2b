using System.Collections.Frozen;

namespace L2tpd.Import.Pppd;

/// <summary>The options of pppd 2.4.9 and 2.5 (pppd(8)), with what becomes of each.</summary>
internal static class OptionTable
{
    private const string Serial = "there is no serial line";
    private const string Started = "l2tpd starts, watches and ends PPP itself";
    private const string Compression = "l2tpd negotiates no compression and no encryption";
    private const string Logging = "set `log` of l2tpd, or `l2tpctl show session`";
    private const string Scripts = "use `hooks` of l2tpd, which get the details as environment variables";
    private const string Retries = "l2tpd has its own numbers of attempts and waits";
    private const string Multilink = "L2TP sessions are not bundled";

    /// <summary>The rule of an option; <c>null</c> for one that pppd itself does not have.</summary>
    public static OptionRule? Find(string option) => All.GetValueOrDefault(option);

    /// <summary>All options, with the short names of some.</summary>
    public static FrozenDictionary<string, OptionRule> All { get; } = Build();

    private static FrozenDictionary<string, OptionRule> Build()
    {
        var table = new Dictionary<string, OptionRule>(StringComparer.Ordinal);
        AddKeys(table);
        AddNeedless(table);
        AddOthers(table);
        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void AddKeys(Dictionary<string, OptionRule> table)
    {
        Add(table, OptionUse.Key, 0, "", "auth noauth require-pap +pap require-chap +chap require-mschap +mschap require-mschap-v2 "
            + "+mschap-v2 require-eap +eap refuse-pap -pap refuse-chap -chap refuse-mschap -mschap refuse-mschap-v2 -mschap-v2 refuse-eap "
            + "-eap defaultroute replacedefaultroute usepeerdns +ipv6 noipv6");
        Add(table, OptionUse.Key, 1, "", "name user password remotename mtu mru ms-dns dns-addr ms-wins wins-addr lcp-echo-interval "
            + "lcp-echo-failure idle maxconnect chap-interval defaultroute-metric ifname ipv6");
    }

    private static void AddNeedless(Dictionary<string, OptionRule> table)
    {
        Add(table, OptionUse.Needless, 0, Serial, "crtscts nocrtscts -crtscts cdtrcts nocdtrcts xonxoff local modem lock nolock sync "
            + "notty default-asyncmap -am receive-all nolog");
        Add(table, OptionUse.Needless, 1, Serial, "asyncmap -as escape connect disconnect welcome init connect-delay pty socket record");
        Add(table, OptionUse.Needless, 0, Started, "nodetach -detach detach updetach persist nopersist silent passive -p");
        Add(table, OptionUse.Needless, 1, Started, "maxfail holdoff child-timeout linkname");
        Add(table, OptionUse.Needless, 0, Compression, "noccp -ccp nobsdcomp nodeflate nopredictor1 novj -vj novjccomp -vjccomp noaccomp "
            + "-ac nopcomp -pc nomppe nomppe-40 nomppe-128 nomppe-stateful nomppc noendpoint nomp nompshortseq nomultilink nomrru "
            + "default-mru -mru");
        Add(table, OptionUse.Needless, 0, "this is the default of l2tpd", "nodefaultroute -defaultroute noreplacedefaultroute noproxyarp "
            + "-proxyarp nodefaultroute6 hide-password noipdefault noipx nousepeerdns noktune nolcp-echo-adaptive");
        Add(table, OptionUse.Needless, 0, "our own address is `local`, or the peer's choice without it",
            "ipcp-accept-local ipcp-accept-remote");
        Add(table, OptionUse.Needless, 0, "addresses of the link come from interface identifiers",
            "ipv6cp-accept-local ipv6cp-accept-remote ipv6cp-use-ipaddr ipv6cp-use-persistent");
    }

    private static void AddOthers(Dictionary<string, OptionRule> table)
    {
        Add(table, OptionUse.Optional, 0, Logging, "debug -d dump show-password");
        Add(table, OptionUse.Optional, 1, Logging, "kdebug");
        Add(table, OptionUse.Optional, 0, Compression, "mppe-stateful bsdcomp deflate predictor1 vj mppc");
        Add(table, OptionUse.Optional, 1, Compression, "vj-max-slots");
        Add(table, OptionUse.Optional, 0, Multilink, "multilink mp mpshortseq nomagic -mn lcp-echo-adaptive");
        Add(table, OptionUse.Optional, 1, Multilink, "mrru bundle endpoint");
        Add(table, OptionUse.Optional, 1, Retries, "lcp-restart lcp-max-terminate lcp-max-configure lcp-max-failure ipcp-restart "
            + "ipcp-max-terminate ipcp-max-configure ipcp-max-failure ipv6cp-restart ipv6cp-max-terminate ipv6cp-max-configure "
            + "ipv6cp-max-failure ccp-restart ccp-max-terminate ccp-max-configure chap-max-challenge chap-restart pap-max-authreq "
            + "pap-restart pap-timeout eap-interval eap-max-rreq eap-max-sreq eap-restart eap-timeout");
        Add(table, OptionUse.Optional, 1, "interfaces of PPP have the netmask 255.255.255.255, and the number that is free",
            "netmask unit");
        Add(table, OptionUse.Optional, 0, "l2tpd does not change settings of the kernel", "ktune");
        Add(table, OptionUse.PppdOnly, 0, "built-in PPP answers no ARP for its peers: route the pool to this host instead", "proxyarp");
        Add(table, OptionUse.PppdOnly, 0, "built-in PPP has no MPPE: use IPsec",
            "require-mppe +mppe require-mppe-40 +mppe-40 require-mppe-128 +mppe-128");
        Add(table, OptionUse.PppdOnly, 1, "plugins are pppd's; for RADIUS set `access: radius` of built-in PPP",
            "plugin radius-config-file avpair winbind-helper ntlm_auth-helper");
        Add(table, OptionUse.PppdOnly, 0, "it belongs to a plugin of pppd", "map-to-ifname map-to-ttyname");
        Add(table, OptionUse.PppdOnly, 1, Scripts,
            "ip-up-script ip-down-script ip-pre-up-script ipv6-up-script ipv6-down-script auth-up-script auth-down-script set unset");
        Add(table, OptionUse.PppdOnly, 0, "built-in PPP knows its own users and RADIUS only", "login papcrypt usehostname noremoteip "
            + "session-pam mschap-strip-domain chapms-strip-domain");
        Add(table, OptionUse.PppdOnly, 1, "built-in PPP knows its own users and RADIUS only",
            "domain allow-ip allow-number privgroup pwfd passwordfd srp-pn-secret ca cert key crl crl-dir capath tls-verify-method");
        Add(table, OptionUse.PppdOnly, 1, "built-in PPP has no filter and no such limit of its own",
            "pass-filter active-filter precompiled-active-filter maxoctets mo-timeout mo-direction");
        Add(table, OptionUse.PppdOnly, 0, "built-in PPP always negotiates IPv4", "noip -ip");
        Add(table, OptionUse.PppdOnly, 0, "built-in PPP adds no IPv6 default route: set `ipv6: router`", "defaultroute6");
        Add(table, OptionUse.PppdOnly, 1, "the options of other files are not read here: copy them", "call file");
        Add(table, OptionUse.Refused, 0, "write `dial: on-traffic` in the session; it needs `data-plane: userspace`", "demand");
        Add(table, OptionUse.Refused, 0, "no session would ever come up", "dryrun");
        Add(table, OptionUse.Refused, 1, "pppd's output goes to the log of l2tpd", "logfile logfd");
        Add(table, OptionUse.Refused, 1, "l2tpd sets it to the session's name", "ipparam");
    }

    private static void Add(Dictionary<string, OptionRule> table, OptionUse use, int arguments, string why, string options)
    {
        var rule = new OptionRule(arguments, use, why);
        foreach (var option in options.Split(' '))
            table[option] = option is "bsdcomp" or "deflate" ? rule with { Arguments = 1 } : rule;
    }
}
