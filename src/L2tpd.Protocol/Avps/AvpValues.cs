namespace L2tpd.Protocol.Avps;

/// <summary>Framing Capabilities AVP 3 and Framing Type AVP 19 bits.</summary>
[Flags]
public enum FramingTypes : uint
{
    None = 0,
    Synchronous = 1,
    Asynchronous = 2,
}

/// <summary>Bearer Capabilities AVP 4 and Bearer Type AVP 18 bits; ATM from RFC 3301.</summary>
[Flags]
public enum BearerTypes : uint
{
    None = 0,
    Digital = 1,
    Analog = 2,
    Atm = 4,
}

/// <summary>Pseudowire types (IANA L2TPv3 registry; Ppp and Ip from an expired draft, as Linux and Cisco use them).</summary>
public enum PseudowireType : ushort
{
    EthernetVlan = 4,
    Ethernet = 5,
    Hdlc = 6,
    Ppp = 7,
    PppAc = 8,
    Ip = 11,
}

/// <summary>L2-Specific Sublayer AVP 69.</summary>
public enum L2SpecificSublayer : ushort
{
    None = 0,
    Default = 1,
    Atm = 2,
    Mpt = 3,
    Psp = 4,
}

/// <summary>Data Sequencing AVP 70.</summary>
public enum DataSequencing : ushort
{
    None = 0,
    NonIpOnly = 1,
    All = 2,
}

/// <summary>Circuit Status AVP 71 (RFC 3931 section 5.4.5, RFC 5641).</summary>
[Flags]
public enum CircuitStatus : ushort
{
    None = 0,
    Active = 0x0001,
    New = 0x0002,
    LocalReceiveFault = 0x0004,
    LocalTransmitFault = 0x0008,
    PsnReceiveFault = 0x0010,
    PsnTransmitFault = 0x0020,
    Standby = 0x0040,
}

/// <summary>
/// Result Code AVP 1. The message decides whether Result is a StopCCN or a CDN code (RFC 2661 section 4.4.2). Error is <c>null</c> if the
/// peer omitted it, which is allowed, and is one of the general error codes with Result 2.
/// </summary>
public sealed record ResultCode(ushort Result, ushort? Error = null, string? Message = null);

/// <summary>Q.931 Cause Code AVP 12.</summary>
public sealed record Q931Cause(ushort Cause, byte Message, string? Advisory = null);

/// <summary>PPP Disconnect Cause Code AVP 46 (RFC 3145).</summary>
/// <param name="Code">See <see cref="PppDisconnectCode"/>; 65280 to 65535 are private.</param>
/// <param name="ControlProtocol">The PPP control protocol concerned, 0 if none.</param>
/// <param name="Direction">0 global, 1 at the peer, 2 at the local end.</param>
/// <param name="Message">Optional text, UTF-8.</param>
public sealed record PppDisconnectCause(PppDisconnectCode Code, ushort ControlProtocol, byte Direction, string? Message = null);

/// <summary>RFC 3145 section 2.1.</summary>
public enum PppDisconnectCode : ushort
{
    NoInformation = 0,
    Administrative = 1,
    LcpRenegotiationDisabled = 2,
    Normal = 3,
    CompulsoryEncryptionRefused = 4,
    LcpTimeout = 5,
    NoRecognisableLcp = 6,
    MagicNumberLoopback = 7,
    EchoTimeout = 8,
    EndpointDiscriminatorMismatch = 9,
    MrruNotValid = 10,
    ShortSequenceInvalid = 11,
    CompulsoryCallbackRefused = 12,
    AuthenticationTimeout = 13,
    AuthenticationNameMismatch = 14,
    AuthenticationProtocolUnacceptable = 15,
    AuthenticationFailed = 16,
    NcpTimeout = 17,
    NoNcpOpened = 18,
    NcpAddressNotConverged = 19,
    AddressNotPermitted = 20,
}

/// <summary>Call Errors AVP 34 (v2), Circuit Errors (v3): counters since the call was established.</summary>
public sealed record CallErrors(uint Crc, uint Framing, uint HardwareOverruns, uint BufferOverruns, uint Timeouts, uint Alignment);

/// <summary>ACCM AVP 35.</summary>
public sealed record Accm(uint Send, uint Receive);

/// <summary>Proxy LCP AVPs 26, 27 and 28: LCP option lists without code, id and length; each <c>null</c> if absent.</summary>
public sealed record ProxyLcp(byte[]? InitialReceivedConfReq, byte[]? LastSentConfReq, byte[]? LastReceivedConfReq);

/// <summary>Proxy Authen AVPs 29 to 33; a field is <c>null</c> if its AVP is absent.</summary>
public sealed record ProxyAuthentication(ProxyAuthenticationType? Type, byte[]? Name, byte[]? Challenge, byte? Id, byte[]? Response);

/// <summary>Proxy Authen Type AVP 29.</summary>
public enum ProxyAuthenticationType : ushort
{
    TextualUserNamePassword = 1,
    Chap = 2,
    Pap = 3,
    None = 4,
    MsChapV1 = 5,
    Eap = 7,
}

/// <summary>RFC 3301 AVPs 42 to 45.</summary>
public sealed record AtmService(ushort? ServiceCategory, string? ServiceName, string? CallingSubAddress, byte[]? VpiVci);

/// <summary>Failover Capability AVP 76 (RFC 4951).</summary>
public sealed record FailoverCapability(bool ControlChannel, bool DataChannel, uint RecoveryTimeMilliseconds);

/// <summary>Tunnel Recovery AVP 77 (RFC 4951).</summary>
public sealed record TunnelRecovery(TunnelId TunnelId, TunnelId RemoteTunnelId);

/// <summary>Suggested Control Sequence AVP 78 (RFC 4951).</summary>
public sealed record SuggestedControlSequence(ushort Ns, ushort Nr);

/// <summary>Failover Session State AVP 79 (RFC 4951).</summary>
public sealed record FailoverSessionState(SessionId SessionId, SessionId RemoteSessionId);

/// <summary>VCCV Capability AVP 96 (RFC 5085): control channel types and connectivity verification types, bit masks.</summary>
public sealed record VccvCapability(byte ControlChannelTypes, byte ConnectivityVerificationTypes);

/// <summary>Connect Speed Update AVP 97 (RFC 5515): v2 carries 32-bit speeds, v3 64-bit ones; bit/s.</summary>
public sealed record ConnectSpeedUpdate(SessionId RemoteSessionId, ulong TxSpeed, ulong RxSpeed);

/// <summary>ADSL-Forum (vendor 3561) AVPs of RFC 5515: rates in bit/s, delays in ms.</summary>
public sealed record DslLine
{
    public byte[]? AgentCircuitId { get; init; }

    public byte[]? AgentRemoteId { get; init; }

    public ulong? ActualRateUp { get; init; }

    public ulong? ActualRateDown { get; init; }

    public ulong? MinimumRateUp { get; init; }

    public ulong? MinimumRateDown { get; init; }

    public ulong? AttainableRateUp { get; init; }

    public ulong? AttainableRateDown { get; init; }

    public ulong? MaximumRateUp { get; init; }

    public ulong? MaximumRateDown { get; init; }

    public ulong? MinimumRateUpLowPower { get; init; }

    public ulong? MinimumRateDownLowPower { get; init; }

    public uint? MaximumInterleavingDelayUp { get; init; }

    public uint? ActualInterleavingDelayUp { get; init; }

    public uint? MaximumInterleavingDelayDown { get; init; }

    public uint? ActualInterleavingDelayDown { get; init; }

    /// <summary>Three octets: data link, encapsulation 1, encapsulation 2.</summary>
    public byte[]? AccessLoopEncapsulation { get; init; }

    public uint? AncpLineType { get; init; }

    public uint? IwfSession { get; init; }
}
