using System.Text;
using L2tpd.Engine.Events;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Many descriptors, and the limit of them.</summary>
public sealed class DaemonLimitTests
{
    /// <summary>The descriptors of a daemon in the framework's host, other than tunnels' sockets: mostly assemblies.</summary>
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
        daemon.WaitFor("open files is reached");
        // The limit, without what the daemon reserves and uses itself.
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Count() >= Limit - OwnDescriptors, "tunnels within the limit");
        Assert.Single(daemon.Lines, line => line.Contains("open files is reached"));
        Assert.InRange(daemon.CountDescriptors(), Limit - OwnDescriptors, Limit);
        daemon.Signal(DaemonProcess.Term);
        lns.RunUntil(() => lns.Engine.Tunnels.Count == 0, "all tunnels closed");
        Assert.Equal(0, daemon.WaitForExit());
    }

    [Fact]
    public void Thirty_thousand_tunnels_on_the_null_data_plane_need_no_descriptor_and_little_memory()
    {
        const int Tunnels = 30_000;
        const int APeer = 1_000;
        const long MostOctets = 500_000_000;
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start($"data-plane: \"null\"\nlisten: 127.0.0.1:{port}\nlog: {{ level: warning "
            + $"}}\n{OutOfTheWay}peers: {{ any: {{ secret: test }} }}\n", waitFor: null);
        daemon.WaitUntil(() => File.Exists(Path.Combine(daemon.Directory, "control.sock")), "started");
        var before = 0;
        var lacs = new List<EnginePeer>();
        try
        {
            // One LAC after the other: the daemon sets the pace.
            for (var up = 0; up < Tunnels; up += APeer)
            {
                var lac = EnginePeer.LacWith(APeer, port);
                lacs.Add(lac);
                lac.RunUntil(() => lac.Engine.Counters.TunnelsEstablished == APeer, $"tunnels {up} to {up + APeer}", 120);
                // With the first thousand the runtime also opens the files that it needs.
                before = before == 0 ? daemon.CountDescriptors() : before;
            }

            Assert.InRange(daemon.CountDescriptors(), 1, before + 20);
            Assert.InRange(daemon.ResidentOctets(), 1, MostOctets);
        }
        finally
        {
            lacs.ForEach(lac => lac.Dispose());
        }
    }

    [Fact]
    public void A_flood_of_half_open_tunnels_is_a_few_lines()
    {
        const int Flood = 300;
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(
            $"data-plane: \"null\"\nlisten: 127.0.0.1:{port}\n{OutOfTheWay}"
            + "timers: { tunnel-setup: 1s }\npeers: { any: { secret: test } }\n");
        using var lac = EnginePeer.LacWith(Flood, port);
        lac.Ask();
        // It sends an SCCRQ and nothing after it.
        daemon.WaitFor("more lines about the ends of half-open tunnels were not logged");
        Assert.InRange(daemon.Lines.Count(line => line.Contains("was not completed")), 1, 10);
        Assert.DoesNotContain(daemon.Lines, line => line.Contains(" 0 more"));
    }

    [Fact]
    public void What_admission_drops_is_said_in_one_line_every_ten_seconds()
    {
        var port = DaemonProcess.FreePort();
        using var daemon = DaemonProcess.Start(
            $"data-plane: \"null\"\nlisten: 127.0.0.1:{port}\nlimits: {{ sccrq-rate-per-source: 1, sccrq-burst-per-source: 5 }}\npeers: "
                + $"{{ any: {{ lns: {{ ppp: none }} }} }}\n");
        // It asks for authentication, which is refused: beyond the rate in silence.
        using var lac = EnginePeer.LacWith(100, port);
        lac.Turn();
        Assert.Matches(@"\d+ requests for tunnels dropped in the last 10 s: over the rate", daemon.WaitFor("requests for tunnels dropped"));
        Assert.Single(daemon.Lines, line => line.Contains("requests for tunnels dropped"));
    }

    private const string OutOfTheWay =
        "limits: { tunnels: 65535, half-open: 65535, half-open-per-source: 65535, sccrq-rate-per-source: 1000000, sccrq-burst-per-source: "
            + "1000000 }\n";

    private static string LacWith(int tunnels, int port)
    {
        var yaml = new StringBuilder("data-plane: \"null\"\ntunnels:\n");
        for (var i = 0; i < tunnels; i++)
            yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"  t{i}: {{ lns: \"127.0.0.1:{port}\" }}\n");
        return yaml.ToString();
    }
}
