using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>Random and mutated octets: nothing throws, and the result is either a message or an error.</summary>
public class MutationTests(ITestOutputHelper output)
{
    private const int Rounds = 20_000;
    private static readonly byte[] Key = "l2tpd-secret"u8.ToArray();

    [Theory]
    [InlineData(ProtocolVersion.V2)]
    [InlineData(ProtocolVersion.V3)]
    public void Mutated_messages_never_throw(ProtocolVersion version)
    {
        var random = NewRandom();
        var messages = new RandomMessages(random, version);
        MessageType[] types = [.. RandomMessages.Types(version)];
        var decoded = 0;
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var message = messages.Draw(types[random.Next(types.Length)]);
            var octets = Wire.Encode(message, 1, random.Next(2) == 0 ? new EncodeOptions(Key, new byte[16]) : default, version);
            for (var change = random.Next(1, 4); change > 0; change--)
                octets[random.Next(octets.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : octets[random.Next(octets.Length)]);
            if (Consume(octets.AsSpan(0, octets.Length - (random.Next(4) == 0 ? random.Next(octets.Length) : 0))))
                decoded++;
            else
                refused++;
        }

        Assert.True(decoded > Rounds / 100 && refused > Rounds / 100, $"{decoded} decoded, {refused} refused: the mutations test nothing");
    }

    [Fact]
    public void Random_octets_behind_a_good_header_never_throw()
    {
        var random = NewRandom();
        for (var round = 0; round < Rounds; round++)
        {
            var octets = new byte[random.Next(12, 200)];
            random.NextBytes(octets);
            var version = random.Next(2) == 0 ? ProtocolVersion.V2 : ProtocolVersion.V3;
            new ControlHeader(version, octets.Length, new(1), new(1), 0, 0).Write(octets);
            if (octets.Length >= 20 && random.Next(2) == 0)
                RawAvp.Type((MessageType)random.Next(1, 30)).CopyTo(octets, 12);
            Consume(octets);
        }
    }

    [Fact]
    public void Random_octets_never_throw()
    {
        var random = NewRandom();
        for (var round = 0; round < Rounds; round++)
        {
            var octets = new byte[random.Next(0, 64)];
            random.NextBytes(octets);
            Consume(octets);
        }
    }

    [Fact]
    public void The_longest_message_of_smallest_avps_decodes()
    {
        var octets = RawAvp.Append(RawAvp.Raw(RawAvp.Type(MessageType.Hello)), [.. Enumerable.Repeat(RawAvp.Build(98, "", 0), 10_000)]);
        Assert.Equal(DecodeErrorKind.None, Wire.Decode(octets, new DecodeOptions(Key)).Error.Kind);
    }

    [Fact]
    public void A_header_that_does_not_belong_to_the_datagram_cannot_lead_past_it()
    {
        var octets = Wire.Encode(new Icrq { LocalSessionId = new(1) }, 1);
        foreach (var length in new[] { -1, 0, 11, octets.Length + 1, 65535, int.MaxValue })
            Assert.Null(MessageCodec.Decode(new ControlHeader(ProtocolVersion.V2, length, new(1), new(1), 0, 0), octets, default).Message);
        Assert.Null(MessageCodec.Decode(new ControlHeader(ProtocolVersion.V2, 12, new(1), new(1), 0, 0), default, default).Message);
    }

    private static bool Consume(ReadOnlySpan<byte> octets)
    {
        MessageCodec.Classify(octets);
        if (!MessageCodec.TryDecodeHeader(octets, out var header, out var headerError))
        {
            Assert.NotEqual(DecodeErrorKind.None, headerError.Kind);
            return false;
        }

        MessageCodec.PeekHostName(header, octets);
        var usable = false;
        foreach (var options in new[] { default, new DecodeOptions(Key), new DecodeOptions(Key, IgnoreUnknownMandatory: true) })
        {
            var decoded = MessageCodec.Decode(header, octets, options);
            if (decoded.Error.Kind != DecodeErrorKind.None)
            {
                Assert.Null(decoded.Message);
                Assert.InRange(decoded.Error.Offset, 0, octets.Length);
                Assert.NotEmpty(decoded.Error.Describe());
            }
            else if (!header.IsZlb && MessageTypes.IsKnown(decoded.Type, header.Version))
            {
                Assert.NotNull(decoded.Message);
                usable = true;
            }
        }

        return usable;
    }

    private Random NewRandom()
    {
        var seed = Seeds.One(output.WriteLine);
        return new Random(seed);
    }
}
