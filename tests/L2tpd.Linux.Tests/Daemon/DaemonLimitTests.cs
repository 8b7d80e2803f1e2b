using System.Text;
using L2tpd.Engine.Events;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Many descriptors, and the end of them.</summary>
public sealed class DaemonLimitTests
{
    /// <summary>What a daemon run by the framework's host has open besides sockets of tunnels: assemblies mostly.</summary>
    private const int OwnDescriptors = 300;

    [Fact]
    public void More_than_1024_descriptors_are_no_limit()
    {
        const int Tunnels = 1_500;
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start(LacWith(Tunnels, lns.Port));
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Count() >= Tunnels, $"{Tunnels} tunnels", 120);
        Assert.InRange(daemon.CountDescriptors(), Tunnels, Tunnels + OwnDescriptors);
        daemon.Signal(DaemonProcess.Term);
        lns.RunUntil(() => lns.Engine.Tunnels.Count == 0, "all tunnels closed", 120);
        Assert.Equal(0, daemon.WaitForExit());
    }

    [Fact]
    public void At_the_descriptor_limit_tunnels_fail_with_one_clear_line_and_the_rest_goes_on()
    {
        const int Limit = 600;
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start(LacWith(1_000, lns.Port), shellPrefix: $"ulimit -n {Limit};");
        daemon.WaitFor("No descriptors left");
        // What could be had, less what the daemon keeps back and uses itself.
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Count() >= Limit - OwnDescriptors, "tunnels within the limit");
        Assert.Single(daemon.Lines, line => line.Contains("No descriptors left"));
        Assert.InRange(daemon.CountDescriptors(), Limit - OwnDescriptors, Limit);
        daemon.Signal(DaemonProcess.Term);
        lns.RunUntil(() => lns.Engine.Tunnels.Count == 0, "all tunnels closed");
        Assert.Equal(0, daemon.WaitForExit());
    }

    private static string LacWith(int tunnels, int port)
    {
        var yaml = new StringBuilder("data-plane: \"null\"\ntunnels:\n");
        for (var i = 0; i < tunnels; i++)
            yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"  t{i}: {{ lns: \"127.0.0.1:{port}\" }}\n");
        return yaml.ToString();
    }
}
