using System.Net;
using L2tpd.Ipv6.Dhcp;
using L2tpd.Ipv6.Packets;

namespace L2tpd.Fuzz.Tests.Ipv6;

/// <summary>
/// DHCPv6 messages with any content: nothing throws or allocates for it, every answer is well formed, is for this client and this exchange,
/// and gives the prefixes to one association at most.
/// </summary>
public sealed class DhcpFuzzTests(ITestOutputHelper output)
{
    private static readonly byte[] _serverId = Convert.FromHexString("000200007ed90102030405060708");

    // WIDE dhcp6c and dhcpcd (ipv6-subscribers.md section 10), and the rest of the message types.
    private static readonly byte[][] _samples =
    [
        .. new[]
        {
            "01540f950001000e00010001329db23f5e996bd9b15c000800020000000600040017001800190029000000010000000000000000001a00"
                + "19ffffffffffffffff3800000000000000000000000000000000",
            "030543240001000e00010001329db23f5e996bd9b15c0002000e000200007ed90102030405060708000800020000000600040017001800"
                + "190029000000010000000000000000001a001900000bb800000fa03820010db8770000000000000000000000",
            "08322c1d0001000e00010001329db23f5e996bd9b15c0002000e000200007ed90102030405060708000800020000001900290000000100"
                + "0003e800000640001a001900000bb800000fa03820010db8770000000000000000000000",
            "01a9aef60001000e00010001329db1381ab8cd211ddb0003000c000000020000000000000000000e000000080002000000060002001700"
                + "190029000000010000000000000000001a001900000e1000000e103c00000000000000000000000000000000",
            "064454c60001000e00010304329db3fa00000000000000190029000000010000000000000000001a00190000001e0000003c3820010db8"
                + "8800000000000000000000000006000400520053000800020064",
            "040000010001000a00030001020000000001000300280000000100000000000000000005001820010db8000a0000000000000000000500"
                + "00000000000000",
            "090000010001000a000300010200000000010002000e000200007ed901020304050607080003000c000000010000000000000000",
            "0b00000100060006001700180020",
        }.Select(Convert.FromHexString),
    ];

    [Fact]
    public void Any_message_is_answered_well_or_not_at_all()
    {
        var (answers, bound) = (0, 0);
        Seeds.ForEach(400, TimeSpan.FromSeconds(1.5), output.WriteLine, seed =>
        {
            var random = new SeededRandom(seed);
            var server = New(random);
            var answer = new byte[1232];
            for (var i = 0; i < 50; i++)
            {
                var message = Draw(random);
                var before = GC.GetAllocatedBytesForCurrentThread();
                var length = server.Answer(message, answer);
                // What the runtime makes once is included.
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
                answers += length > 0 ? 1 : 0;
                bound += server.HasPrefixes ? 1 : 0;
                if (length > 0)
                    Check(message, answer.AsSpan(0, length));
            }
        });
        Assert.True(Seeds.IsReplay || (answers > 1000 && bound > 1000), $"the draws test nothing: {answers} answers, {bound} bound");
    }

    private static DhcpServer New(SeededRandom random) => new(
        new DhcpSettings
        {
            ServerId = [.. _serverId], NameServers = [Address("2001:db8::53")], SearchDomains = [3, (byte)'n', (byte)'e', (byte)'t', 0],
            RapidCommit = random.Chance(0.5),
        },
        new DhcpOffer
        {
            Prefixes = random.Chance(0.8) ? [new DelegatedPrefix(Address("2001:db8:7700::"), 56)] : [],
            Addresses = random.Chance(0.5) ? [Address("2001:db8:a::5")] : [],
            OnLink = random.Chance(0.5) ? [new DelegatedPrefix(Address("2001:db8:f::"), 64)] : [],
        });

    private static void Check(ReadOnlySpan<byte> message, ReadOnlySpan<byte> answer)
    {
        Assert.True(DhcpClientMessage.TryParse(message, out var question));
        Assert.True(DhcpClientMessage.TryParse(answer, out var reply));
        Assert.True(reply.Type is DhcpMessageType.Advertise or DhcpMessageType.Reply);
        Assert.Equal(question.Transaction, reply.Transaction);
        Assert.True(reply.ServerId.SequenceEqual(_serverId));
        Assert.True(reply.ClientId.SequenceEqual(question.ClientId));
        Assert.True(reply.Prefixes <= question.Prefixes && reply.Addresses <= question.Addresses);
        var given = 0;
        var options = new DhcpOptionReader(reply.Options);
        while (options.MoveNext())
        {
            if (options.Code != DhcpOption.PrefixAssociation)
                continue;
            var leases = new DhcpOptionReader(options.Data[DhcpClientMessage.AssociationSize..]);
            while (leases.MoveNext())
                given += leases.Code == DhcpOption.Prefix && leases.Data[..8].IndexOfAnyExcept((byte)0) >= 0 ? 1 : 0;
        }

        Assert.InRange(given, 0, 1);
    }

    private static byte[] Draw(SeededRandom random)
    {
        var message = (byte[])_samples[random.Below(_samples.Length)].Clone();
        for (var times = random.Below(4); times > 0 && message.Length > 4; times--)
        {
            switch (random.Below(6))
            {
                case 0:
                    message[random.Below(message.Length)] ^= (byte)(1 << random.Below(8));
                    break;
                case 1:
                    message = message[..random.Below(message.Length + 1)];
                    break;
                case 2:
                    message[0] = (byte)random.Below(16);
                    break;
                case 3:
                    // Options of two messages.
                    message = [.. message, .. _samples[random.Below(_samples.Length)].AsSpan(4)];
                    break;
                case 4:
                    message[4 + random.Below(message.Length - 4)] = (byte)random.Below(256);
                    break;
                default:
                    var more = new byte[random.Below(1400)];
                    random.Fill(more);
                    message = [.. message, .. more];
                    break;
            }
        }

        return message;
    }

    private static Ipv6Address Address(string text) => Ipv6Address.From(IPAddress.Parse(text));
}
