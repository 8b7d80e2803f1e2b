using System.Buffers.Binary;
using System.Net;
using L2tpd.Ppp;
using L2tpd.Ppp.Inform;
using L2tpd.TestKit;

namespace L2tpd.Unit.Tests.Ppp.Inform;

/// <summary>DHCPINFORM of a subscriber with the address 10.99.0.2, and its answers (RFC 2131, RFC 3442).</summary>
public sealed class DhcpInformTests
{
    private const string Ours = "0a630001";
    private const string Peers = "0a630002";

    private static readonly Ipv4Network Network = new(
        Ipv4Address.Parse("10.99.0.1"), Ipv4Address.Parse("10.99.0.2"), Ipv4Address.Parse("192.0.2.53"), default,
        Ipv4Address.Parse("192.0.2.44"), default, 1_400, 1_400, null);

    private static readonly InformSettings Settings = new() { Domain = "example.net", Routes = [IPNetwork.Parse("10.17.0.0/16")] };

    [Fact]
    public void The_answer_is_an_ACK_without_an_address_and_has_what_Windows_asks_for()
    {
        // The parameter request list of Windows: mask, domain, router, name servers, NBNS, ..., 121, 249.
        var answer = Answer(Request("350108" + Option(55, "010f03062c2e2f1f2179f92b") + "ff"))!;
        var message = answer.AsSpan(28);
        Assert.Equal("02" + "01" + "06" + "00" + "12345678" + "00008000" + Peers + "00000000" + "00000000" + "00000000",
            Hex(message[..28]));
        Assert.Equal("0012345678" + "9a", Hex(message[28..34]));
        Assert.Equal("63825363" + Option(53, "05") + Option(54, Ours) + Option(6, "c0000235") + Option(44, "c000022c")
            + Option(15, "6578616d706c652e6e6574") + Option(121, "100a11" + Ours) + Option(249, "100a11" + Ours) + "ff",
            Hex(message[236..(236 + 4 + 3 + 6 + 6 + 6 + 13 + 9 + 9 + 1)]));
        // Never a lease (RFC 2131 section 4.3.5).
        Assert.DoesNotContain("3304", Hex(message[240..300]), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_is_asked_for_is_in_the_answer_and_all_without_a_list()
    {
        Assert.Equal([53, 54, 15], Codes(Answer(Request("350108" + Option(55, "0f") + "ff"))!));
        Assert.Equal([53, 54, 6, 44, 15, 121, 249], Codes(Answer(Request("350108ff"))!));
        Assert.Equal([53, 54, 6], Codes(Answer(Request("350108" + Option(55, "060f79f9") + "ff"), new InformSettings())!));
    }

    /// <summary>The examples of RFC 3442, page 4.</summary>
    [Theory]
    [InlineData("0.0.0.0/0", "00")]
    [InlineData("10.0.0.0/8", "080a")]
    [InlineData("10.0.0.0/24", "180a0000")]
    [InlineData("10.17.0.0/16", "100a11")]
    [InlineData("10.27.129.0/24", "180a1b81")]
    [InlineData("10.229.0.128/25", "190ae50080")]
    [InlineData("10.198.122.47/32", "200ac67a2f")]
    public void A_route_has_its_length_and_its_significant_octets(string route, string descriptor)
    {
        var answer = Answer(Request("350108" + Option(55, "79") + "ff"), new InformSettings { Routes = [IPNetwork.Parse(route)] })!;
        Assert.Contains(Option(121, descriptor + Ours), Hex(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_routes_as_are_permitted_fit_in_both_options()
    {
        var routes = Enumerable.Range(0, InformSettings.MostRoutes)
            .Select(static i => new IPNetwork(new IPAddress([10, 1, 1, (byte)i]), 32));
        var settings = new InformSettings { Domain = new string('d', 63) + ".example", Routes = [.. routes] };
        var answer = Answer(Request("350108ff"), settings)!;
        Assert.Equal(2, Hex(answer).Split("fc200a010100" + Ours).Length - 1);
        Assert.InRange(answer.Length, 600, DhcpInform.MaxAnswer);
    }

    [Fact]
    public void Both_checksums_of_the_answer_are_right_and_a_short_answer_is_padded()
    {
        foreach (var domain in new[] { "a", "ab", "abc.example.net" })
        {
            var answer = Answer(Request("350108ff"), new InformSettings { Domain = domain })!;
            Assert.Equal(28 + 300, answer.Length);
            Assert.Equal(answer.Length, BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(2)));
            Assert.Equal(ushort.MaxValue, Sum(answer[..20]));
            byte[] pseudo = [.. answer[12..20], 0, 17, .. answer[24..26], .. answer[20..]];
            Assert.Equal(ushort.MaxValue, Sum(pseudo));
            Assert.Equal(("0043", "0044", Ours, Peers),
                (Hex(answer.AsSpan(20, 2)), Hex(answer.AsSpan(22, 2)), Hex(answer.AsSpan(12, 4)), Hex(answer.AsSpan(16, 4))));
        }
    }

    /// <summary>Each is the good request with one thing wrong.</summary>
    public static TheoryData<string, int, string> Wrong => new()
    {
        { "another source", 12, "0a630003" },
        { "another ciaddr", 28 + 12, "0a630003" },
        { "no ciaddr", 28 + 12, "00000000" },
        { "a relayed one", 28 + 24, "0a630009" },
        { "a reply", 28, "02" },
        { "a hardware address that is too long", 28 + 2, "11" },
        { "no magic cookie", 28 + 236, "63825364" },
        { "a DHCPDISCOVER", 28 + 242, "01" },
        { "a DHCPREQUEST", 28 + 242, "03" },
        { "another port", 22, "0045" },
        { "TCP", 9, "06" },
        { "a fragment", 6, "2000" },
        { "the end of a fragmented datagram", 6, "0001" },
        { "a length beyond the packet", 2, "0600" },
        { "a UDP length beyond the packet", 24, "0600" },
        { "a UDP length below its header", 24, "0007" },
        { "a header of 60 octets that is not there", 0, "4f" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_no_DHCPINFORM_of_the_peer_for_itself_gets_no_answer(string what, int at, string octets)
    {
        var request = Request("350108ff");
        Assert.NotNull(Answer(request));
        Convert.FromHexString(octets).CopyTo(request.AsSpan(at));
        Complete(request);
        Assert.True(Answer(request) is null, what);
    }

    [Fact]
    public void A_wrong_checksum_gets_no_answer_and_a_missing_one_does()
    {
        var request = Request("350108ff");
        request[26] ^= 1;
        Assert.Null(Answer(request));
        request.AsSpan(26, 2).Clear();
        Assert.NotNull(Answer(request));
        request[10] ^= 1;
        Assert.Null(Answer(request));
    }

    [Fact]
    public void No_octets_throw() => Seeds.ForEach(2_000, static seed =>
    {
        var random = new Random((int)seed);
        var request = Request("350108" + Option(55, "79f9060f") + Option(61, "00") + "ff");
        for (var i = random.Next(1, 6); i > 0; i--)
            request[random.Next(request.Length)] = (byte)random.Next(256);
        if (random.Next(2) == 0)
            Complete(request);
        _ = Answer(request[..random.Next(request.Length + 1)]);
    });

    [Fact]
    public void The_layer_answers_a_few_at_once_then_one_per_second_and_leaves_other_packets_alone()
    {
        var rig = Opened();
        for (var i = 0; i < 1_000; i++)
            Assert.True(rig.Endpoint.HandlePacket(PppProtocol(), Request("350108ff"), rig.Now, rig));
        Assert.Equal(5, rig.AllSent().Length);
        rig.Now += 1_000;
        for (var i = 0; i < 10; i++)
            rig.Endpoint.HandlePacket(PppProtocol(), Request("350108ff"), rig.Now, rig);
        Assert.StartsWith("002145", Assert.Single(rig.AllSent()), StringComparison.OrdinalIgnoreCase);
        // A relay or a DHCP server elsewhere is the subscriber's own matter, and so is a forged source.
        foreach (var (at, octets) in new[] { (16, "c0000201"), (12, "0a630003"), (22, "0035") })
        {
            var data = Request("350108ff");
            Convert.FromHexString(octets).CopyTo(data.AsSpan(at));
            Complete(data);
            Assert.False(rig.Endpoint.HandlePacket(PppProtocol(), data, rig.Now, rig));
        }
    }

    private static L2tpd.Ppp.Wire.PppProtocol PppProtocol() => L2tpd.Ppp.Wire.PppProtocol.Ipv4;

    private static PppRig Opened()
    {
        var rig = new PppRig(new PppProfile
        {
            Server = true, EchoInterval = 0, NetworkLayers = [new InformLayerFactory(Settings), .. NetworkLayers.Standard],
        });
        rig.OpenLcp();
        var grant = new AddressGrant(Ipv4Address.Parse("10.99.0.1"), Ipv4Address.Parse("10.99.0.2"));
        rig.Endpoint.HandleAddress(rig.AddressRequests[^1].Attempt, grant, rig.Now, rig);
        rig.AckOwnRequest(L2tpd.Ppp.Wire.PppProtocol.Ipcp);
        rig.Receive(L2tpd.Ppp.Wire.PppProtocol.Ipcp, 1, 1, "0306" + Peers);
        Assert.NotNull(rig.Ipv4);
        rig.Frames.Clear();
        return rig;
    }

    private static byte[]? Answer(byte[] request, InformSettings? settings = null)
    {
        var room = new byte[DhcpInform.MaxAnswer];
        var length = DhcpInform.Answer(request, Network, settings ?? Settings, room);
        return length == 0 ? null : room[..length];
    }

    /// <summary>The IPv4 packet of a request, broadcast as Windows does.</summary>
    private static byte[] Request(string options)
    {
        var message = "01010600" + "12345678" + "00008000" + Peers + new string('0', 24) + "0012345678" + "9a" + new string('0', 20)
            + new string('0', 384) + "63825363" + options.Replace(" ", "", StringComparison.Ordinal);
        var packet = Convert.FromHexString("45000000" + "00010000" + "80110000" + Peers + "ffffffff" + "00440043" + "00000000" + message);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), (ushort)(packet.Length - 20));
        Complete(packet);
        return packet;
    }

    /// <summary>Sets both checksums.</summary>
    private static void Complete(byte[] packet)
    {
        packet.AsSpan(10, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~Sum(packet[..20]));
        packet.AsSpan(26, 2).Clear();
        byte[] pseudo = [.. packet[12..20], 0, 17, .. packet[24..26], .. packet[20..]];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(26), (ushort)~Sum(pseudo));
    }

    private static ushort Sum(byte[] octets)
    {
        var sum = 0;
        for (var i = 0; i < octets.Length; i++)
            sum += i % 2 == 0 ? octets[i] << 8 : octets[i];
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)sum;
    }

    private static int[] Codes(byte[] answer)
    {
        var codes = new List<int>();
        for (var at = 28 + 240; answer[at] != 255; at += 2 + answer[at + 1])
            codes.Add(answer[at]);
        return [.. codes];
    }

    private static string Option(byte code, string value) => $"{code:x2}{value.Length / 2:x2}{value}";

    private static string Hex(ReadOnlySpan<byte> octets) => Convert.ToHexStringLower(octets);
}
