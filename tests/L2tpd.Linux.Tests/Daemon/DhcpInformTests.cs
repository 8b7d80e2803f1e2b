using System.Net;
using System.Net.Sockets;
using System.Text;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>A client asks by DHCPINFORM through its session, as Windows does, and gets domain and routes.</summary>
public sealed class DhcpInformTests
{
    private const int SocketLevel = 1;
    private const int BindToDevice = 25;

    [Theory]
    [InlineData("interface: { shared: pppt0 },")]
    [InlineData("")]
    public void A_client_gets_domain_and_routes(string shape)
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(Lns(shape), networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(Client, networkNamespace: pair.First);
        lac.WaitFor("network is up on ppp0, we are 10.99.0.2");
        using var socket = NetworkNamespace.Make(pair.First, static () =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
            {
                EnableBroadcast = true, ReceiveTimeout = 5_000,
            };
            made.SetRawSocketOption(SocketLevel, BindToDevice, Encoding.ASCII.GetBytes("ppp0\0"));
            made.Bind(new IPEndPoint(IPAddress.Any, 68));
            return made;
        });
        foreach (var server in new[] { IPAddress.Broadcast, IPAddress.Parse("10.99.0.1") })
        {
            socket.SendTo(Request("10.99.0.2"), new IPEndPoint(server, 67));
            var answer = new byte[1_500];
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            var length = socket.ReceiveFrom(answer, ref from);
            Assert.Equal("10.99.0.1:67", from.ToString());
            var text = Convert.ToHexStringLower(answer.AsSpan(0, length));
            Assert.StartsWith("02010600" + "12345678", text, StringComparison.Ordinal);
            Assert.Contains("350105", text, StringComparison.Ordinal);
            Assert.Contains("0604c0000235", text, StringComparison.Ordinal);
            Assert.Contains("0f0b" + Convert.ToHexStringLower("example.net"u8), text, StringComparison.Ordinal);
            Assert.Contains("7907100a110a630001", text, StringComparison.Ordinal);
            Assert.Contains("f907100a110a630001", text, StringComparison.Ordinal);
        }

        // For another address there is no answer.
        socket.ReceiveTimeout = 500;
        socket.SendTo(Request("10.99.0.3"), new IPEndPoint(IPAddress.Broadcast, 67));
        Assert.Throws<SocketException>(() => socket.Receive(new byte[1_500]));
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        lns.Signal(DaemonProcess.Term);
        Assert.Equal(0, lns.WaitForExit());
        Assert.DoesNotContain("Internal error", lns.Output + lac.Output, StringComparison.Ordinal);
    }

    private static byte[] Request(string address)
    {
        var request = new byte[300];
        Convert.FromHexString("0101060012345678").CopyTo(request, 0);
        IPAddress.Parse(address).GetAddressBytes().CopyTo(request, 12);
        Convert.FromHexString("63825363" + "350108" + "3704060f79f9" + "ff").CopyTo(request, 236);
        return request;
    }

    private static string Lns(string shape) => $$"""
        data-plane: userspace
        listen: 0.0.0.0:1701
        log: { level: information, format: console }
        peers: { any: { secret: test, lns: { ppp: p } } }
        ppp:
          p: { backend: built-in, {{shape}} auth: chap, name: lns, local: 10.99.0.1, pool: 10.99.0.2-10.99.0.9, dns: [192.0.2.53],
               users: { test: { password: test } }, dhcp-domain: example.net, dhcp-routes: [10.17.0.0/16] }

        """;

    private const string Client = """
        data-plane: userspace
        log: { level: information, format: console }
        tunnels: { t: { lns: 192.0.2.2, secret: test, sessions: { s: {
          ppp: { backend: built-in, user: test, password: test } } } } }

        """;
}
