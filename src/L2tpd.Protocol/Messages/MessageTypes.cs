namespace L2tpd.Protocol.Messages;

/// <summary>What is known of a message by its type alone.</summary>
public static class MessageTypes
{
    /// <summary>Whether the codec knows the type in a version.</summary>
    public static bool IsKnown(MessageType type, ProtocolVersion version) => MessageTable.Of(version).Find(type) is not null;

    /// <summary>Whether the message is about one session: its failures end that session, not the tunnel (RFC 2661 section 4.1).</summary>
    public static bool IsSession(MessageType type) => Find(type) is { IsSession: true };

    /// <summary>Whether the message ends a session or a tunnel.</summary>
    public static bool IsTeardown(MessageType type) => type is MessageType.StopCcn or MessageType.Cdn;

    /// <summary>The RFC's abbreviation, or the number of an unknown type.</summary>
    public static string NameOf(MessageType type) => Find(type)?.Name ?? $"message type {(ushort)type}";

    private static MessageDefinition? Find(MessageType type) => MessageTable.V2.Find(type) ?? MessageTable.V3.Find(type);
}
