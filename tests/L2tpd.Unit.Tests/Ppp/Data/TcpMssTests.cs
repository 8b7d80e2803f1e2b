using System.Buffers.Binary;
using L2tpd.Ppp.Data;

namespace L2tpd.Unit.Tests.Ppp.Data;

/// <summary>The MSS option of TCP's SYN lowered in packets, the checksum right after it, and everything else left as it was.</summary>
public sealed class TcpMssTests(ITestOutputHelper output)
{
    // 10.0.0.1:1000 to 10.0.0.2:80, SYN, MSS 1460, checksums computed by hand from the pseudo-header.
    private const string Syn4 = "4500002c000000004006 66c9 0a000001 0a000002 03e80050 00000001 00000000 6002 ffff 7c19 0000 020405b4";

    [Theory]
    [InlineData("020405b4", false)]
    [InlineData("01020405b4010100", false)]
    [InlineData("0303070101020405b4000000", false)]
    [InlineData("020405a0", true)]
    [InlineData("01020405a0010100", true)]
    public void Lowers_the_option_wherever_it_lies_and_keeps_the_sum_right(string options, bool ipv6)
    {
        var packet = Packet(Convert.FromHexString(options), ipv6);
        Assert.Equal(0, Sum(packet, ipv6));
        Assert.True(TcpMss.Clamp(packet, 1400));
        Assert.Equal(0, Sum(packet, ipv6));
        var expected = Packet(Convert.FromHexString(options.Replace("05b4", "0550", StringComparison.Ordinal).Replace("05a0", "053c",
            StringComparison.Ordinal)), ipv6);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(packet));
        Assert.False(TcpMss.Clamp(packet, 1400));
    }

    [Fact]
    public void A_packet_as_on_the_wire()
    {
        var packet = Convert.FromHexString(Syn4.Replace(" ", "", StringComparison.Ordinal));
        Fix(packet, ipv6: false);
        Assert.True(TcpMss.NeedsClamp(packet, 1000, out var tcp, out var option));
        Assert.Equal((20, 42), (tcp, option));
        TcpMss.Clamp(packet, 1000, tcp, option);
        Assert.Equal(960, BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(42)));
        Assert.Equal(0, Sum(packet, false));
    }

    [Theory]
    [InlineData("a value that fits", 1500, 0)]
    [InlineData("no SYN", 1400, 1)]
    [InlineData("a later fragment", 1400, 2)]
    [InlineData("UDP", 1400, 3)]
    [InlineData("an option cut off", 1400, 4)]
    [InlineData("behind the end of the list", 1400, 5)]
    [InlineData("a header cut off", 1400, 6)]
    public void Leaves_alone(string what, int mtu, int change)
    {
        var packet = Packet(Convert.FromHexString(change == 5 ? "00010101020405b4" : "020405b4"), ipv6: false);
        switch (change)
        {
            case 1: packet[33] = 0x10; break;
            case 2: packet[7] = 1; break;
            case 3: packet[9] = 17; break;
            case 4: packet[41] = 200; break;
            case 6: packet = packet[..39]; break;
        }

        var before = packet.ToArray();
        Assert.False(TcpMss.Clamp(packet, mtu), what);
        Assert.Equal(before, packet);
    }

    [Fact]
    public void Finds_TCP_behind_extension_headers_and_not_in_a_later_fragment()
    {
        var plain = Packet(Convert.FromHexString("020405a0"), ipv6: true);
        byte[] extended = [.. plain[..40], 6, 0, 0, 0, 0, 0, 0, 0, .. plain[40..]];
        extended[6] = 60;
        Assert.True(TcpMss.Clamp(extended, 1300));
        Assert.Equal(1240, BinaryPrimitives.ReadUInt16BigEndian(extended.AsSpan(70)));
        extended[6] = 44;
        extended[43] = 8;
        BinaryPrimitives.WriteUInt16BigEndian(extended.AsSpan(70), 1440);
        Assert.False(TcpMss.Clamp(extended, 1300));
    }

    [Fact]
    public void Survives_any_octets_and_a_right_sum_stays_right()
    {
        var seed = Seeds.One(output.WriteLine, 20_261_121);
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var ipv6 = random.Next(2) == 0;
            var options = new byte[random.Next(10) * 4];
            random.NextBytes(options);
            if (options.Length >= 8)
                new byte[] { 1, 2, 4, 0xff, 0xff }.CopyTo(options, random.Next(options.Length - 4));
            var packet = Packet(options, ipv6);
            for (var flips = random.Next(3); flips > 0; flips--)
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            packet = packet[..random.Next(packet.Length * 9 / 10, packet.Length + 1)];
            var before = packet.ToArray();
            var sum = packet.Length > 60 ? Sum(packet, packet[0] >> 4 == 6) : -1;
            var mtu = random.Next(0, 10_000);
            if (!TcpMss.Clamp(packet, mtu))
            {
                Assert.True(before.AsSpan().SequenceEqual(packet), $"changed, and said it did not (seed {seed}, packet {i})");
            }
            else if (sum == 0 && packet.Length == before.Length && packet[0] == (packet[0] >> 4 == 6 ? 0x60 : 0x45))
            {
                Assert.True(Sum(packet, packet[0] >> 4 == 6) == 0,
                    $"the checksum is wrong now (seed {seed}, packet {i}): {Convert.ToHexString(before)}");
            }
        }
    }

    private static byte[] Packet(byte[] options, bool ipv6)
    {
        var start = ipv6 ? 40 : 20;
        var packet = new byte[start + 20 + options.Length];
        if (ipv6)
        {
            packet[0] = 0x60;
            packet[6] = 6;
            (packet[8], packet[9], packet[23], packet[24], packet[25], packet[39]) = (0xfe, 0x80, 1, 0xfe, 0x80, 2);
        }
        else
        {
            (packet[0], packet[9], packet[12], packet[15], packet[16], packet[19]) = (0x45, 6, 10, 1, 10, 2);
        }

        (packet[start + 1], packet[start + 3], packet[start + 12], packet[start + 13]) = (9, 80, (byte)((20 + options.Length) / 4 << 4), 2);
        options.CopyTo(packet, start + 20);
        Fix(packet, ipv6);
        return packet;
    }

    private static void Fix(byte[] packet, bool ipv6)
    {
        var place = packet.AsSpan((ipv6 ? 40 : 20) + 16);
        place[..2].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(place, (ushort)Sum(packet, ipv6));
    }

    /// <summary>One's complement of the sum over pseudo-header and segment: 0 where the checksum is right (RFC 9293 section 3.1).</summary>
    private static int Sum(byte[] packet, bool ipv6)
    {
        var start = ipv6 ? 40 : 20;
        var addresses = ipv6 ? packet.AsSpan(8, 32) : packet.AsSpan(12, 8);
        var sum = 6 + (packet.Length - start);
        for (var i = 0; i < addresses.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(addresses[i..]);
        for (var i = start; i < packet.Length; i += 2)
            sum += i + 1 < packet.Length ? BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(i)) : packet[i] << 8;
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (int)(~sum & 0xffff);
    }
}
