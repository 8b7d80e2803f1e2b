using System.Net;
using System.Net.Sockets;
using L2tpd.Linux.Host;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>The output and the exit code of the daemon if it cannot start or only checks.</summary>
public sealed class DaemonStartTests
{
    private const string WithoutNetAdmin = "exec setpriv --bounding-set -net_admin --inh-caps -net_admin sh -c '\"$@\"' sh";

    [Fact]
    public void Check_of_a_good_file_says_OK()
    {
        using var daemon = DaemonProcess.Start("data-plane: \"null\"\nlisten: 127.0.0.1:1701\npeers: { any: { secret: x } }\n",
            waitFor: null, arguments: "--check");
        Assert.Equal(0, daemon.WaitForExit());
        Assert.Contains("OK", Assert.Single(daemon.Lines));
    }

    [Fact]
    public void Check_of_a_bad_file_lists_every_error_by_place_and_key()
    {
        using var daemon = DaemonProcess.Start("data-plane: warp\nlisten: 127.0.0.1:99999\nwhatever: 1\n", waitFor: null,
            arguments: "--check");
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains(daemon.Lines, line => line.Contains("l2tpd.yaml:3:") && line.Contains("data-plane"));
        Assert.Contains(daemon.Lines, line => line.Contains("l2tpd.yaml:4:") && line.Contains("listen"));
        Assert.Contains(daemon.Lines, line => line.Contains("l2tpd.yaml:5:1: whatever"));
    }

    [Fact]
    public void A_bad_file_does_not_start()
    {
        using var daemon = DaemonProcess.Start("whatever: 1\n", waitFor: null);
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains("whatever", daemon.Output);
    }

    [Fact]
    public void A_missing_file_is_said()
    {
        using var daemon = DaemonProcess.Start("", waitFor: null, arguments: "--config /nowhere.yaml; exit $?;");
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains("/nowhere.yaml", daemon.Output);
    }

    [Fact]
    public void Version_is_told()
    {
        using var daemon = DaemonProcess.Start("", waitFor: null, arguments: "--version; exit $?;");
        Assert.Equal(0, daemon.WaitForExit());
        Assert.Matches(@"^\d+\.\d+", daemon.Output);
    }

    /// <summary>A request to end before "Ready" was reported as a crash (found by a scenario).</summary>
    [Fact]
    public void SIGTERM_at_any_moment_of_the_start_is_an_orderly_end()
    {
        for (var delay = 100; delay <= 1_000; delay += 100)
        {
            using var daemon = DaemonProcess.Start(
                $"data-plane: \"null\"\nlisten: 127.0.0.1:{DaemonProcess.FreePort()}\npeers: {{ any: {{ secret: x }} }}\n", waitFor: null);
            Thread.Sleep(delay);
            daemon.Signal(DaemonProcess.Term);
            // 143: the signal arrived before the runtime had installed its handler.
            var code = daemon.WaitForExit();
            Assert.True(code is 0 or 128 + DaemonProcess.Term, $"{code} after {delay} ms:\n{daemon.Output}");
            Assert.DoesNotContain("broke", daemon.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_a_file_it_tells_how_to_call_it()
    {
        using var daemon = DaemonProcess.Start("", waitFor: null, arguments: "--log-level debug; exit $?;");
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains("--config FILE", daemon.Output);
    }

    [Theory]
    [InlineData("--check", ">/dev/full 2>/dev/full", 0)]
    [InlineData("--check", ">&- 2>&- <&-", 0)]
    [InlineData("--help; exit $?;", ">/dev/full 2>/dev/full", 0)]
    [InlineData("--log-level debug; exit $?;", ">/dev/full 2>/dev/full", 1)]
    [InlineData("--log-level debug; exit $?;", "2>&-", 1)]
    [InlineData("--log-level warp; exit $?;", ">/dev/full 2>/dev/full", 1)]
    [InlineData("--config /nowhere.yaml; exit $?;", ">/dev/full 2>/dev/full", 1)]
    [InlineData("--config /nowhere.yaml; exit $?;", "<&- >&- 2>&-", 1)]
    public void Output_that_cannot_be_written_is_no_crash(string arguments, string redirection, int exit)
    {
        using var daemon = DaemonProcess.Start(
            "data-plane: \"null\"\nlisten: 127.0.0.1:1701\npeers: { any: { secret: x } }\n", waitFor: null, arguments: arguments,
            shellPrefix: $"exec {redirection};");
        Assert.Equal(exit, daemon.WaitForExit());
    }

    [Theory]
    [InlineData(">/dev/full 2>/dev/full")]
    [InlineData(">&- 2>&- <&-")]
    [InlineData("<&-")]
    [InlineData(">&-")]
    public async Task Nor_is_it_for_a_daemon_that_runs(string redirection)
    {
        using var daemon = DaemonProcess.Start($$"""
            data-plane: "null"
            log: { level: debug }
            listen: 127.0.0.1:{{DaemonProcess.FreePort()}}
            peers: { any: { secret: x } }
            """, waitFor: null, shellPrefix: $"exec {redirection};");
        var path = Path.Combine(daemon.Directory, "control.sock");
        daemon.WaitUntil(() => Answers(path), "the control socket");
        using var client = new L2tpd.Control.ControlClient(path);
        Assert.Equal(0, (await client.StatusAsync()).Sessions);
        daemon.Signal(1);
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
    }

    private static bool Answers(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [Fact]
    public void It_opens_no_socket_for_debuggers()
    {
        using var daemon = DaemonProcess.Start("data-plane: \"null\"\n");
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{daemon.Pid}-*"));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"clr-debug-pipe-{daemon.Pid}-*"));
        Assert.DoesNotContain($"dotnet-diagnostic-{daemon.Pid}-", File.ReadAllText("/proc/net/unix"), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_CAP_NET_ADMIN_it_does_not_start_and_names_it()
    {
        using var daemon = DaemonProcess.Start("data-plane: userspace\n", waitFor: null, shellPrefix: WithoutNetAdmin);
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains("the capability CAP_NET_ADMIN is missing", daemon.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Ready", daemon.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_control_plane_alone_needs_no_capability()
    {
        using var daemon = DaemonProcess.Start("data-plane: \"null\"\n", shellPrefix: WithoutNetAdmin);
        daemon.Signal(DaemonProcess.Term);
        Assert.Equal(0, daemon.WaitForExit());
    }

    [Theory]
    [InlineData("{dir}/missing/x.sock", "there is no directory {dir}/missing")]
    [InlineData("/sys/x.sock", "may not write|read-only file system|/sys")]
    public void A_directory_without_room_for_the_control_socket_is_named(string socket, string words)
    {
        var directory = Directory.CreateTempSubdirectory("l2tpd-socket-").FullName;
        try
        {
            var file = Path.Combine(directory, "file.yaml");
            File.WriteAllText(file, $"data-plane: \"null\"\ncontrol: {{ socket: "
                + $"{socket.Replace("{dir}", directory, StringComparison.Ordinal)} }}\n");
            using var daemon = DaemonProcess.Start("", waitFor: null, arguments: $"--config {file}; exit $?;");
            Assert.Equal(1, daemon.WaitForExit());
            Assert.Matches(words.Replace("{dir}", directory, StringComparison.Ordinal), daemon.Output);
            Assert.DoesNotContain("Cannot assign", daemon.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void A_read_only_directory_of_the_control_socket_is_named()
    {
        var directory = Directory.CreateTempSubdirectory("l2tpd-socket-").FullName;
        try
        {
            File.WriteAllText($"{directory}/file.yaml", $"data-plane: \"null\"\ncontrol: {{ socket: {directory}/x.sock }}\n");
            // A mount namespace of its own, in which that directory is read-only.
            using var daemon = DaemonProcess.Start("", waitFor: null, arguments: $"--config {directory}/file.yaml; exit $?;",
                shellPrefix: $"unshare --mount sh -ec 'mount --bind -o ro {directory} {directory}; mount -o remount,ro,bind {directory}; "
                    + "exec \"$@\"' sh");
            Assert.Equal(1, daemon.WaitForExit());
            Assert.Contains($"the directory {directory} is on a read-only file system", daemon.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void A_port_in_use_is_said_and_is_no_start()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        using var daemon = DaemonProcess.Start($"data-plane: \"null\"\nlisten: 127.0.0.1:{port}\n", waitFor: null);
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains(daemon.Lines, line => line.Contains($"127.0.0.1:{port}/udp: the port is in use"));
        SaysItOnce(daemon);
    }

    [Fact]
    public void Two_daemons_do_not_share_a_port()
    {
        var yaml = $"data-plane: \"null\"\nlisten: 127.0.0.1:{DaemonProcess.FreePort()}\n";
        using var first = DaemonProcess.Start(yaml);
        using var second = DaemonProcess.Start(yaml, waitFor: null);
        Assert.Equal(1, second.WaitForExit());
        Assert.Contains("the port is in use", second.Output);
    }

    [Fact]
    public void An_address_that_no_interface_has_is_waited_for_and_said()
    {
        using var daemon = DaemonProcess.Start("data-plane: \"null\"\nlisten: 192.0.2.77:1701\n");
        Assert.Contains("No interface has the address 192.0.2.77: the listener 192.0.2.77:1701 receives nothing until one has it",
            daemon.Output);
        Assert.Contains("192.0.2.77:1701 (waits: no interface has this address)", daemon.Output);
    }

    [Fact]
    public void Over_ip_an_address_of_another_host_is_said()
    {
        using var daemon = DaemonProcess.Start("data-plane: \"null\"\nlisten: ip:192.0.2.77\n", waitFor: null);
        Assert.Equal(1, daemon.WaitForExit());
        Assert.Contains("does not have that address", daemon.Output);
        SaysItOnce(daemon);
    }

    [Fact]
    public void A_control_socket_that_cannot_be_opened_is_said_and_is_no_start()
    {
        using var daemon = DaemonProcess.Start("", waitFor: null, arguments: "--check");
        var file = Path.Combine(daemon.Directory, "other.yaml");
        File.WriteAllText(file, $"data-plane: \"null\"\ncontrol: {{ socket: {file}/control.sock }}\n");
        using var other = DaemonProcess.Start("", waitFor: null, arguments: $"--config {file}; exit $?;");
        Assert.Equal(1, other.WaitForExit());
        Assert.Contains("control socket", other.Output);
        SaysItOnce(other);
    }

    [Fact]
    public void An_empty_file_is_fine_but_odd()
    {
        using var check = DaemonProcess.Start("", waitFor: null, arguments: "--check");
        Assert.Equal(0, check.WaitForExit());
        Assert.Contains("has nothing to do", check.Output);
        using var daemon = DaemonProcess.Start("data-plane: \"null\"\n");
        Assert.Contains("has nothing to do", daemon.Output);
    }

    /// <summary>Our one line, without a stack trace of the host.</summary>
    private static void SaysItOnce(DaemonProcess daemon)
    {
        Assert.Single(daemon.Lines, line => line.Contains("Cannot start"));
        Assert.DoesNotContain(daemon.Lines, line => line.Contains("Hosting") || line.StartsWith("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public void Kernel_data_plane_without_L2TP_in_the_kernel_names_the_modules()
    {
        var kernel = KernelCapabilities.Probe();
        using var daemon = DaemonProcess.Start("data-plane: kernel\n", waitFor: null);
        if (kernel.CanCarryPpp)
        {
            daemon.WaitFor("Data plane: kernel");
            return;
        }

        Assert.Equal(1, daemon.WaitForExit());
        var line = Assert.Single(daemon.Lines, line => line.Contains("Cannot start"));
        SaysItOnce(daemon);
        if (!kernel.L2tpNetlink.IsAvailable)
            Assert.Contains("l2tp_netlink", line);
        if (!kernel.PppOverL2tp.IsAvailable)
            Assert.Contains("l2tp_ppp", line);
    }

    [Fact]
    public void Auto_takes_the_kernel_or_else_userspace_and_says_why()
    {
        var kernel = KernelCapabilities.Probe();
        using var daemon = DaemonProcess.Start("data-plane: auto\n");
        var line = daemon.WaitFor("Data plane: ");
        Assert.Contains(kernel.CanCarryPpp ? "kernel (auto" : "userspace (auto", line);
        Assert.Equal(!kernel.CanCarryPpp && !kernel.L2tpNetlink.IsAvailable, line.Contains("l2tp_netlink"));
    }

    [Theory]
    [InlineData("userspace", 1)]
    [InlineData("auto", 0)]
    public void What_cannot_run_pppd_says_so_at_check(string choice, int exit)
    {
        using var daemon = DaemonProcess.Start(
            $"data-plane: {choice}\nlisten: 127.0.0.1:1701\npeers: {{ any: {{ lns: {{ ppp: {{ backend: pppd }} }} }} }}\n", waitFor: null,
            arguments: "--check");
        Assert.Equal(exit, daemon.WaitForExit());
        // With `auto` the choice depends on this machine, and the file may be for another.
        Assert.Equal(choice == "userspace" || !KernelCapabilities.Probe().CanCarryPpp, daemon.Output.Contains("`backend: built-in`"));
    }
}
