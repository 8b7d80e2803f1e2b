using System.Buffers.Binary;

namespace L2tpd.Ppp.Wire;

/// <summary>Writes into a fixed buffer; an item that does not fit is left out as a whole and sets <see cref="Overflowed"/>.</summary>
public ref struct PacketWriter
{
    private readonly Span<byte> _buffer;

    public PacketWriter(Span<byte> buffer)
    {
        _buffer = buffer;
        Length = 0;
        Overflowed = false;
    }

    /// <summary>Octets written.</summary>
    public int Length { get; private set; }

    /// <summary>True if an item did not fit.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    public void Byte(byte value)
    {
        if (Reserve(1, out var place))
            place[0] = value;
    }

    public void UInt16(ushort value)
    {
        if (Reserve(2, out var place))
            BinaryPrimitives.WriteUInt16BigEndian(place, value);
    }

    public void UInt32(uint value)
    {
        if (Reserve(4, out var place))
            BinaryPrimitives.WriteUInt32BigEndian(place, value);
    }

    public void Bytes(scoped ReadOnlySpan<byte> value)
    {
        if (Reserve(value.Length, out var place))
            value.CopyTo(place);
    }

    /// <summary>Writes an option without a value.</summary>
    public void Option(byte type)
    {
        if (Reserve(2, out var place))
        {
            place[0] = type;
            place[1] = 2;
        }
    }

    /// <summary>Writes an option with a value of two octets.</summary>
    public void OptionUInt16(byte type, ushort value)
    {
        if (Reserve(4, out var place))
        {
            place[0] = type;
            place[1] = 4;
            BinaryPrimitives.WriteUInt16BigEndian(place[2..], value);
        }
    }

    /// <summary>Writes an option with a value of four octets.</summary>
    public void OptionUInt32(byte type, uint value)
    {
        if (Reserve(6, out var place))
        {
            place[0] = type;
            place[1] = 6;
            BinaryPrimitives.WriteUInt32BigEndian(place[2..], value);
        }
    }

    /// <summary>Writes an option with a value of eight octets.</summary>
    public void OptionUInt64(byte type, ulong value)
    {
        if (Reserve(10, out var place))
        {
            place[0] = type;
            place[1] = 10;
            BinaryPrimitives.WriteUInt64BigEndian(place[2..], value);
        }
    }

    private bool Reserve(int count, out Span<byte> place)
    {
        if (_buffer.Length - Length < count)
        {
            Overflowed = true;
            place = default;
            return false;
        }

        place = _buffer.Slice(Length, count);
        Length += count;
        return true;
    }
}
