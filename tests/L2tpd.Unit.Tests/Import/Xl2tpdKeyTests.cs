using L2tpd.Import.Xl2tpd;

namespace L2tpd.Unit.Tests.Import;

/// <summary>Every key of xl2tpd.conf(5), and those that only its source has: what becomes of each.</summary>
public sealed class Xl2tpdKeyTests
{
    private const string Lost = "NOT CARRIED OVER: ";
    private const string Needless = "Not needed: ";

    // Section, line, and what must be in the YAML.
    private static readonly (string Section, string Line, string Yaml)[] Table =
    [
        ("global", "listen-addr = 192.0.2.1", "listen: \"192.0.2.1:1701\""),
        ("global", "port = 1702", "listen: \"0.0.0.0:1702\""),
        ("global", "auth file = DIR/other-secrets", "secret: other"),
        ("global", "access control = yes", Lost + "the section [lns default]"),
        ("global", "max retries = 7", "max-retransmits: 7"),
        ("global", "cap backoff = 20", "retransmit-cap: 20s"),
        ("global", "force userspace = yes", "data-plane: userspace"),
        ("global", "debug avp = yes", "level: debug"),
        ("global", "debug network = yes", "level: debug"),
        ("global", "debug state = yes", "level: debug"),
        ("global", "debug tunnel = yes", "level: debug"),
        ("global", "debug packet = yes", Lost + "debug packet = yes"),
        ("global", "rand source = dev", Needless + "rand source = dev"),
        ("global", "ipsec saref = yes", Lost + "ipsec saref = yes"),
        ("global", "saref refinfo = 30", Lost + "saref refinfo = 30"),
        ("lns", "exclusive = yes", Lost + "exclusive = yes"),
        ("lns", "ip range = 10.1.0.2-10.1.0.9", "pool: [10.1.0.2-10.1.0.9, 192.168.0.10-192.168.0.20]"),
        ("lns", "no ip range = 192.168.0.12-192.168.0.13", "pool: [192.168.0.10-192.168.0.11, 192.168.0.14-192.168.0.20]"),
        ("lns", "assign ip = no", "assign ip = no: addresses come from secrets files or RADIUS."),
        ("lns", "lac = 192.0.2.1", Needless + "lac, no lac in [lns default]"),
        ("lns", "no lac = 192.0.2.1", Needless + "lac, no lac in [lns default]"),
        ("lns", "local ip range = 192.168.9.1-192.168.9.9", Lost + "local ip range = 192.168.9.1-192.168.9.9"),
        ("lns", "unix authentication = yes", "options: [login]"),
        ("lns", "unix auth = yes", "options: [login]"),
        ("lns", "local ip = 192.168.0.11", "local: 192.168.0.11"),
        ("lns", "hidden bit = yes", "hide-avps: true"),
        ("lns", "length bit = yes", Needless + "length bit = yes"),
        ("lns", "require pap = yes", "auth: [pap]"),
        ("lns", "require chap = yes", "auth: [chap]"),
        ("lns", "require authentication = yes", "auth: [mschap-v2, chap, pap]"),
        ("lns", "require auth = yes", "auth: [mschap-v2, chap, pap]"),
        ("lns", "refuse pap = yes", Needless + "refuse pap"),
        ("lns", "refuse chap = yes", Needless + "refuse chap"),
        ("lns", "refuse authentication = yes", Needless + "refuse pap, refuse chap"),
        ("lns", "refuse auth = yes", Needless + "refuse pap, refuse chap"),
        ("lns", "name = vpn", "name: vpn"),
        ("lns", "hostname = lns-1", "host-name: lns-1"),
        ("lns", "ppp debug = yes", Lost + "debug"),
        ("lns", "pass peer = yes", Lost + "pass peer = yes"),
        ("lns", "pppoptfile = DIR/options", "mtu: 1410"),
        ("lns", "call rws = 10", Needless + "call rws = 10"),
        ("lns", "tunnel rws = 8", "receive-window: 8"),
        ("lns", "flow bit = yes", Lost + "flow bit = yes"),
        ("lns", "challenge = yes", "    secret: sesame\n    lns:"),
        ("lns", "tx bps = 1000000", Lost + "tx bps = 1000000"),
        ("lns", "rx bps = 1000000", Lost + "rx bps = 1000000"),
        ("lns", "bps = 1000000", Lost + "bps = 1000000"),
        ("lac", "lns = lns2.example.net:1702", "lns: [lns.example.net, \"lns2.example.net:1702\"]"),
        ("lac", "autodial = yes", "  up:\n    lns:"),
        ("lac", "redial = yes", "persist: true\n    backoff: { initial: 30s, maximum: 30s, jitter: 0 }"),
        ("lac", "redial = yes\nredial timeout = 15", "backoff: { initial: 15s, maximum: 15s, jitter: 0 }"),
        ("lac", "max redials = 5", Lost + "max redials = 5"),
        ("lac", "defaultroute = yes", "default-route: true"),
        ("lac", "local ip = 10.2.0.1", "local: 10.2.0.1"),
        ("lac", "remote ip = 10.2.0.2", "remote: 10.2.0.2"),
        ("lac", "hidden bit = yes", "hide-avps: true"),
        ("lac", "length bit = yes", Needless + "length bit = yes"),
        ("lac", "require pap = yes", Needless + "require pap"),
        ("lac", "require chap = yes", Needless + "require chap"),
        ("lac", "require authentication = yes", Lost + "the peer must authenticate itself"),
        ("lac", "refuse pap = yes", "auth: [eap, mschap-v2, mschap, chap]"),
        ("lac", "refuse chap = yes", "auth: [eap, mschap-v2, mschap, pap]"),
        ("lac", "refuse authentication = yes", "auth: [eap, mschap-v2, mschap]"),
        ("lac", "refuse auth = yes", "auth: [eap, mschap-v2, mschap]"),
        ("lac", "require auth = yes", Lost + "the peer must authenticate itself"),
        ("lac", "name = alice", "user: alice"),
        ("lac", "hostname = site-1", "host-name: site-1"),
        ("lac", "ppp debug = yes", "options: [debug]"),
        ("lac", "pass peer = yes", Lost + "pass peer = yes"),
        ("lac", "pppoptfile = DIR/options", "mtu: 1410"),
        ("lac", "call rws = 10", Needless + "call rws = 10"),
        ("lac", "tunnel rws = 8", "receive-window: 8"),
        ("lac", "flow bit = yes", Lost + "flow bit = yes"),
        ("lac", "challenge = yes", "    secret: sesame\n"),
        ("lac", "tx bps = 1000000", "tx-connect-speed: 1000000"),
        ("lac", "rx bps = 1000000", "rx-connect-speed: 1000000"),
        ("lac", "bps = 2000000", "rx-connect-speed: 2000000"),
    ];

    public static TheoryData<string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var (section, line, yaml) in Table)
            rows.Add(section, line, yaml);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_key_becomes(string section, string line, string yaml)
    {
        using var run = new ImportRun().With("secrets", "* * sesame\n").With("other-secrets", "* * other\n")
            .With("options", "mtu 1410\n").With("chap-secrets", "bob * secret *\n");
        var file = section switch
        {
            "global" => line.StartsWith("auth file", StringComparison.Ordinal) ? "[global]\n" : "[global]\nauth file = DIR/secrets\n",
            _ => "[global]\nauth file = DIR/secrets\n",
        };
        var lns = section == "lac" ? "" : "[lns default]\nip range = 192.168.0.10-192.168.0.20\n"
            + (line.StartsWith("local ip", StringComparison.Ordinal) ? "" : "local ip = 192.168.0.1\n")
            + (line.StartsWith("require", StringComparison.Ordinal) ? "require authentication = yes\n" : "");
        var lac = section == "lac" ? "[lac up]\nlns = lns.example.net\n" : "";
        var (made, _) = run.Good(section == "global" ? file + line + "\n" + lns : file + lns + lac + line + "\n");
        Assert.Contains(yaml, Joined(made), StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_every_key_of_the_importer_in_every_section()
    {
        var tried = Table.SelectMany(static row => row.Line.Split('\n').Select(line => (row.Section, Key: line.Split('=')[0].Trim())))
            .ToHashSet();
        var known = from rule in KeyTable.All
                    from section in Enum.GetValues<Sections>()
                    where section != Sections.None && rule.Value.Sections.HasFlag(section)
                    select (section.ToString().ToLowerInvariant(), rule.Key);
        Assert.Equal(known.Order(), tried.Order());
    }

    // The names in xl2tpd.conf(5) of 1.3.18; (no) and (refuse | require) written out, `flow bits` as its source has it.
    [Theory]
    [InlineData("auth file, ipsec saref, saref refinfo, listen-addr, port, access control, debug avp, debug network, debug packet, "
        + "debug state, debug tunnel, max retries, exclusive, ip range, no ip range, assign ip, lac, no lac, hidden bit, local ip, "
        + "local ip range, length bit, refuse chap, require chap, refuse pap, require pap, refuse authentication, require authentication, "
        + "unix authentication, hostname, ppp debug, pass peer, pppoptfile, call rws, tunnel rws, flow bit, challenge, rx bps, tx bps, "
        + "lns, autodial, redial, redial timeout, max redials")]
    public void The_importer_knows_every_key_of_the_manual_page(string keys) =>
        Assert.Empty(keys.Split(", ").Except(KeyTable.All.Keys));

    // Long comments are wrapped.
    private static string Joined(string yaml) => System.Text.RegularExpressions.Regex.Replace(yaml, @"\n *#   (?=\S)", " ");
}
