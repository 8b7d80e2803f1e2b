using L2tpd.Ipsec.Vici;

namespace L2tpd.Unit.Tests.Ipsec;

public sealed class ViciCodecTests(ITestOutputHelper output)
{
    [Fact]
    public void The_example_of_the_readme_is_read_and_written()
    {
        Assert.Equal(ViciDecodeError.None, ViciReader.TryRead(ViciVectors.Readme, out var message));
        Assert.Equal("value1", message.Value("key1"));
        var section = message.Section("section1")!;
        Assert.Equal("value2", section.Section("sub-section")!.Value("key2"));
        Assert.Equal(["item1", "item2"], section.Items("list1"));
        Assert.Equal(ViciVectors.Readme, ViciWriter.Packet(ViciPacketType.CommandResponse, null, message)[5..]);
    }

    [Fact]
    public void A_response_of_charon_is_read()
    {
        Assert.Equal(ViciDecodeError.None, ViciPacket.TryParse(ViciVectors.Version, out var packet));
        Assert.Equal(ViciPacketType.CommandResponse, packet.Type);
        Assert.Equal(ViciDecodeError.None, packet.TryRead(out var message));
        Assert.Equal("charon-systemd", message.Value("daemon"));
        Assert.Equal("5.9.8", message.Value("version"));
    }

    [Fact]
    public void An_event_of_charon_is_read()
    {
        Assert.Equal(ViciDecodeError.None, ViciPacket.TryParse(ViciVectors.IkeUp, out var packet));
        Assert.True(packet.IsNamed("ike-updown"u8));
        Assert.Equal("ike-updown", packet.Name);
        Assert.Equal(ViciDecodeError.None, packet.TryRead(out var message));
        Assert.True(message.IsSet("up"));
        var (name, ike) = Assert.Single(message.Sections);
        Assert.Equal("l2tp", name);
        Assert.Equal("4500", ike.Value("remote-port"));
    }

    [Fact]
    public void A_request_is_written_with_its_length()
    {
        var octets = ViciWriter.Command("version", new ViciSection());
        Assert.Equal([0, 0, 0, 9, 0, 7, .. "version"u8], octets);
        Assert.Equal([0, 0, 0, 5, 3, 3, .. "log"u8], ViciWriter.Register("log"));
    }

    [Theory]
    [InlineData(new byte[] { 3 }, ViciDecodeError.Truncated)]
    [InlineData(new byte[] { 3, 1, 65 }, ViciDecodeError.Truncated)]
    [InlineData(new byte[] { 3, 1, 65, 0 }, ViciDecodeError.Truncated)]
    [InlineData(new byte[] { 3, 1, 65, 0, 2, 66 }, ViciDecodeError.Truncated)]
    [InlineData(new byte[] { 1, 5, 65 }, ViciDecodeError.Truncated)]
    [InlineData(new byte[] { 1, 1, 65 }, ViciDecodeError.UnbalancedSection)]
    [InlineData(new byte[] { 2 }, ViciDecodeError.UnbalancedSection)]
    [InlineData(new byte[] { 4, 1, 65 }, ViciDecodeError.UnbalancedSection)]
    [InlineData(new byte[] { 5, 0, 1, 65 }, ViciDecodeError.MisplacedElement)]
    [InlineData(new byte[] { 6 }, ViciDecodeError.MisplacedElement)]
    [InlineData(new byte[] { 4, 1, 65, 4, 1, 65 }, ViciDecodeError.MisplacedElement)]
    [InlineData(new byte[] { 4, 1, 65, 3, 1, 65, 0, 0 }, ViciDecodeError.MisplacedElement)]
    [InlineData(new byte[] { 4, 1, 65, 2 }, ViciDecodeError.MisplacedElement)]
    [InlineData(new byte[] { 4, 1, 65, 9 }, ViciDecodeError.UnknownElementType)]
    [InlineData(new byte[] { 0 }, ViciDecodeError.UnknownElementType)]
    [InlineData(new byte[] { 7 }, ViciDecodeError.UnknownElementType)]
    public void What_is_no_message_is_refused(byte[] octets, ViciDecodeError expected)
    {
        Assert.Equal(expected, ViciReader.TryRead(octets, out var message));
        Assert.Equal(0, message.Count);
    }

    [Theory]
    [InlineData(new byte[] { }, ViciDecodeError.Truncated)]
    [InlineData(new byte[] { 7 }, ViciDecodeError.Truncated)]
    [InlineData(new byte[] { 7, 4, 65 }, ViciDecodeError.Truncated)]
    [InlineData(new byte[] { 0, 0 }, ViciDecodeError.UnknownPacketType)]
    [InlineData(new byte[] { 8 }, ViciDecodeError.UnknownPacketType)]
    public void What_is_no_packet_of_a_server_is_refused(byte[] octets, ViciDecodeError expected) =>
        Assert.Equal(expected, ViciPacket.TryParse(octets, out _));

    [Fact]
    public void Depth_is_bounded()
    {
        byte[] start = [1, 1, 65];
        byte[] Nested(int depth) => [.. Enumerable.Repeat(start, depth).SelectMany(b => b), .. Enumerable.Repeat((byte)2, depth)];
        Assert.Equal(ViciDecodeError.None, ViciReader.TryRead(Nested(ViciReader.MaxDepth), out _));
        Assert.Equal(ViciDecodeError.TooDeep, ViciReader.TryRead(Nested(ViciReader.MaxDepth + 1), out _));
    }

    [Fact]
    public void The_number_of_elements_is_bounded()
    {
        byte[] Keys(int count) => [.. Enumerable.Repeat(new byte[] { 3, 0, 0, 0 }, count).SelectMany(b => b)];
        Assert.Equal(ViciDecodeError.None, ViciReader.TryRead(Keys(ViciReader.MaxElements), out _));
        Assert.Equal(ViciDecodeError.TooManyElements, ViciReader.TryRead(Keys(ViciReader.MaxElements + 1), out _));
    }

    [Fact]
    public void What_does_not_fit_a_packet_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => ViciWriter.Register(new string('a', 256)));
        Assert.Throws<ArgumentException>(() => ViciWriter.Command("c", new ViciSection().Add("k", new byte[65_536])));
        var large = new ViciSection();
        for (var i = 0; i < 9; i++)
            large.Add("k", new byte[65_535]);
        Assert.Throws<ArgumentException>(() => ViciWriter.Command("c", large));
    }

    [Fact]
    public void A_shared_secret_is_written_octet_by_octet()
    {
        var packet = ViciWriter.Command("c", new ViciSection().Add("data", [0xff, 0, 0xfe]));
        Assert.Equal([0, 0, 0, 13 - 1, 0, 1, (byte)'c', 3, 4, .. "data"u8, 0, 3, 0xff, 0, 0xfe], [0, 0, 0, 12, .. packet[4..]]);
    }

    [Fact]
    public void A_changed_packet_of_charon_never_throws()
    {
        var random = new Random(Seeds.One(output.WriteLine, 20_261_129));
        for (var i = 0; i < 20_000; i++)
        {
            var octets = ViciVectors.IkeUp.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                octets[random.Next(octets.Length)] = (byte)random.Next(random.Next(2) == 0 ? 8 : 256);
            if (ViciPacket.TryParse(octets.AsSpan(0, random.Next(octets.Length + 1)), out var packet) == ViciDecodeError.None)
                packet.TryRead(out _);
        }
    }
}
