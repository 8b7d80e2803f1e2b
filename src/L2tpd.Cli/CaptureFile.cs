using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.Cli;

/// <summary>
/// A capture in the format of libpcap, link type RAW: each datagram of a trace with headers of IP and UDP made up round it, so that tshark
/// and Wireshark dissect it.
/// </summary>
internal sealed class CaptureFile : IDisposable
{
    private const uint Magic = 0xa1b2c3d4;
    private const uint LinkTypeRaw = 101;
    private const int SnapLength = 65_535;
    private const byte UdpProtocol = 17;
    private const byte L2tpProtocol = 115;
    private const int UdpHeader = 8;

    private readonly Stream _stream;

    /// <summary>Writes the header of the file.</summary>
    public CaptureFile(Stream stream)
    {
        _stream = stream;
        Span<byte> header = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32BigEndian(header, Magic);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], SnapLength);
        BinaryPrimitives.WriteUInt32BigEndian(header[20..], LinkTypeRaw);
        stream.Write(header);
    }

    /// <summary>Creates or replaces a file that only its owner may read.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static CaptureFile Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new CaptureFile(new FileStream(path, options));
    }

    /// <summary>Adds one datagram.</summary>
    /// <param name="at">When it passed.</param>
    /// <param name="source">As the API writes it: "192.0.2.1:1701", "[2001:db8::1]:1701", "ip:192.0.2.1".</param>
    /// <param name="destination">The same.</param>
    /// <param name="payload">What UDP or IP carries.</param>
    /// <returns>False if it cannot be written in this format: an address cannot be read, or it is too long.</returns>
    public bool TryAdd(DateTimeOffset at, string source, string destination, ReadOnlySpan<byte> payload)
    {
        if (!TryRead(source, out var from, out var isIp) || !TryRead(destination, out var to, out _)
            || from.AddressFamily != to.AddressFamily || payload.Length > SnapLength - 60)
        {
            return false;
        }

        var upper = isIp ? payload.ToArray() : Udp(from, to, payload);
        var packet = Ip(from, to, isIp ? L2tpProtocol : UdpProtocol, upper);
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(header, (uint)at.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], (uint)(at.UtcTicks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], (uint)packet.Length);
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], (uint)packet.Length);
        _stream.Write(header);
        _stream.Write(packet);
        return true;
    }

    /// <summary>Gives what was added to the file system.</summary>
    public void Flush() => _stream.Flush();

    public void Dispose() => _stream.Dispose();

    private static bool TryRead(string text, out IPEndPoint endpoint, out bool isIp)
    {
        isIp = text.StartsWith("ip:", StringComparison.Ordinal);
        return IPEndPoint.TryParse(isIp ? text[3..] : text, out endpoint!);
    }

    /// <summary>The checksum covers a pseudo header (RFC 768, RFC 8200 section 8.1).</summary>
    private static byte[] Udp(IPEndPoint from, IPEndPoint to, ReadOnlySpan<byte> payload)
    {
        var datagram = new byte[UdpHeader + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)to.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        payload.CopyTo(datagram.AsSpan(UdpHeader));
        var sum = Sum(from.Address.GetAddressBytes()) + Sum(to.Address.GetAddressBytes()) + UdpProtocol + (uint)datagram.Length
            + Sum(datagram);
        var checksum = Complement(sum);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), checksum == 0 ? ushort.MaxValue : checksum);
        return datagram;
    }

    private static byte[] Ip(IPEndPoint from, IPEndPoint to, byte protocol, byte[] upper)
    {
        var isSix = from.AddressFamily == AddressFamily.InterNetworkV6;
        var packet = new byte[(isSix ? 40 : 20) + upper.Length];
        if (isSix)
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)upper.Length);
            (packet[6], packet[7]) = (protocol, 64);
            from.Address.GetAddressBytes().CopyTo(packet, 8);
            to.Address.GetAddressBytes().CopyTo(packet, 24);
        }
        else
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            (packet[8], packet[9]) = (64, protocol);
            from.Address.GetAddressBytes().CopyTo(packet, 12);
            to.Address.GetAddressBytes().CopyTo(packet, 16);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Complement(Sum(packet.AsSpan(0, 20))));
        }

        upper.CopyTo(packet, isSix ? 40 : 20);
        return packet;
    }

    private static uint Sum(ReadOnlySpan<byte> octets)
    {
        var sum = 0u;
        for (var i = 0; i + 1 < octets.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets[i..]);
        return (octets.Length & 1) == 0 ? sum : sum + ((uint)octets[^1] << 8);
    }

    private static ushort Complement(uint sum)
    {
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)~sum;
    }
}
