using System.Collections.Immutable;
using System.Text;

namespace L2tpd.Ipv6.Packets;

/// <summary>Names as DNS carries them (RFC 1035 section 3.1), without compression.</summary>
public static class DnsName
{
    private const int LongestLabel = 63;
    private const int LongestName = 255;

    /// <summary>Writes a name.</summary>
    /// <param name="name">Labels with dots; any text.</param>
    /// <param name="room">Where it goes.</param>
    /// <returns>Its length; 0 if the name is not valid, or there is no room.</returns>
    public static int Write(string name, Span<byte> room)
    {
        var at = 0;
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > LongestLabel || !Ascii.IsValid(label) || at + label.Length + 2 > Math.Min(room.Length, LongestName))
                return 0;
            room[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, room[at..]);
        }

        room[at++] = 0;
        return at;
    }

    /// <summary>Several names, one after the other; those that are not valid are left out.</summary>
    public static ImmutableArray<byte> ListOf(ImmutableArray<string> names)
    {
        Span<byte> room = stackalloc byte[LongestName];
        var list = ImmutableArray.CreateBuilder<byte>();
        foreach (var name in names)
            list.AddRange(room[..Write(name, room)]);
        return list.ToImmutable();
    }
}
