namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Two daemons in two network namespaces with Ethernet pseudowires between them, frames from end to end.</summary>
public sealed class UserspaceEthernetTests
{
    [Theory]
    [InlineData("udp", "cookie: 0, sublayer: none", "")]
    [InlineData("udp", "cookie: 8, sublayer: default", "sequencing: true, reorder-timeout: 30ms, ")]
    [InlineData("ip", "cookie: 4, sublayer: default", "")]
    public void Frames_pass_small_large_and_tagged(string transport, string wire, string session)
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(
            $$"""
            data-plane: userspace
            listen: { address: 192.0.2.2, transport: {{transport}} }
            peers:
              any:
                protocol: v3
                secret: s
                authentication: required
                endpoints: { e: { {{session}}pseudowire: { type: ethernet, {{wire}}, interface: pw0, mtu: 1504, addresses: 10.9.0.2/24 } } }
            """, networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            $$"""
            data-plane: userspace
            tunnels:
              t:
                lns: 192.0.2.2
                transport: {{transport}}
                protocol: v3
                secret: s
                authentication: required
                sessions: { e: { {{session}}pseudowire: { type: ethernet, {{wire}}, interface: pw0, mtu: 1504, addresses: 10.9.0.1/24 } } }
            """, networkNamespace: pair.First);
        lac.WaitFor("network is up on pw0");
        lns.WaitFor("network is up on pw0");
        NamespacePair.Ping(pair.First, "10.9.0.2");
        NamespacePair.Ping(pair.Second, "10.9.0.1", octets: 1_472);
        TaggedFramePasses(pair);
        lac.Signal(DaemonProcess.Term);
        Assert.Equal(0, lac.WaitForExit());
        // The peer's interface goes with the session.
        lns.WaitUntil(() => !NamespacePair.Run($"ip -n {pair.Second} -o link").Contains("pw0"), "the interface of the LNS to go");
        Assert.DoesNotContain(lns.Lines, line => line.Contains("ERR") || line.Contains("Internal error"));
    }

    [Fact]
    public void A_LAC_without_a_word_on_the_sublayer_takes_what_the_LNS_wants()
    {
        using var pair = new NamespacePair();
        using var lns = DaemonProcess.Start(
            "data-plane: userspace\nlisten: 192.0.2.2\npeers: { any: { protocol: v3, endpoints: { e: { pseudowire: { sublayer: none, "
                + "interface: pw0, addresses: 10.9.0.2/24 } } } } }\n",
            networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            "data-plane: userspace\ntunnels: { t: { lns: 192.0.2.2, protocol: v3, sessions: { e: { pseudowire: { interface: pw0, "
                + "addresses: 10.9.0.1/24 } } } } }\n",
            networkNamespace: pair.First);
        lac.WaitFor("network is up on pw0");
        NamespacePair.Ping(pair.First, "10.9.0.2");
    }

    /// <summary>Sends a frame of 1,518 octets, whose tag the kernel here need not support.</summary>
    private static void TaggedFramePasses(NamespacePair pair)
    {
        using var near = PacketSocket.Open(pair.First, "pw0");
        var frame = Convert.FromHexString("ffffffffffff" + "020000000001" + "8100" + "0007" + "88b5" + new string('5', 3_000));
        // Nothing reports when the capture is ready: frames are sent until it has one. The tag is in the auxiliary data of the frame.
        var capture = Task.Run(() => NamespacePair.Run($"timeout 40 ip netns exec {pair.Second} tcpdump -i pw0 -nn -e -c 1 vlan 7"));
        while (!capture.Wait(TimeSpan.FromMilliseconds(100)))
            near.Send(frame);
        Assert.Contains("vlan 7", capture.Result, StringComparison.Ordinal);
        Assert.Contains("length 1518", capture.Result, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interface_that_cannot_be_had_ends_the_session_with_the_reason()
    {
        using var pair = new NamespacePair();
        // One session each: if both ends fail, the other end has only the CDN of the faster one.
        using var lns = DaemonProcess.Start(
            "data-plane: userspace\nlisten: 192.0.2.2\npeers: { any: { protocol: v3, endpoints: { e: { pseudowire: { interface: link0 } "
                + "}, f: { pseudowire: {} } } } }\n",
            networkNamespace: pair.Second);
        using var lac = DaemonProcess.Start(
            "data-plane: userspace\ntunnels: { t: { lns: 192.0.2.2, protocol: v3, sessions: { e: { pseudowire: { interface: pwe } }, f: { "
                + "pseudowire: { bridge: nowhere } } } } }\n",
            networkNamespace: pair.First);
        Assert.Contains("is down", lns.WaitFor("an interface link0 exists already"));
        Assert.Contains("is down", lac.WaitFor("bridge nowhere: there is no such interface"));
        // The worker closes it a moment after the log line.
        lac.WaitUntil(() => !NamespacePair.Run($"ip -n {pair.First} -o link").Contains("l2tpeth", StringComparison.Ordinal),
            "no interface is left");
    }
}
