using System.Buffers.Binary;

namespace L2tpd.Attack.Tests;

/// <summary>L2TPv2 control messages as an attacker writes and reads them (RFC 2661 sections 3.1 and 4.1), without our codec.</summary>
internal static class ControlPacket
{
    public const ushort Sccrq = 1, StopCcn = 4;

    public const int ResultCode = 1, HostName = 7, AssignedTunnelId = 9, Challenge = 11, ChallengeResponse = 13;

    /// <summary>A control message with Ns and Nr 0.</summary>
    public static byte[] Encode(ushort tunnelId, ushort message, params (int Type, byte[] Value)[] avps)
    {
        byte[] body = [.. Avp(0, UInt16(message)), .. avps.SelectMany(static avp => Avp(avp.Type, avp.Value))];
        return [0xc8, 2, .. UInt16(12 + body.Length), .. UInt16(tunnelId), 0, 0, 0, 0, 0, 0, .. body];
    }

    /// <summary>The AVPs by type; 0 is the message type.</summary>
    public static Dictionary<int, byte[]> Decode(ReadOnlySpan<byte> packet)
    {
        Dictionary<int, byte[]> avps = [];
        for (var rest = packet[12..]; !rest.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest) & 0x3ff;
            avps[BinaryPrimitives.ReadUInt16BigEndian(rest[4..])] = rest[6..length].ToArray();
            rest = rest[length..];
        }

        return avps;
    }

    public static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Avp(int type, byte[] value) => [.. UInt16(0x8000 | (6 + value.Length)), 0, 0, .. UInt16(type), .. value];
}
