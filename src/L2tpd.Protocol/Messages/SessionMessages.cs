using L2tpd.Protocol.Avps;

namespace L2tpd.Protocol.Messages;

/// <summary>AVPs of L2TPv3 that any of ICRQ, ICRP, ICCN, OCRQ, OCRP, OCCN may carry (RFC 3931 section 5.4.4).</summary>
public sealed record PseudowireOptions
{
    /// <summary>
    /// Assigned Cookie AVP 65: 0, 4 or 8 octets that the sender expects in the data it receives. <c>null</c> if there is none.
    /// </summary>
    public byte[]? AssignedCookie { get; init; }

    /// <summary>L2-Specific Sublayer AVP 69; <c>null</c> means no sublayer.</summary>
    public L2SpecificSublayer? Sublayer { get; init; }

    /// <summary>Data Sequencing AVP 70; <c>null</c> means level 0.</summary>
    public DataSequencing? DataSequencing { get; init; }

    /// <summary>Circuit Status AVP 71.</summary>
    public CircuitStatus? CircuitStatus { get; init; }

    /// <summary>Tx Connect Speed AVP 74 in bit/s, 0 = unknown.</summary>
    public ulong? TxConnectSpeed { get; init; }

    /// <summary>Rx Connect Speed AVP 75 in bit/s, 0 = unknown.</summary>
    public ulong? RxConnectSpeed { get; init; }

    /// <summary>Interface MTU AVP 91 (RFC 4667).</summary>
    public ushort? InterfaceMtu { get; init; }

    /// <summary>VCCV Capability AVP 96 (RFC 5085).</summary>
    public VccvCapability? Vccv { get; init; }
}

/// <summary>The fields that ICRQ and OCRQ have in common: the request for a call.</summary>
public abstract record CallRequest : SessionMessage
{
    /// <summary>Call Serial Number AVP 15; 0 if absent (some v3 peers omit it).</summary>
    public uint CallSerialNumber { get; init; }

    /// <summary>Bearer Type AVP 18. v2.</summary>
    public BearerTypes? BearerType { get; init; }

    /// <summary>Called Number AVP 21. v2.</summary>
    public string? CalledNumber { get; init; }

    /// <summary>Sub-Address AVP 23. v2.</summary>
    public string? SubAddress { get; init; }

    /// <summary>Session DS AVP 48, a PHB code (RFC 3308).</summary>
    public ushort? SessionDs { get; init; }

    /// <summary>RFC 3301 ATM AVPs 42 to 45; <c>null</c> if none is present.</summary>
    public AtmService? Atm { get; init; }

    /// <summary>Pseudowire Type AVP 68. v3.</summary>
    public PseudowireType? PseudowireType { get; init; }

    /// <summary>Remote End ID AVP 66. v3.</summary>
    public byte[]? RemoteEndId { get; init; }

    /// <summary>Attachment Group Identifier AVP 89 (RFC 4667): the VPN or group that the sender's circuit belongs to. v3.</summary>
    public byte[]? AttachmentGroupId { get; init; }

    /// <summary>Local End ID AVP 90 (RFC 4667): the sender's own circuit, as Remote End ID names the receiver's. v3.</summary>
    public byte[]? LocalEndId { get; init; }

    /// <summary>Session Tie Breaker AVP 5 as a big-endian number. v3.</summary>
    public ulong? TieBreaker { get; init; }

    /// <summary>The v3 options; <c>null</c> if none is present.</summary>
    public PseudowireOptions? Pseudowire { get; init; }
}

/// <summary>Incoming-Call-Request, LAC to LNS (RFC 2661 section 6.6).</summary>
public sealed record Icrq : CallRequest
{
    public override MessageType Type => MessageType.Icrq;

    /// <summary>Calling Number AVP 22.</summary>
    public string? CallingNumber { get; init; }

    /// <summary>Physical Channel ID AVP 25.</summary>
    public uint? PhysicalChannelId { get; init; }

    /// <summary>Connect Speed Update Enable AVP 98 is present (RFC 5515).</summary>
    public bool ConnectSpeedUpdateEnable { get; init; }

    /// <summary>Modem On-Hold Capable AVP 53 (RFC 3573), raw value.</summary>
    public byte[]? ModemOnHoldCapable { get; init; }

    /// <summary>Properties of the DSL line, AVPs of vendor 3561 (RFC 5515); <c>null</c> if none is present.</summary>
    public DslLine? DslLine { get; init; }
}

/// <summary>Incoming-Call-Reply (RFC 2661 section 6.7).</summary>
public sealed record Icrp : SessionMessage
{
    public override MessageType Type => MessageType.Icrp;

    public ushort? SessionDs { get; init; }

    /// <summary>Physical Channel ID AVP 25. v3.</summary>
    public uint? PhysicalChannelId { get; init; }

    public PseudowireOptions? Pseudowire { get; init; }
}

/// <summary>The fields that ICCN and OCCN have in common: the call is connected.</summary>
public abstract record CallConnected : SessionMessage
{
    /// <summary>(Tx) Connect Speed AVP 24 in bit/s. v2.</summary>
    public uint TxConnectSpeed { get; init; }

    /// <summary>Rx Connect Speed AVP 38 in bit/s; <c>null</c> means the same as Tx. v2.</summary>
    public uint? RxConnectSpeed { get; init; }

    /// <summary>Framing Type AVP 19. v2.</summary>
    public FramingTypes FramingType { get; init; }

    /// <summary>Sequencing Required AVP 39 is present. v2.</summary>
    public bool SequencingRequired { get; init; }

    /// <summary>LCP Want Options AVP 49 and LCP Allow Options AVP 50 (RFC 3437).</summary>
    public byte[]? LcpWantOptions { get; init; }

    public byte[]? LcpAllowOptions { get; init; }

    public PseudowireOptions? Pseudowire { get; init; }
}

/// <summary>Incoming-Call-Connected (RFC 2661 section 6.8).</summary>
public sealed record Iccn : CallConnected
{
    public override MessageType Type => MessageType.Iccn;

    /// <summary>Private Group ID AVP 37.</summary>
    public byte[]? PrivateGroupId { get; init; }

    /// <summary>AVPs 26 to 28; <c>null</c> if none is present.</summary>
    public ProxyLcp? ProxyLcp { get; init; }

    /// <summary>AVPs 29 to 33; <c>null</c> if none is present.</summary>
    public ProxyAuthentication? ProxyAuthentication { get; init; }
}

/// <summary>Outgoing-Call-Request, LNS to LAC (RFC 2661 section 6.9).</summary>
public sealed record Ocrq : CallRequest
{
    public override MessageType Type => MessageType.Ocrq;

    /// <summary>Minimum BPS AVP 16.</summary>
    public uint MinimumBps { get; init; }

    /// <summary>Maximum BPS AVP 17.</summary>
    public uint MaximumBps { get; init; }

    /// <summary>Framing Type AVP 19.</summary>
    public FramingTypes FramingType { get; init; }

    /// <summary>Rx Minimum and Maximum BPS AVPs 40 and 41 (RFC 3301).</summary>
    public uint? RxMinimumBps { get; init; }

    public uint? RxMaximumBps { get; init; }
}

/// <summary>Outgoing-Call-Reply (RFC 2661 section 6.10).</summary>
public sealed record Ocrp : SessionMessage
{
    public override MessageType Type => MessageType.Ocrp;

    public uint? PhysicalChannelId { get; init; }

    public ushort? SessionDs { get; init; }

    public PseudowireOptions? Pseudowire { get; init; }
}

/// <summary>Outgoing-Call-Connected (RFC 2661 section 6.11).</summary>
public sealed record Occn : CallConnected
{
    public override MessageType Type => MessageType.Occn;
}

/// <summary>Call-Disconnect-Notify (RFC 2661 section 6.12).</summary>
public sealed record Cdn : SessionMessage
{
    public override MessageType Type => MessageType.Cdn;

    public required ResultCode Result { get; init; }

    /// <summary>Q.931 Cause Code AVP 12.</summary>
    public Q931Cause? Q931Cause { get; init; }

    /// <summary>PPP Disconnect Cause Code AVP 46 (RFC 3145).</summary>
    public PppDisconnectCause? PppDisconnectCause { get; init; }
}

/// <summary>WAN-Error-Notify, LAC to LNS, at most one per 60 s (RFC 2661 section 6.13).</summary>
public sealed record Wen : SessionMessage
{
    public override MessageType Type => MessageType.Wen;

    public required CallErrors CallErrors { get; init; }
}

/// <summary>Set-Link-Info (RFC 2661 section 6.14; RFC 3931 section 6.15 carries Circuit Status instead of ACCM).</summary>
public sealed record Sli : SessionMessage
{
    public override MessageType Type => MessageType.Sli;

    /// <summary>ACCM AVP 35. v2: required.</summary>
    public Accm? Accm { get; init; }

    /// <summary>LNS Last Sent / Received LCP CONFREQ AVPs 51 and 52 (RFC 3437).</summary>
    public byte[]? LnsLastSentLcpConfReq { get; init; }

    public byte[]? LnsLastReceivedLcpConfReq { get; init; }

    /// <summary>Circuit Status AVP 71. v3.</summary>
    public CircuitStatus? CircuitStatus { get; init; }
}

/// <summary>Modem Status (RFC 3573), raw Modem On-Hold Status AVP 54.</summary>
public sealed record Mdmst : SessionMessage
{
    public override MessageType Type => MessageType.Mdmst;

    public required byte[] ModemOnHoldStatus { get; init; }
}

/// <summary>Connect Speed Update Notification (RFC 5515), Message Type with M=0.</summary>
public sealed record Csun : SessionMessage
{
    public override MessageType Type => MessageType.Csun;

    public required ConnectSpeedUpdate Update { get; init; }
}

/// <summary>Connect Speed Update Request (RFC 5515), both speeds 0, Message Type with M=0.</summary>
public sealed record Csurq : SessionMessage
{
    public override MessageType Type => MessageType.Csurq;

    public required ConnectSpeedUpdate Update { get; init; }
}
