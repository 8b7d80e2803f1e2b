using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol.Text;

/// <summary>
/// A control message in words. Nothing throws, whatever the octets are. Text of peers comes as it is: who prints it must escape control
/// characters.
/// </summary>
public static class ControlMessageText
{
    private const int MostOctets = 32;

    /// <summary>One line: type, ids, Ns and Nr.</summary>
    /// <param name="message">The message from its flag word on.</param>
    public static string Summary(ReadOnlySpan<byte> message)
    {
        if (!ControlHeader.TryRead(message, out var header, out var error))
            return string.Create(CultureInfo.InvariantCulture, $"malformed control message of {message.Length} octets ({error.Kind})");
        var type = header.IsZlb ? "ZLB"
            : MessageTypePeek.Read(message[..header.Length]) is var peeked and not 0 ? MessageTypes.NameOf(peeked)
            : "message without a type";
        var ids = header.Version == ProtocolVersion.V2
            ? string.Create(CultureInfo.InvariantCulture, $"tunnel {header.TunnelId} session {header.SessionId}")
            : string.Create(CultureInfo.InvariantCulture, $"connection {header.TunnelId}");
        return string.Create(CultureInfo.InvariantCulture, $"{type} v{(int)header.Version} {ids} Ns {header.Ns} Nr {header.Nr}");
    }

    /// <summary>One line for each AVP but the message's type.</summary>
    /// <param name="message">The message from its flag word on, at most once through <see cref="ControlMessageSecrets"/>.</param>
    public static IReadOnlyList<string> Details(ReadOnlySpan<byte> message)
    {
        var lines = new List<string>();
        if (!ControlHeader.TryRead(message, out var header, out _))
            return lines;
        var reader = new AvpReader(message[..header.Length]);
        while (reader.TryRead(out var avp))
        {
            if (!avp.Is(AvpType.MessageType))
                lines.Add(Line(avp));
        }

        if (reader.IsBroken)
        {
            var rest = header.Length - reader.Position;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"malformed AVP at octet {reader.Position}, {rest} octets not shown"));
        }

        return lines;
    }

    private static string Line(in Avp avp)
    {
        var name = AvpTable.NameOf(avp.VendorId, avp.Type)
            ?? string.Create(CultureInfo.InvariantCulture, $"vendor {avp.VendorId} AVP {avp.Type}");
        if (avp.IsHidden)
            return string.Create(CultureInfo.InvariantCulture, $"{name}: hidden, {avp.Value.Length} octets");
        return ControlMessageSecrets.IsSecret(avp)
            ? string.Create(CultureInfo.InvariantCulture, $"{name}: {avp.Value.Length} octets, not shown")
            : $"{name}: {Value(avp)}";
    }

    private static string Value(in Avp avp)
    {
        var value = avp.Value;
        if (avp.Is(AvpType.ResultCode) && value.Length >= 2)
            return ResultCode(value);
        if (avp.Is(AvpType.ProtocolVersion) && value.Length == 2)
            return string.Create(CultureInfo.InvariantCulture, $"{value[0]}.{value[1]}");
        if (IsText(avp))
            return $"\"{Encoding.UTF8.GetString(value)}\"";
        return value.Length switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(value).ToString(CultureInfo.InvariantCulture),
            4 => BinaryPrimitives.ReadUInt32BigEndian(value).ToString(CultureInfo.InvariantCulture),
            0 => "yes",
            > MostOctets => string.Create(CultureInfo.InvariantCulture, $"{value.Length} octets {Hex(value[..MostOctets])}..."),
            _ => Hex(value),
        };
    }

    /// <summary>RFC 2661 section 4.4.2: result, error, message; the last two may be missing.</summary>
    private static string ResultCode(ReadOnlySpan<byte> value)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"result {BinaryPrimitives.ReadUInt16BigEndian(value)}");
        if (value.Length >= 4)
            text += string.Create(CultureInfo.InvariantCulture, $", error {BinaryPrimitives.ReadUInt16BigEndian(value[2..])}");
        return value.Length > 4 ? $"{text}, \"{Encoding.UTF8.GetString(value[4..])}\"" : text;
    }

    private static bool IsText(in Avp avp) =>
        avp.VendorId == AvpFormat.AdslForumVendor
            ? (AdslForumAvpType)avp.Type is AdslForumAvpType.AgentCircuitId or AdslForumAvpType.AgentRemoteId
            : (AvpType)avp.Type is AvpType.HostName or AvpType.VendorName or AvpType.CalledNumber or AvpType.CallingNumber
                or AvpType.SubAddress or AvpType.CallingSubAddress or AvpType.ProxyAuthenName or AvpType.PrivateGroupId
                or AvpType.ServiceName or AvpType.RemoteEndId or AvpType.PreferredLanguage;

    private static string Hex(ReadOnlySpan<byte> octets) => Convert.ToHexStringLower(octets);
}
