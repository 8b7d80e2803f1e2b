using System.Collections.Immutable;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Effects;

/// <summary>Names one attempt of a dialled tunnel.</summary>
/// <param name="Index">Position in the dialler's table; stable for the life of the configured tunnel.</param>
/// <param name="Attempt">Counts up with every resolution.</param>
public readonly record struct DialKey(int Index, uint Attempt);

/// <summary>The socket a dialled or static tunnel needs. Over IP it is bound to our id, which the tunnel's key has.</summary>
/// <param name="Remote">The LNS, or the other end; its carrier is the socket's.</param>
/// <param name="LocalAddress">Our address as text; null: as routing decides.</param>
/// <param name="SourcePort">0: ephemeral; 1701: shared with the listener where there is one.</param>
/// <param name="BindDevice">SO_BINDTODEVICE, or null.</param>
/// <param name="FwMark">SO_MARK, or 0.</param>
/// <param name="PeerId">The peer's id, where it is known already; 0: it is not.</param>
public sealed record TransportRequest(
    Endpoint Remote, string? LocalAddress, ushort SourcePort, string? BindDevice, uint FwMark, TunnelId PeerId = default)
{
    /// <summary>The configured name of the tunnel.</summary>
    public required string Name { get; init; }

    /// <summary>The IPsec that has to be there before the socket.</summary>
    public IpsecSettings Ipsec { get; init; } = IpsecSettings.None;
}

/// <summary>A tunnel for the data plane.</summary>
/// <param name="Tunnel">The tunnel itself, to read names and facts from.</param>
/// <param name="Version">Protocol version.</param>
/// <param name="LocalId">Our id.</param>
/// <param name="PeerId">The peer's id.</param>
/// <param name="Path">Socket and addresses, final for the tunnel's life.</param>
/// <param name="BindDevice">SO_BINDTODEVICE, or null.</param>
/// <param name="FwMark">SO_MARK, or 0.</param>
public sealed record TunnelParameters(
    Tunnel Tunnel, ProtocolVersion Version, TunnelId LocalId, TunnelId PeerId, Path Path, string? BindDevice, uint FwMark);

/// <summary>A session for the data plane.</summary>
/// <param name="Session">The session itself, to read names and facts from.</param>
/// <param name="LocalId">Our id.</param>
/// <param name="PeerId">The peer's id.</param>
/// <param name="Pseudowire">PPP in v2.</param>
/// <param name="LnsMode">We are the session's LNS: we control sequencing.</param>
/// <param name="SendSequence">Send Ns in data.</param>
/// <param name="RequireSequence">Drop data without Ns.</param>
/// <param name="ReorderTimeout">Zero: out-of-order data is dropped.</param>
/// <param name="Settings">What L2TPv3 adds; null in v2.</param>
public sealed record SessionParameters(
    Session Session, SessionId LocalId, SessionId PeerId, PseudowireType Pseudowire, bool LnsMode,
    bool SendSequence, bool RequireSequence, TimeSpan ReorderTimeout, PseudowireParameters? Settings = null);

/// <summary>What both ends of an L2TPv3 session agreed on, and how its interface is to be.</summary>
/// <param name="LocalCookie">0, 4 or 8 octets that data must carry to be accepted.</param>
/// <param name="PeerCookie">0, 4 or 8 octets to put into data sent.</param>
/// <param name="Sublayer">In data that come in; to be passed explicitly, the kernel's default is not none.</param>
/// <param name="SendLevel">Which data is to be sent with sequence numbers.</param>
/// <param name="ReceiveLevel">Which data we asked to be sent with sequence numbers.</param>
/// <param name="Mtu">MTU of the interface; null: as it comes.</param>
/// <param name="Interface">Interface name or template; null: as it comes.</param>
/// <param name="Bridge">Bridge to join, or null.</param>
/// <param name="Addresses">Addresses with prefix length to set.</param>
public sealed record PseudowireParameters(
    byte[] LocalCookie, byte[] PeerCookie, L2SpecificSublayer Sublayer, DataSequencing SendLevel, DataSequencing ReceiveLevel,
    ushort? Mtu, string? Interface, string? Bridge, ImmutableArray<string> Addresses)
{
    /// <summary>In data that go out; differs only where the engine was told that the data plane can.</summary>
    public L2SpecificSublayer SendSublayer { get; init; } = Sublayer;

    /// <summary>VLAN ID that frames of a VLAN pseudowire carry; the interface is without. Null: frames go as they are.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>What the peer said of its circuit so far; null: nothing.</summary>
    public CircuitStatus? PeerStatus { get; init; }
}

/// <summary>PPP on a session.</summary>
/// <param name="Session">The session itself: numbers, speeds, proxy AVPs, peer.</param>
/// <param name="Profile">Name of the PPP profile.</param>
/// <param name="Server">True on the LNS side.</param>
/// <param name="Parameters">As the session was created.</param>
public sealed record PppRequest(Session Session, string Profile, bool Server, SessionParameters Parameters);
