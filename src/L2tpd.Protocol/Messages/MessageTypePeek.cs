using System.Buffers.Binary;

namespace L2tpd.Protocol.Messages;

/// <summary>Reads the type of a control message without decoding it.</summary>
public static class MessageTypePeek
{
    private const int VendorOffset = ControlHeader.Size + 2;
    private const int TypeOffset = ControlHeader.Size + 4;
    private const int ValueOffset = ControlHeader.Size + 6;

    /// <summary>
    /// The value of the first AVP if it is Message Type, otherwise 0. <paramref name="message"/> begins with the flag word.
    /// </summary>
    public static MessageType Read(ReadOnlySpan<byte> message) =>
        message.Length >= ValueOffset + 2
        && BinaryPrimitives.ReadUInt16BigEndian(message[VendorOffset..]) == 0
        && BinaryPrimitives.ReadUInt16BigEndian(message[TypeOffset..]) == 0
            ? (MessageType)BinaryPrimitives.ReadUInt16BigEndian(message[ValueOffset..])
            : 0;
}
