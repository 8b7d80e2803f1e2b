using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Packets of a connection: radius.md section 12, vector 20, cut and joined in every way.</summary>
public sealed class FramerTests(ITestOutputHelper output)
{
    // The secret of RADIUS/TLS is "radsec" (RFC 6614 section 2.3).
    private static readonly byte[] Request = Convert.FromHexString(
        "0101003e000102030405060708090a0b0c0d0e0f5012dfb297bdf087613af25d08e71ce13d5d01066d696e69021238b3c8a833fdea13cbd38dd2f8e9933b");

    private static readonly byte[] Accept = Convert.FromHexString(
        "0201002f3b8ea9dd67e6e7689370640502a516c108060a63000819030150128dbef8803e0f624603179f0e45b60d79");

    [Fact]
    public void The_answer_of_vector_20_is_one_to_its_request()
    {
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(Accept, out var answer));
        Assert.Equal(RadiusCode.AccessAccept, answer.Code);
        Assert.True(Authenticators.VerifyAnswer(answer, Request.AsSpan(4, 16), "radsec"u8.ToArray()));
        Assert.False(Authenticators.VerifyAnswer(answer, Request.AsSpan(4, 16), "testing123"u8.ToArray()));
    }

    [Fact]
    public void Packets_come_whole_however_they_were_cut()
    {
        var random = new Random(Seeds.One(output.WriteLine, 20_261_129));
        var expected = Enumerable.Range(0, 200).Select(_ => random.Next(2) == 0 ? Request : Accept).ToArray();
        var stream = expected.SelectMany(static packet => packet).ToArray();
        var framer = new PacketFramer();
        var packets = new List<byte[]>();
        for (var at = 0; at < stream.Length;)
        {
            var count = Math.Min(random.Next(3) == 0 ? random.Next(5) : random.Next(400), stream.Length - at);
            Assert.True(framer.TryAdd(stream.AsSpan(at, count), packets));
            at += count;
        }

        Assert.Equal(expected, packets);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(19)]
    [InlineData(4_097)]
    [InlineData(65_535)]
    public void An_impossible_length_ends_the_connection(int length)
    {
        var packets = new List<byte[]>();
        byte[] octets = [.. Accept, 2, 7, (byte)(length >> 8), (byte)length, 1, 2, 3];
        Assert.False(new PacketFramer().TryAdd(octets, packets));
        Assert.Equal([Accept], packets);
    }

    [Fact]
    public void The_largest_and_the_smallest_packet_pass()
    {
        byte[] largest = [1, 1, 0x10, 0, .. new byte[4_092]];
        byte[] smallest = [2, 1, 0, 20, .. new byte[16]];
        var packets = new List<byte[]>();
        Assert.True(new PacketFramer().TryAdd([.. largest, .. smallest], packets));
        Assert.Equal([largest, smallest], packets);
    }
}
