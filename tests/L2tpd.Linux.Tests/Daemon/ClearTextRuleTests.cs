using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using L2tpd.Configuration;
using L2tpd.Engine.Configuration;
using L2tpd.Linux;
using L2tpd.Protocol.Data;
using L2tpd.Runtime.Ipsec;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// The nftables table of <c>ipsec: required</c> over IP protocol 115 against clear text. A raw socket takes the place of the kernel's L2TP,
/// which receives at the same point. Needs root.
/// </summary>
public sealed partial class ClearTextRuleTests : IDisposable
{
    private const int RawSocket = 3, L2tp = 115, InternetV4 = 2, InternetV6 = 10;

    private readonly NamespacePair _link = new();

    public ClearTextRuleTests()
    {
        NamespacePair.Run($"ip -n {_link.First} addr add 192.0.2.11/24 dev link0");
        NamespacePair.Run($"ip -n {_link.First} addr add 2001:db8::1/64 dev link0 nodad");
        NamespacePair.Run($"ip -n {_link.First} addr add 2001:db8::11/64 dev link0 nodad");
        NamespacePair.Run($"ip -n {_link.Second} addr add 2001:db8::2/64 dev link0 nodad");
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.11", "192.0.2.2")]
    [InlineData("2001:db8::1", "2001:db8::11", "2001:db8::2")]
    public void Clear_text_to_and_from_the_address_is_dropped_and_counted_and_other_addresses_are_left_alone(
        string ours, string other, string peer)
    {
        var protectedListener = new Listener(IPAddress.Parse(ours), Carrier: DataCarrier.Ip)
        {
            Ipsec = new IpsecSettings { Policy = IpsecPolicy.Required },
        };
        var open = new Listener(IPAddress.Parse(other), Carrier: DataCarrier.Ip);
        using var at = Raw(_link.First, ours);
        using var atOther = Raw(_link.First, other);
        using var stranger = Raw(_link.Second, peer);
        // Without the table everything comes in: the test can fail.
        Send(stranger, ours, 1);
        Assert.Equal(1, Receive(at));
        using var rules = new ClearTextRules();
        InFirst(() => Assert.Equal("", Text(rules.Apply(Configuration(protectedListener, open)))));
        for (var i = 0; i < 20; i++)
            Send(stranger, ours, 2);
        Send(stranger, other, 3);
        Assert.Equal(3, Receive(atOther));
        Assert.Equal(0, at.Available);
        InFirst(() => Assert.Equal(20, ClearTextRules.ReadCounters().Dropped));
        Assert.Throws<SocketException>(() => Send(at, peer, 6));
        InFirst(() => Assert.Equal(1, ClearTextRules.ReadCounters().Unsent));
        Send(atOther, peer, 7);
        Assert.Equal(7, Receive(stranger));
        InFirst(() => Assert.True(rules.Apply(Configuration(protectedListener)).IsNone));
        Send(stranger, ours, 4);
        InFirst(() => Assert.Equal(21, ClearTextRules.ReadCounters().Dropped));
        InFirst(rules.Dispose);
        Assert.DoesNotContain("l2tpd", NamespacePair.Run($"ip netns exec {_link.First} nft list tables"));
        Send(stranger, ours, 5);
        Assert.Equal(5, Receive(at));
        InFirst(() => Assert.Equal(0, ClearTextRules.ReadCounters().Dropped));
    }

    [Fact]
    public void A_change_keeps_the_count_and_a_table_that_a_killed_daemon_left_is_replaced()
    {
        var listener = new Listener(IPAddress.Any, Carrier: DataCarrier.Ip) { Ipsec = new IpsecSettings { Policy = IpsecPolicy.Required } };
        using var at = Raw(_link.First, "192.0.2.1");
        using var stranger = Raw(_link.Second, "192.0.2.2");
        var killed = new ClearTextRules();
        InFirst(() => Assert.True(killed.Apply(Configuration(listener)).IsNone));
        Send(stranger, "192.0.2.1", 1);
        InFirst(() => Assert.True(SpinWait.SpinUntil(static () => ClearTextRules.ReadCounters().Dropped == 1, TimeSpan.FromSeconds(10))));
        using var rules = new ClearTextRules();
        InFirst(() => Assert.True(rules.Apply(Configuration(listener)).IsNone));
        InFirst(() => Assert.Equal(0, ClearTextRules.ReadCounters().Dropped));
        Send(stranger, "192.0.2.1", 1);
        InFirst(() => Assert.True(SpinWait.SpinUntil(static () => ClearTextRules.ReadCounters().Dropped == 1, TimeSpan.FromSeconds(10))));
        var both = new Listener(IPAddress.Parse("2001:db8::1"), Carrier: DataCarrier.Ip) { Ipsec = listener.Ipsec };
        InFirst(() => Assert.True(rules.Apply(Configuration(listener, both)).IsNone));
        InFirst(() => Assert.Equal(1, ClearTextRules.ReadCounters().Dropped));
        Assert.Equal(0, at.Available);
        InFirst(rules.Dispose);
    }

    public void Dispose() => _link.Dispose();

    private static DaemonConfiguration Configuration(params Listener[] listeners) =>
        new() { Engine = new EngineConfiguration { HostName = "test" }, Listeners = [.. listeners] };

    private static string Text(LinuxError error) => error.IsNone ? "" : error.ToString();

    private static Socket Raw(string networkNamespace, string address)
    {
        var ours = IPAddress.Parse(address);
        var family = ours.AddressFamily == AddressFamily.InterNetwork ? InternetV4 : InternetV6;
        // .NET knows no protocol 115.
        var raw = NetworkNamespace.Make(networkNamespace, () =>
            new Socket(new SafeSocketHandle(socket(family, RawSocket, L2tp), ownsHandle: true)) { ReceiveTimeout = 10_000 });
        raw.Bind(new IPEndPoint(ours, 0));
        return raw;
    }

    [LibraryImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int socket(int family, int type, int protocol);

    private static void Send(Socket socket, string to, byte number) =>
        socket.SendTo([0, 0, 0, 9, number], new IPEndPoint(IPAddress.Parse(to), 0));

    private static int Receive(Socket socket)
    {
        var packet = new byte[100];
        var length = socket.Receive(packet);
        return packet[length - 1];
    }

    private void InFirst(Action work) => NetworkNamespace.Make(_link.First, () =>
    {
        work();
        return _link;
    });
}
