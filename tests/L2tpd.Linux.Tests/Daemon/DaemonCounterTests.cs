using System.Text.RegularExpressions;
using L2tpd.Control;
using L2tpd.Engine.Events;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Counters and events of the real daemon, over the control socket.</summary>
public sealed partial class DaemonCounterTests
{
    [Fact]
    public async Task The_counters_are_those_of_the_document_and_count()
    {
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start($"data-plane: null\n{Tunnel(lns.Port)}");
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Any(), "tunnel up");
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var counters = (await client.CountersAsync()).Items;

        var document = RepositoryFiles.Text("docs/metrics.md");
        Assert.Equal(
            FamilyName().Matches(document).Select(static match => match.Value).Distinct().Except(OnlyOfUserspace).Order(),
            counters.Select(static counter => counter.Name).Order());
        Assert.Equal(1, Single(counters, "l2tpd_tunnels_established_total").Value);
        var tunnel = Single(counters, "l2tpd_tunnels");
        Assert.Equal(("t", "established", 1m), (tunnel.Labels!["peer"], tunnel.Labels["state"], tunnel.Value));
        Assert.True(Single(counters, "l2tpd_control_messages_sent_total").Value >= 2);
        Assert.Equal(0, Single(counters, "l2tpd_internal_faults_total").Value);
    }

    [Fact]
    public async Task Events_of_engine_data_plane_and_configuration_reach_a_reader_that_follows()
    {
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start($"data-plane: null\n{Tunnel(lns.Port)}");
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Any(), "tunnel up");
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        await client.ReloadAsync(force: false);
        var file = Path.Combine(daemon.Directory, "l2tpd.yaml");
        await File.AppendAllTextAsync(file, "nonsense: 1\n");
        await Assert.ThrowsAsync<ControlProblemException>(() => client.ReloadAsync(force: false));

        var kinds = new List<string>();
        await foreach (var view in client.EventsAsync(follow: true))
        {
            if (kinds.Count == 0 || kinds[^1] != view.Kind)
                kinds.Add(view.Kind);
            if (view.Kind == "configuration-refused")
                daemon.Signal(DaemonProcess.Term);
        }

        Assert.Equal("data-plane-started", kinds[0]);
        Assert.Contains("tunnel-up", kinds);
        Assert.Contains("configuration-reloaded", kinds);
        Assert.Contains("shut-down-started", kinds);
        Assert.True(kinds.IndexOf("tunnel-up") < kinds.IndexOf("configuration-reloaded"), string.Join(' ', kinds));
        Assert.True(kinds.IndexOf("configuration-refused") < kinds.IndexOf("shut-down-started"), string.Join(' ', kinds));
    }

    private static readonly string[] OnlyOfUserspace = ["l2tpd_ppp_packets_dropped_total"];

    private static CounterSampleView Single(IReadOnlyList<CounterView> counters, string name) =>
        Assert.Single(counters.Single(one => one.Name == name).Samples);

    private static string Tunnel(int port) => $"tunnels: {{ t: {{ lns: \"127.0.0.1:{port}\" }} }}\n";

    [GeneratedRegex("(?<=^\\| `)[a-z0-9_]+(?=` \\|)", RegexOptions.Multiline)]
    private static partial Regex FamilyName();
}
