using System.Buffers.Binary;

namespace L2tpd.Radius.Wire;

/// <summary>
/// Tags of tunnel attributes (RFC 2868 section 3): attributes with the same tag from 1 to 31 describe one tunnel; tag 0 means no tag.
/// </summary>
public static class TaggedValue
{
    /// <summary>The highest octet that is a tag, not data.</summary>
    public const byte MaxTag = 0x1f;

    /// <summary>Reads an integer: the first of the four octets is always the tag.</summary>
    public static bool TryReadUInt32(ReadOnlySpan<byte> value, out byte tag, out uint number)
    {
        (tag, number) = (0, 0);
        if (value.Length != 4)
            return false;
        tag = value[0] <= MaxTag ? value[0] : (byte)0;
        number = BinaryPrimitives.ReadUInt32BigEndian(value) & 0xff_ffff;
        return true;
    }

    /// <summary>Reads a string: a first octet above 1F is data.</summary>
    public static ReadOnlySpan<byte> ReadString(ReadOnlySpan<byte> value, out byte tag)
    {
        var isTagged = !value.IsEmpty && value[0] <= MaxTag;
        tag = isTagged ? value[0] : (byte)0;
        return isTagged ? value[1..] : value;
    }

    /// <summary>
    /// Reads a Tunnel-Password: the first octet is always the tag; an invalid tag counts as none. Salt and blocks follow.
    /// </summary>
    public static ReadOnlySpan<byte> ReadSalted(ReadOnlySpan<byte> value, out byte tag)
    {
        tag = !value.IsEmpty && value[0] <= MaxTag ? value[0] : (byte)0;
        return value.IsEmpty ? value : value[1..];
    }
}
