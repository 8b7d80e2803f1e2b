using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>Every message with random values: encoded and decoded it is the same, clear and hidden.</summary>
public class RoundTripTests(ITestOutputHelper output)
{
    private const int Rounds = 300;

    public static TheoryData<ProtocolVersion, MessageType, bool> Cases()
    {
        var cases = new TheoryData<ProtocolVersion, MessageType, bool>();
        foreach (var version in Enum.GetValues<ProtocolVersion>())
        {
            foreach (var type in RandomMessages.Types(version))
            {
                cases.Add(version, type, false);
                cases.Add(version, type, true);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Message_survives_the_wire(ProtocolVersion version, MessageType type, bool hidden)
    {
        var seed = Seeds.One(output.WriteLine);
        var random = new Random(seed);
        var messages = new RandomMessages(random, version);
        for (var round = 0; round < Rounds; round++)
        {
            var message = messages.Draw(type);
            var key = new byte[random.Next(1, 600)];
            var vector = new byte[random.Next(16, 40)];
            random.NextBytes(key);
            random.NextBytes(vector);
            var tunnelId = version == ProtocolVersion.V2 ? (uint)random.Next(65536) : (uint)random.NextInt64(1L << 32);
            var octets = Wire.Encode(message, tunnelId, hidden ? new EncodeOptions(key, vector) : default, version);

            Assert.True(MessageCodec.TryDecodeHeader(octets, out var header, out _));
            Assert.Equal(octets.Length, header.Length);
            Assert.Equal(tunnelId, header.TunnelId.Value);
            var decoded = MessageCodec.Decode(header, octets, hidden ? new DecodeOptions(key) : default);
            Assert.True(decoded.Error.Kind == DecodeErrorKind.None, $"{decoded.Error.Describe()} in {Convert.ToHexString(octets)}");
            Assert.Equal(0, decoded.IgnoredAvps);
            Assert.Equal(type, decoded.Type);
            Wire.AssertSame(message, decoded.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Too_small_a_buffer_gives_0_and_is_not_overrun(ProtocolVersion version, MessageType type, bool hidden)
    {
        var options = hidden ? new EncodeOptions([1, 2, 3], new byte[16]) : default;
        var message = new RandomMessages(new Random(1), version, everything: true).Draw(type);
        var octets = Wire.Encode(message, 1, options, version);
        for (var size = 0; size < octets.Length; size++)
        {
            var room = new byte[octets.Length + 1];
            Array.Fill(room, (byte)0xEE);
            Assert.Equal(0, MessageCodec.Encode(message, version, new TunnelId(1), options, room.AsSpan(0, size)));
            Assert.False(room.AsSpan(size).ContainsAnyExcept((byte)0xEE));
        }

        var exact = new byte[octets.Length];
        Assert.Equal(octets.Length, MessageCodec.Encode(message, version, new TunnelId(1), options, exact));
        Assert.Equal(octets, exact);
    }
}
