using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using static L2tpd.Unit.Tests.Protocol.RawAvp;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>Where L2TPv3 treats unknown and malformed AVPs differently from v2 (l2tpv3.md section 2), and where it does not.</summary>
public class MatrixV3Tests
{
    private static byte[] Iccn => Raw(ProtocolVersion.V3, Type(MessageType.Iccn), Build(63, "00000042"), Build(64, "00000043"));

    [Theory]
    [InlineData(0x0400)]
    [InlineData(0x2000)]
    [InlineData(0x3C00)]
    public void Reserved_avp_bits_are_ignored(int bits)
    {
        var message = Raw(ProtocolVersion.V3, Type(MessageType.Iccn, M | bits), Build(63, "00000042", M | bits),
            Build(64, "00000043", bits));
        var iccn = Assert.IsType<Iccn>(Wire.Decode(message).Message);
        Assert.Equal((0x42u, 0x43u), (iccn.LocalSessionId.Value, iccn.RemoteSessionId.Value));
    }

    [Fact]
    public void M_is_looked_at_only_for_unrecognised_and_malformed()
    {
        var message = Raw(ProtocolVersion.V3, Type(MessageType.Iccn, 0), Build(63, "00000042", 0), Build(64, "00000043", 0),
            Build(74, "0000000000000001"));
        Assert.Equal(1ul, Assert.IsType<Iccn>(Wire.Decode(message).Message).Pseudowire?.TxConnectSpeed);
        Assert.Equal(DecodeErrorKind.BadValueLength, Wire.Decode(Append(Iccn, Build(74, "00"))).Error.Kind);
        Assert.Equal(1, Wire.Decode(Append(Iccn, Build(74, "00", 0))).IgnoredAvps);
    }

    [Theory]
    [InlineData(4711)]
    [InlineData(67)]
    [InlineData(9)]
    [InlineData(13)]
    [InlineData(24)]
    public void Unknown_and_v2_only_avps_are_fatal_with_M1_only(int type)
    {
        Assert.Equal(new DecodeError(DecodeErrorKind.UnknownMandatoryAvp, Iccn.Length, 0, (ushort)type),
            Wire.Decode(Append(Iccn, Build(type, "0001"))).Error);
        var ignored = Wire.Decode(Append(Iccn, Build(type, "0001", 0)));
        Assert.Equal((true, 1), (ignored.Message is Iccn, ignored.IgnoredAvps));
    }

    [Fact]
    public void Ids_that_must_not_be_0_are_malformed_when_0()
    {
        Assert.Equal(
            new DecodeError(DecodeErrorKind.BadValue, 20, 0, 63),
            Wire.Decode(Raw(ProtocolVersion.V3, Type(MessageType.Iccn), Build(63, "00000000"), Build(64, "00000001"))).Error);
        Assert.Equal(0u, Assert.IsType<Cdn>(Wire.Decode(
            Raw(ProtocolVersion.V3, Type(MessageType.Cdn), Build(1, "0003"), Build(63, "00000042"),
                Build(64, "00000000"))).Message).RemoteSessionId.Value);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(8, true)]
    [InlineData(1, false)]
    [InlineData(6, false)]
    [InlineData(12, false)]
    public void Cookies_have_0_4_or_8_octets(int size, bool legal)
    {
        var message = Raw(
            ProtocolVersion.V3, Type(MessageType.Icrp), Build(63, "00000042"), Build(64, "00000043"), Build(71, "0001"),
            Build(65, new string('0', size * 2)));
        var decoded = Wire.Decode(message);
        Assert.Equal(legal ? DecodeErrorKind.None : DecodeErrorKind.BadValueLength, decoded.Error.Kind);
        if (legal)
            Assert.Equal(size, Assert.IsType<Icrp>(decoded.Message).Pseudowire?.AssignedCookie?.Length);
    }

    [Fact]
    public void Pseudowire_capabilities_are_whole_and_at_least_one()
    {
        Assert.Equal(DecodeErrorKind.BadValueLength, Wire.Decode(Sccrq("")).Error.Kind);
        Assert.Equal(DecodeErrorKind.BadValueLength, Wire.Decode(Sccrq("000500")).Error.Kind);
        Assert.Equal([PseudowireType.Ethernet], Assert.IsType<Sccrq>(Wire.Decode(Sccrq("0005")).Message).PseudowireCapabilities);
    }

    [Fact]
    public void Circuit_errors_are_read_in_both_disputed_sizes()
    {
        var ids = Convert.ToHexString(Build(63, "00000042")) + Convert.ToHexString(Build(64, "00000043"));
        var six = Raw(ProtocolVersion.V3, Type(MessageType.Wen), Convert.FromHexString(ids),
            Build(34, "0000000000010000000200000003000000040000000500000006"));
        var four = Raw(ProtocolVersion.V3, Type(MessageType.Wen), Convert.FromHexString(ids),
            Build(34, "000000000003000000040000000500000006"));
        Assert.Equal(new CallErrors(1, 2, 3, 4, 5, 6), Assert.IsType<Wen>(Wire.Decode(six).Message).CallErrors);
        Assert.Equal(new CallErrors(0, 0, 3, 4, 5, 6), Assert.IsType<Wen>(Wire.Decode(four).Message).CallErrors);
    }

    [Fact]
    public void A_vendors_message_type_is_unknown_whatever_its_number()
    {
        Assert.Equal(DecodeErrorKind.UnknownMessageType, Wire.Decode(Raw(ProtocolVersion.V3, Build(0, "0006", vendor: 9))).Error.Kind);
        var ignored = Wire.Decode(Raw(ProtocolVersion.V3, Build(0, "0006", 0, vendor: 9)));
        Assert.Equal((null, DecodeErrorKind.None), (ignored.Message, ignored.Error.Kind));
    }

    [Fact]
    public void An_extended_vendor_avp_is_the_avp_it_wraps()
    {
        var icrq = Wire.Encode(new Icrq { LocalSessionId = new(1), PseudowireType = PseudowireType.Ethernet, RemoteEndId = [1] }, 1,
            version: ProtocolVersion.V3);
        var known = Wire.Decode(Append(icrq, Build(58, "00000de90091" + "00000007")));
        Assert.Equal(7u, Assert.IsType<Icrq>(known.Message).DslLine?.AncpLineType);
        Assert.Equal(DecodeErrorKind.BadValueLength, Wire.Decode(Append(icrq, Build(58, "00000de90091" + "07"))).Error.Kind);
        foreach (var unknown in new[] { "0001000000910000", "00000de910910000", "000000000040" + "00000007" })
        {
            Assert.Equal(DecodeErrorKind.UnknownMandatoryAvp, Wire.Decode(Append(icrq, Build(58, unknown))).Error.Kind);
            Assert.Equal(1, Wire.Decode(Append(icrq, Build(58, unknown, 0))).IgnoredAvps);
        }
    }

    [Fact]
    public void StopCCN_needs_no_id()
    {
        var octets = Wire.Encode(new StopCcn { Result = new ResultCode(4) }, 0, version: ProtocolVersion.V3);
        Assert.DoesNotContain("0000003d", Convert.ToHexStringLower(octets), StringComparison.Ordinal);
        Assert.Equal(0u, Assert.IsType<StopCcn>(Wire.Decode(octets).Message).AssignedTunnelId.Value);
    }

    [Fact]
    public void Setup_requests_carry_Circuit_Status_even_when_the_caller_names_none()
    {
        var message = new Icrq { LocalSessionId = new(1), PseudowireType = PseudowireType.Ethernet, RemoteEndId = [1] };
        var decoded = Assert.IsType<Icrq>(Wire.Decode(Wire.Encode(message, 1, version: ProtocolVersion.V3)).Message);
        Assert.Equal(CircuitStatus.Active, decoded.Pseudowire?.CircuitStatus);
    }

    [Fact]
    public void Ids_are_found_even_behind_the_error()
    {
        var session = Wire.Decode(Raw(ProtocolVersion.V3, Type(MessageType.Icrq), Build(4711, "00"), Build(63, "00000042")));
        Assert.Equal(0x42u, session.PeerSessionId.Value);
        var tunnel = Wire.Decode(Raw(ProtocolVersion.V3, Type(MessageType.Sccrq), Build(4711, "00"), Build(61, "00001234")));
        Assert.Equal(0x1234u, tunnel.PeerTunnelId.Value);
    }

    [Fact]
    public void Header_has_one_32_bit_id_and_ignores_O_and_P()
    {
        Assert.True(MessageCodec.TryDecodeHeader(Convert.FromHexString("cff3000c1234567800020001"), out var header, out _));
        Assert.Equal(new ControlHeader(ProtocolVersion.V3, 12, new TunnelId(0x12345678), SessionId.None, 2, 1), header);
        var zlb = new byte[12];
        Assert.Equal(12, MessageCodec.EncodeZlb(ProtocolVersion.V3, new TunnelId(0x12345678), 2, 1, zlb));
        Assert.Equal("c803000c1234567800020001", Convert.ToHexStringLower(zlb));
    }

    private static byte[] Sccrq(string capabilities) => Raw(
        ProtocolVersion.V3, Type(MessageType.Sccrq), Build(7, "61"), Build(60, "00000001"), Build(61, "00000001"), Build(62, capabilities));
}
