using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp.Text;

/// <summary>
/// A PPP frame in words. Nothing throws, whatever the octets are. Text of peers comes as it is: who prints it must escape control
/// characters.
/// </summary>
public static class PppFrameText
{
    private const int MostOctets = 32;

    /// <summary>One line: protocol, code, identifier.</summary>
    /// <param name="frame">With or without FF 03.</param>
    public static string Summary(ReadOnlySpan<byte> frame)
    {
        if (!PppFrame.TryParse(frame, out var parsed))
            return string.Create(CultureInfo.InvariantCulture, $"malformed PPP frame of {frame.Length} octets");
        if (!HasControlForm(parsed.Protocol))
            return string.Create(CultureInfo.InvariantCulture, $"{NameOf(parsed.Protocol)}, {parsed.Payload.Length} octets");
        return ControlPacket.TryParse(parsed.Payload, out var packet)
            ? string.Create(
                CultureInfo.InvariantCulture, $"{NameOf(parsed.Protocol)} {CodeOf(parsed.Protocol, packet.Code)} id {packet.Id}")
            : string.Create(CultureInfo.InvariantCulture, $"{NameOf(parsed.Protocol)}, malformed, {parsed.Payload.Length} octets");
    }

    /// <summary>One line for each option or field. Passwords and answers to challenges are not shown.</summary>
    /// <param name="frame">With or without FF 03.</param>
    public static IReadOnlyList<string> Details(ReadOnlySpan<byte> frame)
    {
        var lines = new List<string>();
        if (!PppFrame.TryParse(frame, out var parsed) || !HasControlForm(parsed.Protocol)
            || !ControlPacket.TryParse(parsed.Payload, out var packet))
        {
            return lines;
        }

        switch (parsed.Protocol)
        {
            case PppProtocol.Pap:
                AddPap(lines, packet);
                break;
            case PppProtocol.Chap:
                AddChap(lines, packet);
                break;
            case PppProtocol.Eap:
                AddEap(lines, packet);
                break;
            default:
                AddControl(lines, parsed.Protocol, packet);
                break;
        }

        return lines;
    }

    /// <summary>
    /// The name that a PAP request, a CHAP response or an EAP identity gives: who claims to be the user; <c>null</c> in other frames.
    /// </summary>
    /// <param name="frame">With or without FF 03.</param>
    public static string? ClaimedName(ReadOnlySpan<byte> frame)
    {
        if (!PppFrame.TryParse(frame, out var parsed) || !ControlPacket.TryParse(parsed.Payload, out var packet))
            return null;
        var form = (parsed.Protocol, packet.Code);
        var name = packet.Data switch
        {
            [var length, .. var rest] when form == (PppProtocol.Pap, 1) && length <= rest.Length => rest[..length],
            [var length, .. var rest] when form == (PppProtocol.Chap, 2) && length <= rest.Length => rest[length..],
            [(byte)EapType.Identity, .. var rest] when form == (PppProtocol.Eap, (byte)EapCode.Response) => rest,
            _ => default,
        };
        return name.IsEmpty ? null : Encoding.UTF8.GetString(name);
    }

    private static void AddPap(List<string> lines, in ControlPacket packet)
    {
        if (packet.Data is not [var length, .. var rest] || length > rest.Length)
            return;
        if (packet.Code == 1 && length < rest.Length)
        {
            lines.Add($"Peer-ID: {Quoted(rest[..length])}");
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"Password: {rest[length]} octets, not shown"));
        }
        else if (packet.Code is 2 or 3 && length > 0)
        {
            lines.Add($"Message: {Quoted(rest[..length])}");
        }
    }

    private static void AddChap(List<string> lines, in ControlPacket packet)
    {
        if (packet.Code is 1 or 2 && packet.Data is [var length, .. var rest] && length <= rest.Length)
        {
            lines.Add(packet.Code == 1 ? $"Challenge: {Hex(rest[..length])}"
                : string.Create(CultureInfo.InvariantCulture, $"Response: {length} octets, not shown"));
            lines.Add($"Name: {Quoted(rest[length..])}");
        }
        else if (packet.Code is 3 or 4 && !packet.Data.IsEmpty)
        {
            lines.Add(packet.Code == 3 && packet.Data is [(byte)'S', (byte)'=', ..] ? "Message: the proof of MS-CHAPv2, not shown"
                : $"Message: {Quoted(packet.Data)}");
        }
    }

    private static void AddEap(List<string> lines, in ControlPacket packet)
    {
        if (packet.Data is not [var type, .. var rest])
            return;
        switch ((EapType)type)
        {
            case EapType.Identity or EapType.Notification:
                lines.Add($"{(EapType)type}: {Quoted(rest)}");
                break;
            case EapType.Nak:
                lines.Add($"Nak, wants types {string.Join(", ", rest.ToArray())}");
                break;
            default:
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"type {type}: {rest.Length} octets, not shown"));
                break;
        }
    }

    private static void AddControl(List<string> lines, PppProtocol protocol, in ControlPacket packet)
    {
        switch ((ControlCode)packet.Code)
        {
            case ControlCode.ConfigureRequest or ControlCode.ConfigureAck or ControlCode.ConfigureNak or ControlCode.ConfigureReject:
                var options = new OptionReader(packet.Data);
                var length = 0;
                while (options.MoveNext())
                {
                    length += options.Option.Length;
                    lines.Add(PppOptionText.Line(protocol, options.Type, options.Value));
                }

                if (length < packet.Data.Length)
                    lines.Add(string.Create(CultureInfo.InvariantCulture, $"malformed options, {packet.Data.Length - length} octets"));
                break;
            case ControlCode.ProtocolReject when packet.Data.Length >= 2:
                lines.Add($"Rejected: {NameOf((PppProtocol)BinaryPrimitives.ReadUInt16BigEndian(packet.Data))}");
                break;
            case ControlCode.EchoRequest or ControlCode.EchoReply when packet.Data.Length >= 4:
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"Magic-Number: 0x{Hex(packet.Data[..4])}"));
                break;
            case ControlCode.TerminateRequest or ControlCode.TerminateAck when !packet.Data.IsEmpty:
                lines.Add($"Reason: {Quoted(packet.Data)}");
                break;
            case ControlCode.Identification when packet.Data.Length > 4:
                lines.Add($"Identification: {Quoted(packet.Data[4..])}");
                break;
        }
    }

    internal static string NameOf(PppProtocol protocol) => protocol switch
    {
        PppProtocol.Ipv4 => "IPv4",
        PppProtocol.Ipv6 => "IPv6",
        PppProtocol.Ipcp => "IPCP",
        PppProtocol.Ipv6cp => "IPV6CP",
        PppProtocol.Ccp => "CCP",
        PppProtocol.Lcp => "LCP",
        PppProtocol.Pap => "PAP",
        PppProtocol.LinkQualityReport => "LQR",
        PppProtocol.Chap => "CHAP",
        PppProtocol.Eap => "EAP",
        _ => string.Create(CultureInfo.InvariantCulture, $"protocol 0x{(ushort)protocol:x4}"),
    };

    internal static string Hex(ReadOnlySpan<byte> octets) => octets.Length > MostOctets
        ? $"{Convert.ToHexStringLower(octets[..MostOctets])}..." : Convert.ToHexStringLower(octets);

    private static bool HasControlForm(PppProtocol protocol) =>
        protocol is PppProtocol.Pap or PppProtocol.Chap or PppProtocol.Eap or PppProtocol.Lcp
        || (ushort)protocol is >= 0x8000 and < 0xc000;

    private static string CodeOf(PppProtocol protocol, byte code) => (protocol, code) switch
    {
        (PppProtocol.Pap, 1) => "Authenticate-Request",
        (PppProtocol.Pap, 2) => "Authenticate-Ack",
        (PppProtocol.Pap, 3) => "Authenticate-Nak",
        (PppProtocol.Chap, 1) => "Challenge",
        (PppProtocol.Chap, 2) => "Response",
        (PppProtocol.Chap, 3) or (PppProtocol.Eap, 3) => "Success",
        (PppProtocol.Chap, 4) or (PppProtocol.Eap, 4) => "Failure",
        (PppProtocol.Eap, 1) => "Request",
        (PppProtocol.Eap, 2) => "Response",
        (PppProtocol.Pap or PppProtocol.Chap or PppProtocol.Eap, _) =>
            string.Create(CultureInfo.InvariantCulture, $"code {code}"),
        _ => ControlCodeOf(code),
    };

    private static string ControlCodeOf(byte code) => (ControlCode)code switch
    {
        ControlCode.ConfigureRequest => "Configure-Request",
        ControlCode.ConfigureAck => "Configure-Ack",
        ControlCode.ConfigureNak => "Configure-Nak",
        ControlCode.ConfigureReject => "Configure-Reject",
        ControlCode.TerminateRequest => "Terminate-Request",
        ControlCode.TerminateAck => "Terminate-Ack",
        ControlCode.CodeReject => "Code-Reject",
        ControlCode.ProtocolReject => "Protocol-Reject",
        ControlCode.EchoRequest => "Echo-Request",
        ControlCode.EchoReply => "Echo-Reply",
        ControlCode.DiscardRequest => "Discard-Request",
        ControlCode.Identification => "Identification",
        ControlCode.TimeRemaining => "Time-Remaining",
        _ => string.Create(CultureInfo.InvariantCulture, $"code {code}"),
    };

    private static string Quoted(ReadOnlySpan<byte> text) => $"\"{Encoding.UTF8.GetString(text)}\"";
}
