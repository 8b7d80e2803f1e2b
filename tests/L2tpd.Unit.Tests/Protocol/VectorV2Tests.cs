using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Hiding;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>The vectors of l2tpv2.md sections 5, 6 and 15, each from octets to values and back.</summary>
public class VectorV2Tests
{
    private static readonly byte[] Secret = "l2tpd-secret"u8.ToArray();
    private static readonly byte[] RandomVector = Convert.FromHexString("00112233445566778899aabbccddeeff");

    [Theory]
    [InlineData(MessageType.Sccrp, "000102030405060708090a0b0c0d0e0f", "04460295cc194063a0700531990ac22e")]
    [InlineData(MessageType.Scccn, "000102030405060708090a0b0c0d0e0f", "cd5ac34b7aa2fa99b58dac174efcfc41")]
    [InlineData(MessageType.Sccrp, "a1b2c3d4", "43ba055e5f50470e59e821e65f5ba896")]
    [InlineData(MessageType.Scccn, "a1b2c3d4", "2909ad016439b5a7eb606c28179003d5")]
    public void Tunnel_authentication_response(MessageType carrier, string challenge, string response)
    {
        var octets = Convert.FromHexString(challenge);
        var expected = Convert.FromHexString(response);
        Assert.Equal(expected, TunnelAuthentication.ComputeResponse(carrier, Secret, octets));
        Assert.True(TunnelAuthentication.Verify(carrier, Secret, octets, expected));
        expected[^1] ^= 1;
        Assert.False(TunnelAuthentication.Verify(carrier, Secret, octets, expected));
        Assert.False(TunnelAuthentication.Verify(carrier, Secret, octets, expected.AsSpan(1)));
    }

    [Theory]
    [InlineData(9, "1234", "", "9f2f82fe")]
    [InlineData(33, "636f727265637420686f727365206261747465727920737461706c65", "",
        "4f211d3942bdbf0571fd1a06d017e16bebec7152029453d2139f2d4fc05b")]
    [InlineData(3, "00000003", "5a5a5a5a5a5a5a5a5a5a5a5a", "0d5d6dc0dfc11c97653db75638177e7fc5f3")]
    [InlineData(33, "", "", "4f3d")]
    [InlineData(30, "75736572406973702e6578616d70", "", "b9f49e5fa1c21db449058f5894b30d4a")]
    public void Hidden_value(ushort type, string value, string padding, string hidden)
    {
        var clear = Convert.FromHexString(value);
        var cipher = AvpHiding.Hide(type, clear, Convert.FromHexString(padding), Secret, RandomVector);
        Assert.Equal(hidden, Convert.ToHexStringLower(cipher));
        Assert.True(AvpHiding.TryUnhide(cipher, type, Secret, RandomVector, new byte[cipher.Length], out var back));
        Assert.Equal(clear, back.ToArray());
    }

    [Fact]
    public void Hidden_avps_in_a_message_carry_the_vectors_octets()
    {
        var message = new Sccrq { HostName = "h", AssignedTunnelId = new(0x1234),
            FramingCapabilities = FramingTypes.Synchronous | FramingTypes.Asynchronous };
        var octets = Wire.Encode(message, 0, new EncodeOptions(Secret, RandomVector));
        var hex = Convert.ToHexStringLower(octets);
        Assert.Contains("80160000002400112233445566778899aabbccddeeff", hex, StringComparison.Ordinal);
        Assert.Contains("c00a000000099f2f82fe", hex, StringComparison.Ordinal);
        var decoded = Assert.IsType<Sccrq>(Wire.Decode(octets, new DecodeOptions(Secret)).Message);
        Assert.Equal(message, decoded);
    }

    [Fact]
    public void Sccrq()
    {
        var message = new Sccrq
        {
            HostName = "lac.example",
            VendorName = "l2tpd",
            FramingCapabilities = FramingTypes.Synchronous | FramingTypes.Asynchronous,
            BearerCapabilities = BearerTypes.None,
            AssignedTunnelId = new(0x1234),
            ReceiveWindowSize = 4,
            Challenge = Convert.FromHexString("000102030405060708090a0b0c0d0e0f"),
        };
        const string Hex =
            "c8020072000000000000000080080000000000018008000000020100800a0000000300000003800a00000004000000008011000000076c61"
            + "632e6578616d706c65"
            + "000b000000086c32747064800800000009123480080000000a000480160000000b000102030405060708090a0b0c0d0e0f";
        BothWays(Hex, message, 0, 0, 0);
    }

    [Fact]
    public void Zlb()
    {
        var octets = Convert.FromHexString("c802000c5678000000020001");
        Assert.True(MessageCodec.TryDecodeHeader(octets, out var header, out _));
        Assert.Equal(new ControlHeader(ProtocolVersion.V2, 12, new TunnelId(0x5678), SessionId.None, 2, 1), header);
        Assert.True(header.IsZlb);
        Assert.Equal(default, MessageCodec.Decode(header, octets, default));
        var written = new byte[12];
        Assert.Equal(12, MessageCodec.EncodeZlb(ProtocolVersion.V2, new TunnelId(0x5678), 2, 1, written));
        Assert.Equal(octets, written);
    }

    [Fact]
    public void HelloMessage() => BothWays("c802001456780000000300018008000000000006", Hello.Instance, 0x5678, 3, 1);

    [Fact]
    public void Icrq() => BothWays(
        "c80200265678000000020001800800000000000a80080000000e0042800a0000000f00000001",
        new Icrq { LocalSessionId = new(0x0042), CallSerialNumber = 1 },
        0x5678, 2, 1);

    [Fact]
    public void StopCcn() => BothWays(
        "c802002e567800000002000180080000000000048012000000010002000841565020343731318008000000091234",
        new StopCcn { AssignedTunnelId = new(0x1234),
            Result = new ResultCode(StopCcnResult.GeneralError, GeneralError.UnknownMandatoryAvp, "AVP 4711") },
        0x5678, 2, 1);

    private static void BothWays(string hex, ControlMessage message, uint tunnelId, ushort ns, ushort nr)
    {
        var octets = Convert.FromHexString(hex);
        Assert.Equal(PacketKind.Control, MessageCodec.Classify(octets));
        Assert.True(MessageCodec.TryDecodeHeader(octets, out var header, out _));
        Assert.Equal(new ControlHeader(ProtocolVersion.V2, octets.Length, new TunnelId(tunnelId), SessionId.None, ns, nr), header);
        var decoded = MessageCodec.Decode(header, octets, default);
        Assert.Equal(default, decoded.Error);
        Assert.Equal(0, decoded.IgnoredAvps);
        Wire.AssertSame(message, decoded.Message);

        var written = Wire.Encode(message, tunnelId);
        ControlHeader.PatchSequence(written, ns, nr);
        Assert.Equal(hex, Convert.ToHexStringLower(written));
    }
}
