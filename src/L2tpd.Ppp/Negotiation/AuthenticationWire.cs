using System.Buffers.Binary;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Negotiation;

/// <summary>LCP option 3 (RFC 1661 section 6.2, RFC 1994 section 3, RFC 2759 section 2, RFC 2284 section 3.1).</summary>
internal static class AuthenticationWire
{
    private const byte Md5Algorithm = 5;
    private const byte MsChapV2Algorithm = 0x81;

    internal static void WriteOption(ref PacketWriter writer, AuthenticationProtocol protocol)
    {
        switch (protocol)
        {
            case AuthenticationProtocol.Pap:
                writer.OptionUInt16(Lcp.AuthenticationOption, (ushort)PppProtocol.Pap);
                break;
            case AuthenticationProtocol.Eap:
                writer.OptionUInt16(Lcp.AuthenticationOption, (ushort)PppProtocol.Eap);
                break;
            case AuthenticationProtocol.ChapMd5:
                writer.Bytes([Lcp.AuthenticationOption, 5, 0xc2, 0x23, Md5Algorithm]);
                break;
            case AuthenticationProtocol.MsChapV2:
                writer.Bytes([Lcp.AuthenticationOption, 5, 0xc2, 0x23, MsChapV2Algorithm]);
                break;
        }
    }

    /// <summary>The protocol of an option's value; None if we do not support it.</summary>
    internal static AuthenticationProtocol ReadOption(ReadOnlySpan<byte> value)
    {
        if (value.Length < 2)
            return AuthenticationProtocol.None;

        return ((PppProtocol)BinaryPrimitives.ReadUInt16BigEndian(value), value.Length) switch
        {
            (PppProtocol.Pap, 2) => AuthenticationProtocol.Pap,
            (PppProtocol.Eap, 2) => AuthenticationProtocol.Eap,
            (PppProtocol.Chap, 3) when value[2] == Md5Algorithm => AuthenticationProtocol.ChapMd5,
            (PppProtocol.Chap, 3) when value[2] == MsChapV2Algorithm => AuthenticationProtocol.MsChapV2,
            _ => AuthenticationProtocol.None,
        };
    }
}
