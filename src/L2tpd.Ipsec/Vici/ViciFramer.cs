using System.Buffers.Binary;

namespace L2tpd.Ipsec.Vici;

/// <summary>Takes one byte sequence of a VICI connection.</summary>
/// <param name="sequence">The octets, without their length. They are valid during the call only.</param>
/// <returns><c>false</c>: read no more of this connection.</returns>
public delegate bool ViciSequenceReceiver(ReadOnlySpan<byte> sequence);

/// <summary>
/// Cuts the octets of a VICI connection into byte sequences by the length in front of each. A sequence may come in pieces, and several at
/// once. Holds at most one sequence that is not complete, in a buffer that grows with what has come, not with the length that is announced.
/// </summary>
public sealed class ViciFramer
{
    private const int LengthSize = sizeof(uint);
    private const int KeptSize = 16 * 1024;

    private byte[] _partial = new byte[256];
    private int _held;

    /// <summary>Takes the next octets and gives each complete sequence to <paramref name="receiver"/>.</summary>
    /// <returns>
    /// <c>false</c> if a length is 0 or over <see cref="ViciWriter.MaxSequence"/>, or the receiver wants no more: close the connection.
    /// </returns>
    public bool TryAdd(ReadOnlySpan<byte> octets, ViciSequenceReceiver receiver)
    {
        while (!octets.IsEmpty)
        {
            if (_held < LengthSize)
                Take(ref octets, LengthSize);
            if (_held < LengthSize)
                return true;
            var length = BinaryPrimitives.ReadUInt32BigEndian(_partial);
            if (length is 0 or > ViciWriter.MaxSequence)
                return false;
            var whole = LengthSize + (int)length;
            Take(ref octets, whole);
            if (_held < whole)
                return true;
            _held = 0;
            if (!receiver(_partial.AsSpan(LengthSize, (int)length)))
                return false;
            if (_partial.Length > KeptSize)
                _partial = new byte[KeptSize];
        }

        return true;
    }

    /// <summary>Forgets what it holds: the connection is closed.</summary>
    public void Clear() => _held = 0;

    /// <summary>Moves octets until <paramref name="wanted"/> are held, or there are no more.</summary>
    private void Take(ref ReadOnlySpan<byte> octets, int wanted)
    {
        var count = Math.Min(wanted - _held, octets.Length);
        if (_partial.Length < _held + count)
            Array.Resize(ref _partial, Math.Max(_held + count, Math.Min(2 * _partial.Length, LengthSize + ViciWriter.MaxSequence)));
        octets[..count].CopyTo(_partial.AsSpan(_held));
        _held += count;
        octets = octets[count..];
    }
}
