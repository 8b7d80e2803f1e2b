using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using static L2tpd.Unit.Tests.Protocol.RawAvp;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>The unknown/malformed matrix of l2tpv2.md 2.1: a test a cell, named after it.</summary>
public class MatrixV2Tests
{
    private static readonly byte[] Key = "l2tpd-secret"u8.ToArray();
    private static readonly byte[] Vector = Convert.FromHexString("00112233445566778899aabbccddeeff");
    private static readonly string VectorHex = Convert.ToHexString(Vector);

    private static byte[] Sccrq => Raw(Type(MessageType.Sccrq), Build(2, "0100"), Build(7, "6c6163"), Build(3, "00000003"),
        Build(9, "1234"));

    private static byte[] Icrq => Raw(Type(MessageType.Icrq), Build(14, "0042"), Build(15, "00000001"));

    private static byte[] Iccn => Raw(Type(MessageType.Iccn), Build(24, "00010000"), Build(19, "00000001"));

    private static byte[] StopCcn => Raw(Type(MessageType.StopCcn), Build(9, "1234"), Build(1, "0001"));

    private static byte[] Cdn => Raw(Type(MessageType.Cdn), Build(1, "0003"), Build(14, "0042"));

    // Row 1 and 2: unknown AVP

    [Fact]
    public void Unknown_M1_in_tunnel_message_is_result_2_error_8_naming_the_avp() =>
        AssertFails(Append(Sccrq, Build(4711, "00")), DecodeErrorKind.UnknownMandatoryAvp, 4711, Sccrq.Length,
            GeneralError.UnknownMandatoryAvp, "AVP 4711");

    [Fact]
    public void Unknown_M0_in_tunnel_message_is_ignored() => AssertIgnores<Sccrq>(Append(Sccrq, Build(4711, "00", 0)));

    [Fact]
    public void Unknown_M1_in_session_message_is_result_2_error_8_naming_the_avp() =>
        AssertFails(Append(Icrq, Build(4711, "00")), DecodeErrorKind.UnknownMandatoryAvp, 4711, Icrq.Length,
            GeneralError.UnknownMandatoryAvp, "AVP 4711");

    [Fact]
    public void Unknown_M0_in_session_message_is_ignored() => AssertIgnores<Icrq>(Append(Icrq, Build(4711, "00", 0)));

    [Fact]
    public void Unknown_vendor_M1_is_fatal_although_its_type_number_is_known_to_the_ietf()
    {
        var decoded = Wire.Decode(Append(Icrq, Build(14, "0042", vendor: 9)));
        Assert.Equal(new DecodeError(DecodeErrorKind.UnknownMandatoryAvp, Icrq.Length, 9, 14), decoded.Error);
        Assert.Contains("AVP 9/14", decoded.Error.ToResultCode().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_vendor_M0_is_ignored_and_not_taken_for_the_ietf_avp()
    {
        var message = Insert(Icrq, Build(14, "7777", 0, vendor: 9));
        Assert.Equal(0x42u, AssertIgnores<Icrq>(message).LocalSessionId.Value);
    }

    [Fact]
    public void Avps_that_only_v3_knows_are_unknown()
    {
        AssertFails(Append(Icrq, Build(63, "00000001")), DecodeErrorKind.UnknownMandatoryAvp, 63, Icrq.Length,
            GeneralError.UnknownMandatoryAvp, "AVP 63");
        AssertIgnores<Sccrq>(Append(Sccrq, Build(60, "00000001", 0)));
    }

    [Fact]
    public void Quirk_ignores_unknown_M1_but_not_malformed_M1()
    {
        var options = new DecodeOptions(IgnoreUnknownMandatory: true);
        var decoded = Wire.Decode(Append(Icrq, Build(4711, "00")), options);
        Assert.IsType<Icrq>(decoded.Message);
        Assert.Equal(1, decoded.IgnoredAvps);
        Assert.Equal(DecodeErrorKind.BadValueLength, Wire.Decode(Append(Icrq, Build(18, "00")), options).Error.Kind);
    }

    // Reserved bits

    [Theory]
    [InlineData(0x0400)]
    [InlineData(0x0800)]
    [InlineData(0x1000)]
    [InlineData(0x2000)]
    public void Reserved_avp_bit_makes_a_known_avp_unrecognised(int bit)
    {
        AssertFails(Append(Icrq, Build(18, "00000001", M | bit)), DecodeErrorKind.UnknownMandatoryAvp, 18, Icrq.Length,
            GeneralError.UnknownMandatoryAvp, "AVP 18");
        Assert.Null(AssertIgnores<Icrq>(Append(Icrq, Build(25, "00000001", bit))).PhysicalChannelId);
    }

    [Fact]
    public void Reserved_bit_on_a_required_avp_with_M0_leaves_it_missing() =>
        AssertFails(
            Raw(Type(MessageType.Icrq), Build(14, "0042"), Build(15, "00000001", 0x0400)),
            DecodeErrorKind.MissingAvp, 15, 38, GeneralError.ValueOutOfRange, "Call Serial Number");

    // Row 3: unknown message type

    [Fact]
    public void Unknown_message_type_M1_is_an_error()
    {
        var decoded = Wire.Decode(Raw(Type((MessageType)99), Build(14, "0042")));
        Assert.Equal(DecodeErrorKind.UnknownMessageType, decoded.Error.Kind);
        Assert.Equal((MessageType)99, decoded.Type);
        Assert.Null(decoded.Message);
        Assert.Equal(0x42u, decoded.PeerSessionId.Value);
    }

    [Fact]
    public void Unknown_message_type_M0_is_ignored_without_error_whatever_follows()
    {
        var decoded = Wire.Decode(Raw(Type((MessageType)99, 0), Build(4711, "00")));
        Assert.Equal(DecodeErrorKind.None, decoded.Error.Kind);
        Assert.Null(decoded.Message);
        Assert.Equal((MessageType)99, decoded.Type);
    }

    [Fact]
    public void Ack_is_an_unknown_message_type_in_v2() =>
        Assert.Equal(DecodeErrorKind.UnknownMessageType, Wire.Decode(Raw(Type(MessageType.Ack))).Error.Kind);

    // Row 4: recognised AVP with bad length or value

    [Fact]
    public void Bad_length_M1_is_result_2_error_2() =>
        AssertFails(Append(Icrq, Build(18, "0001")), DecodeErrorKind.BadValueLength, 18, Icrq.Length, GeneralError.WrongLength,
            "Bearer Type");

    [Fact]
    public void Bad_length_M0_is_ignored_as_in_the_RFCs_example_of_a_2_octet_Rx_Connect_Speed() =>
        Assert.Null(AssertIgnores<Iccn>(Append(Iccn, Build(38, "0001", 0))).RxConnectSpeed);

    [Fact]
    public void Bad_value_M1_is_result_2_error_3()
    {
        AssertFails(Append(Sccrq, Build(10, "0000")), DecodeErrorKind.BadValue, 10, Sccrq.Length, GeneralError.ValueOutOfRange,
            "Receive Window Size");
        var zeroTunnel = Raw(Type(MessageType.Sccrq), Build(2, "0100"), Build(7, "6c6163"), Build(3, "00000003"), Build(9, "0000"));
        AssertFails(zeroTunnel, DecodeErrorKind.BadValue, 9, 47, GeneralError.ValueOutOfRange, "Assigned Tunnel ID");
        var zeroSession = Raw(Type(MessageType.Icrq), Build(14, "0000"), Build(15, "00000001"));
        AssertFails(zeroSession, DecodeErrorKind.BadValue, 14, 20, GeneralError.ValueOutOfRange, "Assigned Session ID");
    }

    [Fact]
    public void Bad_value_M0_is_ignored() => Assert.Null(AssertIgnores<Sccrq>(Append(Sccrq, Build(10, "0000", 0))).ReceiveWindowSize);

    [Fact]
    public void Bad_length_of_a_required_avp_with_M0_leaves_it_missing() =>
        AssertFails(
            Raw(Type(MessageType.Icrq), Build(14, "0042"), Build(15, "01", 0)),
            DecodeErrorKind.MissingAvp, 15, 35, GeneralError.ValueOutOfRange, "Call Serial Number");

    // Row 5, required AVP missing, is in MessageTableTests for both versions

    // Row 6: unknown M=1 AVP inside StopCCN or CDN

    [Theory]
    [InlineData(4711, "00", M)]
    [InlineData(4711, "00", 0)]
    [InlineData(18, "00", M)]
    [InlineData(18, "00000001", M | 0x0400)]
    [InlineData(21, "00112233", M | H)]
    public void StopCCN_and_CDN_are_used_whatever_else_they_carry(int type, string value, int flags)
    {
        Assert.Equal(0x1234u, AssertIgnores<StopCcn>(Append(StopCcn, Build(type, value, flags))).AssignedTunnelId.Value);
        Assert.Equal(0x42u, AssertIgnores<Cdn>(Append(Cdn, Build(type, value, flags))).LocalSessionId.Value);
        AssertIgnores<StopCcn>(Append(StopCcn, Build(type, value, flags, vendor: 9)));
    }

    [Fact]
    public void StopCCN_and_CDN_may_name_no_id_yet()
    {
        Assert.Equal(0u, Assert.IsType<StopCcn>(
            Wire.Decode(Raw(Type(MessageType.StopCcn), Build(9, "0000"), Build(1, "0004"))).Message).AssignedTunnelId.Value);
        Assert.Equal(0u, Assert.IsType<Cdn>(
            Wire.Decode(Raw(Type(MessageType.Cdn), Build(1, "0004"), Build(14, "0000"))).Message).LocalSessionId.Value);
    }

    [Fact]
    public void Unreadable_required_avps_of_StopCCN_and_CDN_count_as_0()
    {
        var stopCcn = Raw(Type(MessageType.StopCcn), Build(36, VectorHex), Hidden(AvpType.AssignedTunnelId, "1234", Key, Vector),
            Build(1, "00"));
        var decoded = Wire.Decode(stopCcn);
        Assert.Equal(2, decoded.IgnoredAvps);
        var message = Assert.IsType<StopCcn>(decoded.Message);
        Assert.Equal((0u, new ResultCode(0)), (message.AssignedTunnelId.Value, message.Result));
        Assert.Equal(0u, Assert.IsType<Cdn>(
            Wire.Decode(Raw(Type(MessageType.Cdn), Build(1, "0003"), Build(14, "42"))).Message).LocalSessionId.Value);
    }

    // Row 7: hidden AVPs

    [Fact]
    public void Hidden_M1_without_secret_is_malformed()
    {
        var message = Append(Icrq, Build(36, VectorHex), Hidden(AvpType.CallingNumber, "31", Key, Vector));
        AssertFails(message, DecodeErrorKind.CannotUnhide, 22, Icrq.Length + 22, GeneralError.ValueOutOfRange, "Calling Number");
    }

    [Fact]
    public void Hidden_M0_without_secret_is_ignored() =>
        AssertIgnores<Icrq>(Append(Icrq, Build(36, VectorHex), Hidden(AvpType.PhysicalChannelId, "00000001", Key, Vector, 0)));

    [Fact]
    public void Hidden_M1_without_preceding_random_vector_is_malformed()
    {
        var message = Append(Icrq, Hidden(AvpType.CallingNumber, "31", Key, Vector), Build(36, VectorHex));
        Assert.Equal(DecodeErrorKind.CannotUnhide, Wire.Decode(message, new DecodeOptions(Key)).Error.Kind);
    }

    [Fact]
    public void Hidden_M0_without_preceding_random_vector_is_ignored()
    {
        var message = Append(Icrq, Hidden(AvpType.PhysicalChannelId, "00000001", Key, Vector, 0), Build(36, VectorHex));
        AssertIgnores<Icrq>(message, new DecodeOptions(Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("ffffffff")]
    public void Hidden_value_with_impossible_length_is_malformed(string octets)
    {
        var fatal = Append(Icrq, Build(36, VectorHex), Build(22, octets, M | H));
        Assert.Equal(DecodeErrorKind.CannotUnhide, Wire.Decode(fatal, new DecodeOptions(Key)).Error.Kind);
        AssertIgnores<Icrq>(Append(Icrq, Build(36, VectorHex), Build(22, octets, H)), new DecodeOptions(Key));
    }

    [Fact]
    public void Hidden_value_with_a_length_its_avp_may_not_have_is_malformed()
    {
        var message = Append(Icrq, Build(36, VectorHex), Hidden(AvpType.BearerType, "0001", Key, Vector));
        Assert.Equal(DecodeErrorKind.BadValueLength, Wire.Decode(message, new DecodeOptions(Key)).Error.Kind);
    }

    [Fact]
    public void Hidden_empty_value_is_legal()
    {
        var message = Append(Icrq, Build(36, VectorHex), Hidden(AvpType.CallingNumber, "", Key, Vector));
        Assert.Equal("", Assert.IsType<Icrq>(Wire.Decode(message, new DecodeOptions(Key)).Message).CallingNumber);
    }

    [Fact]
    public void Each_hidden_avp_uses_the_nearest_preceding_random_vector()
    {
        byte[] second = [7, 7, 7];
        var message = Append(
            Icrq,
            Build(36, VectorHex), Hidden(AvpType.CallingNumber, "3131", Key, Vector), Build(36, "070707"),
            Hidden(AvpType.CalledNumber, "3232", Key, second), Hidden(AvpType.SubAddress, "3333", Key, second));
        var icrq = Assert.IsType<Icrq>(Wire.Decode(message, new DecodeOptions(Key)).Message);
        Assert.Equal(("11", "22", "33"), (icrq.CallingNumber, icrq.CalledNumber, icrq.SubAddress));
    }

    [Fact]
    public void Hidden_required_avp_counts_as_present()
    {
        var message = Raw(
            Type(MessageType.Icrq), Build(36, VectorHex), Hidden(AvpType.AssignedSessionId, "0042", Key, Vector),
            Hidden(AvpType.CallSerialNumber, "00000007", Key, Vector));
        var decoded = Wire.Decode(message, new DecodeOptions(Key));
        Assert.Equal(7u, Assert.IsType<Icrq>(decoded.Message).CallSerialNumber);
        Assert.Equal(0x42u, decoded.PeerSessionId.Value);
    }

    // Malformed walk

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(1023)]
    public void Avp_length_that_cannot_be_ends_the_walk_with_result_2_error_2(int length)
    {
        foreach (var flags in new[] { 0, M })
        {
            var message = Append(Icrq, Build(25, "00000001", flags, length: length == 12 ? 11 : length));
            AssertFails(message, DecodeErrorKind.BadAvpLength, 0, Icrq.Length, GeneralError.WrongLength, "octet 38");
        }
    }

    [Fact]
    public void Fewer_octets_than_an_avp_header_at_the_end_are_a_bad_length() =>
        AssertFails(Append(Icrq, [0x80, 0x08, 0, 0, 0]), DecodeErrorKind.BadAvpLength, 0, Icrq.Length, GeneralError.WrongLength,
            "octet 38");

    [Fact]
    public void First_avp_must_be_Message_Type()
    {
        Assert.Equal(DecodeErrorKind.MissingMessageType, Wire.Decode(Raw(Build(14, "0042"), Type(MessageType.Icrq))).Error.Kind);
        Assert.Equal(DecodeErrorKind.MissingMessageType, Wire.Decode(Raw(Build(0, "000a", vendor: 9))).Error.Kind);
        Assert.Equal(DecodeErrorKind.MissingMessageType, Wire.Decode(Raw(Build(0, "000a", M | H))).Error.Kind);
        Assert.Equal(DecodeErrorKind.MissingMessageType, Wire.Decode(Raw(Build(0, "000a", M | 0x0400))).Error.Kind);
        Assert.Equal(DecodeErrorKind.BadValueLength, Wire.Decode(Raw(Build(0, "0a"))).Error.Kind);
        Assert.Equal(DecodeErrorKind.BadAvpLength, Wire.Decode(Raw([0x80])).Error.Kind);
    }

    // Tolerance

    [Fact]
    public void Wrong_M_bit_on_known_avps_is_never_an_error()
    {
        var message = Raw(
            Type(MessageType.Sccrq, 0), Build(2, "0100", 0), Build(7, "6c6163", 0), Build(3, "00000003", 0), Build(9, "1234", 0),
            Build(8, "61"), Build(6, "0001"));
        var sccrq = Assert.IsType<Sccrq>(Wire.Decode(message).Message);
        Assert.Equal(("lac", "a", (ushort?)1), (sccrq.HostName, sccrq.VendorName, sccrq.FirmwareRevision));
    }

    [Fact]
    public void Result_code_without_error_code_is_fine()
    {
        Assert.Equal(new ResultCode(1), Assert.IsType<StopCcn>(Wire.Decode(StopCcn).Message).Result);
        var withError = Raw(Type(MessageType.StopCcn), Build(9, "1234"), Build(1, "00020004"));
        Assert.Equal(new ResultCode(2, 4), Assert.IsType<StopCcn>(Wire.Decode(withError).Message).Result);
        var oneMoreOctet = Raw(Type(MessageType.StopCcn), Build(9, "1234"), Build(1, "000200"));
        Assert.Equal(new ResultCode(2), Assert.IsType<StopCcn>(Wire.Decode(oneMoreOctet).Message).Result);
    }

    [Fact]
    public void Invalid_utf8_in_a_text_is_replaced()
    {
        var message = Raw(Type(MessageType.StopCcn), Build(9, "1234"), Build(1, "0002000661ff62"));
        Assert.Equal("a�b", Assert.IsType<StopCcn>(Wire.Decode(message).Message).Result.Message);
    }

    [Fact]
    public void First_of_duplicates_counts()
    {
        var message = Append(Icrq, Build(14, "0043"), Build(15, "00000002"));
        var icrq = Assert.IsType<Icrq>(Wire.Decode(message).Message);
        Assert.Equal((0x42u, 1u), (icrq.LocalSessionId.Value, icrq.CallSerialNumber));
    }

    [Fact]
    public void Known_avp_that_does_not_belong_to_the_message_is_passed_over()
    {
        var decoded = Wire.Decode(Append(Icrq, Build(7, "61"), Build(24, "00000001"), Build(1, "0001")));
        Assert.IsType<Icrq>(decoded.Message);
    }

    [Fact]
    public void Octets_past_Length_are_not_part_of_the_message()
    {
        byte[] message = [.. Icrq, .. Build(4711, "00")];
        Assert.IsType<Icrq>(Wire.Decode(message).Message);
    }

    [Fact]
    public void Ids_are_found_even_behind_the_error()
    {
        var session = Wire.Decode(Raw(Type(MessageType.Icrq), Build(4711, "00"), Build(15, "01"), Build(14, "0042")));
        Assert.Equal((DecodeErrorKind.UnknownMandatoryAvp, 0x42u), (session.Error.Kind, session.PeerSessionId.Value));
        var tunnel = Wire.Decode(Raw(Type(MessageType.Sccrq), Build(4711, "00"), Build(9, "1234")));
        Assert.Equal((DecodeErrorKind.UnknownMandatoryAvp, 0x1234u), (tunnel.Error.Kind, tunnel.PeerTunnelId.Value));
        var broken = Wire.Decode(Raw(Type(MessageType.Icrq), Build(14, "0042"), Build(15, "00", length: 3)));
        Assert.Equal((DecodeErrorKind.BadAvpLength, 0x42u), (broken.Error.Kind, broken.PeerSessionId.Value));
    }

    [Fact]
    public void Host_name_is_peeked_without_the_secret_and_without_loss()
    {
        var message = Raw(Type(MessageType.Sccrq), Build(4711, "00"), Build(7, "c3a900ff"));
        Assert.True(MessageCodec.TryDecodeHeader(message, out var header, out _));
        Assert.Equal("Ã©\0ÿ", MessageCodec.PeekHostName(header, message));
        Assert.True(MessageCodec.TryDecodeHeader(Icrq, out header, out _));
        Assert.Null(MessageCodec.PeekHostName(header, Icrq));
        var broken = Raw(Type(MessageType.Sccrq), Build(7, "6162", length: 99));
        Assert.True(MessageCodec.TryDecodeHeader(broken, out header, out _));
        Assert.Null(MessageCodec.PeekHostName(header, broken));
    }

    // Last row: malformed header

    [Theory]
    [InlineData("", DecodeErrorKind.BadHeaderLength)]
    [InlineData("c8", DecodeErrorKind.BadHeaderLength)]
    [InlineData("c802000c56780000000200", DecodeErrorKind.BadHeaderLength)]
    [InlineData("c802000d5678000000020001", DecodeErrorKind.BadHeaderLength)]
    [InlineData("c802000b5678000000020001", DecodeErrorKind.BadHeaderLength)]
    [InlineData("c80200005678000000020001", DecodeErrorKind.BadHeaderLength)]
    [InlineData("8802000c5678000000020001", DecodeErrorKind.BadHeaderFlags)]
    [InlineData("c002000c5678000000020001", DecodeErrorKind.BadHeaderFlags)]
    [InlineData("ca02000c5678000000020001", DecodeErrorKind.BadHeaderFlags)]
    [InlineData("4802000c5678000000020001", DecodeErrorKind.BadHeaderFlags)]
    [InlineData("c801000c5678000000020001", DecodeErrorKind.BadVersion)]
    [InlineData("c804000c5678000000020001", DecodeErrorKind.BadVersion)]
    [InlineData("c800000c5678000000020001", DecodeErrorKind.BadVersion)]
    public void Malformed_header_is_refused(string hex, DecodeErrorKind kind)
    {
        Assert.False(MessageCodec.TryDecodeHeader(Convert.FromHexString(hex), out var header, out var error));
        Assert.Equal(kind, error.Kind);
        Assert.Equal(default, header);
    }

    [Theory]
    [InlineData("f8f2000c5678000000020001")]
    [InlineData("cdf2000c5678000000020001")]
    public void Reserved_header_bits_and_P_are_ignored(string hex) =>
        Assert.True(MessageCodec.TryDecodeHeader(Convert.FromHexString(hex), out _, out _));

    [Theory]
    [InlineData("", PacketKind.Unknown)]
    [InlineData("c8", PacketKind.Unknown)]
    [InlineData("c802", PacketKind.Control)]
    [InlineData("c803", PacketKind.Control)]
    [InlineData("0002", PacketKind.Data)]
    [InlineData("0003", PacketKind.Data)]
    [InlineData("c801", PacketKind.Unknown)]
    [InlineData("0001", PacketKind.Unknown)]
    [InlineData("c804", PacketKind.Unknown)]
    public void Classification_reads_Ver_before_T(string hex, PacketKind kind) =>
        Assert.Equal(kind, MessageCodec.Classify(Convert.FromHexString(hex)));

    private static void AssertFails(byte[] message, DecodeErrorKind kind, int avp, int offset, ushort error, string text)
    {
        var decoded = Wire.Decode(message);
        Assert.Null(decoded.Message);
        Assert.Equal(new DecodeError(kind, offset, 0, (ushort)avp), decoded.Error);
        var result = decoded.Error.ToResultCode();
        Assert.Equal((StopCcnResult.GeneralError, (ushort?)error), (result.Result, result.Error));
        Assert.Contains(text, result.Message, StringComparison.Ordinal);
    }

    private static T AssertIgnores<T>(byte[] message, DecodeOptions options = default)
        where T : ControlMessage
    {
        var decoded = Wire.Decode(message, options);
        Assert.Equal(default, decoded.Error);
        Assert.Equal(1, decoded.IgnoredAvps);
        return Assert.IsType<T>(decoded.Message);
    }
}
