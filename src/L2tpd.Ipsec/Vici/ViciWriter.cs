using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace L2tpd.Ipsec.Vici;

/// <summary>Packets of a VICI client to octets, each with the length in front that the transport wants.</summary>
public static class ViciWriter
{
    /// <summary>Octets of the largest byte sequence, without its length.</summary>
    public const int MaxSequence = 512 * 1024;

    /// <summary>A request with its arguments.</summary>
    /// <exception cref="ArgumentException">A name is longer than 255 octets or a value than 65,535, or the packet is too long.</exception>
    public static byte[] Command(string name, ViciSection arguments) => Packet(ViciPacketType.CommandRequest, name, arguments);

    /// <summary>A registration for the events of that name.</summary>
    public static byte[] Register(string name) => Packet(ViciPacketType.EventRegister, name, new ViciSection());

    /// <summary>A packet of any type, as a server writes it too. <paramref name="name"/> is <c>null</c> where the type has none.</summary>
    public static byte[] Packet(ViciPacketType type, string? name, ViciSection message)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Write<byte>([0, 0, 0, 0, (byte)type]);
        if (name is not null)
            WriteName(buffer, name);
        WriteSection(buffer, message);
        var octets = buffer.WrittenSpan.ToArray();
        if (octets.Length - sizeof(uint) > MaxSequence)
            throw new ArgumentException($"a VICI packet of {octets.Length} octets is too long");
        BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)(octets.Length - sizeof(uint)));
        return octets;
    }

    private static void WriteSection(ArrayBufferWriter<byte> buffer, ViciSection section)
    {
        foreach (var (name, content) in section.Entries)
        {
            switch (content)
            {
                case string value:
                    WriteType(buffer, ViciElementType.KeyValue);
                    WriteName(buffer, name);
                    WriteValue(buffer, Encoding.UTF8.GetBytes(value));
                    break;
                case byte[] octets:
                    WriteType(buffer, ViciElementType.KeyValue);
                    WriteName(buffer, name);
                    WriteValue(buffer, octets);
                    break;
                case ViciSection inner:
                    WriteType(buffer, ViciElementType.SectionStart);
                    WriteName(buffer, name);
                    WriteSection(buffer, inner);
                    WriteType(buffer, ViciElementType.SectionEnd);
                    break;
                case IReadOnlyList<string> items:
                    WriteType(buffer, ViciElementType.ListStart);
                    WriteName(buffer, name);
                    foreach (var item in items)
                    {
                        WriteType(buffer, ViciElementType.ListItem);
                        WriteValue(buffer, Encoding.UTF8.GetBytes(item));
                    }

                    WriteType(buffer, ViciElementType.ListEnd);
                    break;
            }
        }
    }

    private static void WriteType(ArrayBufferWriter<byte> buffer, ViciElementType type) => buffer.Write<byte>([(byte)type]);

    private static void WriteName(ArrayBufferWriter<byte> buffer, string name)
    {
        var octets = Encoding.UTF8.GetBytes(name);
        if (octets.Length > byte.MaxValue)
            throw new ArgumentException($"the name {name} is longer than {byte.MaxValue} octets");
        buffer.Write<byte>([(byte)octets.Length]);
        buffer.Write(octets);
    }

    private static void WriteValue(ArrayBufferWriter<byte> buffer, byte[] octets)
    {
        if (octets.Length > ushort.MaxValue)
            throw new ArgumentException($"a value of {octets.Length} octets is longer than {ushort.MaxValue}");
        buffer.Write<byte>([(byte)(octets.Length >> 8), (byte)octets.Length]);
        buffer.Write(octets);
    }
}
