using System.Net;
using L2tpd.Radius.Wire;
using static L2tpd.Unit.Tests.Radius.Vectors;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>Packets of other implementations, both ways: ours are identical to the octet, and theirs are read and verified.</summary>
public sealed class VectorTests
{
    private delegate void Layout(ref PacketBuilder builder);

    [Fact]
    public void Access_request_by_pap() => AssertBuilt(V1, RadiusCode.AccessRequest, 1, static (ref PacketBuilder builder) =>
    {
        builder.AddText(AttributeType.UserName, "alice");
        builder.AddUserPassword("pap-secret"u8);
        AddNas(ref builder);
    });

    [Fact]
    public void Access_request_by_chap() => AssertBuilt(V2, RadiusCode.AccessRequest, 2, static (ref PacketBuilder builder) =>
    {
        builder.AddText(AttributeType.UserName, "alice");
        builder.Add(AttributeType.ChapPassword, Convert.FromHexString("2a810c595b3a1dadd020ba17f47cb3630f"));
        builder.Add(AttributeType.ChapChallenge, Convert.FromHexString("202122232425262728292a2b2c2d2e2f"));
        AddNas(ref builder);
    });

    [Fact]
    public void Access_request_by_ms_chap_v2() => AssertBuilt(V3, RadiusCode.AccessRequest, 3, static (ref PacketBuilder builder) =>
    {
        builder.AddText(AttributeType.UserName, "User");
        builder.AddVendor(VendorId.Microsoft, 11, Convert.FromHexString("5b5d7c7d7b3f2f3e3c2c602132262628"));
        builder.AddVendor(
            VendorId.Microsoft, 25, Convert.FromHexString(
                "0b0021402324255e262a28295f2b3a337c7e000000000000000082309ecd8d708b5ea08faa3981cd83544233114a3d85d6df"));
        AddNas(ref builder);
    });

    [Fact]
    public void Accept_with_the_message_authenticator_first() =>
        AssertBuilt(V5AcceptFirst, RadiusCode.AccessAccept, 0x10, static (ref PacketBuilder builder) =>
    {
        builder.AddAddress(AttributeType.FramedIpAddress, IPAddress.Parse("10.99.0.8"));
        builder.Add(AttributeType.Class, [1]);
    });

    [Fact]
    public void Reject_with_a_vendors_error() => AssertBuilt(V7, RadiusCode.AccessReject, 0x16, static (ref PacketBuilder builder) =>
    {
        builder.AddVendor(VendorId.Microsoft, 2, [0x0b, .. "E=691 R=1 C=000102030405060708090a0b0c0d0e0f V=3 M=no"u8]);
        builder.AddText(AttributeType.ReplyMessage, "no");
    });

    [Fact]
    public void Accounting_stop() => AssertBuilt(V8Stop, RadiusCode.AccountingRequest, 0x2a, static (ref PacketBuilder builder) =>
    {
        builder.AddUInt32(AttributeType.AcctStatusType, 2);
        builder.AddText(AttributeType.AcctSessionId, "00000001");
        builder.AddText(AttributeType.UserName, "alice");
        builder.AddText(AttributeType.NasIdentifier, "lns1");
        builder.AddUInt32(AttributeType.AcctSessionTime, 75);
        builder.AddUInt32(AttributeType.AcctInputOctets, 0x10);
        builder.AddUInt32(AttributeType.AcctInputGigawords, 1);
        builder.AddUInt32(AttributeType.AcctOutputOctets, 0x20);
        builder.AddUInt32(AttributeType.AcctOutputGigawords, 2);
        builder.AddUInt32(AttributeType.AcctInputPackets, 5);
        builder.AddUInt32(AttributeType.AcctOutputPackets, 6);
        builder.AddUInt32(AttributeType.AcctTerminateCause, 1);
        builder.AddUInt32(AttributeType.EventTimestamp, 0x68a00000);
        builder.AddUInt32(AttributeType.AcctDelayTime, 3);
    });

    [Fact]
    public void Accounting_on() => AssertBuilt(V9On, RadiusCode.AccountingRequest, 0x2b, static (ref PacketBuilder builder) =>
    {
        builder.AddUInt32(AttributeType.AcctStatusType, 7);
        builder.AddText(AttributeType.AcctSessionId, "00000000");
        builder.AddText(AttributeType.NasIdentifier, "lns1");
        builder.AddUInt32(AttributeType.AcctTerminateCause, 11);
    });

    [Theory]
    [InlineData(0x1e, V10Request)]
    [InlineData(0x1f, V11Request)]
    public void Status_server(byte id, string vector) =>
        AssertBuilt(vector, RadiusCode.StatusServer, id, static (ref PacketBuilder builder) =>
        builder.AddText(AttributeType.NasIdentifier, "lns1"));

    [Fact]
    public void Coa_request() => AssertBuilt(
        V13Coa, RadiusCode.CoaRequest, 8, withMessageAuthenticator: true, layout: static (ref PacketBuilder builder) =>
        {
            builder.AddText(AttributeType.AcctSessionId, "00000001");
            builder.AddUInt32(AttributeType.SessionTimeout, 120);
        });

    [Fact]
    public void Disconnect_request() => AssertBuilt(V15Disconnect, RadiusCode.DisconnectRequest, 9, static (ref PacketBuilder builder) =>
        builder.AddText(AttributeType.AcctSessionId, "00000001"));

    [Theory]
    [InlineData(V12Coa, RadiusCode.CoaAck, 0, "", V12Ack)]
    [InlineData(V13Coa, RadiusCode.CoaAck, 0, "", V13Ack)]
    [InlineData(V13Coa, RadiusCode.CoaNak, 503, "", V13Nak)]
    [InlineData(V14Disconnect, RadiusCode.DisconnectNak, 503, "px1", V14Nak)]
    [InlineData(V15Disconnect, RadiusCode.DisconnectNak, 503, "", V15Nak)]
    public void Answers_to_requests_from_outside(string request, RadiusCode code, int cause, string proxyState, string answer)
    {
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(Convert.FromHexString(request), out var packet));
        Assert.True(Authenticators.VerifyRequest(packet, Secret));
        var builder = new PacketBuilder(new byte[64], code, packet.Identifier, Secret, packet.Authenticator,
            withMessageAuthenticator: true);
        if (cause != 0)
            builder.AddUInt32(AttributeType.ErrorCause, (uint)cause);
        builder.AddText(AttributeType.ProxyState, proxyState);
        Assert.Equal(answer, Convert.ToHexStringLower(builder.Seal()));
    }

    [Fact]
    public void Request_over_radsec()
    {
        var builder = new PacketBuilder(new byte[100], RadiusCode.AccessRequest, 1, RadSecSecret, RequestAuthenticator,
            withMessageAuthenticator: true);
        builder.AddText(AttributeType.UserName, "mini");
        builder.AddUserPassword("pw"u8);
        Assert.Equal(V20Request, Convert.ToHexStringLower(builder.Seal()));
        Assert.True(Verify(V20Accept, RequestAuthenticator, RadSecSecret));
    }

    [Theory]
    [InlineData(V4, null)]
    [InlineData(V5AcceptLast, null)]
    [InlineData(V5AcceptFirst, null)]
    [InlineData(V6, null)]
    [InlineData(V7, null)]
    [InlineData(V8Response, V8Stop)]
    [InlineData(V9Response, V9On)]
    [InlineData(V10Answer, null)]
    [InlineData(V11Answer, null)]
    [InlineData(V12Ack, V12Coa)]
    [InlineData(V16Accept, null)]
    public void Answers_are_verified_whole(string answer, string? request)
    {
        var authenticator = request is null ? RequestAuthenticator : Convert.FromHexString(request)[4..20];
        Assert.True(Verify(answer, authenticator, Secret));
        var octets = Convert.FromHexString(answer);
        for (var bit = 0; bit < octets.Length * 8; bit++)
        {
            var flipped = (byte[])octets.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var isTaken = RadiusPacket.TryParse(flipped, out var packet) == RadiusDecodeError.None
                && packet.Octets.Length == octets.Length && Authenticators.VerifyAnswer(packet, authenticator, Secret);
            Assert.False(isTaken, $"bit {bit} was changed and the answer taken");
        }
    }

    [Theory]
    [InlineData(V1)]
    [InlineData(V2)]
    [InlineData(V3)]
    [InlineData(V5Request)]
    [InlineData(V10Request)]
    [InlineData(V16Request)]
    public void The_message_authenticator_of_a_request_is_first_and_right(string request)
    {
        Assert.Equal(RadiusDecodeError.None, RadiusPacket.TryParse(Convert.FromHexString(request), out var packet));
        Assert.Equal((byte)AttributeType.MessageAuthenticator, packet.Octets[RadiusPacket.HeaderSize]);
        Assert.True(Authenticators.VerifyMessageAuthenticator(packet, Secret));
        Assert.False(Authenticators.VerifyMessageAuthenticator(packet, "testing124"u8));
    }

    [Fact]
    public void Passwords_are_revealed()
    {
        Span<byte> password = stackalloc byte[PasswordHiding.MaxUserPassword];
        RadiusPacket.TryParse(Convert.FromHexString(V1), out var packet);
        Assert.True(packet.TryFind(AttributeType.UserPassword, out var hidden));
        Assert.Equal("pap-secret"u8.ToArray(), password[..PasswordHiding.Reveal(hidden, RequestAuthenticator, Secret, password)].ToArray());
    }

    [Theory]
    [InlineData("", "96ee09ca74fd7a1a104607240014828b")]
    [InlineData("0123456789abcdef", "a6df3bf940c84c2d287f66466370e7ed")]
    [InlineData("0123456789abcdefg", "a6df3bf940c84c2d287f66466370e7ed65a814dea05f4f990007505920bd8742")]
    public void User_passwords_are_hidden(string password, string expected)
    {
        var octets = System.Text.Encoding.ASCII.GetBytes(password);
        var hidden = new byte[PasswordHiding.HiddenSize(octets.Length)];
        // Vector 18: an empty password and one of 16 octets both fill whole blocks.
        PasswordHiding.Hide(octets, RequestAuthenticator, Secret, hidden);
        Assert.Equal(expected, Convert.ToHexStringLower(hidden));
        var revealed = new byte[PasswordHiding.MaxUserPassword];
        Assert.Equal(octets, revealed[..PasswordHiding.Reveal(hidden, RequestAuthenticator, Secret, revealed)]);
    }

    [Theory]
    [InlineData("", 0x8001, "800132a4044d0a1a2538cf27b06bb2ba15f3")]
    [InlineData("30313233343536373839616263646566", 0x8001, "8001" + "2294357f392e100ef81f890ad0d97196"
        + "40755521eadaf5259390a701b2cb95a5")]
    [InlineData("303132333435363738396162636465", 0x8001, "80013d94357f392e100ef81f890ad0d97196")]
    [InlineData("8b7cdc149b993a1ba118cb153f56dccb", 0x8001, "8001222f78911e81bc02d486a8a0a785432f23e948690cf7b68255e9483cdb57bb05")]
    [InlineData("d5f0e9521e3ea9589645e86051c82226", 0x8002, "8002079eced7be05a21b6a76b65390a2fa26897891980ea648fb09e7e96fef919a30")]
    public void Values_are_hidden_with_a_salt(string value, int salt, string expected)
    {
        var octets = Convert.FromHexString(value);
        var hidden = new byte[PasswordHiding.SaltedSize(octets.Length)];
        PasswordHiding.HideSalted(octets, (ushort)salt, RequestAuthenticator, Secret, hidden);
        Assert.Equal(expected, Convert.ToHexStringLower(hidden));
        var revealed = new byte[hidden.Length];
        Assert.Equal(octets, revealed[..PasswordHiding.RevealSalted(hidden, RequestAuthenticator, Secret, revealed)]);
    }

    [Fact]
    public void Keys_of_ms_chap_are_revealed_from_what_freeradius_sent()
    {
        RadiusPacket.TryParse(Convert.FromHexString(V4), out var packet);
        var keys = new Dictionary<byte, string>();
        var value = new byte[64];
        foreach (var attribute in packet.Attributes)
        {
            if (attribute.Type != AttributeType.VendorSpecific || !VendorAttributes.TryRead(attribute.Value, out var vendor))
                continue;
            Assert.Equal(VendorId.Microsoft, vendor.Vendor);
            foreach (var one in vendor)
            {
                if ((byte)one.Type is 16 or 17)
                {
                    keys[(byte)one.Type] = Convert.ToHexStringLower(
                        value.AsSpan(0, PasswordHiding.RevealSalted(one.Value, RequestAuthenticator, Secret, value)));
                }
            }
        }

        Assert.Equal("8b7cdc149b993a1ba118cb153f56dccb", keys[16]);
        Assert.Equal("d5f0e9521e3ea9589645e86051c82226", keys[17]);
    }

    [Fact]
    public void Tunnel_attributes_are_read_by_tag()
    {
        RadiusPacket.TryParse(Convert.FromHexString(V16Accept), out var packet);
        var seen = new List<string>();
        var value = new byte[64];
        foreach (var attribute in packet.Attributes)
        {
            switch (attribute.Type)
            {
                case AttributeType.TunnelType or AttributeType.TunnelMediumType or AttributeType.TunnelPreference:
                    Assert.True(TaggedValue.TryReadUInt32(attribute.Value, out var tag, out var number));
                    seen.Add($"{tag} {attribute.Type} {number}");
                    break;
                case AttributeType.TunnelPassword:
                    var salted = TaggedValue.ReadSalted(attribute.Value, out tag);
                    var length = PasswordHiding.RevealSalted(salted, RequestAuthenticator, Secret, value);
                    seen.Add($"{tag} {attribute.Type} {System.Text.Encoding.ASCII.GetString(value, 0, length)}");
                    break;
                case AttributeType.MessageAuthenticator:
                    break;
                default:
                    var text = System.Text.Encoding.ASCII.GetString(TaggedValue.ReadString(attribute.Value, out tag));
                    seen.Add($"{attribute.Type} {text} {tag}");
                    break;
            }
        }

        Assert.Equal(
            [
                "1 TunnelType 3", "1 TunnelMediumType 1", "TunnelServerEndpoint 10.1.0.1 1", "TunnelClientAuthId lac1 1",
                "TunnelServerAuthId lns1 1",
                "TunnelAssignmentId grp-a 1", "1 TunnelPreference 10", "1 TunnelPassword l2tpd-secret",
                "2 TunnelType 3", "2 TunnelMediumType 2", "TunnelServerEndpoint 2001:db8::2 2", "TunnelAssignmentId grp-b 2",
                "2 TunnelPreference 20",
                "2 TunnelPassword other",
            ],
            seen);
    }

    private static bool Verify(string answer, byte[] authenticator, byte[] secret) =>
        RadiusPacket.TryParse(Convert.FromHexString(answer), out var packet) == RadiusDecodeError.None
        && Authenticators.VerifyAnswer(packet, authenticator, secret);

    private static void AssertBuilt(string vector, RadiusCode code, byte id, Layout layout, bool? withMessageAuthenticator = null)
    {
        var isFirst = withMessageAuthenticator ?? code is RadiusCode.AccessAccept or RadiusCode.AccessReject;
        var builder = new PacketBuilder(new byte[RadiusPacket.MaxSize], code, id, Secret, RequestAuthenticator, isFirst);
        layout(ref builder);
        Assert.False(builder.Overflowed);
        Assert.Equal(vector, Convert.ToHexStringLower(builder.Seal()));
    }

    private static void AddNas(ref PacketBuilder builder)
    {
        builder.AddText(AttributeType.NasIdentifier, "lns1");
        builder.AddAddress(AttributeType.NasIpAddress, IPAddress.Loopback);
        builder.AddUInt32(AttributeType.NasPort, 7);
        builder.AddUInt32(AttributeType.NasPortType, 5);
        builder.AddUInt32(AttributeType.ServiceType, 2);
        builder.AddUInt32(AttributeType.FramedProtocol, 1);
        builder.AddText(AttributeType.AcctSessionId, "00000001");
    }
}
