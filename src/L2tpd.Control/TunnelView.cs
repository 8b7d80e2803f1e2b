namespace L2tpd.Control;

/// <summary>One control connection as the operator sees it. Words (state, role, version) are lower case and may grow in number.</summary>
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

    /// <summary>Our address and port; null until known.</summary>
    public string? Local { get; init; }

    /// <summary>The peer's address and port; null until known.</summary>
    public string? Remote { get; init; }

    /// <summary>The peer of a static tunnel leaves HELLOs unanswered; null: it is not asked.</summary>
    public bool? PeerSilent { get; init; }

    /// <summary>What is wrong while the tunnel is being set up, in words; null: nothing is known.</summary>
    public string? Problem { get; init; }

    /// <summary>The peer's Host Name AVP; null until received.</summary>
    public string? HostName { get; init; }

    /// <summary>The peer's Router ID AVP of L2TPv3 as four octets with dots, though it need not be an address; null until received.</summary>
    public string? RouterId { get; init; }

    /// <summary>Ours, as the peer was told it; null: it was told none.</summary>
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

    /// <summary>"digital", "analog", "atm"; null: the peer sent none.</summary>
    public IReadOnlyList<string>? BearerCapabilities { get; init; }

    /// <summary>Control connection DS AVP, a PHB code.</summary>
    public int? ControlConnectionDs { get; init; }

    /// <summary>RFC 4951 capability of the peer; null: none.</summary>
    public FailoverView? Failover { get; init; }

    /// <summary>The peer sent the ECN Capability AVP (RFC 9601); null: it did not.</summary>
    public bool? EcnCapability { get; init; }

    /// <summary>PPPoE Relay Response and Forward Capability AVPs (RFC 3817), hexadecimal.</summary>
    public string? PppoeRelayResponseCapability { get; init; }

    public string? PppoeRelayForwardCapability { get; init; }

    /// <summary>The peer proved that it knows the secret.</summary>
    public required bool Authenticated { get; init; }

    /// <summary>Sessions alive, those being set up included.</summary>
    public required int Sessions { get; init; }

    /// <summary>Seconds since establishment; null before.</summary>
    public double? UpSeconds { get; init; }

    public string? LastSocketError { get; init; }

    /// <summary>Counters of control messages by name.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    /// <summary>The data plane's counters of all its sessions, those ended included; null: it carries no data, or does not have the tunnel.</summary>
    public TrafficView? Traffic { get; init; }
}

/// <summary>RFC 4951 Failover Capability.</summary>
public sealed record FailoverView(bool ControlChannel, bool DataChannel, uint RecoveryTimeMilliseconds);
