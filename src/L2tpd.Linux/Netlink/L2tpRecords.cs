using System.Net;

namespace L2tpd.Linux.Netlink;

/// <summary>L2TP_ATTR_ENCAP_TYPE.</summary>
public enum L2tpEncapsulation : ushort
{
    Udp = 0,
    Ip = 1,
}

/// <summary>L2TP_ATTR_PW_TYPE. The kernel has drivers for <see cref="Ethernet"/> and <see cref="Ppp"/> only.</summary>
public enum L2tpPseudowire : ushort
{
    None = 0,
    EthernetVlan = 4,
    Ethernet = 5,
    Ppp = 7,
    PppAc = 8,
    Ip = 11,
}

/// <summary>A tunnel to create.</summary>
public sealed record L2tpTunnelRequest
{
    /// <summary>Our id (CONN_ID): 1 to 65535 in v2, 1 to 2^32-1 in v3. v2 and v3 share one space in a network namespace.</summary>
    public required uint TunnelId { get; init; }

    /// <summary>The peer's id.</summary>
    public required uint PeerTunnelId { get; init; }

    /// <summary>2 or 3.</summary>
    public required byte Version { get; init; }

    public L2tpEncapsulation Encapsulation { get; init; }

    /// <summary>
    /// The bound and connected socket that the kernel takes over for data ("managed" tunnel). <c>null</c>: the kernel opens a socket with
    /// the addresses below.
    /// </summary>
    public FileDescriptor? Socket { get; init; }

    /// <summary>A socket opened by the kernel: our address.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>A socket opened by the kernel: the peer's address, of the same family.</summary>
    public IPAddress? PeerAddress { get; init; }

    /// <summary>A UDP socket opened by the kernel: our port.</summary>
    public ushort LocalPort { get; init; }

    /// <summary>A UDP socket opened by the kernel: the peer's port.</summary>
    public ushort PeerPort { get; init; }

    /// <summary>An IPv4 UDP socket opened by the kernel: send checksums.</summary>
    public bool UdpChecksum { get; init; }

    /// <summary>An IPv6 UDP socket opened by the kernel: send zero checksums.</summary>
    public bool ZeroChecksum6Transmit { get; init; }

    /// <summary>An IPv6 UDP socket opened by the kernel: accept zero checksums.</summary>
    public bool ZeroChecksum6Receive { get; init; }
}

/// <summary>A session to create.</summary>
public sealed record L2tpSessionRequest
{
    public required uint TunnelId { get; init; }

    public required uint SessionId { get; init; }

    public required uint PeerSessionId { get; init; }

    public required L2tpPseudowire Pseudowire { get; init; }

    /// <summary>
    /// v3: the Default L2-Specific Sublayer (4 octets) in both directions. Always sent to the kernel, whose own default is true.
    /// </summary>
    public bool L2SpecificSublayer { get; init; }

    /// <summary>v3: the cookie in packets that we send: 0, 4 or 8 octets.</summary>
    public ReadOnlyMemory<byte> Cookie { get; init; }

    /// <summary>v3: the cookie required in packets that we receive: 0, 4 or 8 octets.</summary>
    public ReadOnlyMemory<byte> PeerCookie { get; init; }

    /// <summary>Send Ns. In v3 the number is in the L2-Specific Sublayer: without the sublayer there is no number.</summary>
    public bool SendSequence { get; init; }

    /// <summary>Drop packets without Ns. In v3 without <see cref="L2SpecificSublayer"/> this drops everything.</summary>
    public bool ReceiveSequence { get; init; }

    /// <summary>Whether this end decides about sequencing.</summary>
    public bool LnsMode { get; init; }

    /// <summary>How long packets wait for one with a lower number, in whole milliseconds. Zero: out-of-order packets are dropped.</summary>
    public TimeSpan ReorderTimeout { get; init; }

    /// <summary>Ethernet: name of the interface, at most 15 octets; <c>null</c>: l2tpeth%d.</summary>
    public string? InterfaceName { get; init; }
}

/// <summary>Changes of a session. <c>null</c> leaves a value as it is.</summary>
public sealed record L2tpSessionChange
{
    public bool? SendSequence { get; init; }

    public bool? ReceiveSequence { get; init; }

    public bool? LnsMode { get; init; }

    public TimeSpan? ReorderTimeout { get; init; }
}

/// <summary>Counters of a tunnel or session since its creation.</summary>
public readonly record struct L2tpStatistics(
    ulong TransmitPackets, ulong TransmitBytes, ulong TransmitErrors,
    ulong ReceivePackets, ulong ReceiveBytes, ulong ReceiveErrors,
    ulong ReceiveSequenceDiscards, ulong ReceiveOutOfOrder, ulong ReceiveCookieDiscards, ulong ReceiveInvalid);

/// <summary>A tunnel as the kernel reports it.</summary>
public sealed record L2tpTunnelInfo
{
    public uint TunnelId { get; init; }

    public uint PeerTunnelId { get; init; }

    public byte Version { get; init; }

    public L2tpEncapsulation Encapsulation { get; init; }

    public IPAddress? LocalAddress { get; init; }

    public IPAddress? PeerAddress { get; init; }

    public ushort LocalPort { get; init; }

    public ushort PeerPort { get; init; }

    public bool UdpChecksum { get; init; }

    public bool ZeroChecksum6Transmit { get; init; }

    public bool ZeroChecksum6Receive { get; init; }

    public L2tpStatistics Statistics { get; init; }
}

/// <summary>A session as the kernel reports it.</summary>
public sealed record L2tpSessionInfo
{
    public uint TunnelId { get; init; }

    public uint PeerTunnelId { get; init; }

    public uint SessionId { get; init; }

    public uint PeerSessionId { get; init; }

    public L2tpPseudowire Pseudowire { get; init; }

    /// <summary>The interface or PPP unit of the session; <c>null</c> if it has none.</summary>
    public string? InterfaceName { get; init; }

    public byte[] Cookie { get; init; } = [];

    public byte[] PeerCookie { get; init; } = [];

    public bool SendSequence { get; init; }

    public bool ReceiveSequence { get; init; }

    public bool LnsMode { get; init; }

    public bool UsingIpsec { get; init; }

    public TimeSpan ReorderTimeout { get; init; }

    public L2tpStatistics Statistics { get; init; }
}

/// <summary>The kind of a multicast event. The values are the numbers of the commands.</summary>
public enum L2tpEventKind : byte
{
    TunnelCreated = 1,
    TunnelDeleted = 2,
    TunnelModified = 3,
    SessionCreated = 5,
    SessionDeleted = 6,
    SessionModified = 7,
}

/// <summary>
/// A change that was made by netlink. The kernel sends these to all network namespaces. It sends none if an object ended because its socket
/// was closed.
/// </summary>
/// <param name="Kind">What happened.</param>
/// <param name="Tunnel">The tunnel, for tunnel events.</param>
/// <param name="Session">The session, for session events.</param>
public sealed record L2tpEvent(L2tpEventKind Kind, L2tpTunnelInfo? Tunnel, L2tpSessionInfo? Session);
