using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Snapshots;

/// <summary>One session. The host keeps what it has of the session (PPP, lease, accounting) beside it, by <see cref="Key"/>.</summary>
public sealed record SessionSnapshot
{
    public required SessionKey Key { get; init; }

    public required SessionId PeerId { get; init; }

    public required CallRole Role { get; init; }

    public required SessionState State { get; init; }

    /// <summary>How far data plane and PPP are. An answer that they still owe is given to the restored engine.</summary>
    public required DataState Data { get; init; }

    /// <summary>Index in <see cref="EngineSnapshot.SessionProfiles"/>.</summary>
    public required int Profile { get; init; }

    /// <summary>The request of an incoming call; <c>null</c> for an outgoing call.</summary>
    public Icrq? Icrq { get; init; }

    /// <summary>The request of an outgoing call; <c>null</c> for an incoming call.</summary>
    public Ocrq? Ocrq { get; init; }

    /// <summary>The connected message of an incoming call; <c>null</c> before it.</summary>
    public Iccn? Iccn { get; init; }

    /// <summary>The connected message of an outgoing call; <c>null</c> before it.</summary>
    public Occn? Occn { get; init; }

    /// <summary><c>null</c> if it is not established.</summary>
    public long? EstablishedAt { get; init; }

    /// <summary><c>null</c> once it is established.</summary>
    public long? SetupDeadline { get; init; }

    public SessionNetwork? Network { get; init; }

    public SessionUser? User { get; init; }

    public CallErrors? CallErrors { get; init; }

    public Accm? Accm { get; init; }

    public ConnectSpeedUpdate? SpeedUpdate { get; init; }

    /// <summary>What L2TPv3 adds; <c>null</c> in L2TPv2.</summary>
    public PseudowireSnapshot? Pseudowire { get; init; }

    /// <summary>Name of the configured session that it serves; <c>null</c> if it serves none.</summary>
    public string? Dialled { get; init; }

    /// <summary>The peer may name it by its own id only.</summary>
    public bool IsFoundByPeerId { get; init; }

    public bool IsPppOver { get; init; }

    public string? PppRefused { get; init; }

    /// <summary>The peer's CDN that waits for PPP to report; <c>null</c> if there is none.</summary>
    public EndReason? HeldEnd { get; init; }

    public required long NextWen { get; init; }
}

/// <summary>What L2TPv3 adds to a session.</summary>
public sealed record PseudowireSnapshot
{
    public required PseudowireType Type { get; init; }

    public required byte[] RemoteEndId { get; init; }

    public required byte[] LocalCookie { get; init; }

    public required byte[] PeerCookie { get; init; }

    public required L2SpecificSublayer ReceiveSublayer { get; init; }

    public required L2SpecificSublayer SendSublayer { get; init; }

    public required DataSequencing ReceiveLevel { get; init; }

    public required DataSequencing SendLevel { get; init; }

    public required CircuitStatus LocalStatus { get; init; }

    public CircuitStatus? PeerStatus { get; init; }

    public ushort? PeerMtu { get; init; }

    public ulong? PeerTxSpeed { get; init; }

    public ulong? PeerRxSpeed { get; init; }

    public bool NeedsEqualSublayers { get; init; }
}
