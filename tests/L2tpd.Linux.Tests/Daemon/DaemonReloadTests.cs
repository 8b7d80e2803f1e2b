using L2tpd.Control;
using L2tpd.Engine.Events;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Reloads of the real daemon, by signal and over the control socket.</summary>
public sealed class DaemonReloadTests
{
    [Fact]
    public async Task An_empty_file_closes_nothing_unless_it_is_forced_over_the_control_socket()
    {
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start("data-plane: null\n" + Tunnel(lns.Port, ""));
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Any(), "tunnel up");
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var file = Path.Combine(daemon.Directory, "l2tpd.yaml");
        File.WriteAllText(file, "");
        daemon.Signal(1);
        daemon.WaitFor("Reload refused, nothing was changed: the file would remove all the configured tunnels (1)");
        Assert.Equal(1, (await client.StatusAsync()).Tunnels);

        var refused = await Assert.ThrowsAsync<ControlProblemException>(() => client.ReloadAsync(force: false));
        Assert.Equal(ProblemTypes.ReloadRefused, refused.Problem!.Type);
        Assert.Equal(1, (await client.StatusAsync()).Tunnels);

        var report = await client.ReloadAsync(force: true);
        Assert.Equal(new ReloadChange("tunnel", "t", "removed"), report.Changes.Single(static change => change.Kind == "tunnel"));
        daemon.WaitFor("The reload removes all tunnels or all peers: forced by");
        lns.RunUntil(() => lns.Events.OfType<TunnelEnded>().Any(), "tunnel closed");
    }

    [Fact]
    public async Task A_timer_that_changed_does_not_close_the_tunnel_and_errors_are_in_the_answer()
    {
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start("data-plane: null\n" + Tunnel(lns.Port, ""));
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Any(), "tunnel up");
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        var file = Path.Combine(daemon.Directory, "l2tpd.yaml");
        var before = File.ReadAllText(file);
        File.WriteAllText(file, before.Replace(Tunnel(lns.Port, ""), Tunnel(lns.Port, ", timers: { hello-interval: 7s }"),
            StringComparison.Ordinal));
        var change = (await client.ReloadAsync(force: false)).Changes.Single(static change => change.Kind == "tunnel");
        Assert.Equal(("changed", "timers", "the tunnel stays up"), (change.Change, Assert.Single(change.Applied!), change.Note));
        Assert.NotEqual("", daemon.WaitFor("Reload: tunnel t: changed; in force: timers; the tunnel stays up"));
        Assert.Equal("established", Assert.Single((await client.TunnelsAsync()).Items).State);
        Assert.DoesNotContain(lns.Events, static one => one is TunnelEnded);

        File.WriteAllText(file, before + "nonsense: 1\n");
        var refused = await Assert.ThrowsAsync<ControlProblemException>(() => client.ReloadAsync(force: true));
        Assert.EndsWith("nonsense: unknown key", Assert.Single(refused.Problem!.Errors!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_the_status_shows_the_last_reload()
    {
        using var lns = EnginePeer.Lns();
        using var daemon = DaemonProcess.Start("data-plane: null\n" + Tunnel(lns.Port, ""));
        lns.RunUntil(() => lns.Events.OfType<TunnelEstablished>().Any(), "tunnel up");
        using var client = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        Assert.Null((await client.StatusAsync()).LastReload);
        var file = Path.Combine(daemon.Directory, "l2tpd.yaml");
        var before = File.ReadAllText(file);
        File.WriteAllText(file, before + "limits: { tunnels: 7 }\n" + "log: { level: debug }\n");
        File.WriteAllText(file, File.ReadAllText(file).Replace("tunnels: { t:", "tunnels: { u:", StringComparison.Ordinal));
        var report = await client.ReloadAsync(force: false, dryRun: true);
        Assert.True(report.DryRun);
        Assert.Equal(["added", "removed"], report.Changes.Where(static one => one.Kind == "tunnel").Select(static one => one.Change));
        Assert.Equal(["tunnel t"], report.Closes!);
        Assert.Equal(["limits"], report.Settings);
        Assert.Equal(["log"], report.NeedsRestart);
        Assert.Equal("t", Assert.Single((await client.TunnelsAsync()).Items).Name);
        Assert.Null((await client.StatusAsync()).LastReload);

        File.WriteAllText(file, before + "nonsense: 1\n");
        await Assert.ThrowsAsync<ControlProblemException>(() => client.ReloadAsync(force: false, dryRun: true));
        Assert.DoesNotContain(daemon.Lines, static line => line.Contains("Reload refused", StringComparison.Ordinal));
        Assert.Null((await client.StatusAsync()).LastReload);
        daemon.Signal(1);
        daemon.WaitFor("Reload refused, nothing was changed");
        var last = (await client.StatusAsync()).LastReload!;
        Assert.Equal(("SIGHUP", "refused", "the configuration has errors"), (last.By, last.Result, last.Failure));
        Assert.EndsWith("nonsense: unknown key", Assert.Single(last.Errors!), StringComparison.Ordinal);

        File.WriteAllText(file, before + "limits: { tunnels: 7 }\n");
        Assert.Empty((await client.ReloadAsync(force: false)).Closes!);
        last = (await client.StatusAsync()).LastReload!;
        Assert.Equal(("applied", 0, null), (last.Result, last.Changes, last.Failure));
        Assert.StartsWith("uid 0 (pid ", last.By, StringComparison.Ordinal);
    }

    private static string Tunnel(int port, string more) => $"tunnels: {{ t: {{ lns: \"127.0.0.1:{port}\"{more} }} }}\n";
}
