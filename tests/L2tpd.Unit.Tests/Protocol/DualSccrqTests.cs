using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;
using static L2tpd.Unit.Tests.Protocol.RawAvp;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>The SCCRQ with Ver=2 that offers v3 as well (RFC 3931 section 4.7.3, l2tpv3.md section 11).</summary>
public class DualSccrqTests
{
    internal static Sccrq Dual { get; } = new()
    {
        HostName = "lac",
        FramingCapabilities = FramingTypes.Synchronous,
        AssignedTunnelId = new(0x1234),
        DualControlConnectionId = new TunnelId(0x11223344),
        RouterId = 0x0A000001,
        PseudowireCapabilities = [PseudowireType.Ethernet, PseudowireType.Ppp],
        Nonce = [.. Enumerable.Range(0, 16).Select(i => (byte)i)],
        PreferredLanguage = "en",
        Challenge = [1, 2, 3],
    };

    private static byte[] V2Avps => Raw(Type(MessageType.Sccrq), Build(2, "0100"), Build(7, "6c6163"), Build(3, "00000003"),
        Build(9, "1234"));

    [Fact]
    public void It_round_trips()
    {
        var octets = Wire.Encode(Dual, 0);
        Assert.Equal("c802", Convert.ToHexStringLower(octets.AsSpan(0, 2)));
        var decoded = Wire.Decode(octets);
        Assert.Equal(0, decoded.IgnoredAvps);
        Assert.Equal(0x1234u, decoded.PeerTunnelId.Value);
        Wire.AssertSame(Dual, decoded.Message);
    }

    [Fact]
    public void It_round_trips_hidden_by_v2s_secret_with_the_v3_avps_clear()
    {
        var octets = Wire.Encode(Dual, 0, new EncodeOptions([9], new byte[16]));
        Wire.AssertSame(Dual, Wire.Decode(octets, new DecodeOptions([9])).Message);
        var hex = Convert.ToHexStringLower(octets);
        Assert.Contains("000a0000003c0a000001", hex, StringComparison.Ordinal);
        Assert.Contains("000a0000003d11223344", hex, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_without_v3_ignores_its_v3_avps()
    {
        // Such a peer uses its own table: all of v3's AVPs have M=0.
        var octets = Wire.Encode(Dual, 0);
        var seen = new HashSet<int>();
        for (var at = 12; at < octets.Length;)
        {
            var type = (octets[at + 4] << 8) | octets[at + 5];
            if (AvpTable.V2.Find(0, (ushort)type) is null)
            {
                Assert.Equal(0, octets[at] & 0xFC);
                seen.Add(type);
            }

            at += ((octets[at] & 3) << 8) | octets[at + 1];
        }

        Assert.Equal([60, 61, 62, 72, 73], seen.Order());
    }

    [Fact]
    public void Without_61_and_62_it_is_a_plain_v2_sccrq()
    {
        foreach (var missing in new[] { 61, 62 })
        {
            var sccrq = Assert.IsType<Sccrq>(Wire.Decode(Without(Wire.Encode(Dual, 0), missing)).Message);
            Assert.Null(sccrq.DualControlConnectionId);
            Assert.Null(sccrq.RouterId);
        }
    }

    [Fact]
    public void A_malformed_v2_only_avp_is_ignored_even_with_M1()
    {
        byte[] v3 = [.. Build(61, "11223344", 0), .. Build(62, "0005", 0), .. Build(60, "0a000001", 0)];
        var message = Append(V2Avps, Build(4, "00"), Build(11, ""), v3);
        var decoded = Wire.Decode(message);
        Assert.Equal(2, decoded.IgnoredAvps);
        Assert.Equal(0x11223344u, Assert.IsType<Sccrq>(decoded.Message).DualControlConnectionId?.Value);
        Assert.Equal(DecodeErrorKind.BadValueLength, Wire.Decode(Append(V2Avps, Build(4, "00"))).Error.Kind);
    }

    [Fact]
    public void A_malformed_avp_of_both_versions_stays_fatal_with_M1()
    {
        byte[] v3 = [.. Build(61, "11223344", 0), .. Build(62, "0005", 0)];
        Assert.Equal(DecodeErrorKind.BadValueLength, Wire.Decode(Append(V2Avps, Build(10, "00"), v3)).Error.Kind);
        Assert.Equal(DecodeErrorKind.UnknownMandatoryAvp, Wire.Decode(Append(V2Avps, Build(4711, "00"), v3)).Error.Kind);
    }

    [Fact]
    public void V3_avps_in_other_v2_messages_are_unknown()
    {
        var sccrp = Raw(
            Type(MessageType.Sccrp), Build(2, "0100"), Build(7, "6c6163"), Build(3, "00000003"), Build(9, "1234"), Build(61, "11223344"),
            Build(62, "0005"));
        Assert.Equal(new DecodeError(DecodeErrorKind.UnknownMandatoryAvp, 55, 0, 61), Wire.Decode(sccrp).Error);
    }

    [Fact]
    public void Its_digest_covers_the_message_as_sent()
    {
        var keys = ControlMessageKeys.FromSecret("s"u8);
        var octets = Wire.Encode(Dual, 0, new EncodeOptions(Digest: DigestType.HmacMd5));
        MessageDigest.Seal(octets, keys, Dual.Nonce, []);
        Assert.Equal(DigestVerdict.Valid, MessageDigest.Verify(octets, [keys], [], []));
        Wire.AssertSame(Dual, Wire.Decode(octets).Message);
    }
}
