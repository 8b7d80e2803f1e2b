using System.Runtime.CompilerServices;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Unit.Tests.Linux;

public sealed class HostTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("0", null, null)]
    [InlineData("-5", null, null)]
    [InlineData("junk", null, null)]
    [InlineData("18446744073709551615", null, null)]
    [InlineData("30000000", null, 30_000_000L)]
    [InlineData("1", "", 1L)]
    [InlineData("30000000", "1", null)]
    public void Watchdog_interval(string? microseconds, string? pid, long? expected)
    {
        using var notify = new SystemdNotify(null, microseconds, pid);
        Assert.Equal(expected is { } value ? TimeSpan.FromMicroseconds(value) : null, notify.WatchdogInterval);
    }

    [Fact]
    public void Watchdog_is_ours_by_pid()
    {
        using var notify = new SystemdNotify(null, "1000000", Environment.ProcessId.ToString());
        Assert.Equal(TimeSpan.FromSeconds(1), notify.WatchdogInterval);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("relative")]
    [InlineData("vsock:2:1234")]
    public void No_usable_socket_is_off_and_no_error(string? path)
    {
        using var notify = new SystemdNotify(path, null, null);
        Assert.False(notify.IsEnabled);
        Assert.True(notify.Ready("up").IsNone);
    }

    [Fact]
    public void Capabilities_say_what_to_do()
    {
        Assert.Equal("x: available", new KernelCapability("x", 0, "m").ToString());
        Assert.Equal(
            "x: not available, EAFNOSUPPORT (Address family not supported by protocol); load it with: modprobe m",
            new KernelCapability("x", Errno.EAFNOSUPPORT, "m").ToString());
        Assert.Contains("CAP_NET_ADMIN", new KernelCapability("x", Errno.EPERM, "m").ToString());
    }

    [Fact]
    public void Errors_name_call_object_and_errno()
    {
        var error = new LinuxError(Errno.EADDRINUSE, "bind", "127.0.0.1:1701");
        Assert.Equal("bind 127.0.0.1:1701: EADDRINUSE (Address already in use)", error.ToString());
        Assert.Equal(error.ToString(), error.ToException().Message);
        Assert.Equal("errno 4711", Errno.Name(4711));
        Assert.Equal("no error", LinuxError.None.ToString());
        var thrown = Assert.Throws<LinuxException>(error.ThrowIfError);
        Assert.Equal((Errno.EADDRINUSE, "bind", "127.0.0.1:1701"), (thrown.Errno, thrown.Call, thrown.What));
        LinuxError.None.ThrowIfError();
    }

    [Fact]
    public void Structures_have_the_sizes_of_the_headers()
    {
        Assert.Equal(56, Unsafe.SizeOf<msghdr>());
        Assert.Equal(64, Unsafe.SizeOf<Native.mmsghdr>());
        Assert.Equal(16, Unsafe.SizeOf<cmsghdr>());
        Assert.Equal(12, Unsafe.SizeOf<in_pktinfo>());
        Assert.Equal(16, Unsafe.SizeOf<sock_extended_err>());
        Assert.Equal(128, Unsafe.SizeOf<Native.siginfo_t>());
        Assert.Equal(72, Unsafe.SizeOf<Native.pppol2tp_ioc_stats>());
        Assert.Equal(16, Unsafe.SizeOf<Native.nlmsghdr>());
        Assert.Equal(16, Unsafe.SizeOf<Native.ifinfomsg>());
        Assert.Equal(8, Unsafe.SizeOf<Native.ifaddrmsg>());
        Assert.Equal(32, Unsafe.SizeOf<Native.itimerspec>());
    }
}
