namespace L2tpd.Protocol.Messages;

/// <summary>
/// A control message as typed values. One record serves both protocol versions; the codec of a version decides which fields are sent and in
/// which AVP. A field without an AVP in the message is <c>null</c>.
/// </summary>
public abstract record ControlMessage
{
    /// <summary>The value of the Message Type AVP.</summary>
    public abstract MessageType Type { get; }
}

/// <summary>A message about the control connection: its Session ID field is 0.</summary>
public abstract record TunnelMessage : ControlMessage;

/// <summary>A message about one session.</summary>
public abstract record SessionMessage : ControlMessage
{
    /// <summary>
    /// The sender's id of the session: Assigned Session ID AVP 14 (v2, only in ICRQ, ICRP, OCRQ, OCRP, CDN; otherwise 0) or Local Session
    /// ID AVP 63 (v3, in every session message).
    /// </summary>
    public SessionId LocalSessionId { get; init; }

    /// <summary>
    /// The receiver's id of the session, 0 if the sender does not know it yet: the header's Session ID (v2) or Remote Session ID AVP 64
    /// (v3).
    /// </summary>
    public SessionId RemoteSessionId { get; init; }
}
