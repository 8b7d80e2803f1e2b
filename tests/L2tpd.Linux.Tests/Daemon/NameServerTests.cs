namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Name servers that the LNS sends: in hooks, l2tpctl and this machine's resolver, and removed again after the daemon was killed.
/// </summary>
public sealed class NameServerTests : IDisposable
{
    private const string Lns = "198.18.0.1";
    private const string Former = "search example.net\nnameserver 192.0.2.53\noptions edns0\n";

    private readonly NamespacePair _pair = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-dns-").FullName;
    private readonly string _etc;

    public NameServerTests()
    {
        NamespacePair.Run($"ip -n {_pair.Second} addr add {Lns}/32 dev lo; ip -n {_pair.First} route add default via 192.0.2.2 metric 100");
        // `ip netns exec` mounts the files of this directory over those of /etc.
        _etc = $"/etc/netns/{_pair.First}";
        Directory.CreateDirectory(_etc);
        File.WriteAllText(ResolvConf, Former);
        // One write per call: hooks write to the same file.
        Program("resolvconf", "input=$(cat); printf '%s\\n' \"resolvconf $*\" \"$input\" >> {dir}/calls");
        Program("resolvectl", "echo \"resolvectl $*\" >> {dir}/calls");
        Program("hook", "echo \"hook $L2TPD_EVENT $L2TPD_NAME_SERVERS\" >> {dir}/calls");
    }

    private string ResolvConf => $"{_etc}/resolv.conf";

    private string Calls => File.Exists($"{_directory}/calls") ? File.ReadAllText($"{_directory}/calls") : "";

    [Theory]
    [InlineData(15)]
    [InlineData(9)]
    public void The_file_is_put_back_whatever_ends_the_daemon(int signal)
    {
        using var lns = Server();
        using (var lac = Client("dns: file"))
        {
            lac.WaitFor("network is up on ppp0");
            lac.WaitUntil(() => File.ReadAllText(ResolvConf)
                .Contains("nameserver 10.99.0.53\nnameserver 10.99.0.54\n", StringComparison.Ordinal), "the name servers");
            Assert.DoesNotContain("192.0.2.53", File.ReadAllText(ResolvConf), StringComparison.Ordinal);
            Assert.Contains("search example.net", File.ReadAllText(ResolvConf), StringComparison.Ordinal);
            lac.WaitUntil(() => Calls.Contains("hook network-up 10.99.0.53 10.99.0.54", StringComparison.Ordinal), "the hook");
            lac.Signal(signal);
            lac.WaitForExit();
        }

        if (signal == 9)
        {
            using var next = Start("listen: 127.0.0.1:1701\npeers: { any: { secret: s } }\n");
            next.WaitUntil(() => File.ReadAllText(ResolvConf) == Former, "the former file");
        }

        Assert.Equal(Former, File.ReadAllText(ResolvConf));
        Assert.Empty(Directory.GetFiles(_directory, "state*"));
    }

    [Fact]
    public void A_file_that_somebody_else_has_written_since_is_left_alone()
    {
        using var lns = Server();
        using var lac = Client("dns: file");
        lac.WaitUntil(() => File.ReadAllText(ResolvConf).Contains("10.99.0.53", StringComparison.Ordinal), "the name servers");
        File.WriteAllText(ResolvConf, "nameserver 203.0.113.1\n");
        lac.Signal(15);
        lac.WaitForExit();
        Assert.Equal("nameserver 203.0.113.1\n", File.ReadAllText(ResolvConf));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(9)]
    public void Resolvconf_gets_a_record_of_the_interface_and_loses_it(int signal)
    {
        using var lns = Server();
        using (var lac = Client("dns: resolvconf"))
        {
            lac.WaitUntil(() => Calls.Contains("resolvconf -a ppp0.l2tpd\nnameserver 10.99.0.53\nnameserver 10.99.0.54\n",
                StringComparison.Ordinal), "the record");
            lac.Signal(signal);
            lac.WaitForExit();
        }

        using var next = Start("listen: 127.0.0.1:1701\npeers: { any: { secret: s } }\n");
        next.WaitUntil(() => Calls.Contains("resolvconf -d ppp0.l2tpd\n", StringComparison.Ordinal), "the record to go");
        next.Signal(15);
        next.WaitForExit();
        Assert.Single(Calls.Split('\n'), "resolvconf -d ppp0.l2tpd");
        Assert.Equal(Former, File.ReadAllText(ResolvConf));
    }

    [Fact]
    public void Resolved_is_told_of_the_interface_and_of_all_names_with_a_default_route()
    {
        using var lns = Server();
        using var lac = Client("dns: resolved, default-route: true");
        lac.WaitUntil(() => Calls.Contains("resolvectl domain ppp0 ~.\n", StringComparison.Ordinal), "resolvectl");
        Assert.Contains("resolvectl dns ppp0 10.99.0.53 10.99.0.54\n", Calls, StringComparison.Ordinal);
        Assert.Equal(Former, File.ReadAllText(ResolvConf));
    }

    [Fact]
    public async Task Without_dns_the_name_servers_are_shown_and_nothing_is_changed()
    {
        using var lns = Server();
        using var lac = Client("request-dns: true");
        lac.WaitFor("network is up on ppp0");
        using var client = new L2tpd.Control.ControlClient(Path.Combine(lac.Directory, "control.sock"));
        var sessions = await client.SessionsAsync(null, null, 1, CancellationToken.None);
        Assert.Equal(["10.99.0.53", "10.99.0.54"], Assert.Single(sessions.Items).NameServers!);
        Assert.Equal(Former, File.ReadAllText(ResolvConf));
    }

    public void Dispose()
    {
        _pair.Dispose();
        Directory.Delete(_directory, recursive: true);
        Directory.Delete(_etc, recursive: true);
    }

    private void Program(string name, string script)
    {
        File.WriteAllText($"{_directory}/{name}", $"#!/bin/sh\n{script.Replace("{dir}", _directory)}\n");
        NamespacePair.Run($"chmod 755 {_directory}/{name}");
    }

    private DaemonProcess Server() => DaemonProcess.Start(
        "data-plane: userspace\nlog: { level: information, format: console }\nlisten: 0.0.0.0:1701\npeers: { any: { secret: test, "
            + "lns: { ppp: "
        + "{ backend: built-in, auth: chap, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.20, dns: [10.99.0.53, 10.99.0.54], interface: { "
            + "shared: ppptest0 }, users: { test: { password: test } } } } } }\n",
        networkNamespace: _pair.Second);

    private DaemonProcess Client(string ppp) => Start(
        $"hooks: {{ network-up: {_directory}/hook }}\n"
        + $"tunnels: {{ t: {{ lns: {Lns}, secret: test, sessions: {{ s: {{ ppp: {{ backend: built-in, user: test, password: test, {ppp} "
            + $"}} }} }} }} }}\n");

    /// <summary>
    /// In the first namespace, with this test's programs before those of the system, and with the notes in its directory.
    /// </summary>
    private DaemonProcess Start(string yaml) => DaemonProcess.Start(
        $"data-plane: userspace\nlog: {{ level: information, format: console }}\n{yaml}", shellPrefix: $"PATH={_directory}:$PATH",
        networkNamespace: _pair.First, stateFile: $"{_directory}/state");
}
