using System.Buffers.Binary;

namespace L2tpd.Radius.Wire;

/// <summary>
/// Cuts the octets of a connection into packets by their Length field (RFC 6613 section 2.6.4). A packet may come in pieces, and several at
/// once. Holds at most one packet that is not complete.
/// </summary>
public sealed class PacketFramer
{
    private const int LengthOffset = 2;
    private const int LengthEnd = 4;

    private readonly byte[] _partial = new byte[RadiusPacket.MaxSize];
    private int _held;

    /// <summary>Takes the next octets.</summary>
    /// <param name="octets">What was read, any amount.</param>
    /// <param name="packets">Takes each packet that is complete now; their content is not judged.</param>
    /// <returns><c>false</c> if a length is below 20 or over 4,096: the place of the next packet is unknown, and the connection must be
    /// closed.</returns>
    public bool TryAdd(ReadOnlySpan<byte> octets, ICollection<byte[]> packets)
    {
        while (!octets.IsEmpty)
        {
            if (_held < LengthEnd)
                Take(ref octets, LengthEnd);
            if (_held < LengthEnd)
                return true;
            var length = BinaryPrimitives.ReadUInt16BigEndian(_partial.AsSpan(LengthOffset));
            if (length is < RadiusPacket.HeaderSize or > RadiusPacket.MaxSize)
                return false;
            Take(ref octets, length);
            if (_held < length)
                return true;
            packets.Add(_partial.AsSpan(0, length).ToArray());
            _held = 0;
        }

        return true;
    }

    /// <summary>Moves octets until <paramref name="wanted"/> are held, or there are no more.</summary>
    private void Take(ref ReadOnlySpan<byte> octets, int wanted)
    {
        var count = Math.Min(wanted - _held, octets.Length);
        octets[..count].CopyTo(_partial.AsSpan(_held));
        _held += count;
        octets = octets[count..];
    }
}
