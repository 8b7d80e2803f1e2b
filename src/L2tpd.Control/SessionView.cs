namespace L2tpd.Control;

/// <summary>One session as the operator sees it: state, call facts, everything the peer's AVPs said. Speeds are bit/s. Octet
/// strings are shown as text where they are printable ASCII, else as 0x and hexadecimal digits.</summary>
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

    /// <summary>Seconds since establishment; null before.</summary>
    public double? UpSeconds { get; init; }

    /// <summary>Network interface; null until the network is up.</summary>
    public string? Interface { get; init; }

    public string? LocalAddress { get; init; }

    public string? PeerAddress { get; init; }

    /// <summary>Addresses of the name servers that the peer named in PPP; null: none.</summary>
    public IReadOnlyList<string>? NameServers { get; init; }

    /// <summary>Name of the PPP profile; null: no PPP is run.</summary>
    public string? Ppp { get; init; }

    public required SequencingView Sequencing { get; init; }

    /// <summary>What L2TPv3 adds; null in v2.</summary>
    public PseudowireView? Pseudowire { get; init; }

    /// <summary>What ICRQ or OCRQ said.</summary>
    public CallView? Call { get; init; }

    /// <summary>What ICCN or OCCN said; null until connected.</summary>
    public ConnectView? Connect { get; init; }

    /// <summary>Proxy LCP AVPs (RFC 2661 section 4.4.5); null: none.</summary>
    public ProxyLcpView? ProxyLcp { get; init; }

    /// <summary>Proxy authentication AVPs without the response, which is the subscriber's password or a hash of it; null: none.</summary>
    public ProxyAuthenticationView? ProxyAuthentication { get; init; }

    /// <summary>RFC 5515 facts; null: none.</summary>
    public DslLineView? DslLine { get; init; }

    /// <summary>Counters of the last WEN; null: none.</summary>
    public CallErrorsView? CallErrors { get; init; }

    /// <summary>ACCMs of the last SLI, as 0x00000000; null: none.</summary>
    public AccmView? Accm { get; init; }

    /// <summary>The data plane's counters; null: it carries no data, or does not have the session.</summary>
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

    /// <summary>Dropped for their sequence number.</summary>
    public required ulong ReceiveSequenceDiscards { get; init; }

    /// <summary>Came out of order.</summary>
    public required ulong ReceiveOutOfOrder { get; init; }

    /// <summary>L2TPv3: dropped for a wrong cookie; 0 on kernels that do not count them (before about 5.13).</summary>
    public ulong ReceiveCookieDiscards { get; init; }

    /// <summary>Dropped for another fault, for example without a sequence number where one is required.</summary>
    public ulong ReceiveInvalid { get; init; }
}

/// <summary>Data sequencing of a session.</summary>
/// <param name="Configured">Our configuration wants it.</param>
/// <param name="Required">The ICCN or OCCN carried Sequencing Required.</param>
/// <param name="ReorderMilliseconds">How long out-of-order data is held; 0: dropped.</param>
public sealed record SequencingView(bool Configured, bool Required, double ReorderMilliseconds);

/// <summary>The call as it was asked for.</summary>
public sealed record CallView
{
    public required uint SerialNumber { get; init; }

    public string? CallingNumber { get; init; }

    public string? CalledNumber { get; init; }

    public string? SubAddress { get; init; }

    /// <summary>"digital", "analog", "atm"; null: not sent.</summary>
    public IReadOnlyList<string>? BearerType { get; init; }

    public uint? PhysicalChannelId { get; init; }

    /// <summary>Session DS AVP, a PHB code (RFC 3308).</summary>
    public int? SessionDs { get; init; }

    /// <summary>RFC 5515: the peer announces speed updates. Null: it does not.</summary>
    public bool? ConnectSpeedUpdate { get; init; }

    /// <summary>RFC 3573, hexadecimal.</summary>
    public string? ModemOnHold { get; init; }

    /// <summary>Bounds of an outgoing call.</summary>
    public uint? MinimumBps { get; init; }

    public uint? MaximumBps { get; init; }

    public uint? RxMinimumBps { get; init; }

    public uint? RxMaximumBps { get; init; }

    /// <summary>Framing an outgoing call asks for.</summary>
    public IReadOnlyList<string>? FramingType { get; init; }

    /// <summary>RFC 3301; null: none.</summary>
    public AtmView? Atm { get; init; }
}

/// <summary>RFC 3301 AVPs.</summary>
public sealed record AtmView(int? ServiceCategory, string? ServiceName, string? CallingSubAddress, string? VpiVci);

/// <summary>The call as it was connected.</summary>
public sealed record ConnectView
{
    /// <summary>From the LAC towards the subscriber, bit/s.</summary>
    public required uint TxSpeed { get; init; }

    /// <summary>Null: as Tx.</summary>
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

/// <summary>An L2TPv3 session. The cookies are not shown: they are what keeps forged data out.</summary>
/// <param name="Type">"ethernet", "ethernet-vlan", "ppp", or its number.</param>
/// <param name="RemoteEndId">Remote End ID as text, or 0x and digits.</param>
/// <param name="LocalCookieSize">Octets that data must carry to be accepted.</param>
/// <param name="PeerCookieSize">Octets put into data sent.</param>
/// <param name="Sublayer">"none" or "default"; where the directions differ, that of data coming in and that of data going out: "default/none".</param>
/// <param name="LocalStatus">Our circuit status, bits of RFC 5641.</param>
/// <param name="PeerStatus">The peer's, as last received; null before.</param>
/// <param name="PeerMtu">Interface MTU the peer told; null: none.</param>
public sealed record PseudowireView(
    string Type, string? RemoteEndId, int LocalCookieSize, int PeerCookieSize, string Sublayer, int LocalStatus, int? PeerStatus, int? PeerMtu)
{
    /// <summary><see cref="LocalStatus"/> in words: "active" or "down", then what else is said ("receive-fault", "transmit-fault", "psn-receive-fault",
    /// "psn-transmit-fault", "standby").</summary>
    public string? LocalCircuit { get; init; }

    /// <summary><see cref="PeerStatus"/> in the same words.</summary>
    public string? PeerCircuit { get; init; }

    /// <summary>Attachment Group Identifier of the peer's request (RFC 4667), as text or 0x and digits; <c>null</c> if it sent none.</summary>
    public string? AttachmentGroupId { get; init; }

    /// <summary>Local End ID of the peer's request (RFC 4667): its own name for its circuit, as text or 0x and digits; <c>null</c> if it sent none.</summary>
    public string? PeerEndId { get; init; }
}
