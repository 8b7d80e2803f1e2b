using System.Buffers.Binary;
using System.Text;

namespace L2tpd.Operations.Metrics;

/// <summary>
/// Writes messages of Protocol Buffers into one array, which grows and is used again. The length of a nested message takes four octets, so
/// that it can be filled in when the message is complete: decoders accept a varint with more octets than it needs.
/// </summary>
internal sealed class ProtobufBuffer
{
    private const int LengthSize = 4;

    private byte[] _bytes = new byte[16 * 1024];

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Octets written.</summary>
    public int Length { get; private set; }

    /// <summary>Forgets what was written.</summary>
    public void Clear() => Length = 0;

    /// <summary>Begins a nested message, at most 256 MiB long.</summary>
    /// <returns>To be given to <see cref="End"/>.</returns>
    public int Begin(int field)
    {
        Tag(field, 2);
        Room(LengthSize);
        Length += LengthSize;
        return Length;
    }

    /// <summary>Ends a nested message.</summary>
    public void End(int start)
    {
        var length = Length - start;
        for (var i = 0; i < LengthSize; i++)
            _bytes[start - LengthSize + i] = (byte)(((length >> (7 * i)) & 0x7F) | (i < LengthSize - 1 ? 0x80 : 0));
    }

    public void Text(int field, string value)
    {
        var start = Begin(field);
        Room(Encoding.UTF8.GetMaxByteCount(value.Length));
        Length += Encoding.UTF8.GetBytes(value, _bytes.AsSpan(Length));
        End(start);
    }

    public void Number(int field, ulong value)
    {
        Tag(field, 0);
        Varint(value);
    }

    public void Fixed64(int field, long value)
    {
        Tag(field, 1);
        Fixed64(value);
    }

    public void Double(int field, double value) => Fixed64(field, BitConverter.DoubleToInt64Bits(value));

    /// <summary>An element of a packed field, between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public void Fixed64(long value)
    {
        Room(sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(Length), value);
        Length += sizeof(long);
    }

    private void Tag(int field, int wireType) => Varint((ulong)((field << 3) | wireType));

    private void Varint(ulong value)
    {
        Room(10);
        for (; value >= 0x80; value >>= 7)
            _bytes[Length++] = (byte)(value | 0x80);
        _bytes[Length++] = (byte)value;
    }

    private void Room(int octets)
    {
        if (_bytes.Length - Length < octets)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + octets));
    }
}
