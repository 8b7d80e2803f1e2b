using System.Diagnostics;
using L2tpd.Unit.Tests.Control;

namespace L2tpd.Unit.Tests.Daemon.Hosting;

/// <summary>
/// Checks the text of the units in systemd/. The grade `package` and the kernel scenarios 65-systemd and 66-systemd-user check that they
/// start.
/// </summary>
public sealed class UnitFileTests
{
    private static readonly string[] _lines = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "systemd/l2tpd.service"));

    [Fact]
    public void The_modules_of_every_kernel_data_path_are_loaded_before_the_start()
    {
        string[] modules = ["l2tp_eth", "l2tp_ip", "l2tp_ip6", "l2tp_netlink", "l2tp_ppp", "ppp_generic", "tun"];
        Assert.Equal(modules, Modules("Wants="));
        // With Wants= only, loading a module would race with the daemon's first look at the kernel.
        Assert.Equal(modules, Modules("After="));
    }

    [Fact]
    public void What_the_data_planes_open_is_inside_the_sandbox()
    {
        Assert.Contains("DeviceAllow=/dev/ppp rw", _lines);
        Assert.Contains("DeviceAllow=/dev/net/tun rw", _lines);
        var families = Values("RestrictAddressFamilies=");
        Assert.Superset(new HashSet<string> { "AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PPPOX" }, families.ToHashSet());
        Assert.Superset(new HashSet<string> { "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE" }, Values("CapabilityBoundingSet=")
            .ToHashSet());
    }

    [Fact]
    public void The_daemon_needs_no_root()
    {
        string[] capabilities = ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE"];
        Assert.Equal(["l2tpd"], Values("User="));
        Assert.Equal(capabilities, Values("AmbientCapabilities="));
        Assert.Equal(capabilities, Values("CapabilityBoundingSet="));
    }

    [Fact]
    public void Instances_run_in_the_same_sandbox_with_paths_of_their_own()
    {
        var instance = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "systemd/l2tpd@.service"));
        var expected = string.Join('\n', _lines)
            .Replace("(LAC and LNS)", "(LAC and LNS), instance %i", StringComparison.Ordinal)
            .Replace("--check /etc/l2tpd/", "--instance %i --check /etc/l2tpd/%i/", StringComparison.Ordinal)
            .Replace("--config /etc/l2tpd/", "--instance %i --config /etc/l2tpd/%i/", StringComparison.Ordinal)
            .Replace("--socket /run/l2tpd/control.sock reload", "--instance %i reload", StringComparison.Ordinal)
            .Replace("RuntimeDirectory=l2tpd", "RuntimeDirectory=l2tpd-%i", StringComparison.Ordinal)
            .Replace("StateDirectory=l2tpd", "StateDirectory=l2tpd-%i", StringComparison.Ordinal);
        Assert.Equal(expected, instance.TrimEnd('\n'));
    }

    /// <summary>systemd's own judgement: 0 is the best value, 10 the worst.</summary>
    [Fact]
    public void The_exposure_is_2_0_or_better()
    {
        if (!File.Exists("/usr/bin/systemd-analyze"))
            Assert.Skip("systemd-analyze is not installed");
        foreach (var unit in new[] { "l2tpd.service", "l2tpd@.service" })
        {
            // The threshold is in tenths; above it the exit code is 1.
            using var process = Process.Start(new ProcessStartInfo("systemd-analyze",
                ["security", "--offline=true", "--threshold=20", "--no-pager", Path.Combine(RepositoryFiles.Root, "systemd", unit)])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, text);
        }
    }

    [Fact]
    public void Memory_that_is_written_to_is_never_executed() => Assert.Contains("MemoryDenyWriteExecute=yes", _lines);

    private static string[] Modules(string key) =>
    [
        .. Values(key).Where(static value => value.StartsWith("modprobe@", StringComparison.Ordinal))
            .Select(static value => value["modprobe@".Length..^".service".Length]).Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Values(string key) => _lines
        .Where(line => line.StartsWith(key, StringComparison.Ordinal))
            .SelectMany(line => line[key.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
