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
    /// <summary>Our id (CONN_ID): v2 1..65535, v3 1..2^32-1. One space for v2 and v3 in a network namespace.</summary>
    public required uint TunnelId { get; init; }

    /// <summary>The peer's id.</summary>
    public required uint PeerTunnelId { get; init; }

    /// <summary>2 or 3.</summary>
    public required byte Version { get; init; }

    public L2tpEncapsulation Encapsulation { get; init; }

    /// <summary>The bound and connected socket the kernel takes over for data ("managed" tunnel); null: the kernel makes one of the addresses below.</summary>
    public FileDescriptor? Socket { get; init; }

    /// <summary>Kernel-made socket: our address.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>Kernel-made socket: the peer's address, same family.</summary>
    public IPAddress? PeerAddress { get; init; }

    /// <summary>Kernel-made UDP socket: our port.</summary>
    public ushort LocalPort { get; init; }

    /// <summary>Kernel-made UDP socket: the peer's port.</summary>
    public ushort PeerPort { get; init; }

    /// <summary>Kernel-made IPv4 UDP socket: send checksums.</summary>
    public bool UdpChecksum { get; init; }

    /// <summary>Kernel-made IPv6 UDP socket: send zero checksums.</summary>
    public bool ZeroChecksum6Transmit { get; init; }

    /// <summary>Kernel-made IPv6 UDP socket: accept zero checksums.</summary>
    public bool ZeroChecksum6Receive { get; init; }
}

/// <summary>A session to create.</summary>
public sealed record L2tpSessionRequest
{
    public required uint TunnelId { get; init; }

    public required uint SessionId { get; init; }

    public required uint PeerSessionId { get; init; }

    public required L2tpPseudowire Pseudowire { get; init; }

    /// <summary>v3: the Default L2-Specific Sublayer (4 octets) in both directions. Always told to the kernel, whose own default is true.</summary>
    public bool L2SpecificSublayer { get; init; }

    /// <summary>v3: the cookie we put on what we send: 0, 4 or 8 octets.</summary>
    public ReadOnlyMemory<byte> Cookie { get; init; }

    /// <summary>v3: the cookie we demand on what we receive: 0, 4 or 8 octets.</summary>
    public ReadOnlyMemory<byte> PeerCookie { get; init; }

    /// <summary>Send Ns. In v3 the number is in the L2-Specific Sublayer: without that there is none.</summary>
    public bool SendSequence { get; init; }

    /// <summary>Drop what comes without Ns (so in v3 without <see cref="L2SpecificSublayer"/>: everything).</summary>
    public bool ReceiveSequence { get; init; }

    /// <summary>We decide about sequencing.</summary>
    public bool LnsMode { get; init; }

    /// <summary>Zero: out-of-order data is dropped. Whole milliseconds.</summary>
    public TimeSpan ReorderTimeout { get; init; }

    /// <summary>Ethernet: name of the device, at most 15 octets; null: l2tpeth%d.</summary>
    public string? InterfaceName { get; init; }
}

/// <summary>What to change in a session; null leaves it.</summary>
public sealed record L2tpSessionChange
{
    public bool? SendSequence { get; init; }

    public bool? ReceiveSequence { get; init; }

    public bool? LnsMode { get; init; }

    public TimeSpan? ReorderTimeout { get; init; }
}

/// <summary>Counters of a tunnel or session since it was made.</summary>
public readonly record struct L2tpStatistics(
    ulong TransmitPackets, ulong TransmitBytes, ulong TransmitErrors,
    ulong ReceivePackets, ulong ReceiveBytes, ulong ReceiveErrors,
    ulong ReceiveSequenceDiscards, ulong ReceiveOutOfOrder, ulong ReceiveCookieDiscards, ulong ReceiveInvalid);

/// <summary>A tunnel as the kernel tells it.</summary>
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

/// <summary>A session as the kernel tells it.</summary>
public sealed record L2tpSessionInfo
{
    public uint TunnelId { get; init; }

    public uint PeerTunnelId { get; init; }

    public uint SessionId { get; init; }

    public uint PeerSessionId { get; init; }

    public L2tpPseudowire Pseudowire { get; init; }

    /// <summary>The session's device or PPP unit, if any.</summary>
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

/// <summary>What a multicast event is about; values are the commands' numbers.</summary>
public enum L2tpEventKind : byte
{
    TunnelCreated = 1,
    TunnelDeleted = 2,
    TunnelModified = 3,
    SessionCreated = 5,
    SessionDeleted = 6,
    SessionModified = 7,
}

/// <summary>A change someone made by netlink. The kernel sends these to all network namespaces, and none when a socket's closing ended the object.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Tunnel">The tunnel, for tunnel events.</param>
/// <param name="Session">The session, for session events.</param>
public sealed record L2tpEvent(L2tpEventKind Kind, L2tpTunnelInfo? Tunnel, L2tpSessionInfo? Session);
