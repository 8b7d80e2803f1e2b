using System.Buffers.Binary;

namespace L2tpd.Radius.Wire;

/// <summary>
/// Tags of tunnel attributes (RFC 2868 section 3): attributes with one tag from 1 to 31 describe one tunnel; tag 0 stands for none.
/// </summary>
public static class TaggedValue
{
    /// <summary>The highest octet that is a tag and not data.</summary>
    public const byte MaxTag = 0x1f;

    /// <summary>An integer: the first of the four octets is the tag, always.</summary>
    public static bool TryReadUInt32(ReadOnlySpan<byte> value, out byte tag, out uint number)
    {
        (tag, number) = (0, 0);
        if (value.Length != 4)
            return false;
        tag = value[0] <= MaxTag ? value[0] : (byte)0;
        number = BinaryPrimitives.ReadUInt32BigEndian(value) & 0xff_ffff;
        return true;
    }

    /// <summary>A string: a first octet above 1F is data already.</summary>
    public static ReadOnlySpan<byte> ReadString(ReadOnlySpan<byte> value, out byte tag)
    {
        var isTagged = !value.IsEmpty && value[0] <= MaxTag;
        tag = isTagged ? value[0] : (byte)0;
        return isTagged ? value[1..] : value;
    }

    /// <summary>Tunnel-Password: the first octet is the tag, always; what is not one counts as none. Salt and blocks follow.</summary>
    public static ReadOnlySpan<byte> ReadSalted(ReadOnlySpan<byte> value, out byte tag)
    {
        tag = !value.IsEmpty && value[0] <= MaxTag ? value[0] : (byte)0;
        return value.IsEmpty ? value : value[1..];
    }
}
