using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Hiding;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>The vectors of l2tpv3.md section 6, each from octets to values and back.</summary>
public class VectorV3Tests
{
    private static readonly ControlMessageKeys Keys = ControlMessageKeys.FromSecret("l2tpd-secret"u8);
    private static readonly byte[] NonceA = Convert.FromHexString("101112131415161718191a1b1c1d1e1f");
    private static readonly byte[] NonceB = Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    private static readonly byte[] RandomVector = Convert.FromHexString("00112233445566778899aabbccddeeff");

    private static readonly Sccrq RequestA = new()
    {
        HostName = "a.example",
        RouterId = 0x0A000001,
        AssignedTunnelId = new(0x11111111),
        PseudowireCapabilities = [PseudowireType.EthernetVlan, PseudowireType.Ethernet],
        Nonce = NonceA,
        ReceiveWindowSize = 8,
    };

    private static readonly Sccrp ReplyB = new()
    {
        HostName = "b.example",
        RouterId = 0x0A000002,
        AssignedTunnelId = new(0x22222222),
        PseudowireCapabilities = [PseudowireType.EthernetVlan, PseudowireType.Ethernet],
        Nonce = NonceB,
        ReceiveWindowSize = 8,
    };

    [Fact]
    public void Derived_keys()
    {
        Assert.Equal("16892f0fcfe1e2f0bddd14805a2340df", Convert.ToHexStringLower(Keys.HidingKey));
        Assert.Equal("1b5c1b15cc74801e26ea8b914b666a50", Convert.ToHexStringLower(Keys.AuthenticationKey));
        Assert.Equal("b9c0a85bc44323504f6edc8e644e232d",
            Convert.ToHexStringLower(ControlMessageKeys.FromSecret("old-secret"u8).AuthenticationKey));
        Assert.Equal("7b6085fbf45933670abcb07a27fcea5e", Convert.ToHexStringLower(ControlMessageKeys.IntegrityOnly.AuthenticationKey));
        Assert.Empty(ControlMessageKeys.IntegrityOnly.HidingKey);
    }

    [Theory]
    [InlineData(DigestType.HmacMd5,
        "c80300760000000000000000800800000000000180170000003b00d42e8a626877ed01e09f60defe8a9a57800f00000007612e6578616d70"
        + "6c65800a0000003c0a000001800a0000003d11111111800a0000003e00040005801600000049101112131415161718191a1b1c1d1e1f8008"
        + "0000000a0008")]
    [InlineData(DigestType.HmacSha1,
        "c803007a00000000000000008008000000000001801b0000003b01280056bbfc4ee3477083dd8198849eb64c87e027800f00000007612e65"
        + "78616d706c65800a0000003c0a000001800a0000003d11111111800a0000003e00040005801600000049101112131415161718191a1b1c1d"
        + "1e1f80080000000a0008")]
    public void Sccrq(DigestType digest, string hex) => BothWays(hex, RequestA, digest, 0, 0, 0, NonceA, []);

    [Theory]
    [InlineData(DigestType.HmacMd5,
        "c80300761111111100000001800800000000000280170000003b0077a8dd5c9d453df36463d2328cdcf4ec800f00000007622e6578616d70"
        + "6c65800a0000003c0a000002800a0000003d22222222800a0000003e00040005801600000049f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff8008"
        + "0000000a0008")]
    [InlineData(DigestType.HmacSha1,
        "c803007a11111111000000018008000000000002801b0000003b0179af702a44f9fbd7e238a086014aa96fe88b5cab800f00000007622e65"
        + "78616d706c65800a0000003c0a000002800a0000003d22222222800a0000003e00040005801600000049f0f1f2f3f4f5f6f7f8f9fafbfcfd"
        + "feff80080000000a0008")]
    public void Sccrp(DigestType digest, string hex)
    {
        BothWays(hex, ReplyB, digest, 0x11111111, 0, 1, NonceB, NonceA);
        // The initiator does not know the responder's nonce yet: it is in this message.
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(Convert.FromHexString(hex), [Keys], NonceA, []));
    }

    [Theory]
    [InlineData(DigestType.HmacMd5, "c803002b2222222200010001800800000000000380170000003b006686c62b0282dbd01f830976fe525052")]
    [InlineData(DigestType.HmacSha1, "c803002f22222222000100018008000000000003801b0000003b012b8f6c60afcc9fb00f9677ecad84b1300d2c27f9")]
    public void Scccn(DigestType digest, string hex) => BothWays(hex, new Scccn(), digest, 0x22222222, 1, 1, NonceA, NonceB);

    [Theory]
    [InlineData(DigestType.HmacMd5, "c803002b1111111100010002800800000000001480170000003b005744bd935d59210a568958e1e8f47270")]
    [InlineData(DigestType.HmacSha1, "c803002f11111111000100028008000000000014801b0000003b01883f434142924cee3d7fb1f1de41277026a13362")]
    public void Acknowledgement(DigestType digest, string hex) => BothWays(hex, Ack.Instance, digest, 0x11111111, 1, 2, NonceB, NonceA);

    [Fact]
    public void Two_digests()
    {
        const string Hex =
            "c803004622222222000200018008000000000006801b0000003b01399bd4d4a634abfedc1ca30e196a741e96ea56d580170000003b00e1d4"
            + "ddc3754f6629d3a1ddce845918b2";
        var old = ControlMessageKeys.FromSecret("old-secret"u8);
        var written = Wire.Encode(
            Hello.Instance, 0x22222222, new EncodeOptions(Digest: DigestType.HmacSha1, SecondDigest: DigestType.HmacMd5),
            ProtocolVersion.V3);
        ControlHeader.PatchSequence(written, 2, 1);
        MessageDigest.Seal(written, Keys, NonceA, NonceB, old);
        Assert.Equal(Hex, Convert.ToHexStringLower(written));

        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(written, [Keys], NonceB, NonceA));
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(written, [old], NonceB, NonceA));
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(written, [ControlMessageKeys.FromSecret("new"u8), old], NonceB, NonceA));
        Assert.Equal(DigestVerdict.Invalid, MessageDigest.Verify(written, [ControlMessageKeys.FromSecret("new"u8)], NonceB, NonceA));
        Assert.Same(Hello.Instance, Wire.Decode(written).Message);
    }

    [Fact]
    public void Integrity_only_sends_the_first_reading_and_accepts_both()
    {
        const string Hex = "c803002b2222222200010001800800000000000380170000003b00d591d9ea8b4def822b56ba8f97486c9c";
        var written = Wire.Encode(new Scccn(), 0x22222222, new EncodeOptions(Digest: DigestType.HmacMd5), ProtocolVersion.V3);
        ControlHeader.PatchSequence(written, 1, 1);
        MessageDigest.Seal(written, ControlMessageKeys.IntegrityOnly, [], []);
        Assert.Equal(Hex, Convert.ToHexStringLower(written));
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(written, [ControlMessageKeys.IntegrityOnly], [], []));
        Assert.Equal(DigestVerdict.Invalid, MessageDigest.Verify(written, [Keys], [], []));

        Convert.FromHexString("19b2ea7f5a3c9fc7f82743bbee256a2b").CopyTo(written, written.Length - 16);
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(written, [ControlMessageKeys.IntegrityOnly], [], []));
        written[^1] ^= 1;
        Assert.Equal(DigestVerdict.Invalid, MessageDigest.Verify(written, [ControlMessageKeys.IntegrityOnly], [], []));
    }

    [Theory]
    [InlineData(65, "0102030405060708", "9d4cbac1ea925d151d58")]
    [InlineData(66, "72656d6f74652d656e642d6964656e7469666965722d31", "3f4a91018e4d253e0e7ac476acb6f0791334121ee80ed9d9b6")]
    public void Hidden_value(ushort type, string value, string hidden)
    {
        var cipher = AvpHiding.Hide(type, Convert.FromHexString(value), [], Keys.HidingKey, RandomVector);
        Assert.Equal(hidden, Convert.ToHexStringLower(cipher));
        Assert.True(AvpHiding.TryUnhide(cipher, type, Keys.HidingKey, RandomVector, new byte[cipher.Length], out var back));
        Assert.Equal(value, Convert.ToHexStringLower(back));
    }

    [Fact]
    public void Hidden_avp_in_a_message_carries_the_vectors_octets()
    {
        var message = new Icrp { LocalSessionId = new(1), RemoteSessionId = new(2),
            Pseudowire = new PseudowireOptions { AssignedCookie = [1, 2, 3, 4, 5, 6, 7, 8] } };
        var octets = Wire.Encode(message, 1, new EncodeOptions(Keys.HidingKey, RandomVector), ProtocolVersion.V3);
        Assert.Contains("c010000000419d4cbac1ea925d151d58", Convert.ToHexStringLower(octets), StringComparison.Ordinal);
        var decoded = Assert.IsType<Icrp>(Wire.Decode(octets, new DecodeOptions(Keys.HidingKey)).Message);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], decoded.Pseudowire?.AssignedCookie);
    }

    private static void BothWays(
        string hex, ControlMessage message, DigestType digest, uint tunnelId, ushort ns, ushort nr, byte[] senderNonce,
        byte[] receiverNonce)
    {
        var octets = Convert.FromHexString(hex);
        Assert.True(MessageCodec.TryDecodeHeader(octets, out var header, out _));
        Assert.Equal(new ControlHeader(ProtocolVersion.V3, octets.Length, new TunnelId(tunnelId), SessionId.None, ns, nr), header);
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(octets, [Keys], receiverNonce, senderNonce));
        var decoded = MessageCodec.Decode(header, octets, default);
        Assert.Equal((default, 0), (decoded.Error, decoded.IgnoredAvps));
        Wire.AssertSame(message, decoded.Message);

        var written = Wire.Encode(message, tunnelId, new EncodeOptions(Digest: digest), ProtocolVersion.V3);
        ControlHeader.PatchSequence(written, ns, nr);
        MessageDigest.Seal(written, Keys, senderNonce, receiverNonce);
        Assert.Equal(hex, Convert.ToHexStringLower(written));
    }
}
