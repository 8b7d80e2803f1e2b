using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Ppp;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// Rates of subscribers. No test needs a rate to be reached, which a loaded machine could not promise: what passes must not be more than
/// the burst and the rate in the time that it took.
/// </summary>
public sealed partial class RateTests
{
    private const int Packets = 4_000;
    private const int PacketOctets = 1_028;
    private const long Rate = 1_000_000;
    private const long Burst = Rate / 8 / 2;

    [Theory]
    [InlineData("up: 1M")]
    [InlineData("down: 1M")]
    public void Userspace_passes_no_more_than_the_rate(string rate)
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(
            "listen: 0.0.0.0\ndata-plane: userspace\nlog: { level: information, format: console }\n"
                + "peers: { any: { secret: test, lns: { ppp: s } } }\n"
                + "ppp: { s: { backend: built-in, interface: { shared: rates0 }, auth: chap, local: 10.99.0.1, pool: 10.99.0.2, users: { "
                + $"test: {{ password: test, rate: {{ {rate} }} }} }} }} }}\n", networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            "data-plane: userspace\nlog: { level: information, format: console }\n"
                + "tunnels: { t: { lns: 192.0.2.2, secret: test, sessions: { s: { ppp: { backend: built-in, user: test, password: test } } "
                + "} } }\n", networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0");
        lns.WaitFor("network is up on rates0");
        NamespacePair.Ping(pair.First, "10.99.0.1");

        var watch = Stopwatch.StartNew();
        var output = NamespacePair.Run(
            $"ip netns exec {pair.First} ping -q -n -c {Packets} -l {Packets} -s {PacketOctets - 28} -W 1 10.99.0.1 || true");
        var most = Burst + Rate / 8 * (watch.ElapsedMilliseconds + 1) / 1_000;
        var received = int.Parse(Received().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange((long)received * PacketOctets, Burst / 2, most);
        // The bound above must be able to fail: more was sent.
        Assert.True(most < (long)Packets * PacketOctets, $"the pings took {watch.Elapsed}");
        lns.Signal(DaemonProcess.Term);
        Assert.Equal(0, lns.WaitForExit());
        Assert.Matches("[1-9][0-9]* above a rate", lns.Output);
    }

    [Fact]
    public void Traffic_control_limits_an_interface_changes_the_limit_and_removes_it()
    {
        RtNetlink.TryOpen(out var netlink).ThrowIfError();
        using var open = netlink;
        TunTap.TryOpen("l2tprate%d", tap: false, offloads: false, out var tun).ThrowIfError();
        using var device = tun!;
        var rates = new InterfaceRates();
        var control = netlink!;
        Assert.True(rates.Apply(control, device.Name, new SessionRates(null, new RateLimit(20_000_000, 0)), out var module).IsNone, module);
        Assert.Contains("qdisc tbf 4c32: root", Qdisc(device.Name), StringComparison.Ordinal);
        Assert.Contains("rate 20Mbit burst 50000b", Qdisc(device.Name), StringComparison.Ordinal);
        Assert.True(rates.Apply(control, device.Name, new SessionRates(null, new RateLimit(5_000_000, 99_000)), out _).IsNone);
        Assert.Contains("rate 5Mbit burst 99000b", Qdisc(device.Name), StringComparison.Ordinal);
        Assert.True(rates.Apply(control, device.Name, SessionRates.None, out _).IsNone);
        Assert.DoesNotContain("tbf", Qdisc(device.Name), StringComparison.Ordinal);

        // Some kernels have no police action: then the module has a name, and the other direction its limit.
        var error = rates.Apply(
            control, device.Name, new SessionRates(new RateLimit(8_000_000, 0), new RateLimit(4_000_000, 0)), out module);
        Assert.Contains("rate 4Mbit", Qdisc(device.Name), StringComparison.Ordinal);
        Assert.Equal(error.IsNone, module is null);
        if (error.IsNone)
            Assert.Contains("police", NamespacePair.Run($"tc filter show dev {device.Name} ingress"), StringComparison.Ordinal);
        else
            Assert.Equal("cls_matchall or act_police", module);
    }

    private static string Qdisc(string name) => NamespacePair.Run($"tc qdisc show dev {name}");

    [GeneratedRegex("([0-9]+) received")]
    private static partial Regex Received();
}
