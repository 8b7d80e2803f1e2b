using System.Diagnostics;
using L2tpd.Control;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The whole daemon with charon-systemd itself: what it waits for, what it loads, and what it leaves. Needs root.</summary>
public sealed class StrongSwanDaemonTests : IDisposable
{
    private readonly NamespacePair _link = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-swan-").FullName;

    [Fact]
    public async Task A_dialled_tunnel_waits_for_strongswan_in_words_and_goes_on_when_it_is_there()
    {
        if (!Charon.IsInstalled)
            return;
        using var late = new Charon(_link.First);
        late.Kill();
        File.Delete(late.Socket);
        using var daemon = DaemonProcess.Start($$"""
            data-plane: "null"
            strongswan: { socket: {{late.Socket}} }
            log: { level: information, format: console }
            tunnels: { hq: { lns: 192.0.2.2, ipsec: { psk: k } } }

            """, networkNamespace: _link.First);
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        daemon.WaitUntil(() => client.TunnelAsync("hq").GetAwaiter().GetResult().Problem is not null, "the wait is said");
        const string Wait = "IPsec with 192.0.2.2 waits for strongSwan: cannot connect to ";
        Assert.StartsWith(Wait, (await client.TunnelAsync("hq")).Problem, StringComparison.Ordinal);
        var summary = (await client.ExplainAsync("hq")).Summary;
        Assert.Contains("strongSwan is not reached: cannot connect to ", summary, StringComparison.Ordinal);
        Assert.DoesNotContain("Tunnel hq failed", daemon.Output, StringComparison.Ordinal);
        late.Start();
        // Nobody answers IKE there: it is tried, and fails in words.
        daemon.WaitFor("strongSwan is reached");
        daemon.WaitFor("IPsec with 192.0.2.2: the peer does not answer");
    }

    [Fact]
    public void What_the_daemon_loaded_is_unloaded_when_it_stops_and_what_is_not_its_stays()
    {
        if (!Charon.IsInstalled)
            return;
        using var charon = new Charon(_link.First);
        var swanctl = Path.Combine(_directory, "swanctl.conf");
        File.WriteAllText(swanctl, "connections { office { remote_addrs = 192.0.2.9\n local { auth = psk }\n remote { auth = psk } } }\n");
        var known = DaemonWait(() => Swan(charon, $"--load-conns --file {swanctl}").Contains("loaded 1", StringComparison.Ordinal));
        Assert.True(known, charon.Log);
        using var daemon = DaemonProcess.Start($$"""
            data-plane: "null"
            strongswan: { socket: {{charon.Socket}} }
            log: { level: information, format: console }
            listen: { address: 192.0.2.1, ipsec: { psk: one } }
            peers:
              branch: { match: { address: [192.0.2.0/25, 2001:db8::/32] }, ipsec: { psk: two }, lns: { ppp: none } }
              any: { lns: { ppp: none } }

            """, networkNamespace: _link.First);
        string[] expected = ["l2tpd-listen-192-0-2-1-1701", "l2tpd-peer-branch-1701", "office"];
        daemon.WaitUntil(() => Names(charon).SequenceEqual(expected), "both connections");
        Assert.DoesNotContain("does not take", daemon.Output, StringComparison.Ordinal);
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
        Assert.Equal(["office"], Names(charon));
    }

    [Theory]
    [InlineData("two", "the kernel refuses the security association")]
    [InlineData("one", "the pre-shared keys of the two ends differ")]
    public void The_key_of_a_profile_is_chosen_by_the_peers_address(string psk, string expected)
    {
        // The kernel here has no ESP: IKE that got so far has authenticated both ends.
        if (!Charon.IsInstalled || Directory.Exists("/sys/module/esp4"))
            return;
        using Charon ours = new(_link.First), theirs = new(_link.Second);
        using var lns = DaemonProcess.Start($$"""
            data-plane: "null"
            strongswan: { socket: {{ours.Socket}} }
            listen: { address: 192.0.2.1, ipsec: { psk: one } }
            peers:
              branch: { match: { address: 192.0.2.0/25 }, ipsec: { psk: two }, lns: { ppp: none } }
              any: { lns: { ppp: none } }

            """, networkNamespace: _link.First);
        lns.WaitUntil(() => Names(ours).Length == 2, "both connections");
        using var lac = DaemonProcess.Start($$"""
            data-plane: "null"
            strongswan: { socket: {{theirs.Socket}} }
            log: { level: information, format: console }
            tunnels: { hq: { lns: 192.0.2.1, ipsec: { psk: {{psk}} } } }

            """, networkNamespace: _link.Second);
        lac.WaitFor(expected);
    }

    public void Dispose()
    {
        _link.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static bool DaemonWait(Func<bool> condition) => SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20));

    private static string[] Names(Charon charon) =>
    [
        .. Swan(charon, "--list-conns").Split('\n').Where(static line => line.Length > 0 && !char.IsWhiteSpace(line[0]))
            .Select(static line => line[..line.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal),
    ];

    private static string Swan(Charon charon, string command)
    {
        using var process = Process.Start(new ProcessStartInfo("swanctl", $"{command} --uri unix://{charon.Socket}")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
