using System.Buffers.Binary;
using System.Text;
using L2tpd.Protocol;
using L2tpd.Protocol.Text;

namespace L2tpd.Unit.Tests.Protocol;

public sealed class ControlMessageTextTests(ITestOutputHelper output)
{
    private static readonly byte[] Secret = "s3cr3t-octets!"u8.ToArray();

    [Fact]
    public void A_message_is_told_by_type_ids_sequence_numbers_and_avps()
    {
        var message = Message(
            (0, 0, false, [0, 1]), (0, 2, false, [1, 0]), (0, 7, false, "lac\n1"u8.ToArray()), (0, 9, false, [0x12, 0x34]),
            (0, 3, false, [0, 0, 0, 3]), (0, 11, false, [1, 2, 3]), (9, 1, false, [1, 2]));
        Assert.Equal("SCCRQ v2 tunnel 258 session 772 Ns 5 Nr 6", ControlMessageText.Summary(message));
        Assert.Equal(
            [
                "Protocol Version: 1.0", "Host Name: \"lac\n1\"", "Assigned Tunnel ID: 4660", "Framing Capabilities: 3",
                "Challenge: 010203", "vendor 9 AVP 1: 2 octets, not shown",
            ],
            ControlMessageText.Details(message));
    }

    [Fact]
    public void An_end_is_told_with_its_result_and_a_zlb_by_its_name()
    {
        var message = Message((0, 0, false, [0, 4]), (0, 1, false, [0, 2, 0, 4, .. "no room"u8]));
        Assert.StartsWith("StopCCN ", ControlMessageText.Summary(message), StringComparison.Ordinal);
        Assert.Equal(["Result Code: result 2, error 4, \"no room\""], ControlMessageText.Details(message));
        Assert.StartsWith("ZLB v2 ", ControlMessageText.Summary(Message()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 7, true, "Host Name: hidden, 14 octets")]
    [InlineData(0, 13, false, "Challenge Response: 14 octets, not shown")]
    [InlineData(0, 33, false, "Proxy Authen Response: 14 octets, not shown")]
    [InlineData(0, 59, false, "Message Digest: 14 octets, not shown")]
    [InlineData(0, 65, false, "Assigned Cookie: 14 octets, not shown")]
    [InlineData(9, 4, false, "vendor 9 AVP 4: 14 octets, not shown")]
    [InlineData(0, 999, false, "vendor 0 AVP 999: 14 octets, not shown")]
    public void A_value_that_proves_or_hides_something_is_removed(ushort vendor, ushort type, bool hidden, string line)
    {
        var message = Message((0, 0, false, [0, 1]), (vendor, type, hidden, Secret), (0, 7, false, "lac"u8.ToArray()));
        Assert.Contains(line, ControlMessageText.Details(message));
        ControlMessageSecrets.Remove(message);
        Assert.True(message.AsSpan().IndexOf(Secret) < 0);
        Assert.Equal([line, "Host Name: \"lac\""], ControlMessageText.Details(message));
    }

    [Fact]
    public void What_cannot_be_read_is_removed_to_the_end()
    {
        var broken = Message((0, 0, false, [0, 1]), (0, 13, false, Secret));
        BinaryPrimitives.WriteUInt16BigEndian(broken.AsSpan(20), 0x8000 | 900);
        byte[] beyond = [.. Message((0, 0, false, [0, 6])), .. Secret];
        byte[] noHeader = [0xc8, 0x07, .. new byte[10], .. Secret];
        foreach (var message in new[] { broken, beyond, noHeader })
        {
            ControlMessageSecrets.Remove(message);
            Assert.True(message.AsSpan().IndexOf(Secret) < 0);
        }
    }

    [Fact]
    public void No_octets_throw()
    {
        var random = new Random(Seeds.One(output.WriteLine));
        var good = Message((0, 0, false, [0, 10]), (0, 15, false, [0, 0, 0, 1]), (0, 33, false, Secret), (0, 1, false, [0]));
        for (var i = 0; i < 20_000; i++)
        {
            var octets = good[..random.Next(good.Length + 1)];
            for (var change = random.Next(4); change > 0 && octets.Length > 0; change--)
                octets[random.Next(octets.Length)] = (byte)random.Next(256);
            _ = ControlMessageText.Summary(octets);
            _ = ControlMessageText.Details(octets);
            _ = MessageSessions.Read(octets);
            ControlMessageSecrets.Remove(octets);
        }
    }

    [Fact]
    public void The_ids_of_sessions_are_those_of_header_and_avps()
    {
        Assert.Equal((new SessionId(772), new SessionId(7)), MessageSessions.Read(Message((0, 0, false, [0, 11]), (0, 14, false, [0, 7]))));
        var three = Message((0, 0, false, [0, 11]), (0, 63, false, [0, 1, 0, 0]), (0, 64, false, [0, 2, 0, 0]));
        three[1] = 3;
        Assert.Equal((new SessionId(0x10000), new SessionId(0x20000)), MessageSessions.Read(three));
    }

    internal static byte[] Message(params (ushort Vendor, ushort Type, bool Hidden, byte[] Value)[] avps)
    {
        var octets = new List<byte> { 0xc8, 2, 0, 0, 1, 2, 3, 4, 0, 5, 0, 6 };
        foreach (var (vendor, type, hidden, value) in avps)
        {
            var length = value.Length + 6;
            octets.AddRange([(byte)(0x80 | (hidden ? 0x40 : 0) | (length >> 8)), (byte)length, (byte)(vendor >> 8), (byte)vendor]);
            octets.AddRange([(byte)(type >> 8), (byte)type, .. value]);
        }

        var message = octets.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)message.Length);
        return message;
    }
}
