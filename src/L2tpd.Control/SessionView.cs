namespace L2tpd.Control;

/// <summary>
/// A session: state, call and all AVPs of the peer. Speeds are in bit/s. Octet strings are text if they are printable ASCII, otherwise 0x
/// and hexadecimal digits.
/// </summary>
public sealed record SessionView
{
    public required string Name { get; init; }

    /// <summary>Name of its tunnel.</summary>
    public required string Tunnel { get; init; }

    /// <summary>Name of the peer profile.</summary>
    public required string Peer { get; init; }

    /// <summary>Our id of the tunnel; <c>tunnelId/localId</c> names the session everywhere a name is taken.</summary>
    public required uint TunnelId { get; init; }

    public required uint LocalId { get; init; }

    /// <summary>The peer's id, 0 until learned.</summary>
    public required uint PeerId { get; init; }

    /// <summary>"incoming-lac", "incoming-lns", "outgoing-lns" or "outgoing-lac".</summary>
    public required string Role { get; init; }

    /// <summary>"idle", "wait-tunnel", "wait-reply", "wait-connect", "wait-cs-answer" or "established".</summary>
    public required string State { get; init; }

    /// <summary>"none", "creating", "created", "ppp-started" or "network-up".</summary>
    public required string Data { get; init; }

    /// <summary>Seconds since establishment; <c>null</c> before.</summary>
    public double? UpSeconds { get; init; }

    /// <summary>Network interface; <c>null</c> until the network is up.</summary>
    public string? Interface { get; init; }

    public string? LocalAddress { get; init; }

    public string? PeerAddress { get; init; }

    /// <summary>Addresses of the name servers that the peer named in PPP; <c>null</c> if there is none.</summary>
    public IReadOnlyList<string>? NameServers { get; init; }

    /// <summary>
    /// The user: the name that the peer proved, or, on a session that we dialled, the one we gave. <c>null</c>: not known. pppd reports it
    /// for PAP and EAP only.
    /// </summary>
    public string? User { get; init; }

    /// <summary>The peer's IPv6 address on the link.</summary>
    public string? Ipv6Address { get; init; }

    /// <summary>IPv6 prefixes and addresses that the user has; <c>null</c>: none.</summary>
    public IReadOnlyList<string>? Prefixes { get; init; }

    /// <summary>Octets of the largest packet to the peer, as PPP agreed; <c>null</c>: no network layer of the built-in PPP is up.</summary>
    public int? Mtu { get; init; }

    /// <summary>
    /// The algorithms of ESP that <see cref="Mtu"/> leaves room for, for example "AES_CBC-256/HMAC_SHA1_96 in UDP"; "the longest
    /// algorithms": they are not known. <c>null</c>: ESP is not what limits it.
    /// </summary>
    public string? MtuOfEsp { get; init; }

    /// <summary>Acct-Session-Id, by which RADIUS servers know the session; <c>null</c>: the built-in PPP does not run.</summary>
    public string? AccountingId { get; init; }

    /// <summary>The line: Agent-Circuit-Id, otherwise Agent-Remote-Id (RFC 5515); <c>null</c>: the peer sent none.</summary>
    public string? CircuitId { get; init; }

    /// <summary>The subscriber's MAC address, if the calling number is one; as 00:53:00:ab:cd:ef.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Name of the PPP profile; <c>null</c> if no PPP runs.</summary>
    public string? Ppp { get; init; }

    /// <summary>Largest rate of data to the peer, bit/s; <c>null</c>: no limit.</summary>
    public ulong? RateToPeer { get; init; }

    /// <summary>Largest rate of data from the peer, bit/s; <c>null</c>: no limit.</summary>
    public ulong? RateFromPeer { get; init; }

    /// <summary>More of the user, on sessions of peers with the built-in PPP; <c>null</c> elsewhere.</summary>
    public SubscriberView? Subscriber { get; init; }

    public required SequencingView Sequencing { get; init; }

    /// <summary>Properties of L2TPv3; <c>null</c> in v2.</summary>
    public PseudowireView? Pseudowire { get; init; }

    /// <summary>AVPs of ICRQ or OCRQ.</summary>
    public CallView? Call { get; init; }

    /// <summary>AVPs of ICCN or OCCN; <c>null</c> until connected.</summary>
    public ConnectView? Connect { get; init; }

    /// <summary>Proxy LCP AVPs (RFC 2661 section 4.4.5); <c>null</c> if there is none.</summary>
    public ProxyLcpView? ProxyLcp { get; init; }

    /// <summary>
    /// Proxy authentication AVPs without the response, which is the subscriber's password or a hash of it; <c>null</c> if there is none.
    /// </summary>
    public ProxyAuthenticationView? ProxyAuthentication { get; init; }

    /// <summary>RFC 5515 AVPs; <c>null</c> if there is none.</summary>
    public DslLineView? DslLine { get; init; }

    /// <summary>Counters of the last WEN; <c>null</c> if there is none.</summary>
    public CallErrorsView? CallErrors { get; init; }

    /// <summary>ACCMs of the last SLI, as 0x00000000; <c>null</c> if there is none.</summary>
    public AccmView? Accm { get; init; }

    /// <summary>The data plane's counters; <c>null</c>: it carries no data, or does not have the session.</summary>
    public TrafficView? Traffic { get; init; }
}

/// <summary>Data messages since the session was created, as the data plane counts them; octets with PPP headers.</summary>
public sealed record TrafficView
{
    public required ulong TransmitPackets { get; init; }

    public required ulong TransmitOctets { get; init; }

    public required ulong TransmitErrors { get; init; }

    public required ulong ReceivePackets { get; init; }

    public required ulong ReceiveOctets { get; init; }

    public required ulong ReceiveErrors { get; init; }

    /// <summary>Dropped because of their sequence number.</summary>
    public required ulong ReceiveSequenceDiscards { get; init; }

    /// <summary>Received out of order.</summary>
    public required ulong ReceiveOutOfOrder { get; init; }

    /// <summary>L2TPv3: dropped for a wrong cookie; 0 on kernels that do not count them (before about 5.13).</summary>
    public ulong ReceiveCookieDiscards { get; init; }

    /// <summary>Dropped for another reason, for example a missing sequence number.</summary>
    public ulong ReceiveInvalid { get; init; }
}

/// <summary>Data sequencing of a session.</summary>
/// <param name="Configured">Our configuration wants it.</param>
/// <param name="Required">The ICCN or OCCN carried Sequencing Required.</param>
/// <param name="ReorderMilliseconds">How long out-of-order data is held; 0: dropped.</param>
public sealed record SequencingView(bool Configured, bool Required, double ReorderMilliseconds);

/// <summary>The call as it was requested.</summary>
public sealed record CallView
{
    public required uint SerialNumber { get; init; }

    public string? CallingNumber { get; init; }

    public string? CalledNumber { get; init; }

    public string? SubAddress { get; init; }

    /// <summary>"digital", "analog", "atm"; <c>null</c> if it was not sent.</summary>
    public IReadOnlyList<string>? BearerType { get; init; }

    public uint? PhysicalChannelId { get; init; }

    /// <summary>Session DS AVP, a PHB code (RFC 3308).</summary>
    public int? SessionDs { get; init; }

    /// <summary>RFC 5515: the peer announces speed updates; <c>null</c> if it does not.</summary>
    public bool? ConnectSpeedUpdate { get; init; }

    /// <summary>RFC 3573, hexadecimal.</summary>
    public string? ModemOnHold { get; init; }

    /// <summary>Minimum speed of an outgoing call.</summary>
    public uint? MinimumBps { get; init; }

    public uint? MaximumBps { get; init; }

    public uint? RxMinimumBps { get; init; }

    public uint? RxMaximumBps { get; init; }

    /// <summary>Framing requested by an outgoing call.</summary>
    public IReadOnlyList<string>? FramingType { get; init; }

    /// <summary>RFC 3301; <c>null</c> if there is none.</summary>
    public AtmView? Atm { get; init; }
}

/// <summary>RFC 3301 AVPs.</summary>
public sealed record AtmView(int? ServiceCategory, string? ServiceName, string? CallingSubAddress, string? VpiVci);

/// <summary>The call as it was connected.</summary>
public sealed record ConnectView
{
    /// <summary>From the LAC towards the subscriber, bit/s.</summary>
    public required uint TxSpeed { get; init; }

    /// <summary><c>null</c> if it is as <see cref="TxSpeed"/>.</summary>
    public uint? RxSpeed { get; init; }

    public required IReadOnlyList<string> FramingType { get; init; }

    public string? PrivateGroup { get; init; }

    /// <summary>RFC 3437, hexadecimal.</summary>
    public string? LcpWantOptions { get; init; }

    public string? LcpAllowOptions { get; init; }
}

/// <summary>LCP option lists, hexadecimal.</summary>
public sealed record ProxyLcpView(string? InitialReceivedConfReq, string? LastSentConfReq, string? LastReceivedConfReq);

/// <summary>How the subscriber authenticated to the LAC.</summary>
/// <param name="Type">"textual", "chap", "pap", "none", "mschap-v1", "eap" or "type N".</param>
/// <param name="Name">User name.</param>
/// <param name="Id">Identifier of the exchange.</param>
/// <param name="HasResponse">A response was received; it is never shown.</param>
public sealed record ProxyAuthenticationView(string? Type, string? Name, int? Id, bool HasResponse);

/// <summary>RFC 5515 DSL line AVPs: rates in bit/s, delays in ms.</summary>
public sealed record DslLineView
{
    public string? AgentCircuitId { get; init; }

    public string? AgentRemoteId { get; init; }

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

    /// <summary>Hexadecimal.</summary>
    public string? AccessLoopEncapsulation { get; init; }

    public uint? AncpLineType { get; init; }

    public uint? IwfSession { get; init; }
}

/// <summary>Call Errors AVP.</summary>
public sealed record CallErrorsView(uint Crc, uint Framing, uint HardwareOverruns, uint BufferOverruns, uint Timeouts, uint Alignment);

/// <summary>ACCM AVP, each as 0x00000000.</summary>
public sealed record AccmView(string Send, string Receive);

/// <summary>Properties of an L2TPv3 session. The cookies are secret, because they protect against forged data.</summary>
/// <param name="Type">"ethernet", "ethernet-vlan", "ppp", or its number.</param>
/// <param name="RemoteEndId">Remote End ID as text, or 0x and digits.</param>
/// <param name="LocalCookieSize">Octets of the cookie in data that we accept.</param>
/// <param name="PeerCookieSize">Octets of the cookie in data that we send.</param>
/// <param name="Sublayer">"none" or "default"; if the directions differ, that of received and that of sent data: "default/none".</param>
/// <param name="LocalStatus">Our circuit status, bits of RFC 5641.</param>
/// <param name="PeerStatus">The peer's, as last received; <c>null</c> before.</param>
/// <param name="PeerMtu">Interface MTU that the peer sent; <c>null</c> if there is none.</param>
public sealed record PseudowireView(
    string Type,
    string? RemoteEndId,
    int LocalCookieSize,
    int PeerCookieSize,
    string Sublayer,
    int LocalStatus,
    int? PeerStatus,
    int? PeerMtu)
{
    /// <summary>
    /// <see cref="LocalStatus"/> in words: "active" or "down", then "receive-fault", "transmit-fault", "psn-receive-fault",
    /// "psn-transmit-fault" and "standby" where they apply.
    /// </summary>
    public string? LocalCircuit { get; init; }

    /// <summary><see cref="PeerStatus"/> in the same words.</summary>
    public string? PeerCircuit { get; init; }

    /// <summary>Attachment Group Identifier of the peer's request (RFC 4667), as text or 0x and digits.</summary>
    public string? AttachmentGroupId { get; init; }

    /// <summary>Local End ID of the peer's request (RFC 4667): its own name for its circuit, as text or 0x and digits.</summary>
    public string? PeerEndId { get; init; }
}
