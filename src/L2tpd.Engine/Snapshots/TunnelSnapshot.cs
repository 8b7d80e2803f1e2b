using System.Collections.Immutable;
using System.Text.Json.Serialization;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Data;
using L2tpd.Protocol.Digests;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Snapshots;

/// <summary>One control connection.</summary>
public sealed record TunnelSnapshot
{
    public required TunnelKey Key { get; init; }

    /// <summary>Our id on the wire.</summary>
    public required TunnelId LocalId { get; init; }

    public required TunnelId PeerId { get; init; }

    /// <summary>Name of the profile that it matched.</summary>
    public required string Profile { get; init; }

    /// <summary>
    /// The dialled tunnel whose profile it has although the peer dialled us; <c>null</c> if the profile is one of the peers'.
    /// </summary>
    public string? ProfileOfTunnel { get; init; }

    public required Path Path { get; init; }

    public required OriginSnapshot Origin { get; init; }

    public required PhaseSnapshot Phase { get; init; }

    public required DialectSnapshot Dialect { get; init; }

    public required TunnelState State { get; init; }

    /// <summary>How far the data plane is. An answer that it still owes is given to the restored engine.</summary>
    public required DataState Data { get; init; }

    /// <summary>The peer's SCCRQ; <c>null</c> if we sent ours.</summary>
    public Sccrq? Sccrq { get; init; }

    /// <summary>The peer's SCCRP; <c>null</c> if we sent ours, or it did not come yet.</summary>
    public Sccrp? Sccrp { get; init; }

    public bool IsAuthenticated { get; init; }

    /// <summary><c>null</c> if it was never established.</summary>
    public long? EstablishedAt { get; init; }

    public required long LastReceived { get; init; }

    public string? LastSocketError { get; init; }

    public bool IsOverwhelmed { get; init; }

    /// <summary>It is the latest tunnel of its peer's address and id.</summary>
    public bool IsFoundByPeerEnd { get; init; }

    /// <summary>It is the latest established tunnel of its peer's address and Host Name.</summary>
    public bool IsLatestOfPeer { get; init; }

    public required TunnelCounters Counters { get; init; }

    /// <summary>Session ids of L2TPv2.</summary>
    public required IdSequenceSnapshot SessionIds { get; init; }

    public required ChannelSnapshot Channel { get; init; }

    public ImmutableArray<SessionSnapshot> Sessions { get; init; } = [];
}

/// <summary>How a control connection came about.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DialledSnapshot), "dialled")]
[JsonDerivedType(typeof(AnsweredSnapshot), "answered")]
[JsonDerivedType(typeof(StaticSnapshot), "static")]
public abstract record OriginSnapshot;

/// <param name="Dialled">Number of the dialler's tunnel.</param>
/// <param name="WideId">The control connection id on offer beside the 16-bit id; 0 where one version is on offer.</param>
/// <param name="ExpectedPeer">Who is expected to answer; <c>null</c> if that is not known.</param>
/// <param name="MayBeRedirected">The peer refused the tunnel, and may name another address.</param>
public sealed record DialledSnapshot(int Dialled, TunnelId WideId, PeerNameSnapshot? ExpectedPeer, bool MayBeRedirected) : OriginSnapshot;

/// <param name="Fingerprint">Of the SCCRQ.</param>
/// <param name="Replaces">The earlier tunnel of the same peer; <c>null</c> if there is none.</param>
/// <param name="Serves">Number of the dialler's tunnel whose place it takes; <c>null</c> if it takes none.</param>
public sealed record AnsweredSnapshot(ulong Fingerprint, TunnelKey? Replaces, int? Serves) : OriginSnapshot;

/// <param name="Name">Of the static tunnel.</param>
public sealed record StaticSnapshot(string Name) : OriginSnapshot;

/// <summary>What a peer said of itself.</summary>
public sealed record PeerNameSnapshot(DataCarrier Carrier, uint RouterId, string HostName);

/// <summary>The phase of a control connection.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DiallingSnapshot), "dialling")]
[JsonDerivedType(typeof(AnsweringSnapshot), "answering")]
[JsonDerivedType(typeof(EstablishedSnapshot), "established")]
[JsonDerivedType(typeof(StaticPhaseSnapshot), "static")]
[JsonDerivedType(typeof(ClosingSnapshot), "closing")]
[JsonDerivedType(typeof(LingeringSnapshot), "lingering")]
public abstract record PhaseSnapshot;

public sealed record DiallingSnapshot(
    long Deadline, byte[]? Challenge, byte[]? Nonce, ulong? TieBreaker, int RefusedTransmission) : PhaseSnapshot;

/// <param name="Deadline">The tunnel is cleared if it is not established by then.</param>
/// <param name="Challenge">What the peer must answer; <c>null</c> if it is not asked.</param>
/// <param name="Yielding">Number of the dialler's tunnel whose attempt yields; <c>null</c> without a tie.</param>
/// <param name="IsHalfOpen">It does not count against the limits.</param>
/// <param name="UnansweredCredit">Octets that may still be retransmitted.</param>
public sealed record AnsweringSnapshot(
    long Deadline, byte[]? Challenge, int? Yielding, bool IsHalfOpen, int UnansweredCredit) : PhaseSnapshot;

public sealed record EstablishedSnapshot(
    long HelloWait, long NextProbe, SamePeerQuestionSnapshot? Question = null, PeerQuestionSnapshot? Repetition = null) : PhaseSnapshot;

/// <summary>A question whether the peer still has the tunnel; in itself that of a repeated SCCRQ.</summary>
public record PeerQuestionSnapshot(long AskedAt, long AnswerBy);

/// <summary>The question to a peer that has another tunnel by now.</summary>
public sealed record SamePeerQuestionSnapshot(TunnelKey? Successor, long AskedAt, long AnswerBy) : PeerQuestionSnapshot(AskedAt, AnswerBy);

public sealed record StaticPhaseSnapshot : PhaseSnapshot;

public sealed record ClosingSnapshot(long ForgetAt) : PhaseSnapshot;

public sealed record LingeringSnapshot(long ForgetAt) : PhaseSnapshot;

/// <summary>The version of a control connection.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "version")]
[JsonDerivedType(typeof(DialectV2Snapshot), "v2")]
[JsonDerivedType(typeof(DialectV3Snapshot), "v3")]
[JsonDerivedType(typeof(DualDialectSnapshot), "both")]
public abstract record DialectSnapshot;

public sealed record DialectV2Snapshot(TunnelSecretsSnapshot Secrets) : DialectSnapshot;

public sealed record DialectV3Snapshot(SecuritySnapshot Security, uint? RouterId) : DialectSnapshot;

public sealed record DualDialectSnapshot(SecuritySnapshot Security, uint RouterId, TunnelSecretsSnapshot Secrets) : DialectSnapshot;

/// <summary>Which secrets an L2TPv2 control connection uses.</summary>
/// <param name="IsSecondFirst">The second secret of the profile comes first.</param>
/// <param name="IsSettled">It is known which one the peer has.</param>
/// <param name="Former">The secrets themselves, if the profile has others by now; <c>null</c> if it has the same.</param>
public sealed record TunnelSecretsSnapshot(bool IsSecondFirst, bool IsSettled, byte[][]? Former);

/// <summary>Control message authentication of L2TPv3; its keys come from the secrets of the profile.</summary>
/// <param name="Mode">How messages are signed.</param>
/// <param name="Digest">With which hash.</param>
/// <param name="Nonce">Ours; <c>null</c> if none is sent.</param>
/// <param name="RemoteNonce">The peer's; empty if it sent none.</param>
/// <param name="IsSecondSecretFirst">The peer is known to have the second secret of the profile.</param>
/// <param name="PeerKey">Which key, in the order of use, fitted the last message; <c>null</c> if none has yet.</param>
/// <param name="Former">The secrets themselves, if the profile has others by now; <c>null</c> if it has the same.</param>
public sealed record SecuritySnapshot(
    SecurityMode Mode, DigestType Digest, byte[]? Nonce, byte[] RemoteNonce, bool IsSecondSecretFirst, int? PeerKey,
    byte[][]? Former = null);
