using System.Buffers.Binary;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Hiding;
using L2tpd.Protocol.Messages;

namespace L2tpd.Unit.Tests.Protocol;

/// <summary>Builds messages octet by octet, well formed or not, without the encoder under test.</summary>
internal static class RawAvp
{
    public const int M = 0x8000;
    public const int H = 0x4000;

    public static byte[] Build(int type, string valueHex, int flags = M, int vendor = 0, int? length = null)
    {
        var value = Convert.FromHexString(valueHex);
        var avp = new byte[6 + value.Length];
        BinaryPrimitives.WriteUInt16BigEndian(avp, (ushort)(flags | (length ?? avp.Length)));
        BinaryPrimitives.WriteUInt16BigEndian(avp.AsSpan(2), (ushort)vendor);
        BinaryPrimitives.WriteUInt16BigEndian(avp.AsSpan(4), (ushort)type);
        value.CopyTo(avp, 6);
        return avp;
    }

    public static byte[] Hidden(AvpType type, string valueHex, byte[] key, byte[] vector, int flags = M) =>
        Build((int)type, Convert.ToHexString(AvpHiding.Hide((ushort)type, Convert.FromHexString(valueHex), [], key, vector)), flags | H);

    public static byte[] Type(MessageType type, int flags = M) => Build(0, $"{(ushort)type:x4}", flags);

    /// <summary>A v2 message of exactly these AVPs, Message Type included by the caller.</summary>
    public static byte[] Raw(params byte[][] avps) => Raw(ProtocolVersion.V2, avps);

    public static byte[] Raw(ProtocolVersion version, params byte[][] avps)
    {
        byte[] body = [.. avps.SelectMany(avp => avp)];
        var message = new byte[ControlHeader.Size + body.Length];
        new ControlHeader(version, message.Length, new TunnelId(0x5678), new SessionId(0x9abc), 0, 0).Write(message);
        body.CopyTo(message, ControlHeader.Size);
        return message;
    }

    /// <summary>The message with further AVPs after its own, Length corrected.</summary>
    public static byte[] Append(byte[] message, params byte[][] avps) => Resize([.. message, .. avps.SelectMany(avp => avp)]);

    /// <summary>The message with AVPs right after Message Type.</summary>
    public static byte[] Insert(byte[] message, params byte[][] avps) =>
        Resize([.. message[..20], .. avps.SelectMany(avp => avp), .. message[20..]]);

    /// <summary>The message without the vendor 0 AVPs of a type.</summary>
    public static byte[] Without(byte[] message, int type)
    {
        var kept = message[..ControlHeader.Size];
        for (var at = ControlHeader.Size; at < message.Length;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at)) & 0x3FF;
            if (BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(at + 2)) != (uint)type)
                kept = [.. kept, .. message[at..(at + length)]];
            at += length;
        }

        return Resize(kept);
    }

    private static byte[] Resize(byte[] message)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)message.Length);
        return message;
    }
}
