using System.Buffers.Binary;
using L2tpd.Ppp.Data;
using L2tpd.Ppp.Wire;

namespace L2tpd.Fuzz.Tests.DataPlane;

/// <summary>
/// The parts of a subscriber's data that the userspace data plane reads without PPP: the frame's header, the packet's addresses, the MSS of
/// TCP.
/// </summary>
public sealed class PppPacketFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Frames_are_read_as_built_and_mutants_stay_inside() => Seeds.ForEach(100, TimeSpan.FromSeconds(10), output.WriteLine, seed =>
    {
        var random = new SeededRandom(seed);
        for (var i = 0; i < 500; i++)
        {
            // RFC 1661 section 2: the low octet is odd, the high one even; below 256 the high one may be left out.
            var protocol = (random.Chance(0.5) ? 0 : (random.Below(256) & 0xfe) << 8) | random.Below(256) | 1;
            byte[] frame =
            [
                .. random.Chance(0.5) && protocol != 0xff ? new byte[] { 0xff, 3 } : [],
                .. protocol < 256 && protocol != 0xff && random.Chance(0.5) ? new[] { (byte)protocol }
                    : [(byte)(protocol >> 8), (byte)protocol],
            ];
            var payload = new byte[random.Below(30)];
            random.Fill(payload);
            byte[] whole = [.. frame, .. payload];
            Assert.True(PppFrame.TryParse(whole, out var parsed), Convert.ToHexString(whole));
            Assert.Equal(protocol, (int)parsed.Protocol);
            Assert.True(parsed.Payload.SequenceEqual(payload));
            CheckFrame(Mutate(whole, random));
        }
    });

    [Fact]
    public void Addresses_are_read_of_any_packet_that_has_a_version() =>
        Seeds.ForEach(100, TimeSpan.FromSeconds(10), output.WriteLine, seed =>
        {
            var random = new SeededRandom(seed);
            for (var i = 0; i < 500; i++)
            {
                var packet = new byte[random.Below(60)];
                random.Fill(packet);
                if (packet.Length > 0 && random.Chance(0.9))
                    packet[0] = (byte)(random.Chance(0.5) ? 0x45 : 0x60);
                // The lengths are those of the smallest headers (RFC 791, RFC 8200).
                var version = packet.Length >= 20 && packet[0] >> 4 == 4 ? 4 : packet.Length >= 40 && packet[0] >> 4 == 6 ? 6 : 0;
                Assert.Equal(version, IpAddresses.VersionOf(packet));
                if (version == 4)
                    _ = (IpAddresses.Source4(packet), IpAddresses.Destination4(packet));
                if (version == 6)
                    _ = (IpAddresses.SourceIdentifier(packet), IpAddresses.DestinationIdentifier(packet));
            }
        });

    [Fact]
    public void A_SYN_is_clamped_and_its_mutants_are_changed_in_two_words_at_most() =>
        Seeds.ForEach(150, TimeSpan.FromSeconds(10), output.WriteLine, seed =>
    {
        var random = new SeededRandom(seed);
        for (var i = 0; i < 300; i++)
        {
            var mtu = random.Below(random.Chance(0.1) ? 70_000 : 2_000);
            var packet = DrawSyn(random, out var option);
            var mss = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(option));
            var limit = Math.Clamp(mtu - (packet[0] >> 4 == 6 ? 60 : 40), 0, 0xffff);
            var clamped = (byte[])packet.Clone();
            Assert.Equal(mss > limit, TcpMss.Clamp(clamped, mtu));
            Assert.Equal(Math.Min(mss, limit), BinaryPrimitives.ReadUInt16BigEndian(clamped.AsSpan(option)));
            CheckClamp(Mutate(packet, random), mtu);
            CheckClamp(packet, mtu);
        }
    });

    [Fact]
    public void Clamping_allocates_nothing()
    {
        var random = new SeededRandom(13);
        byte[][] packets = [.. Enumerable.Range(0, 300).Select(_ => Mutate(DrawSyn(random, out var _), random))];
        var mtu = 1_200;
        ClampAll();
        Assert.Equal(0, Allocations.Of(ClampAll));

        void ClampAll()
        {
            foreach (var packet in packets)
                TcpMss.Clamp(packet, mtu);
            // Below the former: there is something to clamp every time.
            mtu -= 100;
        }
    }

    private static void CheckFrame(byte[] frame)
    {
        if (!PppFrame.TryParse(frame, out var parsed))
            return;
        Assert.Equal(1, (int)parsed.Protocol & 0x0101);
        Assert.InRange(frame.Length - parsed.Payload.Length, 1, 4);
        Assert.True(frame.AsSpan(frame.Length - parsed.Payload.Length).SequenceEqual(parsed.Payload));
    }

    /// <summary>For every packet: the return value is correct, only option and checksum change, and a valid checksum stays valid.</summary>
    private static void CheckClamp(byte[] packet, int mtu)
    {
        var after = (byte[])packet.Clone();
        var needs = TcpMss.NeedsClamp(packet, mtu, out var tcp, out var option);
        Assert.Equal(needs, TcpMss.Clamp(after, mtu));
        if (!needs)
        {
            Assert.Equal(packet, after);
            return;
        }

        Assert.Equal(Sum(packet.AsSpan(tcp)), Sum(after.AsSpan(tcp)));
        Assert.True(BinaryPrimitives.ReadUInt16BigEndian(after.AsSpan(option)) < BinaryPrimitives.ReadUInt16BigEndian(
            packet.AsSpan(option)));
        after.AsSpan(option, 2).CopyTo(packet.AsSpan(option));
        after.AsSpan(tcp + 16, 2).CopyTo(packet.AsSpan(tcp + 16));
        Assert.Equal(packet, after);
        Assert.False(TcpMss.Clamp(after, mtu));
    }

    /// <summary>
    /// A valid SYN over IPv4 or IPv6, with options and extension headers before the MSS option; and the position of the MSS.
    /// </summary>
    private static byte[] DrawSyn(SeededRandom random, out int option)
    {
        List<byte> options = [];
        for (var more = random.Below(4); more > 0; more--)
        {
            var size = 2 + random.Below(6);
            // No operation, or another kind than 0 to 2 with its length.
            options.AddRange(random.Chance(0.4) ? [1] : [(byte)(3 + random.Below(250)), (byte)size, .. new byte[size - 2]]);
        }

        var at = options.Count + 2;
        options.AddRange([2, 4, (byte)random.Next(), (byte)random.Next()]);
        while (options.Count % 4 != 0)
            options.Add(0);
        var tcp = new byte[20];
        random.Fill(tcp);
        (tcp[12], tcp[13]) = ((byte)((20 + options.Count) / 4 << 4), (byte)((int)random.Next() | 2));
        var head = random.Chance(0.5) ? Ipv4Head(random) : Ipv6Head(random);
        option = head.Length + 20 + at;
        return [.. head, .. tcp, .. options];
    }

    private static byte[] Ipv4Head(SeededRandom random)
    {
        var head = new byte[20 + (4 * random.Below(11))];
        random.Fill(head);
        (head[0], head[6], head[7], head[9]) = ((byte)(0x40 | (head.Length / 4)), (byte)(head[6] & 0x60), 0, 6);
        return head;
    }

    private static byte[] Ipv6Head(SeededRandom random)
    {
        List<byte> head = [.. new byte[40]];
        head[0] = 0x60;
        var next = 6;
        byte[] kinds = [0, 43, 44, 60];
        for (var more = random.Below(4); more > 0; more--)
        {
            var kind = kinds[random.Below(4)];
            head[next] = kind;
            next = head.Count;
            // A fragment header of offset 0 has the whole TCP header behind it.
            var units = kind == 44 ? 0 : random.Below(3);
            head.AddRange([6, (byte)units, 0, (byte)(kind == 44 ? 1 : 0), .. new byte[4 + (8 * units)]]);
        }

        head[next] = 6;
        return [.. head];
    }

    private static byte[] Mutate(byte[] good, SeededRandom random)
    {
        var bytes = (byte[])good.Clone();
        for (var times = 1 + random.Below(4); times > 0 && bytes.Length > 0; times--)
            bytes[random.Below(bytes.Length)] = random.Chance(0.3) ? (byte)0xff : (byte)random.Next();
        return random.Chance(0.4) ? bytes[..random.Below(bytes.Length + 1)] : bytes;
    }

    /// <summary>The one's complement sum of 16-bit words, 0 and 0xffff being one (RFC 1071).</summary>
    private static int Sum(ReadOnlySpan<byte> octets)
    {
        long sum = 0;
        for (var i = 0; i < octets.Length; i++)
            sum += (i & 1) == 0 ? octets[i] << 8 : octets[i];
        return (int)(sum % 0xffff);
    }
}
