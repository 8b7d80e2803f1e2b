using System.Buffers.Binary;
using System.Net;

namespace L2tpd.Access;

/// <summary>An IPv6 prefix as the numbers of its first and last address.</summary>
/// <param name="First">The first address.</param>
/// <param name="Length">0 to 128 bits.</param>
public readonly record struct PrefixRange(UInt128 First, int Length)
{
    /// <summary>The last address.</summary>
    public UInt128 Last => Length == 0 ? UInt128.MaxValue : First + ((UInt128.One << (128 - Length)) - UInt128.One);

    /// <summary>The range of a prefix.</summary>
    /// <exception cref="ArgumentException">The prefix is not IPv6.</exception>
    public static PrefixRange From(IPNetwork network)
    {
        Span<byte> octets = stackalloc byte[16];
        if (!network.BaseAddress.TryWriteBytes(octets, out var size) || size != 16)
            throw new ArgumentException("an IPv6 prefix is expected", nameof(network));

        return new PrefixRange(BinaryPrimitives.ReadUInt128BigEndian(octets), network.PrefixLength);
    }

    /// <summary>The same as the framework's type.</summary>
    public IPNetwork ToNetwork()
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, First);
        return new IPNetwork(new IPAddress(octets), Length);
    }

    /// <summary>Whether the two have an address in common.</summary>
    public bool Overlaps(PrefixRange other) => First <= other.Last && other.First <= Last;

    /// <summary>Whether the other lies in this one.</summary>
    public bool Contains(PrefixRange other) => First <= other.First && other.Last <= Last;
}
