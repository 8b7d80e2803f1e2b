using System.Buffers.Binary;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Text;

/// <summary>
/// Removes from a copy of a PPP frame passwords, what answers a challenge, and what users send to each other. What cannot be read, or is
/// not known, is removed as well.
/// </summary>
public static class PppFrameSecrets
{
    private const int Ipv4Header = 20;
    private const int Ipv6Header = 40;
    private const byte IcmpV6 = 58;
    private const byte Udp = 17;

    /// <summary>Overwrites those octets with zeros. Lengths stay as they are.</summary>
    /// <param name="frame">With or without FF 03.</param>
    public static void Remove(Span<byte> frame)
    {
        if (!PppFrame.TryParse(frame, out var parsed))
        {
            frame.Clear();
            return;
        }

        Remove(parsed.Protocol, frame[^parsed.Payload.Length..]);
    }

    private static void Remove(PppProtocol protocol, Span<byte> payload)
    {
        switch (protocol)
        {
            case PppProtocol.Lcp:
                RemoveRejected(payload);
                break;
            case PppProtocol.Pap or PppProtocol.Chap or PppProtocol.Eap:
                RemoveProof(protocol, payload);
                break;
            case PppProtocol.LinkQualityReport:
                break;
            case PppProtocol.Ipv4:
                ClearFrom(payload, Ipv4Header);
                break;
            case PppProtocol.Ipv6:
                if (!IsIpv6Control(payload))
                    ClearFrom(payload, Ipv6Header);
                break;
            case < (PppProtocol)0x8000 or >= (PppProtocol)0xc000:
                payload.Clear();
                break;
        }
    }

    /// <summary>A Protocol-Reject has the rejected packet in it, which may be one with a password.</summary>
    private static void RemoveRejected(Span<byte> payload)
    {
        if (!ControlPacket.TryParse(payload, out var packet) || (ControlCode)packet.Code != ControlCode.ProtocolReject)
            return;
        if (packet.Data.Length >= 2)
        {
            var rejected = (PppProtocol)BinaryPrimitives.ReadUInt16BigEndian(packet.Data);
            Remove(rejected, payload[(ControlPacket.HeaderLength + 2)..packet.Whole.Length]);
        }

        payload[packet.Whole.Length..].Clear();
    }

    private static void RemoveProof(PppProtocol protocol, Span<byte> payload)
    {
        if (!ControlPacket.TryParse(payload, out var packet))
        {
            ClearFrom(payload, ControlPacket.HeaderLength);
            return;
        }

        payload[packet.Whole.Length..].Clear();
        var data = payload[ControlPacket.HeaderLength..packet.Whole.Length];
        switch (protocol, packet.Code)
        {
            case (PppProtocol.Pap, 1):
                RemovePassword(data);
                break;
            case (PppProtocol.Pap, 2 or 3) or (PppProtocol.Chap, 1 or 4):
                break;
            case (PppProtocol.Chap, 2):
                // Value-Size, the answer, the name (RFC 1994 section 4.1).
                if (data.IsEmpty || data[0] >= data.Length)
                    data.Clear();
                else
                    data.Slice(1, data[0]).Clear();
                break;
            case (PppProtocol.Chap, 3):
                // The success of MS-CHAPv2 proves that the server knows the password (RFC 2759 section 5): "S=" and 40 digits.
                if (data is [(byte)'S', (byte)'=', ..])
                    data[2..Math.Min(data.Length, 42)].Clear();
                break;
            case (PppProtocol.Eap, (byte)EapCode.Success or (byte)EapCode.Failure):
                break;
            case (PppProtocol.Eap, (byte)EapCode.Request or (byte)EapCode.Response)
                when data is [(byte)EapType.Identity or (byte)EapType.Notification or (byte)EapType.Nak, ..]:
                break;
            case (PppProtocol.Eap, _):
                ClearFrom(data, 1);
                break;
            default:
                data.Clear();
                break;
        }
    }

    /// <summary>Peer-ID and password, each with its length before it (RFC 1334 section 2.2.1).</summary>
    private static void RemovePassword(Span<byte> data)
    {
        if (data.IsEmpty || data[0] + 1 >= data.Length)
            data.Clear();
        else
            ClearFrom(data, data[0] + 2);
    }

    /// <summary>Router advertisement, neighbour discovery, DHCPv6.</summary>
    private static bool IsIpv6Control(ReadOnlySpan<byte> packet) =>
        packet.Length >= Ipv6Header + 4
        && (packet[6] == IcmpV6 && packet[Ipv6Header] is >= 133 and <= 137
            || packet[6] == Udp && IsDhcp(packet[Ipv6Header..]) && IsDhcp(packet[(Ipv6Header + 2)..]));

    private static bool IsDhcp(ReadOnlySpan<byte> port) => BinaryPrimitives.ReadUInt16BigEndian(port) is 546 or 547;

    private static void ClearFrom(Span<byte> octets, int start)
    {
        if (start < octets.Length)
            octets[start..].Clear();
    }
}
