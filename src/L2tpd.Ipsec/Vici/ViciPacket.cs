using System.Text;

namespace L2tpd.Ipsec.Vici;

/// <summary>A packet of a VICI server: a view of its octets, whose message is read only if it is asked for.</summary>
public readonly ref struct ViciPacket
{
    private readonly ReadOnlySpan<byte> _name;
    private readonly ReadOnlySpan<byte> _message;

    private ViciPacket(ViciPacketType type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> message)
    {
        Type = type;
        _name = name;
        _message = message;
    }

    public ViciPacketType Type { get; }

    /// <summary>The name of an event; empty in a response.</summary>
    public string Name => Encoding.ASCII.GetString(_name);

    /// <summary>The octets of the message, to look for something without reading it.</summary>
    public ReadOnlySpan<byte> Message => _message;

    /// <summary>Reads type and name of a byte sequence.</summary>
    public static ViciDecodeError TryParse(ReadOnlySpan<byte> sequence, out ViciPacket packet)
    {
        packet = default;
        if (sequence.IsEmpty)
            return ViciDecodeError.Truncated;
        var type = (ViciPacketType)sequence[0];
        var rest = sequence[1..];
        switch (type)
        {
            case ViciPacketType.CommandResponse or ViciPacketType.CommandUnknown or ViciPacketType.EventConfirm
                or ViciPacketType.EventUnknown:
                packet = new ViciPacket(type, [], rest);
                return ViciDecodeError.None;
            case ViciPacketType.Event:
                if (rest.IsEmpty || rest.Length < 1 + rest[0])
                    return ViciDecodeError.Truncated;
                packet = new ViciPacket(type, rest.Slice(1, rest[0]), rest[(1 + rest[0])..]);
                return ViciDecodeError.None;
            default:
                return ViciDecodeError.UnknownPacketType;
        }
    }

    /// <summary>Whether the event has that name, which is ASCII. Allocates nothing.</summary>
    public bool IsNamed(ReadOnlySpan<byte> name) => _name.SequenceEqual(name);

    /// <summary>Reads the message.</summary>
    public ViciDecodeError TryRead(out ViciSection message) => ViciReader.TryRead(_message, out message);
}
