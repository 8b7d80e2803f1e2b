using System.Buffers.Binary;

namespace L2tpd.Protocol.Avps;

/// <summary>One AVP of a message.</summary>
internal readonly ref struct Avp(ReadOnlySpan<byte> octets, int offset)
{
    private readonly ushort _flags = BinaryPrimitives.ReadUInt16BigEndian(octets);

    public ushort VendorId { get; } = BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);

    public ushort Type { get; } = BinaryPrimitives.ReadUInt16BigEndian(octets[4..]);

    /// <summary>The value as received, hidden or not.</summary>
    public ReadOnlySpan<byte> Value { get; } = octets[AvpFormat.HeaderSize..];

    /// <summary>The offset of the AVP's header in the message.</summary>
    public int Offset { get; } = offset;

    public bool IsMandatory => (_flags & AvpFormat.MandatoryBit) != 0;

    public bool IsHidden => (_flags & AvpFormat.HiddenBit) != 0;

    public bool HasReservedBits => (_flags & AvpFormat.ReservedMask) != 0;

    public bool Is(AvpType type) => VendorId == AvpFormat.IetfVendor && Type == (ushort)type;
}

/// <summary>The AVPs of a message, which begins with its flag word and ends where its Length says.</summary>
internal ref struct AvpReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>The offset of the next AVP.</summary>
    public int Position { get; private set; } = ControlHeader.Size;

    /// <summary>Whether an AVP has an invalid Length, so that nothing after it can be read.</summary>
    public bool IsBroken { get; private set; }

    public bool TryRead(out Avp avp)
    {
        avp = default;
        var rest = _message[Position..];
        if (rest.IsEmpty || IsBroken)
            return false;
        var length = rest.Length < AvpFormat.HeaderSize ? 0 : BinaryPrimitives.ReadUInt16BigEndian(rest) & AvpFormat.LengthMask;
        if (length < AvpFormat.HeaderSize || length > rest.Length)
        {
            IsBroken = true;
            return false;
        }

        avp = new Avp(rest[..length], Position);
        Position += length;
        return true;
    }
}
