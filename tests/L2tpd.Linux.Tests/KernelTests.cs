using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using L2tpd.Linux.Host;
using L2tpd.Linux.Netlink;
using L2tpd.Linux.Ppp;
using L2tpd.Linux.Sockets;

namespace L2tpd.Linux.Tests;

/// <summary>Runs on kernels with and without L2TP: a missing feature must be reported as documented (kernel.md, head).</summary>
public sealed class KernelTests
{
    [Fact]
    public void Probe_says_the_same_as_use()
    {
        var found = KernelCapabilities.Probe();
        Descriptors.AssertNoneLeft(() => Assert.Equal(found, KernelCapabilities.Probe()));
        Assert.Contains(found.L2tpNetlink.Errno, new[] { 0, Errno.ENOENT });
        Assert.Contains(found.PppOverL2tp.Errno, new[] { 0, Errno.EAFNOSUPPORT, Errno.EPROTONOSUPPORT });
        Assert.Contains(found.L2tpIp.Errno, new[] { 0, Errno.EPROTONOSUPPORT });
        Assert.Contains(found.L2tpIp6.Errno, new[] { 0, Errno.EPROTONOSUPPORT });
        Assert.Contains(found.PppDevice.Errno, new[] { 0, Errno.ENOENT, Errno.ENODEV, Errno.ENXIO });
        Assert.Equal(found.L2tpNetlink.Errno, L2tpNetlink.TryOpen(out var netlink).Errno);
        netlink?.Dispose();
        Assert.Equal(found.L2tpNetlink.Errno, L2tpEvents.TryOpen(out var events).Errno);
        events?.Dispose();
        Assert.Equal(6, found.All.Count);
        Assert.Equal(found.L2tpNetlink.IsAvailable && found.PppOverL2tp.IsAvailable && found.PppDevice.IsAvailable, found.CanCarryPpp);
    }

    [Fact]
    public void PPPoL2TP_and_dev_ppp_without_kernel_support_are_values()
    {
        var found = KernelCapabilities.Probe();
        Descriptors.AssertNoneLeft(() => PppoxSocket.TryConnect(default, out _));
        var error = PppoxSocket.TryConnect(new PppoxAddress(2, -1, SockAddr.IPv4(0x7f000001, 1701), 65001, 1, 2, 2), out var socket);
        Assert.Null(socket);
        Assert.Equal(found.PppOverL2tp.IsAvailable ? Errno.ENOENT : found.PppOverL2tp.Errno, error.Errno);
        error = PppDevice.TryOpenChannel(65001, out var device);
        Assert.Null(device);
        Assert.Equal(found.PppDevice.IsAvailable ? Errno.ENXIO : found.PppDevice.Errno, error.Errno);
    }

    [Fact]
    public void Controller_family_is_resolved_on_every_kernel()
    {
        Assert.True(NetlinkSocket.TryOpen(NetlinkSocket.Generic, TimeSpan.FromSeconds(5), out var socket).IsNone);
        using var connection = new NetlinkConnection(socket!, TimeSpan.FromSeconds(5));
        Assert.Equal(LinuxError.None, GenericNetlinkFamily.Resolve(connection, "nlctrl", out var family));
        Assert.Equal(16, family!.Id);
        Assert.True(family.Groups["notify"] > 0);
        var error = GenericNetlinkFamily.Resolve(connection, "no-such-family", out family);
        Assert.Equal(Errno.ENOENT, error.Errno);
        Assert.Null(family);
    }

    [Fact]
    public void A_silent_netlink_socket_times_out()
    {
        Assert.True(NetlinkSocket.TryOpen(NetlinkSocket.Generic, TimeSpan.FromMilliseconds(30), out var socket).IsNone);
        using (socket)
        {
            var start = MonotonicClock.NowMilliseconds;
            Assert.Equal(-Errno.EAGAIN, socket!.Receive(new byte[64]));
            Assert.True(MonotonicClock.NowMilliseconds - start >= 29);
        }

        Assert.True(NetlinkSocket.TryOpen(NetlinkSocket.Generic, TimeSpan.Zero, out var immediate).IsNone);
        using (immediate)
            Assert.Equal(-Errno.EAGAIN, immediate!.Receive(new byte[64]));
    }

    [Fact]
    public void The_kernels_own_text_is_in_the_error()
    {
        Assert.True(NetlinkSocket.TryOpen(NetlinkSocket.Generic, TimeSpan.FromSeconds(5), out var socket).IsNone);
        using var connection = new NetlinkConnection(socket!, TimeSpan.FromSeconds(5));
        connection.Request.BeginGeneric(16, 4, 3, 1);
        // CTRL_ATTR_FAMILY_ID has two octets: the policy refuses one octet and names the attribute.
        connection.Request.Put(1, (byte)1);
        var error = connection.Execute("CTRL_CMD_GETFAMILY", "x");
        Assert.Equal(Errno.ERANGE, error.Errno);
        Assert.Equal("x: Attribute failed policy validation, at octet 20 of the request", error.What);
    }

    [Fact]
    public void Links_and_addresses()
    {
        Assert.True(RtNetlink.TryOpen(out var opened).IsNone);
        using var netlink = opened!;
        Assert.True(netlink.GetLink("lo", out var loopback).IsNone);
        Assert.Equal((1u, "lo"), (loopback!.Index, loopback.Name));
        Assert.Equal(Errno.ENODEV, netlink.GetLink("nosuch0", out var none).Errno);
        Assert.Null(none);
        Assert.Equal(Errno.ENODEV, netlink.AddAddress("nosuch0", IPAddress.Loopback, 8).Errno);
        Assert.Equal(LinuxError.None, TunTap.TryOpen("l2t%d", tap: true, offloads: false, out var device));
        using (device)
        {
            Assert.StartsWith("l2t", device!.Name, StringComparison.Ordinal);
            Assert.True(netlink.GetLink(device.Name, out var link).IsNone);
            Assert.Equal((false, 1500u), (link!.IsUp, link.Mtu));
            Assert.Equal(LinuxError.None, netlink.SetLink(device.Name, up: null, mtu: 1400));
            Assert.Equal(LinuxError.None, netlink.SetLink(device.Name, up: true, mtu: null));
            Assert.True(netlink.GetLink(device.Name, out link).IsNone);
            Assert.Equal((true, 1400u), (link!.IsUp, link.Mtu));
            var (address, peer) = (IPAddress.Parse("198.18.79.1"), IPAddress.Parse("198.18.79.2"));
            Assert.Equal(LinuxError.None, netlink.AddAddress(device.Name, address, 32, peer));
            Assert.Equal(Errno.EEXIST, netlink.AddAddress(device.Name, address, 32, peer).Errno);
            Assert.Equal(LinuxError.None, netlink.AddAddress(device.Name, IPAddress.Parse("2001:db8:79::1"), 64));
            var addresses = NetworkInterface.GetAllNetworkInterfaces().Single(found => found.Name == device.Name)
                .GetIPProperties().UnicastAddresses.Select(found => found.Address.ToString());
            Assert.Superset(new HashSet<string> { "198.18.79.1", "2001:db8:79::1" }, addresses.ToHashSet());
            Assert.Equal(0, device.Write(default, new byte[60]));
            Assert.True(netlink.GetLink(device.Name, out link).IsNone);
            var statistics = link!.Statistics;
            Assert.Equal((1UL, 60UL), (statistics.ReceivePackets + statistics.ReceiveDropped, Math.Max(60, statistics.ReceiveBytes)));
        }

        Assert.Equal(Errno.ENODEV, netlink.GetLink(device.Name, out _).Errno);
        Assert.Equal(Errno.ENAMETOOLONG, TunTap.TryOpen("sixteen-octets-x", tap: false, offloads: false, out _).Errno);
    }

    [Fact]
    public void Open_file_limit_goes_down_and_up()
    {
        var (soft, hard) = Resources.OpenFileLimit;
        Assert.InRange(soft, 1UL, hard);
        try
        {
            Assert.Equal(soft - 1, Resources.SetOpenFileLimit(soft - 1));
            Assert.Equal((soft - 1, hard), Resources.OpenFileLimit);
            Assert.Equal(hard, Resources.SetOpenFileLimit(ulong.MaxValue));
        }
        finally
        {
            Resources.SetOpenFileLimit(soft);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Systemd_is_told(bool isAbstract)
    {
        using var directory = new TemporaryDirectory();
        var path = isAbstract ? $"@l2tpd-test-{Environment.ProcessId}-{Guid.NewGuid():N}" : Path.Combine(directory.Path, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + path[1..] : path));
        using var notify = new SystemdNotify(path, null, null);
        Assert.True(notify.IsEnabled);
        Assert.Equal(LinuxError.None, notify.Ready("two\nlines"));
        Assert.Equal("READY=1\nSTATUS=two lines", Receive());
        Assert.True(notify.Status("x").IsNone);
        Assert.Equal("STATUS=x", Receive());
        Assert.True(notify.Watchdog().IsNone);
        Assert.Equal("WATCHDOG=1", Receive());
        Assert.True(notify.Reloading().IsNone);
        Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*$", Receive());
        Assert.True(notify.Stopping().IsNone);
        Assert.Equal("STOPPING=1", Receive());

        string Receive()
        {
            var buffer = new byte[256];
            return Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer));
        }
    }

    [Fact]
    public void A_manager_that_is_gone_is_a_value()
    {
        using var notify = new SystemdNotify("/nonexistent/notify", null, null);
        Assert.Equal(Errno.ENOENT, notify.Ready("x").Errno);
    }

    [Fact]
    public void Clock_runs_and_counts_suspend()
    {
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        var now = MonotonicClock.NowMilliseconds;
        Assert.True(now >= (long)(uptime * 1000) - 10);
        Thread.Sleep(5);
        Assert.True(MonotonicClock.NowMilliseconds >= now + 5);
        Assert.True(MonotonicClock.NowMicroseconds / 1000 >= now);
    }
}

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("l2tpd-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
