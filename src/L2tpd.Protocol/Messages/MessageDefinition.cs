using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol.Messages;

/// <summary>One row of a message table.</summary>
/// <param name="Type">Value of the Message Type AVP.</param>
/// <param name="Name">The RFC's abbreviation.</param>
/// <param name="IsSession">Whether it is about one session: an error in it ends that session, not the tunnel (RFC 2661 section
/// 4.1).</param>
/// <param name="Mandatory">M bit of the Message Type AVP when sending: <c>false</c> for messages that an older peer may ignore (RFC 4951,
/// RFC 5515).</param>
/// <param name="Required">AVPs that the message must have in addition to Message Type.</param>
public sealed record MessageDefinition(MessageType Type, string Name, bool IsSession, bool Mandatory, AvpType[] Required);
