using System.Buffers.Binary;

namespace L2tpd.Ppp.Wire;

/// <summary>
/// A PPP frame as L2TP carries it: <c>[FF 03] protocol payload</c>, no flags and no FCS (RFC 2661 section 5.2). Both compressions
/// are accepted on receipt even if they were not negotiated: the forms are unambiguous.
/// </summary>
public readonly ref struct PppFrame
{
    private PppFrame(PppProtocol protocol, ReadOnlySpan<byte> payload)
    {
        Protocol = protocol;
        Payload = payload;
    }

    /// <summary>The protocol number.</summary>
    public PppProtocol Protocol { get; }

    /// <summary>The octets after the protocol field.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Reads a frame.</summary>
    /// <param name="frame">The octets, with or without address and control.</param>
    /// <param name="parsed">The frame.</param>
    /// <returns>False if the frame is too short, or its protocol number is not valid (RFC 1661 section 2: low octet odd, high octet
    /// even).</returns>
    public static bool TryParse(ReadOnlySpan<byte> frame, out PppFrame parsed)
    {
        parsed = default;
        var rest = WithoutAddressAndControl(frame);
        if (rest.IsEmpty)
            return false;

        if ((rest[0] & 1) == 1)
        {
            parsed = new PppFrame((PppProtocol)rest[0], rest[1..]);
            return true;
        }

        if (rest.Length < 2 || (rest[1] & 1) == 0)
            return false;

        parsed = new PppFrame((PppProtocol)BinaryPrimitives.ReadUInt16BigEndian(rest), rest[2..]);
        return true;
    }

    /// <summary>The frame without a leading <c>FF 03</c>, as the kernel's PPP channels want it.</summary>
    public static ReadOnlySpan<byte> WithoutAddressAndControl(ReadOnlySpan<byte> frame) =>
        frame.Length >= 2 && frame[0] == 0xff && frame[1] == 0x03 ? frame[2..] : frame;
}
