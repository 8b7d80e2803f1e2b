namespace L2tpd.Protocol.Messages;

/// <summary>The properties of a message type.</summary>
public static class MessageTypes
{
    /// <summary>Whether a version has the message type.</summary>
    public static bool IsKnown(MessageType type, ProtocolVersion version) => MessageTable.Of(version).Find(type) is not null;

    /// <summary>
    /// Whether the message is about one session: an error in it ends that session, not the tunnel (RFC 2661 section 4.1).
    /// </summary>
    public static bool IsSession(MessageType type) => Find(type) is { IsSession: true };

    /// <summary>Whether the message ends a session or a tunnel.</summary>
    public static bool IsTeardown(MessageType type) => type is MessageType.StopCcn or MessageType.Cdn;

    /// <summary>The RFC's abbreviation, or the number of an unknown type.</summary>
    public static string NameOf(MessageType type) => Find(type)?.Name ?? $"message type {(ushort)type}";

    private static MessageDefinition? Find(MessageType type) => MessageTable.V2.Find(type) ?? MessageTable.V3.Find(type);
}
