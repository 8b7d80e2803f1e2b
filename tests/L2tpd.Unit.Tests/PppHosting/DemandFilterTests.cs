using System.Net;
using L2tpd.PppHosting.Userspace.Demand;

namespace L2tpd.Unit.Tests.PppHosting;

/// <summary>Which packets dial a session on demand, and how many wait for it.</summary>
public sealed class DemandFilterTests
{
    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("223.255.255.255", true)]
    [InlineData("224.0.0.1", false)]
    [InlineData("239.255.255.250", false)]
    [InlineData("240.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("169.254.3.4", false)]
    [InlineData("169.253.3.4", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("ff02::2", false)]
    [InlineData("ff02::16", false)]
    [InlineData("ff0e::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("febf::1", false)]
    [InlineData("fec0::1", true)]
    [InlineData("::", false)]
    public void A_packet_dials_if_it_is_for_a_host(string destination, bool dials) =>
        Assert.Equal(dials, DemandFilter.Dials(PacketTo(destination)));

    [Theory]
    [InlineData("192.0.2.7", true)]
    [InlineData("192.0.2.8", true)]
    [InlineData("192.0.2.9", false)]
    [InlineData("2001:db8::7", true)]
    [InlineData("2001:db8::8", false)]
    public void A_packet_to_the_LNS_itself_is_recognised(string destination, bool isFor) => Assert.Equal(isFor, DemandFilter.IsFor(
        PacketTo(destination), [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("192.0.2.8"), IPAddress.Parse("2001:db8::7")]));

    [Fact]
    public void Octets_of_any_kind_are_read_without_an_exception()
    {
        var seed = Environment.GetEnvironmentVariable("L2TPD_SEED") is { } given
            ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        Console.WriteLine($"L2TPD_SEED={seed}");
        var random = new Random(seed);
        var ends = new[] { IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7") };
        var octets = new byte[64];
        for (var i = 0; i < 1_000_000; i++)
        {
            random.NextBytes(octets);
            var packet = octets.AsSpan(0, random.Next(octets.Length));
            if (packet.Length > 0)
                packet[0] = (byte)((random.Next(8) << 4) | 5);
            _ = DemandFilter.Dials(packet);
            _ = DemandFilter.IsFor(packet, ends);
        }
    }

    [Fact]
    public void The_queue_is_bounded_in_packets_and_in_octets()
    {
        var queue = new DemandQueue();
        for (var i = 0; i < DemandQueue.MostPackets; i++)
        {
            Assert.True(queue.HasRoom(1_400));
            queue.Add(new byte[1_400]);
        }

        Assert.False(queue.HasRoom(1));
        Assert.Equal(32, queue.TakeAll().Length);
        Assert.Equal(0, queue.Count);
        for (var i = 0; i < 6; i++)
            queue.Add(new byte[9_500]);
        Assert.False(queue.HasRoom(9_500));
        Assert.True(queue.HasRoom(DemandQueue.MostOctets - (6 * 9_500)));
    }

    private static byte[] PacketTo(string destination)
    {
        var address = IPAddress.Parse(destination).GetAddressBytes();
        var packet = new byte[address.Length == 4 ? 20 : 40];
        packet[0] = (byte)(address.Length == 4 ? 0x45 : 0x60);
        address.CopyTo(packet, address.Length == 4 ? 16 : 24);
        return packet;
    }
}
