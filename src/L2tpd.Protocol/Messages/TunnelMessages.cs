using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol.Messages;

/// <summary>The fields that SCCRQ and SCCRP have in common: the properties of the sender.</summary>
public abstract record StartControlConnection : TunnelMessage
{
    /// <summary>Protocol Version AVP 2 as Ver.Rev, 0x0100 for L2TPv2. v2 only.</summary>
    public ushort ProtocolVersion { get; init; } = 0x0100;

    /// <summary>Host Name AVP 7, at least one octet, Latin-1 as received.</summary>
    public required string HostName { get; init; }

    /// <summary>Framing Capabilities AVP 3. v2 only.</summary>
    public FramingTypes FramingCapabilities { get; init; }

    /// <summary>Bearer Capabilities AVP 4. v2 only. <c>null</c> if the sender cannot place outgoing calls.</summary>
    public BearerTypes? BearerCapabilities { get; init; }

    /// <summary>Assigned Tunnel ID AVP 9 (v2, 1..65535) or Assigned Control Connection ID AVP 61 (v3): the sender's id.</summary>
    public required TunnelId AssignedTunnelId { get; init; }

    /// <summary>Receive Window Size AVP 10; <c>null</c> means the default, 4. The decoder never returns zero.</summary>
    public ushort? ReceiveWindowSize { get; init; }

    /// <summary>Firmware Revision AVP 6. v2 only.</summary>
    public ushort? FirmwareRevision { get; init; }

    /// <summary>Vendor Name AVP 8.</summary>
    public string? VendorName { get; init; }

    /// <summary>Challenge AVP 11, at least one octet. v2 only.</summary>
    public byte[]? Challenge { get; init; }

    /// <summary>Control connection DS AVP 47, a PHB code (RFC 3308).</summary>
    public ushort? ControlConnectionDs { get; init; }

    /// <summary>Failover Capability AVP 76 (RFC 4951).</summary>
    public FailoverCapability? FailoverCapability { get; init; }

    /// <summary>ECN Capability AVP 103 is present (RFC 9601).</summary>
    public bool EcnCapability { get; init; }

    /// <summary>PPPoE Relay Forward/Response Capability AVPs 56 and 57 (RFC 3817), each <c>null</c> if absent.</summary>
    public byte[]? PppoeRelayResponseCapability { get; init; }

    public byte[]? PppoeRelayForwardCapability { get; init; }

    /// <summary>Router ID AVP 60. v3 (and the dual SCCRQ).</summary>
    public uint? RouterId { get; init; }

    /// <summary>
    /// Assigned Control Connection ID AVP 61 in a Ver=2 message, which identifies the dual SCCRQ (RFC 3931 section 4.7.3).
    /// </summary>
    public TunnelId? DualControlConnectionId { get; init; }

    /// <summary>Pseudowire Capabilities List AVP 62. v3 (and the dual SCCRQ).</summary>
    public PseudowireType[]? PseudowireCapabilities { get; init; }

    /// <summary>Control Message Authentication Nonce AVP 73. v3.</summary>
    public byte[]? Nonce { get; init; }

    /// <summary>Preferred Language AVP 72. v3.</summary>
    public string? PreferredLanguage { get; init; }
}

/// <summary>Start-Control-Connection-Request (RFC 2661 section 6.1).</summary>
public sealed record Sccrq : StartControlConnection
{
    public override MessageType Type => MessageType.Sccrq;

    /// <summary>Tie Breaker AVP 5 as a big-endian number; the lower wins (RFC 2661 section 5.8).</summary>
    public ulong? TieBreaker { get; init; }

    /// <summary>Tunnel Recovery AVP 77 (RFC 4951).</summary>
    public TunnelRecovery? TunnelRecovery { get; init; }
}

/// <summary>Start-Control-Connection-Reply (RFC 2661 section 6.2).</summary>
public sealed record Sccrp : StartControlConnection
{
    public override MessageType Type => MessageType.Sccrp;

    /// <summary>Challenge Response AVP 13, 16 octets; required if the SCCRQ had a challenge. v2 only.</summary>
    public byte[]? ChallengeResponse { get; init; }

    /// <summary>Suggested Control Sequence AVP 78 (RFC 4951).</summary>
    public SuggestedControlSequence? SuggestedControlSequence { get; init; }
}

/// <summary>Start-Control-Connection-Connected (RFC 2661 section 6.3).</summary>
public sealed record Scccn : TunnelMessage
{
    public override MessageType Type => MessageType.Scccn;

    /// <summary>Challenge Response AVP 13, 16 octets; required if the SCCRP had a challenge. v2 only.</summary>
    public byte[]? ChallengeResponse { get; init; }
}

/// <summary>Stop-Control-Connection-Notification (RFC 2661 section 6.4).</summary>
public sealed record StopCcn : TunnelMessage
{
    public override MessageType Type => MessageType.StopCcn;

    /// <summary>The sender's id: AVP 9 (v2) or 61 (v3). 0 if absent (v3 allows that before an SCCRQ or SCCRP was sent).</summary>
    public TunnelId AssignedTunnelId { get; init; }

    public required ResultCode Result { get; init; }
}

/// <summary>Keepalive (RFC 2661 section 6.5).</summary>
public sealed record Hello : TunnelMessage
{
    public static readonly Hello Instance = new();

    public override MessageType Type => MessageType.Hello;
}

/// <summary>Explicit Acknowledgement (RFC 3931 section 6.4). v3 only.</summary>
public sealed record Ack : TunnelMessage
{
    public static readonly Ack Instance = new();

    public override MessageType Type => MessageType.Ack;
}

/// <summary>Failover Session Query (RFC 4951): the sender's list of sessions.</summary>
public sealed record Fsq : TunnelMessage
{
    public override MessageType Type => MessageType.Fsq;

    public required FailoverSessionState[] Sessions { get; init; }
}

/// <summary>Failover Session Response (RFC 4951).</summary>
public sealed record Fsr : TunnelMessage
{
    public override MessageType Type => MessageType.Fsr;

    public required FailoverSessionState[] Sessions { get; init; }
}

/// <summary>Service Relay Request (RFC 3817): a relayed PPPoE discovery packet.</summary>
public sealed record Srrq : TunnelMessage
{
    public override MessageType Type => MessageType.Srrq;

    /// <summary>PPPoE Relay AVP 55.</summary>
    public required byte[] PppoeRelay { get; init; }
}

/// <summary>Service Relay Reply (RFC 3817).</summary>
public sealed record Srrp : TunnelMessage
{
    public override MessageType Type => MessageType.Srrp;

    /// <summary>PPPoE Relay AVP 55.</summary>
    public required byte[] PppoeRelay { get; init; }
}
