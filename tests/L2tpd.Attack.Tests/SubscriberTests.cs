using System.Diagnostics;
using System.Globalization;
using System.Net;
using L2tpd.Control;

namespace L2tpd.Attack.Tests;

/// <summary>
/// The attacks of a subscriber behind an honest LAC: forged sources, endless restarts of the negotiation, no authentication, and any user
/// name.
/// </summary>
public sealed class SubscriberTests(ITestOutputHelper output)
{
    private const string Gateway = "10.0.0.1";

    private const string Lns = """
        listen: 192.0.2.1:1701
        data-plane: userspace
        log: { level: information, format: console }
        hooks: { network-up: "echo ran >> {dir}/hooks; env >> {dir}/environment", session-down: "env >> {dir}/environment" }
        peers:
          anyone:
            secret: opensesame
            lns: { ppp: subscribers }
        ppp:
          subscribers:
            backend: built-in
            auth: pap
            local: 10.0.0.1
            pool: 10.0.0.10-10.0.0.20
            ipv6: true
            users: { alice: { password: wonderland } }

        """;

    [Theory]
    [InlineData("")]
    [InlineData("    interface: { shared: subscr0 }\n")]
    public void Packets_with_the_source_of_another_go_nowhere(string more)
    {
        const int Forged = 500;
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns + more, networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", "opensesame");
        lac.Call();
        var subscriber = new ScriptedSubscriber(lac);
        subscriber.ComeUp("alice", "wonderland", ipv6: true);
        daemon.WaitFor("network is up on ");
        var device = more.Length > 0 ? "subscr0" : "ppp0";
        // An answer would find its way back.
        NamespacePair.Run($"ip -n {link.First} route add 10.77.0.0/16 dev {device}");
        var ours = IPAddress.Parse(NamespacePair.Run($"ip -n {link.First} -6 -o addr show dev {device} scope link")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0]);
        subscriber.SendEcho(subscriber.Address, IPAddress.Parse(Gateway));
        subscriber.SendEcho(subscriber.LinkLocal, ours);
        Assert.True(subscriber.Run(() => subscriber.Answers >= 2, TimeSpan.FromSeconds(10)), "no answer to honest packets");
        var (answered, received) = (subscriber.Answers, Received(link.First, device));

        var honest = 0;
        for (var i = 0; i < Forged; i++)
        {
            subscriber.SendEcho(IPAddress.Parse($"10.77.{i >> 8}.{i & 255}"), IPAddress.Parse(Gateway));
            subscriber.SendEcho(IPAddress.Parse($"fe80::{i + 1:x}"), ours);
            subscriber.SendEcho(IPAddress.Parse($"2001:db8::{i + 1:x}"), ours);
            if (i % 25 != 24)
                continue;
            // Never more in flight than a socket's buffer holds.
            honest++;
            subscriber.SendEcho(subscriber.Address, IPAddress.Parse(Gateway));
            Assert.True(subscriber.Run(() => subscriber.Answers >= answered + honest, TimeSpan.FromSeconds(10)),
                "no answer behind the forged packets");
        }

        subscriber.Run(static () => false, TimeSpan.FromMilliseconds(200));
        Assert.Equal(answered + honest, subscriber.Answers);
        Assert.Equal(received + honest, Received(link.First, device));
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
        daemon.WaitFor($"dropped: {3 * Forged} with a wrong source");
        output.WriteLine($"{3 * Forged} packets with forged sources, IPv4 and IPv6, interface {device}: none reached it");
    }

    [Fact]
    public void Without_the_check_a_forged_packet_passes()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns + "    source-check: false\n", networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", "opensesame");
        lac.Call();
        var subscriber = new ScriptedSubscriber(lac);
        subscriber.ComeUp("alice", "wonderland");
        daemon.WaitFor("network is up on ppp0");
        NamespacePair.Run($"ip -n {link.First} route add 10.77.0.0/16 dev ppp0");
        subscriber.SendEcho(IPAddress.Parse("10.77.0.1"), IPAddress.Parse(Gateway));
        Assert.True(subscriber.Run(() => subscriber.Answers == 1, TimeSpan.FromSeconds(10)), "the forged packet was dropped");
    }

    [Fact]
    public void Starting_over_without_end_costs_ten_rounds_and_few_hooks()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns, networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", "opensesame");
        lac.Call();
        var subscriber = new ScriptedSubscriber(lac);
        subscriber.ComeUp("alice", "wonderland");
        daemon.WaitFor("network is up on ppp0");
        var before = subscriber.Negotiations;
        var watch = Stopwatch.StartNew();
        var requests = 0;
        for (; watch.Elapsed < TimeSpan.FromSeconds(3); requests++)
        {
            subscriber.StartLcp();
            if (!subscriber.Run(() => subscriber.IsLinkUp, TimeSpan.FromMilliseconds(1)))
                continue;
            subscriber.Authenticate("alice", "wonderland");
            subscriber.Run(() => subscriber.IsAuthenticated, TimeSpan.FromMilliseconds(500));
            subscriber.StartNetworks(ipv6: false);
            subscriber.Run(() => subscriber.HasIpv4, TimeSpan.FromMilliseconds(500));
        }

        var rounds = subscriber.Negotiations - before;
        var hooks = File.Exists(Path.Combine(daemon.Directory, "hooks"))
            ? File.ReadAllLines(Path.Combine(daemon.Directory, "hooks")).Length : 0;
        output.WriteLine($"{requests} requests to start over in 3 s: {rounds} rounds of LCP, {hooks} runs of the hook network-up");
        Assert.InRange(rounds, 5, 11);
        Assert.InRange(hooks, 1, 2);
        Assert.Single(daemon.Lines, line => line.Contains("renegotiated the link 10 times", StringComparison.Ordinal));
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
        Assert.Single(daemon.Lines, line => line.Contains("more requests were ignored", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_never_proves_itself_is_gone_in_time_however_often_it_starts_over()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns, networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", "opensesame");
        lac.Call();
        var subscriber = new ScriptedSubscriber(lac);
        var watch = Stopwatch.StartNew();
        while (!subscriber.IsTerminated && watch.Elapsed < TimeSpan.FromSeconds(60))
        {
            subscriber.StartLcp();
            subscriber.Run(() => subscriber.IsTerminated, TimeSpan.FromSeconds(4));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"a subscriber that proves nothing and starts LCP over every 4 s is ended after {watch.Elapsed.TotalSeconds:0.0} s"));
        Assert.InRange(watch.Elapsed.TotalSeconds, 29, 45);
        daemon.WaitFor("the peer did not authenticate itself in time");
    }

    [Fact]
    public async Task A_name_that_turns_text_around_is_escaped_everywhere_and_its_refusal_is_kept()
    {
        const string Name = "adm\u202enimda\u2066\u200b\u00ad\ufeff";
        const string Shown = @"adm\x202enimda\x2066\x200b\xad\xfeff";
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns, networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", "opensesame");
        lac.Call((30, System.Text.Encoding.UTF8.GetBytes(Name)));
        var subscriber = new ScriptedSubscriber(lac);
        Assert.True(subscriber.Run(() => subscriber.Negotiations > 0, TimeSpan.FromSeconds(20)));
        subscriber.StartLcp();
        Assert.True(subscriber.Run(() => subscriber.IsLinkUp, TimeSpan.FromSeconds(20)));
        subscriber.Authenticate(Name, "wrong");
        Assert.True(subscriber.Run(() => subscriber.IsRefused, TimeSpan.FromSeconds(20)));
        daemon.WaitFor($"user {Shown} is refused");

        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        Assert.Equal(1, (await client.StatusAsync()).PppAuthenticationsFailed);
        var history = await client.HistoryAsync(null, null, 100);
        Assert.Contains(history.Items, static entry => entry.Kind == "authentication-failed"
            && entry.Reason.Contains(Shown, StringComparison.Ordinal));
        Assert.True(subscriber.Run(() => subscriber.IsTerminated, TimeSpan.FromSeconds(20)));
        daemon.WaitFor("the peer failed authentication");
        daemon.WaitUntil(() => File.Exists(Path.Combine(daemon.Directory, "environment")), "the hook session-down");
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
        var written = daemon.Output + await File.ReadAllTextAsync(Path.Combine(daemon.Directory, "environment"));
        Assert.DoesNotContain(written, static c => c is '\u202e' or '\u2066' or '\u200b' or '\u00ad' or '\ufeff');
    }

    [Fact]
    public async Task The_L2TP_port_is_open_to_subscribers_until_the_nftables_example_closes_it()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Lns.Replace("192.0.2.1:1701", "0.0.0.0:1701", StringComparison.Ordinal),
            networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", "opensesame");
        lac.Call();
        var subscriber = new ScriptedSubscriber(lac);
        subscriber.ComeUp("alice", "wonderland");
        daemon.WaitFor("network is up on ppp0");
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        Assert.Equal(20, await Knock());

        NamespacePair.Run($"ip netns exec {link.First} nft -f {RepositoryFiles.Root}/config/nftables/subscribers.nft");
        Assert.Equal(20, await Knock());
        output.WriteLine("20 datagrams of a subscriber to the L2TP port: 20 reach the daemon without the rules, none with them");

        // Datagrams that are not L2TP; an answered echo after them shows that all were received.
        async Task<long> Knock()
        {
            var answers = subscriber.Answers;
            for (var i = 0; i < 20; i++)
                subscriber.SendDatagram(12_345, IPAddress.Parse(Gateway), 1_701, "xxxxxxxxxxxx"u8.ToArray());
            subscriber.SendEcho(subscriber.Address, IPAddress.Parse(Gateway));
            Assert.True(subscriber.Run(() => subscriber.Answers > answers, TimeSpan.FromSeconds(10)), "echo requests are not answered");
            // The daemon reads its sockets in turns.
            await Task.Delay(TimeSpan.FromMilliseconds(500));
            var counters = (await client.StatusAsync()).Counters;
            return counters["unknownVersion"] + counters["malformedHeaders"];
        }
    }

    private static long Received(string networkNamespace, string device) => long.Parse(
        NamespacePair.Run($"ip netns exec {networkNamespace} cat /sys/class/net/{device}/statistics/rx_packets"),
        CultureInfo.InvariantCulture);
}
