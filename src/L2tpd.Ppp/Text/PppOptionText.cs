using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using L2tpd.Ppp.Negotiation;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Text;

/// <summary>An option of LCP, IPCP or IPV6CP in words.</summary>
internal static class PppOptionText
{
    internal static string Line(PppProtocol protocol, byte type, ReadOnlySpan<byte> value)
    {
        var name = NameOf(protocol, type) ?? string.Create(CultureInfo.InvariantCulture, $"option {type}");
        return value.IsEmpty ? name : $"{name}: {Value(protocol, type, value)}";
    }

    private static string? NameOf(PppProtocol protocol, byte type) => (protocol, type) switch
    {
        (PppProtocol.Lcp, 1) => "Maximum-Receive-Unit",
        (PppProtocol.Lcp, 2) => "Async-Control-Character-Map",
        (PppProtocol.Lcp, 3) => "Authentication-Protocol",
        (PppProtocol.Lcp, 4) => "Quality-Protocol",
        (PppProtocol.Lcp, 5) => "Magic-Number",
        (PppProtocol.Lcp, 7) => "Protocol-Field-Compression",
        (PppProtocol.Lcp, 8) => "Address-and-Control-Field-Compression",
        (PppProtocol.Lcp, 13) => "Callback",
        (PppProtocol.Lcp, 17) => "Multilink-MRRU",
        (PppProtocol.Lcp, 19) => "Endpoint-Discriminator",
        (PppProtocol.Ipcp, 2) => "IP-Compression-Protocol",
        (PppProtocol.Ipcp, 3) => "IP-Address",
        (PppProtocol.Ipcp, 129) => "Primary-DNS",
        (PppProtocol.Ipcp, 130) => "Primary-NBNS",
        (PppProtocol.Ipcp, 131) => "Secondary-DNS",
        (PppProtocol.Ipcp, 132) => "Secondary-NBNS",
        (PppProtocol.Ipv6cp, 1) => "Interface-Identifier",
        _ => null,
    };

    private static string Value(PppProtocol protocol, byte type, ReadOnlySpan<byte> value) => (protocol, type, value.Length) switch
    {
        (PppProtocol.Lcp, 1 or 17, 2) => BinaryPrimitives.ReadUInt16BigEndian(value).ToString(CultureInfo.InvariantCulture),
        (PppProtocol.Lcp, 3, _) => AuthenticationOf(value),
        (PppProtocol.Ipcp, 3 or (>= 129 and <= 132), 4) => new IPAddress(value).ToString(),
        _ => $"0x{PppFrameText.Hex(value)}",
    };

    private static string AuthenticationOf(ReadOnlySpan<byte> value) => AuthenticationWire.ReadOption(value) switch
    {
        AuthenticationProtocol.Pap => "PAP",
        AuthenticationProtocol.ChapMd5 => "CHAP with MD5",
        AuthenticationProtocol.MsChapV2 => "MS-CHAPv2",
        AuthenticationProtocol.Eap => "EAP",
        _ => $"0x{PppFrameText.Hex(value)}",
    };
}
