using System.Buffers.Binary;

namespace L2tpd.Ppp.Data;

/// <summary>
/// Lowers the Maximum Segment Size option of a TCP SYN (RFC 9293 section 3.7.1) to what the link carries.
/// Reads any octets without throwing; writes only the option and the checksum.
/// </summary>
public static class TcpMss
{
    private const byte Tcp = 6;
    private const byte HopByHop = 0;
    private const byte Routing = 43;
    private const byte Fragment = 44;
    private const byte DestinationOptions = 60;

    private const int LeastIpv4Header = 20;
    private const int Ipv6Header = 40;
    private const int LeastTcpHeader = 20;
    private const int ChecksumOffset = 16;
    private const int FlagsOffset = 13;
    private const byte Syn = 0x02;
    private const byte EndOfOptions = 0;
    private const byte NoOperation = 1;
    private const byte MssOption = 2;

    // RFC 8200 section 4.1 has at most eight extension headers, each once.
    private const int MostExtensions = 8;

    /// <summary>The largest segment that fits a packet of <paramref name="mtu"/> octets (RFC 6691).</summary>
    public static ushort LimitOf(int mtu, bool ipv6) =>
        (ushort)Math.Clamp(mtu - LeastTcpHeader - (ipv6 ? Ipv6Header : LeastIpv4Header), 0, ushort.MaxValue);

    /// <summary>Finds an MSS option that is too large.</summary>
    /// <param name="packet">An IPv4 or IPv6 packet.</param>
    /// <param name="mtu">What the link carries, octets.</param>
    /// <param name="tcp">Where the TCP header begins.</param>
    /// <param name="option">Where the option's value is.</param>
    /// <returns>False: there is nothing to change.</returns>
    public static bool NeedsClamp(ReadOnlySpan<byte> packet, int mtu, out int tcp, out int option)
    {
        option = 0;
        return TryFindTcp(packet, out tcp, out var ipv6) && TryFindOption(packet[tcp..], out option)
            && BinaryPrimitives.ReadUInt16BigEndian(packet[(option += tcp)..]) > LimitOf(mtu, ipv6);
    }

    /// <summary>
    /// Lowers the option of a packet of which <see cref="NeedsClamp"/> said true, and corrects the checksum (RFC 1624, equation 3).
    /// </summary>
    public static void Clamp(Span<byte> packet, int mtu, int tcp, int option)
    {
        var old = BinaryPrimitives.ReadUInt16BigEndian(packet[option..]);
        var limit = LimitOf(mtu, packet[0] >> 4 == 6);
        BinaryPrimitives.WriteUInt16BigEndian(packet[option..], limit);
        var place = packet[(tcp + ChecksumOffset)..];
        // An option after a single NOP spans two words of the checksum, so its octets count in the opposite order.
        var swapped = ((option - tcp) & 1) != 0;
        BinaryPrimitives.WriteUInt16BigEndian(place, Corrected(
            BinaryPrimitives.ReadUInt16BigEndian(place),
            swapped ? BinaryPrimitives.ReverseEndianness(old) : old,
            swapped ? BinaryPrimitives.ReverseEndianness(limit) : limit));
    }

    /// <summary>Finds the option and lowers it, in a buffer that may be changed.</summary>
    /// <returns>True if the packet was changed.</returns>
    public static bool Clamp(Span<byte> packet, int mtu)
    {
        if (!NeedsClamp(packet, mtu, out var tcp, out var option))
            return false;
        Clamp(packet, mtu, tcp, option);
        return true;
    }

    private static ushort Corrected(ushort checksum, ushort old, ushort changed)
    {
        var sum = (uint)(ushort)~checksum + (ushort)~old + changed;
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    private static bool TryFindTcp(ReadOnlySpan<byte> packet, out int tcp, out bool ipv6)
    {
        tcp = 0;
        ipv6 = !packet.IsEmpty && packet[0] >> 4 == 6;
        if (packet.Length < LeastIpv4Header)
            return false;
        return ipv6 ? TryFindInIpv6(packet, out tcp) : packet[0] >> 4 == 4 && TryFindInIpv4(packet, out tcp);
    }

    private static bool TryFindInIpv4(ReadOnlySpan<byte> packet, out int tcp)
    {
        tcp = (packet[0] & 0x0f) * 4;
        var isFirst = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1fff) == 0;
        return tcp >= LeastIpv4Header && isFirst && packet[9] == Tcp && packet.Length >= tcp + LeastTcpHeader;
    }

    private static bool TryFindInIpv6(ReadOnlySpan<byte> packet, out int tcp)
    {
        tcp = Ipv6Header;
        if (packet.Length < Ipv6Header)
            return false;
        var next = packet[6];
        for (var i = 0; i < MostExtensions && next != Tcp; i++)
        {
            if (next is not (HopByHop or Routing or Fragment or DestinationOptions) || packet.Length < tcp + 8)
                return false;
            if (next == Fragment && (BinaryPrimitives.ReadUInt16BigEndian(packet[(tcp + 2)..]) & 0xfff8) != 0)
                return false;
            var length = next == Fragment ? 8 : (packet[tcp + 1] + 1) * 8;
            next = packet[tcp];
            tcp += length;
        }

        return next == Tcp && packet.Length >= tcp + LeastTcpHeader;
    }

    private static bool TryFindOption(ReadOnlySpan<byte> segment, out int option)
    {
        option = 0;
        var header = (segment[12] >> 4) * 4;
        if ((segment[FlagsOffset] & Syn) == 0 || header > segment.Length)
            return false;
        for (var at = LeastTcpHeader; at < header && segment[at] != EndOfOptions;)
        {
            if (segment[at] == NoOperation)
            {
                at++;
                continue;
            }

            if (at + 1 >= header || segment[at + 1] < 2 || at + segment[at + 1] > header)
                return false;
            if (segment[at] == MssOption && segment[at + 1] == 4)
            {
                option = at + 2;
                return true;
            }

            at += segment[at + 1];
        }

        return false;
    }
}
