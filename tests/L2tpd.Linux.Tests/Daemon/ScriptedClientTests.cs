using System.Diagnostics;
using System.Net;
using L2tpd.Control;
using L2tpd.TestKit;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// The L2TP clients of Windows, of macOS and iOS, and of Android, as <see cref="ClientManner"/> has them, with the daemon as LNS: they come
/// up, get name servers, are echoed, get no packet longer than their MRU, and come back as each of them does. Without IPsec, of which
/// neither end of L2TP sees anything. Needs root.
/// </summary>
public sealed class ScriptedClientTests
{
    private const string Lns = "192.0.2.1";

    public static TheoryData<string, string> Clients => new()
    {
        { "Windows", "mschap-v2" }, { "Apple", "mschap-v2" }, { "Apple", "chap" },
        { "Android", "mschap-v2" }, { "Android", "chap" }, { "Android", "pap" },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public void A_client_comes_up_and_gets_what_it_asks_for_and_no_packet_longer_than_its_MRU(string name, string authentication)
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Configuration(authentication), networkNamespace: link.First);
        var manner = MannerOf(name);
        using var lac = Connect(link, manner, "192.0.2.2");
        lac.Call(manner.OfCall);
        var client = new ScriptedClient(lac, manner, "alice", "wonderland");
        client.ComeUp();
        Assert.Equal(("10.99.0.10", "192.0.2.53", "192.0.2.54"),
            (client.Address.ToString(), client.NameServers[129].ToString(), client.NameServers[131].ToString()));
        // What was asked for in vain was refused by its number, not by silence.
        Assert.Equal(manner.Others.Select(static other => other.Protocol).Order(), AwaitRejections(client, manner.Others.Length));
        client.SendLcpEcho();
        client.Wait(() => client.Echoes is { Answers: > 0, Requests: > 0 }, "echoes of LCP both ways");
        AssertPings(client);
        using var ping = Process.Start("ip", $"netns exec {link.First} ping -q -c 3 -i 0.2 -W 1 -s 2000 -M dont {client.Address}");
        client.Wait(() => client.LongestPacket > manner.Mru - 8, "a packet as long as it takes");
        client.Run(() => ping.HasExited, TimeSpan.FromSeconds(10));
        Assert.InRange(client.LongestPacket, manner.Mru - 7 - 20, manner.Mru);
        Assert.Equal(1400, client.PeerMru);
        Assert.DoesNotContain("Internal error", daemon.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_gets_NetBIOS_name_servers_and_asks_for_domain_and_routes_by_DHCPINFORM()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start(Configuration("mschap-v2"), networkNamespace: link.First);
        using var lac = Connect(link, ClientManner.Windows, "192.0.2.2");
        lac.Call(ClientManner.Windows.OfCall);
        var client = new ScriptedClient(lac, ClientManner.Windows, "alice", "wonderland");
        client.ComeUp();
        Assert.Equal("192.0.2.55", client.NameServers[130].ToString());
        // Callback, and both options of multilink.
        Assert.Superset(new HashSet<(int, int)> { (0xc021, 13), (0xc021, 17) }, client.Rejected.ToHashSet());
        client.SendDatagram(68, IPAddress.Broadcast, 67, DhcpInform(client.Address));
        client.Wait(() => client.Packets.Any(static packet => packet[9] == 17), "the answer to DHCPINFORM");
        var answer = Convert.ToHexStringLower(client.Packets.First(static packet => packet[9] == 17));
        Assert.Contains("350105", answer, StringComparison.Ordinal);
        Assert.Contains("0f0b" + Convert.ToHexStringLower("example.net"u8), answer, StringComparison.Ordinal);
        Assert.Contains("7907100a110a630001", answer, StringComparison.Ordinal);
        Assert.Contains("f907100a110a630001", answer, StringComparison.Ordinal);
    }

    // Windows: the same tunnel id and port. Its SCCRQ is that of the former tunnel, octet by octet: within the linger time it counts as
    // repeated, after that as a new beginning. Apple: another id and another port. Android: from another address, as a phone that roams.
    [Theory]
    [InlineData("Windows", "192.0.2.2", false)]
    [InlineData("Apple", "192.0.2.2", true)]
    [InlineData("Android", "192.0.2.22", true)]
    public void A_client_that_was_cut_off_comes_back_at_once_and_has_its_address_again(string name, string from, bool otherId)
    {
        using var link = new NamespacePair();
        NamespacePair.Run($"ip -n {link.Second} addr add 192.0.2.22/24 dev link0");
        using var daemon = DaemonProcess.Start(Configuration("mschap-v2"), networkNamespace: link.First);
        var manner = MannerOf(name);
        using (var lac = Connect(link, manner, "192.0.2.2"))
        {
            lac.Call(manner.OfCall);
            new ScriptedClient(lac, manner, "alice", "wonderland").ComeUp();
            // The network is cut: no CDN, no StopCCN.
        }

        var watch = Stopwatch.StartNew();
        if (otherId)
            manner = manner with { Lac = manner.Lac with { TunnelId = 0x7abc } };
        using var again = Connect(link, manner with { Lac = manner.Lac with { RepeatsRequest = true } }, from);
        again.Call(manner.OfCall);
        var client = new ScriptedClient(again, manner, "alice", "wonderland");
        client.ComeUp();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        AssertPings(client);
        using var control = new ControlClient(Path.Combine(daemon.Directory, "control.sock"));
        Assert.True(client.Run(() => Users(control) is [_], TimeSpan.FromSeconds(10)), "its former session has ended");
        Assert.Equal(client.Address.ToString(), Users(control)[0]);
    }

    // As ping does: once a second, because the first one may be there before the interface is.
    private static void AssertPings(ScriptedClient client)
    {
        for (var i = 0; i < 15; i++)
        {
            client.SendEcho(IPAddress.Parse("10.99.0.1"));
            if (client.Run(() => client.Packets.Any(static packet => packet[9] == 1 && packet[20] == 0), TimeSpan.FromSeconds(1)))
                return;
        }

        Assert.Fail("no answer to a ping");
    }

    private static string?[] Users(ControlClient control) =>
    [
        .. control.SessionsAsync().GetAwaiter().GetResult().Items.Where(static session => session.User == "alice")
            .Select(static session => session.PeerAddress),
    ];

    private static IEnumerable<int> AwaitRejections(ScriptedClient client, int count)
    {
        client.Wait(() => client.RejectedProtocols.Count >= count, "Protocol-Rejects");
        return client.RejectedProtocols.Order();
    }

    private static ClientManner MannerOf(string name) => name switch
    {
        "Windows" => ClientManner.Windows,
        "Apple" => ClientManner.Apple,
        _ => ClientManner.Android,
    };

    private static ScriptedLac Connect(NamespacePair link, ClientManner manner, string from)
    {
        // Windows always sends from port 1701.
        var port = manner.Name == "Windows" ? 1701 : 0;
        return ScriptedLac.Connect(link.Second, Lns, manner.Lac with { Local = new IPEndPoint(IPAddress.Parse(from), port) });
    }

    private static byte[] DhcpInform(IPAddress address)
    {
        var request = new byte[300];
        Convert.FromHexString("0101060012345678").CopyTo(request, 0);
        address.GetAddressBytes().CopyTo(request, 12);
        Convert.FromHexString("63825363" + "350108" + "3c084d53465420352e30" + "370c010f03062c2e2f1f2179f92b" + "ff").CopyTo(request, 236);
        return request;
    }

    private static string Configuration(string authentication) => $$"""
        data-plane: userspace
        listen: 0.0.0.0:1701
        log: { level: information, format: console }
        peers: { any: { timers: { linger: 2s }, lns: { ppp: p } } }
        ppp:
          p: { backend: built-in, auth: {{authentication}}, name: lns, local: 10.99.0.1, pool: 10.99.0.10-10.99.0.20,
               dns: [192.0.2.53, 192.0.2.54], nbns: [192.0.2.55], echo-interval: 1s, same-user: replace,
               users: { alice: { password: wonderland } }, dhcp-domain: example.net, dhcp-routes: [10.17.0.0/16] }

        """;
}
