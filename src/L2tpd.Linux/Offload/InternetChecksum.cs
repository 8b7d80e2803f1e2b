using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace L2tpd.Linux.Offload;

/// <summary>
/// The checksum of IP, TCP and UDP (RFC 1071). Sums are unfolded and in the byte order of the machine: a one's complement sum does not
/// depend on it.
/// </summary>
internal static class InternetChecksum
{
    private const byte Tcp = 6;

    /// <summary>The sum of octets, of which the first is at an even offset.</summary>
    public static ulong Sum(ReadOnlySpan<byte> octets)
    {
        var sum = SumVectors(ref octets);
        foreach (var word in MemoryMarshal.Cast<byte, uint>(octets))
            sum += word;
        octets = octets[(octets.Length & ~3)..];
        if (octets.Length >= 2)
            sum += MemoryMarshal.Read<ushort>(octets);
        if ((octets.Length & 1) != 0)
            sum += BitConverter.IsLittleEndian ? octets[^1] : (uint)octets[^1] << 8;
        return sum;
    }

    /// <summary>The sum of TCP's pseudo-header (RFC 9293 section 3.1; RFC 8200 section 8.1).</summary>
    /// <param name="network">The IP header.</param>
    /// <param name="length">Octets of the TCP header and payload.</param>
    public static ulong SumPseudoHeader(ReadOnlySpan<byte> network, int length)
    {
        var addresses = network[0] >> 4 == 4 ? network.Slice(12, 8) : network.Slice(8, 32);
        return Sum(addresses) + (uint)IPAddress.HostToNetworkOrder(length) + (uint)IPAddress.HostToNetworkOrder((int)Tcp);
    }

    /// <summary>The 16-bit sum, not complemented, in the byte order of memory.</summary>
    public static ushort Fold(ulong sum)
    {
        sum = (sum & 0xffffffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)((sum & 0xffff) + (sum >> 16));
    }

    /// <summary>Writes the complement of a sum.</summary>
    public static void Write(Span<byte> place, ulong sum) => MemoryMarshal.Write(place, (ushort)~Fold(sum));

    private static ulong SumVectors(ref ReadOnlySpan<byte> octets)
    {
        if (!Vector256.IsHardwareAccelerated || octets.Length < Vector256<byte>.Count)
            return 0;
        var vectors = MemoryMarshal.Cast<byte, Vector256<uint>>(octets);
        var sums = Vector256<ulong>.Zero;
        foreach (var vector in vectors)
        {
            var (low, high) = Vector256.Widen(vector);
            sums += low + high;
        }

        octets = octets[(vectors.Length * Vector256<byte>.Count)..];
        return Vector256.Sum(sums);
    }
}
