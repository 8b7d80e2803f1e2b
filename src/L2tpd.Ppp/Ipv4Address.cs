using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.Ppp;

/// <summary>An IPv4 address as a value type: an endpoint holds a dozen of them, without an object each.</summary>
/// <param name="Value">The address as a number, the first octet highest; 0 means "none".</param>
public readonly record struct Ipv4Address(uint Value) : IComparable<Ipv4Address>
{
    /// <summary>0.0.0.0.</summary>
    public static Ipv4Address None => default;

    /// <summary>True for 0.0.0.0.</summary>
    public bool IsNone => Value == 0;

    /// <summary>
    /// False for addresses that no host can have: 0.0.0.0/8, loopback, multicast, 240.0.0.0/4 with the broadcast address (RFC 6890).
    /// </summary>
    public bool IsHost => (Value >> 24) is not (0 or 127 or >= 224);

    public static bool operator <(Ipv4Address left, Ipv4Address right) => left.Value < right.Value;

    public static bool operator >(Ipv4Address left, Ipv4Address right) => left.Value > right.Value;

    public static bool operator <=(Ipv4Address left, Ipv4Address right) => left.Value <= right.Value;

    public static bool operator >=(Ipv4Address left, Ipv4Address right) => left.Value >= right.Value;

    /// <summary>Reads dotted decimal with four parts.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Ipv4Address address)
    {
        address = default;
        if (text.Count('.') != 3 || !IPAddress.TryParse(text, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetwork)
            return false;

        Span<byte> octets = stackalloc byte[4];
        parsed.TryWriteBytes(octets, out _);
        address = new Ipv4Address(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(octets));
        return true;
    }

    /// <summary>Reads dotted decimal.</summary>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static Ipv4Address Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException("not an IPv4 address: " + text);

    public int CompareTo(Ipv4Address other) => Value.CompareTo(other.Value);

    /// <summary>The same address as the framework's type.</summary>
    public IPAddress ToIPAddress() => new([(byte)(Value >> 24), (byte)(Value >> 16), (byte)(Value >> 8), (byte)Value]);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Value >> 24}.{(byte)(Value >> 16)}.{(byte)(Value >> 8)}.{(byte)Value}");
}
