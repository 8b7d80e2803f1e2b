using System.Net;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Lengths, attributes and values at their limits.</summary>
public sealed class PacketTests
{
    [Theory]
    [InlineData("", RadiusDecodeError.Truncated)]
    [InlineData("01000014000000000000000000000000000000", RadiusDecodeError.Truncated)]
    [InlineData("0100001400000000000000000000000000000000", RadiusDecodeError.None)]
    [InlineData("0100001300000000000000000000000000000000", RadiusDecodeError.WrongLength)]
    [InlineData("0100100100000000000000000000000000000000", RadiusDecodeError.WrongLength)]
    [InlineData("0100001500000000000000000000000000000000", RadiusDecodeError.Truncated)]
    [InlineData("010000140000000000000000000000000000000001", RadiusDecodeError.None)]
    [InlineData("010000150000000000000000000000000000000001", RadiusDecodeError.WrongAttributeLength)]
    [InlineData("01000016000000000000000000000000000000000101", RadiusDecodeError.WrongAttributeLength)]
    [InlineData("01000016000000000000000000000000000000000102", RadiusDecodeError.None)]
    [InlineData("01000016000000000000000000000000000000000103", RadiusDecodeError.WrongAttributeLength)]
    [InlineData("01000017000000000000000000000000000000005003ff", RadiusDecodeError.WrongMessageAuthenticator)]
    [InlineData(
        "01000038" + "00000000000000000000000000000000" + "501200000000000000000000000000000000" + "501200000000000000000000000000000000",
        RadiusDecodeError.WrongMessageAuthenticator)]
    public void Lengths_are_checked(string datagram, RadiusDecodeError error) =>
        Assert.Equal(error, RadiusPacket.TryParse(Convert.FromHexString(datagram), out _));

    [Fact]
    public void An_empty_attribute_is_as_none_and_the_first_with_a_value_counts()
    {
        var builder = new PacketBuilder(new byte[100], RadiusCode.AccountingRequest, 1, "s"u8, [], withMessageAuthenticator: false);
        builder.Add(AttributeType.Class, []);
        builder.Add(AttributeType.Class, [1]);
        builder.Add(AttributeType.Class, [2]);
        builder.Add(AttributeType.SessionTimeout, [1, 2, 3]);
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(builder.Seal(), out var packet));
        Assert.True(packet.TryFind(AttributeType.Class, out var value));
        Assert.Equal([1], value.ToArray());
        Assert.False(packet.TryFindUInt32(AttributeType.SessionTimeout, out _));
        Assert.False(packet.TryFind(AttributeType.State, out _));
    }

    [Fact]
    public void What_does_not_fit_is_left_out_whole()
    {
        var builder = new PacketBuilder(new byte[RadiusPacket.MaxSize + 100], RadiusCode.AccountingRequest, 1, "s"u8, [],
            withMessageAuthenticator: false);
        for (var i = 0; i < 15; i++)
            builder.Add(AttributeType.Class, new byte[253]);
        Assert.False(builder.Overflowed);
        builder.Add(AttributeType.Class, new byte[250]);
        Assert.True(builder.Overflowed);
        Assert.Equal(20 + (15 * 255), builder.Length);
        builder.Add(AttributeType.Class, new byte[249]);
        Assert.Equal(RadiusPacket.MaxSize, builder.Length);
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(builder.Seal(), out _));
    }

    [Theory]
    [InlineData(254)]
    [InlineData(1_000)]
    public void A_value_that_no_attribute_can_hold_overflows(int octets)
    {
        var builder = new PacketBuilder(new byte[RadiusPacket.MaxSize], RadiusCode.AccountingRequest, 1, "s"u8, [],
            withMessageAuthenticator: false);
        builder.Add(AttributeType.Class, new byte[octets]);
        builder.AddVendor(VendorId.Cisco, 1, new byte[248]);
        Assert.True(builder.Overflowed);
        Assert.Equal(RadiusPacket.HeaderSize, builder.Length);
    }

    [Fact]
    public void Long_text_is_cut_at_a_character()
    {
        var builder = new PacketBuilder(new byte[RadiusPacket.MaxSize], RadiusCode.AccountingRequest, 1, "s"u8, [],
            withMessageAuthenticator: false);
        builder.AddText(AttributeType.UserName, new string('é', 200));
        RadiusPacket.TryParse(builder.Seal(), out var packet);
        Assert.True(packet.TryFind(AttributeType.UserName, out var value));
        Assert.Equal(new string('é', 126), System.Text.Encoding.UTF8.GetString(value));
    }

    [Theory]
    [InlineData("004020010db8000f00070000000000000000", "2001:db8:f:7::/64", "004020010db8000f0007")]
    [InlineData("004020010db8000f0007", "2001:db8:f:7::/64", "004020010db8000f0007")]
    [InlineData("003820010db8770000", "2001:db8:7700::/56", "003820010db8770000")]
    [InlineData("003c20010db87700001f", "2001:db8:7700:10::/60", "003c20010db877000010")]
    [InlineData("0000", "::/0", "0000")]
    [InlineData("008020010db8000000000000000000000001", "2001:db8::1/128", "008020010db8000000000000000000000001")]
    public void Prefixes_are_read_whole_or_cut_and_written_cut(string value, string prefix, string written)
    {
        Assert.True(PrefixValue.TryRead(Convert.FromHexString(value), out var read));
        Assert.Equal(IPNetwork.Parse(prefix), read);
        var octets = new byte[PrefixValue.MaxSize];
        Assert.Equal(written, Convert.ToHexStringLower(octets.AsSpan(0, PrefixValue.Write(read, octets))));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("008120010db8000000000000000000000001")]
    [InlineData("004020010db8000f00")]
    [InlineData("00402001" + "0db8000f000700000000000000000000")]
    public void Prefixes_that_are_none(string value) => Assert.False(PrefixValue.TryRead(Convert.FromHexString(value), out _));

    [Fact]
    public void Strings_have_a_tag_only_up_to_1f()
    {
        Assert.Equal("10.1.0.9"u8.ToArray(), TaggedValue.ReadString("10.1.0.9"u8, out var tag).ToArray());
        Assert.Equal(0, tag);
        Assert.Equal("x"u8.ToArray(), TaggedValue.ReadString([0x1f, (byte)'x'], out tag).ToArray());
        Assert.Equal(0x1f, tag);
        Assert.Equal([0x20], TaggedValue.ReadString([0x20], out tag).ToArray());
        Assert.Equal(0, tag);
        Assert.Equal([1], TaggedValue.ReadSalted([0x45, 1], out tag).ToArray());
        Assert.Equal(0, tag);
        Assert.True(TaggedValue.ReadString([], out _).IsEmpty);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(4846)]
    [InlineData(8164)]
    public void Vendors_with_layouts_of_their_own_are_skipped(int vendor) =>
        Assert.False(VendorAttributes.TryRead([0, 0, (byte)(vendor >> 8), (byte)vendor, 1, 3, 0], out _));

    [Theory]
    [InlineData("8001")]
    [InlineData("800132a4044d0a1a2538cf27b06bb2ba15")]
    [InlineData("800132a4044d0a1a2538cf27b06bb2ba15f3ff")]
    public void Salted_values_that_are_none(string hidden) =>
        Assert.Equal(-1, PasswordHiding.RevealSalted(Convert.FromHexString(hidden), Vectors.RequestAuthenticator, Vectors.Secret,
            new byte[64]));

    [Fact]
    public void A_salted_value_longer_than_its_blocks_is_none()
    {
        // One block, hidden, whose first octet says 16: it has room for 15.
        var hidden = Convert.FromHexString("800132a4044d0a1a2538cf27b06bb2ba15f3");
        hidden[2] ^= 16;
        Assert.Equal(-1, PasswordHiding.RevealSalted(hidden, Vectors.RequestAuthenticator, Vectors.Secret, new byte[64]));
    }
}
