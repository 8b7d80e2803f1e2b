using System.Buffers.Binary;
using System.Security.Cryptography;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;
using static L2tpd.Unit.Tests.Protocol.RawAvp;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>Control Message Authentication beyond the vectors (l2tpv3.md 5.1, 5.2).</summary>
public class MessageDigestTests
{
    private static readonly ControlMessageKeys Keys = ControlMessageKeys.FromSecret("secret"u8);
    private static readonly byte[] Local = new byte[16];
    private static readonly byte[] Remote = [.. Enumerable.Repeat((byte)7, 16)];

    /// <summary>Behind the header, Message Type, and the header and type octet of the digest's AVP.</summary>
    private const int DigestOffset = ControlHeader.Size + 8 + 7;

    /// <summary>A HELLO with an empty digest, and an AVP behind it whose value has that many octets.</summary>
    private static byte[] Long(DigestType type, int length)
    {
        byte[] message =
        [
            .. Wire.Encode(Hello.Instance, 1, new EncodeOptions(Digest: type), ProtocolVersion.V3),
            (byte)((length + 6) >> 8), (byte)(length + 6), 0, 0, 1, 0, .. Enumerable.Range(0, length).Select(static i => (byte)(i * 7)),
        ];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)message.Length);
        return message;
    }

    private static byte[] Sealed(ushort ns = 1)
    {
        var message = Wire.Encode(Hello.Instance, 1, new EncodeOptions(Digest: DigestType.HmacMd5), ProtocolVersion.V3);
        ControlHeader.PatchSequence(message, ns, 1);
        MessageDigest.Seal(message, Keys, Local, Remote);
        return message;
    }

    [Fact]
    public void Every_bit_of_the_message_is_covered()
    {
        var message = Sealed();
        for (var bit = 0; bit < message.Length * 8; bit++)
        {
            byte[] changed = [.. message];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(DigestVerdict.Valid, MessageDigest.Verify(changed, [Keys], Remote, Local));
        }

        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(message, [Keys], Remote, Local));
    }

    [Theory]
    [InlineData(DigestType.HmacMd5)]
    [InlineData(DigestType.HmacSha1)]
    public void Keys_that_were_prepared_make_the_same_digests(DigestType type)
    {
        var (plain, prepared) = (Long(type, 20), Long(type, 20));
        var keys = ControlMessageKeys.FromSecret("secret"u8);
        keys.Prepare(type);
        MessageDigest.Seal(plain, Keys, Local, Remote);
        MessageDigest.Seal(prepared, keys, Local, Remote);
        Assert.Equal(plain, prepared);
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(plain, [keys], Remote, Local));
    }

    [Fact]
    public void A_retransmission_with_another_Nr_is_sealed_again_in_place()
    {
        var message = Sealed();
        ControlHeader.PatchSequence(message, 1, 9);
        Assert.Equal(DigestVerdict.Invalid, MessageDigest.Verify(message, [Keys], Remote, Local));
        MessageDigest.Seal(message, Keys, Local, Remote);
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(message, [Keys], Remote, Local));
    }

    [Theory]
    [InlineData(DigestType.HmacMd5)]
    [InlineData(DigestType.HmacSha1)]
    public void Messages_of_every_length_have_the_digest_of_the_runtimes_one_shot_function(DigestType type)
    {
        for (var length = 0; length < 300; length++)
        {
            var message = Long(type, length);
            byte[] signed = [.. Local, .. Remote, .. message];
            var expected = type == DigestType.HmacMd5
                ? HMACMD5.HashData(Keys.AuthenticationKey, signed)
                : HMACSHA1.HashData(Keys.AuthenticationKey, signed);
            MessageDigest.Seal(message, Keys, Local, Remote);
            Assert.Equal(expected, message.AsSpan(DigestOffset, expected.Length).ToArray());
        }
    }

    [Fact]
    public void Threads_that_share_keys_do_not_disturb_each_other() => Parallel.For(0, 8, thread =>
    {
        var message = Long(DigestType.HmacSha1, thread);
        MessageDigest.Seal(message, Keys, Local, Remote);
        for (var i = 0; i < 2_000; i++)
            Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(message, [Keys], Remote, Local));
    });

    [Fact]
    public void Nonces_are_taken_from_the_senders_point_of_view() =>
        Assert.Equal(DigestVerdict.Invalid, MessageDigest.Verify(Sealed(), [Keys], Local, Remote));

    [Fact]
    public void Octets_past_Length_do_not_matter() =>
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify([.. Sealed(), 1, 2, 3], [Keys], Remote, Local));

    [Fact]
    public void Absent_is_told_from_invalid()
    {
        Assert.Equal(DigestVerdict.Absent, MessageDigest.Verify(Raw(ProtocolVersion.V3, Type(MessageType.Hello)), [Keys], Remote, Local));
        var zlb = new byte[12];
        MessageCodec.EncodeZlb(ProtocolVersion.V3, new TunnelId(1), 2, 3, zlb);
        Assert.Equal(DigestVerdict.Absent, MessageDigest.Verify(zlb, [Keys], Remote, Local));
        Assert.Equal(DigestVerdict.Absent, MessageDigest.Verify([], [Keys], Remote, Local));
        Assert.Equal(DigestVerdict.Invalid, MessageDigest.Verify(Sealed(), [], Remote, Local));
    }

    [Fact]
    public void A_digest_that_does_not_follow_Message_Type_is_no_digest()
    {
        var digest = "00" + new string('0', 32);
        var message = Raw(ProtocolVersion.V3, Type(MessageType.Hello), Build(8, "61", 0), Build(59, digest));
        MessageDigest.Seal(message, Keys, Local, Remote);
        Assert.Equal(DigestVerdict.Absent, MessageDigest.Verify(message, [Keys], Remote, Local));
    }

    [Theory]
    [InlineData("02")]
    [InlineData("01")]
    [InlineData("ff")]
    public void A_digest_of_unknown_type_or_wrong_size_is_invalid(string type)
    {
        var message = Raw(ProtocolVersion.V3, Type(MessageType.Hello), Build(59, type + new string('0', 32)));
        Assert.Equal(DigestVerdict.Invalid, MessageDigest.Verify(message, [Keys], Remote, Local));
    }

    [Fact]
    public void A_second_digest_counts_when_the_first_has_an_unknown_type()
    {
        var message = Raw(
            ProtocolVersion.V3, Type(MessageType.Hello), Build(59, "ff" + new string('0', 32)), Build(59, "00" + new string('0', 32)));
        MessageDigest.Seal(message, Keys, Local, Remote);
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(message, [Keys], Remote, Local));
    }

    [Fact]
    public void Sealing_a_message_without_digest_changes_nothing()
    {
        var message = Raw(ProtocolVersion.V3, Type(MessageType.Hello));
        byte[] before = [.. message];
        MessageDigest.Seal(message, Keys, Local, Remote);
        Assert.Equal(before, message);
    }

    [Fact]
    public void StopCCN_before_the_peers_nonce_is_known_uses_an_empty_one()
    {
        var message = Wire.Encode(
            new StopCcn { AssignedTunnelId = new(1), Result = new ResultCode(1) }, 0, new EncodeOptions(Digest: DigestType.HmacSha1),
            ProtocolVersion.V3);
        MessageDigest.Seal(message, Keys, Local, []);
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(message, [Keys], [], Local));
    }

    [Fact]
    public void Long_messages_and_long_nonces_work()
    {
        byte[] nonce = [.. Enumerable.Repeat((byte)9, 1000)];
        var message = Wire.Encode(
            new Icrq { LocalSessionId = new(1), PseudowireType = PseudowireType.Ethernet, RemoteEndId = new byte[1000] }, 1,
            new EncodeOptions(Digest: DigestType.HmacSha1), ProtocolVersion.V3);
        MessageDigest.Seal(message, Keys, nonce, nonce);
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(message, [Keys], nonce, nonce));
    }
}
