using L2tpd.Ipsec;
using L2tpd.Ipsec.Connections;
using L2tpd.Ipsec.Vici;

namespace L2tpd.Unit.Tests.Ipsec;

public sealed class ConnectionTests : IViciCommands
{
    private readonly List<string> _sent = [];
    private readonly Queue<ViciSection> _answers = new();
    private readonly ConnectionLoader _loader;

    public ConnectionTests() => _loader = new ConnectionLoader(this, (name, why) => _sent.Add($"{name}: {why}"));

    public bool IsReady { get; set; } = true;

    void IViciCommands.Request(string name, ViciSection arguments, TimeSpan limit, Action<ViciResult> done)
    {
        var what = arguments.Value("id") ?? arguments.Value("name") ?? arguments.Value("flag") ?? arguments.Sections.FirstOrDefault().Name;
        _sent.Add($"{name} {what}".TrimEnd());
        done(ViciResult.Of(_answers.TryDequeue(out var answer) ? answer : new ViciSection()));
    }

    [Fact]
    public void A_connection_that_only_answers_takes_any_client_port_and_has_a_key_for_everybody()
    {
        var connection = Psk() with { HasMarks = true };
        var (command, secret) = connection.LoadCommands().First();
        Assert.Equal("load-shared", command);
        Assert.Empty(secret.Items("owners"));
        var settings = connection.Settings();
        Assert.Equal("1", settings.Value("version"));
        Assert.Equal("never", settings.Value("unique"));
        Assert.Null(settings.Section("local")!.Value("id"));
        Assert.Equal("%any", settings.Section("remote")!.Value("id"));
        var child = settings.Section("children")!.Section("l2tpd-a")!;
        Assert.Equal("transport", child.Value("mode"));
        Assert.Equal(["dynamic[udp/1701]"], child.Items("local_ts"));
        Assert.Equal(["dynamic[udp/any]"], child.Items("remote_ts"));
        Assert.Equal(("%unique", "%unique", null), (child.Value("mark_in"), child.Value("mark_out"), child.Value("start_action")));
    }

    [Fact]
    public void A_dialled_connection_has_a_trap_and_a_key_for_its_peer_only()
    {
        var connection = Psk() with { RemoteAddress = "192.0.2.1", PeerId = "lns.example", HasTrap = true, LocalAddress = "192.0.2.2" };
        Assert.Equal(["lns.example", "192.0.2.1"], connection.LoadCommands().First().Arguments.Items("owners"));
        var settings = connection.Settings();
        Assert.Equal(["192.0.2.2"], settings.Items("local_addrs"));
        Assert.Equal(["192.0.2.1"], settings.Items("remote_addrs"));
        Assert.Equal("trap", settings.Section("children")!.Section("l2tpd-a")!.Value("start_action"));
        Assert.Equal("replace", settings.Value("unique"));
    }

    [Fact]
    public void Certificates_and_key_are_loaded_before_the_connection()
    {
        var connection = Psk() with { Psk = null, Certificates = ["CERT", "BETWEEN"], PrivateKey = [1], Authorities = ["CA"], Version = 2 };
        Assert.Equal(["load-cert", "load-cert", "load-cert", "load-key", "load-conn"], connection.LoadCommands().Select(c => c.Command));
        var settings = connection.Settings();
        Assert.Equal("pubkey", settings.Section("local")!.Value("auth"));
        Assert.Equal(["CERT"], settings.Section("local")!.Items("certs"));
        Assert.Equal(["CA"], settings.Section("remote")!.Items("cacerts"));
        Assert.Null(settings.Value("dpd_timeout"));
    }

    [Fact]
    public void A_secret_is_in_no_text() => Assert.DoesNotContain("secret", Psk().ToString(), StringComparison.Ordinal);

    [Fact]
    public void What_is_loaded_is_not_loaded_again_until_it_changes()
    {
        _loader.Load(Psk());
        _loader.Load(Psk());
        Assert.Equal(["load-shared l2tpd-a", "load-conn l2tpd-a"], _sent);
        _loader.Load(Psk() with { Psk = [9] });
        Assert.Equal(4, _sent.Count);
    }

    [Fact]
    public void An_unloaded_connection_takes_its_key_with_it()
    {
        _loader.Load(Psk());
        _sent.Clear();
        _loader.Unload("l2tpd-a");
        _loader.Unload("l2tpd-a");
        Assert.Equal(["unload-conn l2tpd-a", "unload-shared l2tpd-a"], _sent);
    }

    [Fact]
    public void A_private_key_is_unloaded_when_no_connection_has_it_any_more()
    {
        LoadWithKey("l2tpd-a", "k1");
        LoadWithKey("l2tpd-b", "k1");
        LoadWithKey("l2tpd-b", "k2");
        LoadWithKey("l2tpd-b", "k3");
        Assert.Equal(["unload-key k2"], Unloaded());
        _loader.Unload("l2tpd-a");
        Assert.Equal(["unload-conn l2tpd-a", "unload-key k1"], Unloaded());
        _loader.UnloadAll();
        Assert.Equal(["unload-conn l2tpd-b", "unload-key k3"], Unloaded());
    }

    [Fact]
    public void After_a_restart_of_strongswan_what_is_not_wanted_goes_and_the_rest_comes()
    {
        IsReady = false;
        _loader.Load(Psk());
        Assert.Empty(_sent);
        IsReady = true;
        _answers.Enqueue(new ViciSection().Add("conns", ["l2tpd-a", "l2tpd-old", "office"]));
        _answers.Enqueue(new ViciSection());
        _answers.Enqueue(new ViciSection().Add("keys", ["l2tpd-old", "ike-all"]));
        _loader.LoadAll();
        Assert.Equal(["get-conns", "unload-conn l2tpd-old", "get-shared", "unload-shared l2tpd-old", "load-shared l2tpd-a",
            "load-conn l2tpd-a"], _sent);
    }

    [Fact]
    public void A_connection_that_strongswan_refuses_is_reported_with_the_command()
    {
        string? told = null;
        _answers.Enqueue(new ViciSection());
        _answers.Enqueue(new ViciSection().Add("success", "no").Add("errmsg", "invalid value for: proposals, config discarded"));
        _loader.Load(Psk(), error => told = error);
        Assert.Equal("load-conn: invalid value for: proposals, config discarded", told);
        Assert.Equal("l2tpd-a: " + told, _sent[^1]);
    }

    [Fact]
    public void Peers_that_fail_are_reported_once_with_their_address_and_not_without_end()
    {
        var failures = new PeerFailures();
        Assert.Null(Take(failures, "1", "192.0.2.1 is initiating a Main Mode IKE_SA", 0));
        Assert.Null(Take(failures, "1", "received DPD vendor ID", 0));
        Assert.Equal(("192.0.2.1", "the pre-shared keys of the two ends differ"), Take(failures, "1", "could not decrypt payloads", 0));
        Assert.Null(Take(failures, "1", "could not decrypt payloads", 0));
        Assert.Equal("an unknown peer", Take(failures, "2", "could not decrypt payloads", 0)?.Peer);
        var reported = Enumerable.Range(0, 1_000_000 / 1_000).Count(_ => Take(failures, "", "no proposal found", 0) is not null);
        Assert.Equal(PeerFailures.MostPerSecond - 2, reported);
        Assert.NotNull(Take(failures, "", "no proposal found", 1_000));
    }

    [Fact]
    public void A_failed_dial_of_ours_is_no_failed_peer()
    {
        ViciPacket.TryParse(Log("4", "could not decrypt payloads", "l2tpd-dial-hq"), out var packet);
        Assert.Null(new PeerFailures().Take(packet, 0));
    }

    [Fact]
    public void A_million_lines_of_the_log_cost_no_memory()
    {
        var failures = new PeerFailures();
        var octets = Log("7", "parsed ID_PROT request 0 [ SA V V V V V ]");
        const long most = 16 * 1_024;
        Assert.InRange(Allocations.Of(Flood, most), 0, most);

        void Flood()
        {
            for (var i = 0; i < 1_000_000; i++)
            {
                ViciPacket.TryParse(octets, out var packet);
                failures.Take(packet, 0);
            }
        }
    }

    private void LoadWithKey(string name, string key)
    {
        _answers.Enqueue(new ViciSection().Add("success", "yes").Add("id", key));
        _loader.Load(Psk() with { Name = name, Psk = null, PrivateKey = [(byte)key[1]] });
    }

    private IEnumerable<string> Unloaded()
    {
        var unloaded = _sent.Where(static one => one.StartsWith("unload", StringComparison.Ordinal)).ToArray();
        _sent.Clear();
        return unloaded;
    }

    private static IkeConnection Psk() => new()
    {
        Name = "l2tpd-a",
        LocalSelector = "udp/1701",
        RemoteSelector = "udp/any",
        Psk = [.. "secret"u8],
    };

    private static (string Peer, string Why)? Take(PeerFailures failures, string id, string line, long now)
    {
        ViciPacket.TryParse(Log(id, line), out var packet);
        return failures.Take(packet, now);
    }

    private static byte[] Log(string id, string line, string name = "l2tpd-listen-a") => ViciWriter.Packet(
        ViciPacketType.Event, "log",
        new ViciSection().Add("ikesa-name", name).Add("ikesa-uniqueid", id).Add("msg", line))[4..];
}
