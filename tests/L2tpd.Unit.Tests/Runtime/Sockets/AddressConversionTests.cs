using System.Net;
using L2tpd.Daemon.Hosting;
using L2tpd.Engine.Addressing;
using L2tpd.Linux;
using L2tpd.Linux.Sockets;
using L2tpd.Runtime.Loop;
using L2tpd.Runtime.Sockets;

namespace L2tpd.Unit.Tests.Runtime.Sockets;

public sealed class AddressConversionTests
{
    [Theory]
    [InlineData("192.0.2.1", 1701)]
    [InlineData("0.0.0.0", 0)]
    [InlineData("255.255.255.255", 65535)]
    [InlineData("2001:db8::1", 1701)]
    [InlineData("::", 1)]
    [InlineData("fe80::1%3", 1701)]
    public void Both_ways_give_the_same(string address, int port)
    {
        var endpoint = Endpoint.From(IPAddress.Parse(address), port);
        var socketAddress = endpoint.ToSockAddr();
        Assert.Equal(SockAddr.From(IPAddress.Parse(address), port), socketAddress);
        Assert.Equal(endpoint, socketAddress.ToEndpoint());
    }

    [Fact]
    public void Conversion_allocates_nothing()
    {
        var endpoint = Endpoint.From(IPAddress.Parse("2001:db8::1"), 1701);
        Assert.Equal(endpoint, endpoint.ToSockAddr().ToEndpoint());
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 1_000; i++)
                endpoint = endpoint.ToSockAddr().ToEndpoint();
        }));
    }

    [Theory]
    [InlineData(Errno.EADDRINUSE, "the port is in use")]
    [InlineData(Errno.EADDRNOTAVAIL, "does not have that address")]
    [InlineData(Errno.EACCES, "CAP_NET_BIND_SERVICE")]
    [InlineData(Errno.EPERM, "CAP_NET_ADMIN")]
    [InlineData(Errno.ENODEV, "no network device vrf7")]
    public void Listener_errors_say_what_to_do(int errno, string words)
    {
        var text = ListenerSetup.Explain(new(IPAddress.Parse("192.0.2.1"), 1701, "vrf7"), new LinuxError(errno, "bind", ""));
        Assert.Contains("192.0.2.1:1701/udp", text);
        Assert.Contains(words, text);
    }

    [Fact]
    public void Socket_errors_name_the_peer_and_who_told()
    {
        var peer = SockAddr.From(IPAddress.Parse("192.0.2.9"), 1701);
        var router = SockAddr.From(IPAddress.Parse("192.0.2.1"), 0);
        var text = SocketErrorText.Of(new DatagramError(Errno.EHOSTUNREACH, peer, router, 3, 1, false));
        Assert.Contains("192.0.2.9:1701", text);
        Assert.Contains("EHOSTUNREACH", text);
        Assert.Contains("reported by 192.0.2.1", text);
        Assert.Contains("this host", SocketErrorText.Of(new DatagramError(Errno.EMSGSIZE, peer, default, 0, 0, true)));
        Assert.Contains("send to 192.0.2.9:1701", SocketErrorText.NotSent(peer, Errno.ENETUNREACH));
    }

    [Theory]
    [InlineData(Errno.EMFILE, true)]
    [InlineData(Errno.ENFILE, true)]
    [InlineData(Errno.ENOMEM, true)]
    [InlineData(Errno.ENOBUFS, true)]
    [InlineData(Errno.EADDRINUSE, false)]
    [InlineData(0, false)]
    public void Only_want_of_resources_counts_as_exhaustion(int errno, bool exhausted) =>
        Assert.Equal(exhausted, DescriptorBudget.IsExhaustion(errno));
}
