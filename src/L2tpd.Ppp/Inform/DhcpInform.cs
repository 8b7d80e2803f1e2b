using System.Buffers.Binary;
using System.Text;
using L2tpd.Ppp.Data;

namespace L2tpd.Ppp.Inform;

/// <summary>
/// Recognises a DHCPINFORM (RFC 2131 section 3.4) in an IPv4 packet of a peer, and writes the DHCPACK that answers it. A PPP peer has its
/// address already; what it asks for is the domain and the routes, for which IPCP has no option. Reads any octets without throwing.
/// </summary>
public static class DhcpInform
{
    /// <summary>Room for the longest answer, octets, with IPv4 and UDP header.</summary>
    public const int MaxAnswer = 1_280;

    private const int UdpHeader = 8;
    private const int LeastHeader = 20;
    private const byte Udp = 17;
    private const ushort ServerPort = 67;
    private const ushort ClientPort = 68;

    // RFC 2131 figure 1: from op to the magic cookie.
    private const int ClientAddressAt = 12;
    private const int HardwareAddressAt = 28;
    private const int CookieAt = 236;
    private const int OptionsAt = 240;
    private const uint Cookie = 0x6382_5363;
    private const int LeastMessage = 300;
    private const byte BootRequest = 1;
    private const byte BootReply = 2;
    private const byte Inform = 8;
    private const byte Acknowledge = 5;

    // Option codes of RFC 2132 and RFC 3442; 249 is Microsoft's number of 121.
    private const byte Pad = 0, NameServers = 6, DomainName = 15, NbnsServers = 44, MessageType = 53, ServerId = 54, Requested = 55;
    private const byte Routes = 121, MicrosoftRoutes = 249, End = 255;

    /// <summary>Whether an IPv4 packet is a whole UDP datagram to the port of DHCP servers.</summary>
    public static bool IsToServer(ReadOnlySpan<byte> packet) => TryUdp(packet, out _);

    /// <summary>Writes the answer to a DHCPINFORM.</summary>
    /// <param name="packet">An IPv4 packet of the peer, any octets.</param>
    /// <param name="network">What IPCP negotiated.</param>
    /// <param name="settings">What the peer is told.</param>
    /// <param name="answer">Room for <see cref="MaxAnswer"/> octets.</param>
    /// <returns>
    /// Octets of the answer; 0 if the packet is no valid DHCPINFORM of the peer for itself: another source or ciaddr, a relayed one.
    /// </returns>
    public static int Answer(ReadOnlySpan<byte> packet, Ipv4Network network, InformSettings settings, Span<byte> answer)
    {
        if (network.Peer.IsNone || !TryUdp(packet, out var datagram) || IpAddresses.Source4(packet) != network.Peer
            || !HasValidChecksums(packet, datagram))
        {
            return 0;
        }

        var request = datagram[UdpHeader..];
        if (request.Length < OptionsAt || request[0] != BootRequest || request[2] > 16
            || BinaryPrimitives.ReadUInt32BigEndian(request[CookieAt..]) != Cookie
            || BinaryPrimitives.ReadUInt32BigEndian(request[ClientAddressAt..]) != network.Peer.Value
            // A relay agent serves hosts behind it, which are not the peer.
            || BinaryPrimitives.ReadUInt32BigEndian(request[24..]) != 0
            || OptionOf(request[OptionsAt..], MessageType) is not [Inform])
        {
            return 0;
        }

        return Write(request, network, settings, answer);
    }

    private static int Write(ReadOnlySpan<byte> request, Ipv4Network network, InformSettings settings, Span<byte> answer)
    {
        answer = answer[..MaxAnswer];
        answer.Clear();
        var message = answer[(LeastHeader + UdpHeader)..];
        // Hardware type, transaction id, flags and addresses are those of the request; yiaddr stays 0 (RFC 2131 section 4.3.5).
        request[..HardwareAddressAt].CopyTo(message);
        request.Slice(HardwareAddressAt, 16).CopyTo(message[HardwareAddressAt..]);
        message[0] = BootReply;
        message[3] = 0;
        message[8..10].Clear();
        message[16..HardwareAddressAt].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(message[CookieAt..], Cookie);
        var at = OptionsAt;
        Put(message, ref at, MessageType, [Acknowledge]);
        PutAddresses(message, ref at, ServerId, network.Local);
        var wanted = OptionOf(request[OptionsAt..], Requested);
        if (IsWanted(wanted, NameServers))
            PutAddresses(message, ref at, NameServers, network.PrimaryDns, network.SecondaryDns);
        if (IsWanted(wanted, NbnsServers))
            PutAddresses(message, ref at, NbnsServers, network.PrimaryNbns, network.SecondaryNbns);
        if (settings.Domain is { } domain && IsWanted(wanted, DomainName))
            Put(message, ref at, DomainName, Encoding.ASCII.GetBytes(domain));
        foreach (var code in (ReadOnlySpan<byte>)[Routes, MicrosoftRoutes])
        {
            if (!settings.Routes.IsEmpty && IsWanted(wanted, code))
                PutRoutes(message, ref at, code, settings, network.Local);
        }

        message[at++] = End;
        return Finish(answer, Math.Max(at, LeastMessage), network);
    }

    private static int Finish(Span<byte> answer, int messageLength, Ipv4Network network)
    {
        var udp = UdpHeader + messageLength;
        var length = LeastHeader + udp;
        answer[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(answer[2..], (ushort)length);
        (answer[8], answer[9]) = (64, Udp);
        BinaryPrimitives.WriteUInt32BigEndian(answer[12..], network.Local.Value);
        BinaryPrimitives.WriteUInt32BigEndian(answer[16..], network.Peer.Value);
        BinaryPrimitives.WriteUInt16BigEndian(answer[10..], (ushort)~Fold(Sum(0, answer[..LeastHeader])));
        var datagram = answer.Slice(LeastHeader, udp);
        BinaryPrimitives.WriteUInt16BigEndian(datagram, ServerPort);
        BinaryPrimitives.WriteUInt16BigEndian(datagram[2..], ClientPort);
        BinaryPrimitives.WriteUInt16BigEndian(datagram[4..], (ushort)udp);
        var checksum = (ushort)~Fold(SumOfUdp(answer, datagram));
        // 0 would mean "no checksum" (RFC 768).
        BinaryPrimitives.WriteUInt16BigEndian(datagram[6..], checksum == 0 ? ushort.MaxValue : checksum);
        return length;
    }

    /// <summary>Without a parameter request list the peer gets all that there is.</summary>
    private static bool IsWanted(ReadOnlySpan<byte> requested, byte code) => requested.IsEmpty || requested.Contains(code);

    private static void PutAddresses(Span<byte> message, ref int at, byte code, params ReadOnlySpan<Ipv4Address> addresses)
    {
        Span<byte> octets = stackalloc byte[8];
        var length = 0;
        foreach (var address in addresses)
        {
            if (address.IsNone)
                continue;
            BinaryPrimitives.WriteUInt32BigEndian(octets[length..], address.Value);
            length += 4;
        }

        if (length > 0)
            Put(message, ref at, code, octets[..length]);
    }

    /// <summary>RFC 3442: prefix length, its significant octets, the router: we are it.</summary>
    private static void PutRoutes(Span<byte> message, ref int at, byte code, InformSettings settings, Ipv4Address router)
    {
        Span<byte> list = stackalloc byte[InformSettings.MostRoutes * 9];
        Span<byte> address = stackalloc byte[4];
        var length = 0;
        foreach (var route in settings.Routes.AsSpan()[..Math.Min(settings.Routes.Length, InformSettings.MostRoutes)])
        {
            if (!route.BaseAddress.TryWriteBytes(address, out var octets) || octets != 4)
                continue;
            var significant = (route.PrefixLength + 7) / 8;
            list[length++] = (byte)route.PrefixLength;
            address[..significant].CopyTo(list[length..]);
            length += significant;
            BinaryPrimitives.WriteUInt32BigEndian(list[length..], router.Value);
            length += 4;
        }

        Put(message, ref at, code, list[..length]);
    }

    private static void Put(Span<byte> message, ref int at, byte code, ReadOnlySpan<byte> value)
    {
        (message[at], message[at + 1]) = (code, (byte)value.Length);
        value.CopyTo(message[(at + 2)..]);
        at += 2 + value.Length;
    }

    private static ReadOnlySpan<byte> OptionOf(ReadOnlySpan<byte> options, byte code)
    {
        while (options.Length >= 2 && options[0] != End)
        {
            if (options[0] == Pad)
            {
                options = options[1..];
                continue;
            }

            if (options.Length < 2 + options[1])
                break;
            if (options[0] == code)
                return options.Slice(2, options[1]);
            options = options[(2 + options[1])..];
        }

        return default;
    }

    /// <summary>No fragments: a DHCPINFORM fits into one packet of 576 octets.</summary>
    private static bool TryUdp(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        if (packet.Length < LeastHeader + UdpHeader || packet[0] >> 4 != 4 || packet[9] != Udp)
            return false;
        var header = (packet[0] & 0x0f) * 4;
        int length = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (header < LeastHeader || length > packet.Length || length < header + UdpHeader
            || (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3fff) != 0)
        {
            return false;
        }

        int udp = BinaryPrimitives.ReadUInt16BigEndian(packet[(header + 4)..]);
        if (udp < UdpHeader || udp > length - header || BinaryPrimitives.ReadUInt16BigEndian(packet[(header + 2)..]) != ServerPort)
            return false;
        datagram = packet.Slice(header, udp);
        return true;
    }

    private static bool HasValidChecksums(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> datagram) =>
        Fold(Sum(0, packet[..((packet[0] & 0x0f) * 4)])) == ushort.MaxValue
        && (BinaryPrimitives.ReadUInt16BigEndian(datagram[6..]) == 0 || Fold(SumOfUdp(packet, datagram)) == ushort.MaxValue);

    private static ulong SumOfUdp(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> datagram) =>
        Sum(Sum(Udp + (ulong)datagram.Length, packet[12..20]), datagram);

    private static ulong Sum(ulong sum, ReadOnlySpan<byte> octets)
    {
        for (; octets.Length >= 2; octets = octets[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets);
        return octets.IsEmpty ? sum : sum + ((ulong)octets[0] << 8);
    }

    private static ushort Fold(ulong sum)
    {
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)sum;
    }
}
