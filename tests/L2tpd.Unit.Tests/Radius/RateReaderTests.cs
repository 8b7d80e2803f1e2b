using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;
using L2tpd.TestKit;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>
/// The rates that vendors' attributes name. Expected: bit/s from the peer and to it, each with its burst if there is one; <c>!</c> for a
/// line in the log.
/// </summary>
public sealed class RateReaderTests
{
    [Theory]
    [InlineData("10M", "10000000 10000000")]
    [InlineData("512k/2M", "512000 2000000")]
    [InlineData("1000000/2000000", "1000000 2000000")]
    [InlineData("5m/10M 10M/20M", "5000000+312500 10000000+625000")]
    [InlineData("1M/2M 2M/4M 750k/1500k 16/16 8 256k/512k", "1000000+750000 2000000+1500000")]
    [InlineData("10M 10M 5M 4", "10000000 10000000")]
    [InlineData("1M/1M 2M/2M 1M/1M 1s/1s 1", "1000000+62500 1000000+62500")]
    [InlineData("0/20M", "0 20000000")]
    [InlineData("", "- -")]
    [InlineData("fast", "- - !")]
    [InlineData("10M/", "- - !")]
    [InlineData("-1/10M", "- - !")]
    [InlineData("10M 20M 5M 1 9", "- - !")]
    [InlineData("10M 20M 5M 1 1 1M surplus", "- - !")]
    [InlineData("99999999999999999999999", "- - !")]
    public void Mikrotik_Rate_Limit(string text, string expected) => Assert.Equal(expected, Read(
        (ref PacketBuilder packet) => packet.AddVendor(VendorId.Mikrotik, 8, Octets(text))));

    [Theory]
    [InlineData(
        "lcp:interface-config#1=rate-limit input 10000000 8000 8000 conform-action transmit exceed-action drop", "10000000+8000 -")]
    [InlineData("lcp:interface-config#2=rate-limit output access-group 101 20000000 16000 16000", "- 20000000+16000")]
    [InlineData("ip:interface-config=rate-limit output 64000", "- 64000")]
    [InlineData("ip:sub-qos-policy-in=POLICE_512k_IN", "512000 -")]
    [InlineData("ip:sub-qos-policy-out=gold-20M", "- 20000000")]
    [InlineData("lcp:interface-config=service-policy output LIMIT-1.5M", "- 1500000")]
    [InlineData("ip:sub-qos-policy-out=gold", "- -")]
    [InlineData("ip:addr-pool=rates", "- -")]
    [InlineData("lcp:interface-config#1=rate-limit sideways 1 2 3", "- - !")]
    [InlineData("lcp:interface-config#1=rate-limit input", "- - !")]
    [InlineData("lcp:interface-config#1=rate-limit input access-group 101", "- - !")]
    [InlineData("lcp:interface-config#1=rate-limit input 1000 99999999999", "- - !")]
    public void Cisco_AVPair(string text, string expected) => Assert.Equal(expected, Read(
        (ref PacketBuilder packet) => packet.AddVendor(VendorId.Cisco, 1, Octets(text))));

    [Theory]
    [InlineData("e:r:rate=800000", "- 800000000")]
    [InlineData("i:q:1:pir=20000,cir=1000", "20000000 -")]
    [InlineData("i:q:1:cir=1000,pir=20000", "20000000 -")]
    [InlineData("e:r:rate=max", "- - !")]
    [InlineData("x:r:rate=1", "- - !")]
    [InlineData("e:q:1:wrr_weight=3", "- - !")]
    public void Alc_Subscriber_QoS_Override(string text, string expected) => Assert.Equal(expected, Read(
        (ref PacketBuilder packet) => packet.AddVendor(VendorId.Nokia, 126, Octets(text))));

    [Theory]
    [InlineData(10, "limit-5M", "5000000 -")]
    [InlineData(11, "limit-5M", "- 5000000")]
    [InlineData(26, "residential_100M", "- 100000000")]
    [InlineData(177, "T02 10m", "- 10000000")]
    [InlineData(177, "64000", "- 64000")]
    [InlineData(11, "ipv4m", "- -")]
    [InlineData(11, "10Mx", "- -")]
    public void Erx_names(byte type, string text, string expected) => Assert.Equal(expected, Read(
        (ref PacketBuilder packet) => packet.AddVendor(VendorId.Erx, type, Octets(text))));

    [Fact]
    public void Numbers_of_WISPr_Huawei_and_Ascend_have_a_direction_each()
    {
        Assert.Equal("1000 2000", Read(static (ref PacketBuilder packet) => AddPair(ref packet, VendorId.Wispr, 7, 8)));
        Assert.Equal("1000 2000", Read(static (ref PacketBuilder packet) => AddPair(ref packet, VendorId.Huawei, 2, 5)));
        Assert.Equal("1000 2000", Read(static (ref PacketBuilder packet) => AddPair(ref packet, VendorId.Ascend, 197, 255)));
        Assert.Equal("1000 2000", Read(static (ref PacketBuilder packet) => AddPair(ref packet, VendorId.Ascend, 197, 197)));
        Assert.Equal("1000 1000", Read(static (ref PacketBuilder packet) => packet.AddVendor(VendorId.Ascend, 197, Number(1_000))));
        Assert.Equal("1000 2000", Read(static (ref PacketBuilder packet) =>
        {
            packet.AddUInt32((AttributeType)197, 1_000);
            packet.AddUInt32((AttributeType)255, 2_000);
        }));
        Assert.Equal("- -", Read(static (ref PacketBuilder packet) => packet.AddVendor(VendorId.Wispr, 7, [1, 2, 3])));
    }

    [Theory]
    [InlineData("20000/5000", "5000000 20000000", "")]
    [InlineData("0/5000", "5000000 0", "")]
    [InlineData("gold", "- -", "gold")]
    [InlineData("10M/5M", "- -", "10M/5M")]
    [InlineData("20000/", "- -", "20000/")]
    [InlineData("/5", "- -", "/5")]
    [InlineData("99999999999999/1", "- -", "99999999999999/1")]
    public void Filter_Id_of_two_numbers_is_a_rate_and_any_other_a_name(string text, string expected, string filters)
    {
        var read = Authorise((ref PacketBuilder packet) => packet.AddText(AttributeType.FilterId, text));
        Assert.Equal(expected, Text(read.RateFromPeer, read.RateToPeer, false));
        Assert.Equal(filters, string.Join(' ', read.Filters));
    }

    [Fact]
    public void The_most_exact_attribute_counts_whatever_the_order()
    {
        (string Expected, Attributes Add)[] attributes =
        [
            ("1000000 2000000", static (ref PacketBuilder packet) => packet.AddVendor(VendorId.Mikrotik, 8, Octets("1M/2M"))),
            ("3000000 2000000", static (ref PacketBuilder packet) =>
                packet.AddVendor(VendorId.Cisco, 1, Octets("lcp:interface-config#1=rate-limit input 3000000"))),
            ("1000 2000", static (ref PacketBuilder packet) => AddPair(ref packet, VendorId.Ascend, 197, 255)),
            ("1000 2000", static (ref PacketBuilder packet) => AddPair(ref packet, VendorId.Wispr, 7, 8)),
            ("1000 2000", static (ref PacketBuilder packet) => AddPair(ref packet, VendorId.Huawei, 2, 5)),
            ("5000000 20000000", static (ref PacketBuilder packet) => packet.AddText(AttributeType.FilterId, "20000/5000")),
        ];
        Assert.Equal("1000000 2000000", Read((ref PacketBuilder packet) => AddAll(ref packet, attributes)));
        Array.Reverse(attributes);
        Assert.Equal("1000000 2000000", Read((ref PacketBuilder packet) => AddAll(ref packet, attributes)));
        // A direction that the first one does not name is the next one's.
        Assert.Equal("3000000 2000", Read((ref PacketBuilder packet) => AddAll(ref packet, attributes[..^1])));
    }

    [Fact]
    public void Problems_are_named_for_the_log_and_bounded()
    {
        var read = Authorise(static (ref PacketBuilder packet) =>
        {
            for (var i = 0; i < 100; i++)
                packet.AddVendor(VendorId.Mikrotik, 8, Octets("fast"));
        });
        Assert.Equal((4, "Mikrotik-Rate-Limit `fast`"), (read.RateProblems.Length, read.RateProblems[0]));
    }

    [Fact]
    public void No_text_makes_a_reader_throw() => Seeds.ForEach(300, static seed =>
    {
        const string Letters = "0123456789/ .:=,kKmMgGsieqrat-#rate-limit input output pir rate";
        var random = new Random((int)seed);
        var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Letters[random.Next(Letters.Length)]));
        var read = Authorise((ref PacketBuilder packet) =>
        {
            packet.AddText(AttributeType.FilterId, "f" + text);
            packet.AddVendor(VendorId.Mikrotik, 8, Octets(text));
            packet.AddVendor(VendorId.Cisco, 1, Octets("rate-limit " + text));
            packet.AddVendor(VendorId.Nokia, 126, Octets("e:" + text));
            packet.AddVendor(VendorId.Erx, 11, Octets(text));
        });
        Assert.InRange(read.RateToPeer?.BitsPerSecond ?? 0, 0ul, RateText.Largest);
    });

    private static void AddAll(ref PacketBuilder packet, (string Expected, Attributes Add)[] attributes)
    {
        foreach (var (_, add) in attributes)
            add(ref packet);
    }

    private static void AddPair(ref PacketBuilder packet, VendorId vendor, byte fromPeer, byte toPeer)
    {
        packet.AddVendor(vendor, fromPeer, Number(1_000));
        packet.AddVendor(vendor, toPeer, Number(2_000));
    }

    private static byte[] Number(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static byte[] Octets(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Read(Attributes attributes)
    {
        var read = Authorise(attributes);
        return Text(read.RateFromPeer, read.RateToPeer, !read.RateProblems.IsEmpty);
    }

    private static string Text(RateLimit? fromPeer, RateLimit? toPeer, bool hasProblem) =>
        $"{Text(fromPeer)} {Text(toPeer)}{(hasProblem ? " !" : "")}";

    private static string Text(RateLimit? limit) => limit is null ? "-"
        : limit.BurstOctets == 0 ? $"{limit.BitsPerSecond}" : $"{limit.BitsPerSecond}+{limit.BurstOctets}";

    private static Authorisation Authorise(Attributes attributes)
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap());
        rig.Answer(RadiusCode.AccessAccept, attributes);
        return rig.Result().Authorisation!;
    }
}
