using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// Records in a spool file: <c>state:1 length:4 crc32c:4</c>, then <c>length</c> octets <c>version:1 status:1 timestamp:4 id-length:1 id
/// group-length:1 group attributes</c>; numbers are big-endian. The checksum covers length and payload, not the state: a record is marked
/// as done by one octet in its place, which needs no space on a full disk.
/// </summary>
public static class SpoolFrame
{
    /// <summary>State of a record that waits.</summary>
    public const byte Waiting = (byte)'W';

    /// <summary>State of a record that a server has.</summary>
    public const byte Done = (byte)'D';

    /// <summary>Octets before the payload.</summary>
    public const int HeaderSize = 9;

    /// <summary>Octets of the longest frame.</summary>
    public const int MaxSize = HeaderSize + 8 + (2 * LongestText) + RadiusPacket.MaxSize;

    private const byte Version = 1;
    private const int LongestText = 255;
    private const int FixedSize = 6;

    /// <summary>Writes a record that waits. A text that is longer than 255 octets is cut.</summary>
    public static byte[] Write(SpoolRecord record)
    {
        Span<byte> id = stackalloc byte[LongestText];
        Span<byte> group = stackalloc byte[LongestText];
        id = id[..Encode(record.SessionId, id)];
        group = group[..Encode(record.Group, group)];
        var length = FixedSize + 1 + id.Length + 1 + group.Length + record.Attributes.Length;
        var frame = new byte[HeaderSize + length];
        frame[0] = Waiting;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length);
        var payload = frame.AsSpan(HeaderSize);
        payload[0] = Version;
        payload[1] = (byte)record.Status;
        BinaryPrimitives.WriteUInt32BigEndian(payload[2..], record.Timestamp);
        payload[FixedSize] = (byte)id.Length;
        id.CopyTo(payload[(FixedSize + 1)..]);
        var rest = payload[(FixedSize + 1 + id.Length)..];
        rest[0] = (byte)group.Length;
        group.CopyTo(rest[1..]);
        record.Attributes.Span.CopyTo(rest[(1 + group.Length)..]);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), Checksum(frame));
        return frame;
    }

    /// <summary>Reads the frame at the start of some octets.</summary>
    /// <param name="octets">The rest of a file.</param>
    /// <param name="record">The record; <c>null</c> if it is none.</param>
    /// <param name="isDone">Whether a server has it.</param>
    /// <param name="size">Octets of the frame.</param>
    /// <returns>False if the frame is cut off or damaged: where the next one begins is then unknown.</returns>
    public static bool TryRead(ReadOnlySpan<byte> octets, out SpoolRecord? record, out bool isDone, out int size)
    {
        (record, isDone, size) = (null, false, 0);
        if (octets.Length < HeaderSize)
            return false;

        var length = BinaryPrimitives.ReadInt32BigEndian(octets[1..]);
        if (length < FixedSize + 2 || length > MaxSize - HeaderSize || octets.Length < HeaderSize + length)
            return false;

        var frame = octets[..(HeaderSize + length)];
        if (BinaryPrimitives.ReadUInt32BigEndian(octets[5..]) != Checksum(frame) || !TryReadPayload(frame[HeaderSize..], out record))
            return false;

        // Any other state is a damaged one: the record is sent rather than lost.
        (isDone, size) = (octets[0] == Done, frame.Length);
        return true;
    }

    private static bool TryReadPayload(ReadOnlySpan<byte> payload, out SpoolRecord? record)
    {
        record = null;
        int idLength = payload[FixedSize];
        if (payload[0] != Version || payload.Length < FixedSize + 2 + idLength)
            return false;

        var id = payload.Slice(FixedSize + 1, idLength);
        var rest = payload[(FixedSize + 1 + idLength)..];
        int groupLength = rest[0];
        if (rest.Length < 1 + groupLength)
            return false;

        record = new SpoolRecord(
            (AccountingStatus)payload[1], BinaryPrimitives.ReadUInt32BigEndian(payload[2..]), Encoding.UTF8.GetString(id),
            Encoding.UTF8.GetString(rest.Slice(1, groupLength)), rest[(1 + groupLength)..].ToArray());
        return true;
    }

    private static int Encode(string text, Span<byte> octets)
    {
        Encoding.UTF8.GetEncoder().Convert(text, octets, flush: true, out _, out var written, out _);
        return written;
    }

    private static uint Checksum(ReadOnlySpan<byte> frame)
    {
        var crc = uint.MaxValue;
        foreach (var octet in frame[1..5])
            crc = BitOperations.Crc32C(crc, octet);
        foreach (var octet in frame[HeaderSize..])
            crc = BitOperations.Crc32C(crc, octet);
        return ~crc;
    }
}
