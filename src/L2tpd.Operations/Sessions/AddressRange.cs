using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace L2tpd.Operations.Sessions;

/// <summary>A network as a range of 128-bit numbers; an IPv4 network is in ::ffff:0:0/96.</summary>
/// <param name="First">Its first address.</param>
/// <param name="Length">Bits of its prefix, 0 to 128.</param>
internal readonly record struct AddressRange(UInt128 First, int Length)
{
    private const int Bits = 128;
    private const int IPv4Offset = 96;

    /// <summary>Its last address.</summary>
    public UInt128 Last => First | Below(Length);

    /// <summary>An address, or a network with its length; host bits are cleared.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out AddressRange range)
    {
        range = default;
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
            return false;
        var isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        var most = isIPv4 ? Bits - IPv4Offset : Bits;
        var length = most;
        if (slash >= 0 && (!byte.TryParse(text[(slash + 1)..], out var given) || (length = given) > most))
            return false;
        range = Of(address, length + Bits - most);
        return true;
    }

    /// <summary>The network of this length that contains it.</summary>
    /// <param name="length">Not more than its own.</param>
    public AddressRange Within(int length) => new(First & ~Below(length), length);

    private static AddressRange Of(IPAddress address, int length)
    {
        Span<byte> octets = stackalloc byte[16];
        _ = address.MapToIPv6().TryWriteBytes(octets, out _);
        return new AddressRange(BinaryPrimitives.ReadUInt128BigEndian(octets) & ~Below(length), length);
    }

    private static UInt128 Below(int length) => length == 0 ? UInt128.MaxValue : (UInt128.One << (Bits - length)) - 1;
}
