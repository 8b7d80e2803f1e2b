using L2tpd.Unit.Tests.Control;

namespace L2tpd.Unit.Tests.Daemon.Hosting;

/// <summary>Checks the text of systemd/l2tpd.service. The kernel scenario 65-systemd checks that it starts.</summary>
public sealed class UnitFileTests
{
    private static readonly string[] _lines = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "systemd/l2tpd.service"));

    [Fact]
    public void The_modules_of_every_kernel_data_path_are_loaded_before_the_start()
    {
        string[] modules = ["l2tp_ip", "l2tp_ip6", "l2tp_netlink", "l2tp_ppp", "ppp_generic"];
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
