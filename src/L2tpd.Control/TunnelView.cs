namespace L2tpd.Control;

/// <summary>A control connection. The sets of words (state, role) may grow.</summary>
public sealed record TunnelView
{
    public required string Name { get; init; }

    /// <summary>Name of the peer profile.</summary>
    public required string Peer { get; init; }

    /// <summary>Our id.</summary>
    public required uint LocalId { get; init; }

    /// <summary>The peer's id, 0 until learned.</summary>
    public required uint PeerId { get; init; }

    /// <summary>2 or 3.</summary>
    public required int Version { get; init; }

    /// <summary>"initiator", "responder" or "static".</summary>
    public required string Role { get; init; }

    /// <summary>"idle", "wait-ctl-reply", "wait-ctl-conn" or "established".</summary>
    public required string State { get; init; }

    /// <summary>Our address and port; <c>null</c> until known.</summary>
    public string? Local { get; init; }

    /// <summary>The peer's address and port; <c>null</c> until known.</summary>
    public string? Remote { get; init; }

    /// <summary>
    /// "required": the kernel drops what does not come out of IPsec. Of a single tunnel also "policy" (the kernel's IPsec policies cover
    /// it) and "none". <c>null</c>: not known.
    /// </summary>
    public string? Ipsec { get; init; }

    /// <summary>The peer of a static tunnel does not answer HELLOs; <c>null</c>: no HELLOs are sent.</summary>
    public bool? PeerSilent { get; init; }

    /// <summary>A problem of the set-up, in words; <c>null</c> if none is known.</summary>
    public string? Problem { get; init; }

    /// <summary>The peer's Host Name AVP; <c>null</c> until received.</summary>
    public string? HostName { get; init; }

    /// <summary>
    /// The peer's Router ID AVP (L2TPv3) as four numbers with dots; it need not be an address; <c>null</c> until received.
    /// </summary>
    public string? RouterId { get; init; }

    /// <summary>The Router ID that we sent; <c>null</c> if we sent none.</summary>
    public string? LocalRouterId { get; init; }

    public string? VendorName { get; init; }

    /// <summary>Firmware Revision AVP.</summary>
    public int? FirmwareRevision { get; init; }

    /// <summary>Protocol Version AVP as "1.0".</summary>
    public string? ProtocolRevision { get; init; }

    /// <summary>Window that the peer advertised, messages.</summary>
    public int? PeerReceiveWindow { get; init; }

    /// <summary>"sync", "async", both or none.</summary>
    public IReadOnlyList<string>? FramingCapabilities { get; init; }

    /// <summary>"digital", "analog", "atm"; <c>null</c> if the peer sent none.</summary>
    public IReadOnlyList<string>? BearerCapabilities { get; init; }

    /// <summary>Control connection DS AVP, a PHB code.</summary>
    public int? ControlConnectionDs { get; init; }

    /// <summary>RFC 4951 capability of the peer; <c>null</c> if there is none.</summary>
    public FailoverView? Failover { get; init; }

    /// <summary>The peer sent the ECN Capability AVP (RFC 9601); <c>null</c>: it did not.</summary>
    public bool? EcnCapability { get; init; }

    /// <summary>PPPoE Relay Response and Forward Capability AVPs (RFC 3817), hexadecimal.</summary>
    public string? PppoeRelayResponseCapability { get; init; }

    public string? PppoeRelayForwardCapability { get; init; }

    /// <summary>The peer proved that it knows the secret.</summary>
    public required bool Authenticated { get; init; }

    /// <summary>
    /// The identity that the peer proved to strongSwan by IKE; <c>null</c> if no security association covers the tunnel, or strongSwan is
    /// not asked (<c>strongswan</c> in the configuration).
    /// </summary>
    public string? IpsecIdentity { get; init; }

    /// <summary>
    /// Mark of the security association that the peer's datagrams come out of, and answers go into, for example "0x5"; <c>null</c>: the
    /// listener does not ask for marks.
    /// </summary>
    public string? IpsecMark { get; init; }

    /// <summary>Algorithms of ESP, for example "AES_CBC-256/HMAC_SHA1_96"; <c>null</c> as <see cref="IpsecIdentity"/>.</summary>
    public string? IpsecAlgorithms { get; init; }

    /// <summary>Sessions alive, those being set up included.</summary>
    public required int Sessions { get; init; }

    /// <summary>Seconds since establishment; <c>null</c> before.</summary>
    public double? UpSeconds { get; init; }

    public string? LastSocketError { get; init; }

    /// <summary>The last time from a control message to its acknowledgement; <c>null</c> if none was measured.</summary>
    public double? RoundTripMilliseconds { get; init; }

    /// <summary>Control messages that may be in flight now (congestion window).</summary>
    public int? Window { get; init; }

    /// <summary>Control messages that wait to be sent or acknowledged.</summary>
    public int? Outstanding { get; init; }

    /// <summary>Counters of control messages by name.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    /// <summary>The data plane's counters of all its sessions, ended ones included; <c>null</c> if it does not have the tunnel.</summary>
    public TrafficView? Traffic { get; init; }
}

/// <summary>RFC 4951 Failover Capability.</summary>
public sealed record FailoverView(bool ControlChannel, bool DataChannel, uint RecoveryTimeMilliseconds);
