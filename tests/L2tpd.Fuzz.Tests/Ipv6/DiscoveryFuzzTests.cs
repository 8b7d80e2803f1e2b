using L2tpd.Ipv6.Discovery;
using L2tpd.Ipv6.Packets;
using L2tpd.Ppp.Data;

namespace L2tpd.Fuzz.Tests.Ipv6;

/// <summary>Solicitations of a subscriber: what is built is read, what is changed is refused, and any octets are survived.</summary>
public sealed class DiscoveryFuzzTests(ITestOutputHelper output)
{
    private static readonly Ipv6Address _peer = Ipv6Address.LinkLocal(0xa_000b_000c_000d);
    private static readonly Ipv6Address _ours = Ipv6Address.LinkLocal(1);

    [Fact]
    public void A_solicitation_is_read_and_with_one_bit_changed_it_is_not() =>
        Seeds.ForEach(100, TimeSpan.FromSeconds(1), output.WriteLine, static seed =>
        {
            var random = new SeededRandom(seed);
            for (var i = 0; i < 100; i++)
            {
                var packet = Build(random, out var isRouter);
                Assert.True(Ipv6Control.IsControl(packet));
                Assert.True(Solicitation.TryParse(packet, out var read), Convert.ToHexString(packet));
                Assert.Equal((isRouter ? 133 : 135, _peer), (read.Type, read.Source));
                // Traffic class and flow label mean nothing; a shorter length may leave a packet whose checksum is right by chance.
                var at = 6 + random.Below(packet.Length - 6);
                packet[at] ^= (byte)(1 << random.Below(8));
                Assert.False(Solicitation.TryParse(packet, out _), $"octet {at} of {Convert.ToHexString(packet)}");
            }
        });

    [Fact]
    public void What_is_read_of_any_octets_is_what_the_RFC_permits() =>
        Seeds.ForEach(100, TimeSpan.FromSeconds(1), output.WriteLine, static seed =>
        {
            var random = new SeededRandom(seed);
            for (var i = 0; i < 200; i++)
            {
                var packet = Build(random, out _);
                for (var change = random.Below(4); change >= 0; change--)
                    packet[random.Below(packet.Length)] = (byte)random.Next();
                var cut = packet[..random.Below(packet.Length + 1)];
                if (random.Chance(0.7) && cut.Length > Ipv6Packet.HeaderSize + 4)
                    Ipv6Packet.CompleteIcmpv6(cut, random.Chance(0.5) ? _peer : default, _ours, (byte)(random.Chance(0.9) ? 255 : 64));
                if (!Solicitation.TryParse(cut, out var read))
                    continue;
                Assert.Equal(255, cut[7]);
                Assert.Equal(0, cut[41]);
                Assert.False(read.Target.IsMulticast);
                Assert.True(Ipv6Packet.TryParse(cut, out var parsed) && parsed.HasValidChecksum);
            }
        });

    private static byte[] Build(SeededRandom random, out bool isRouter)
    {
        isRouter = random.Chance(0.5);
        var header = isRouter ? 8 : 24;
        var packet = new byte[Ipv6Packet.HeaderSize + header + (8 * random.Below(3))];
        var message = packet.AsSpan(Ipv6Packet.HeaderSize);
        message[0] = (byte)(isRouter ? 133 : 135);
        if (!isRouter)
            _ours.Write(message[8..]);
        for (var at = header; at < message.Length; at += 8)
            (message[at], message[at + 1]) = ((byte)random.Next(), 1);
        Ipv6Packet.CompleteIcmpv6(packet, _peer, isRouter ? Ipv6Address.AllRouters : _ours, 255);
        return packet;
    }
}
