using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace L2tpd.Configuration;

/// <summary>IPv4 addresses from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public sealed record AddressRange(IPAddress First, IPAddress Last)
{
    /// <see cref="First"/> as a number in host order.
    public uint FirstNumber => Number(First);

    /// <see cref="Last"/> as a number in host order.
    public uint LastNumber => Number(Last);

    /// <summary>Number of addresses in the range.</summary>
    public long Count => (long)LastNumber - FirstNumber + 1;

    /// <summary>Whether the two ranges have an address in common.</summary>
    public bool Overlaps(AddressRange other) => FirstNumber <= other.LastNumber && other.FirstNumber <= LastNumber;

    /// <summary>Whether the range includes the address.</summary>
    public bool Contains(IPAddress address) => TryNumber(address, out var number) && number >= FirstNumber && number <= LastNumber;

    /// <summary>
    /// The fewest prefixes that cover the range. A range that is a prefix without its network and broadcast address, which is how a written
    /// prefix is read, gives that prefix.
    /// </summary>
    public IEnumerable<IPNetwork> ToPrefixes()
    {
        var (first, last) = ((long)FirstNumber, (long)LastNumber);
        var whole = last - first + 3;
        if (whole >= 4 && BitOperations.IsPow2(whole) && (first - 1) % whole == 0)
            (first, last) = (first - 1, last + 1);
        while (first <= last)
        {
            var size = first == 0 ? 1L << 32 : first & -first;
            while (size > last - first + 1)
                size >>= 1;
            yield return new IPNetwork(FromNumber((uint)first), 32 - BitOperations.Log2((ulong)size));
            first += size;
        }
    }

    public override string ToString() => $"{First}-{Last}";

    public static bool TryNumber(IPAddress address, out uint number)
    {
        number = address.AddressFamily == AddressFamily.InterNetwork ? Number(address) : 0;
        return address.AddressFamily == AddressFamily.InterNetwork;
    }

    public static IPAddress FromNumber(uint number)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, number);
        return new IPAddress(octets);
    }

    private static uint Number(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[4];
        address.TryWriteBytes(octets, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(octets);
    }
}
