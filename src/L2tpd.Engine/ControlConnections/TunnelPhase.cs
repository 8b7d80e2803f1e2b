using L2tpd.Engine.Dialling;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Where a control connection is in its life, around the states of RFC 2661 section 7.2.1. Each phase holds what exists only in it; the
/// tunnel holds what outlives a phase.
/// </summary>
internal abstract class TunnelPhase
{
    private TunnelPhase()
    {
    }

    /// <summary>When something of the phase itself is due; <see cref="Instant.Never"/> for never.</summary>
    public abstract Instant NextDeadline(Tunnel tunnel);

    public abstract PhaseSnapshot ToSnapshot(SnapshotTime time);

    /// <summary>The phase of a snapshot.</summary>
    /// <param name="snapshot">The phase.</param>
    /// <param name="yielding">The tunnel that yields to one that is being answered; <c>null</c> without a tie.</param>
    /// <param name="time">Of the restoration.</param>
    public static TunnelPhase Restore(PhaseSnapshot snapshot, DialledTunnel? yielding, SnapshotTime time) => snapshot switch
    {
        DiallingSnapshot dialling => new Dialling(time.Absolute(dialling.Deadline))
        {
            Challenge = dialling.Challenge,
            Nonce = dialling.Nonce,
            TieBreaker = dialling.TieBreaker,
            RefusedTransmission = dialling.RefusedTransmission,
        },
        AnsweringSnapshot answering => new Answering(time.Absolute(answering.Deadline))
        {
            Challenge = answering.Challenge,
            Yielding = yielding,
            UnansweredCredit = answering.UnansweredCredit,
        },
        EstablishedSnapshot established => new Established(TimeSpan.FromMilliseconds(established.HelloWait))
        {
            NextProbe = time.Absolute(established.NextProbe),
            Repetition = established.Repetition is { } repetition
                ? new(time.Absolute(repetition.AskedAt), time.Absolute(repetition.AnswerBy))
                : null,
        },
        ClosingSnapshot closing => new Closing(time.Absolute(closing.ForgetAt)),
        LingeringSnapshot lingering => new Lingering(time.Absolute(lingering.ForgetAt)),
        _ => Static.Instance,
    };

    /// <summary>The state machine runs.</summary>
    internal abstract class Alive : TunnelPhase;

    /// <summary>The two ends are introducing themselves.</summary>
    /// <param name="deadline">The tunnel is cleared if it is not established by then.</param>
    internal abstract class BeingSetUp(Instant deadline) : Alive
    {
        public Instant Deadline { get; } = deadline;

        /// <summary>L2TPv2: what the peer must answer to prove that it knows the secret; <c>null</c> if it is not asked.</summary>
        public byte[]? Challenge { get; set; }

        /// <summary>L2TPv3: the nonce of our SCCRQ, which the digest of the answer must cover; <c>null</c> if it has none.</summary>
        public byte[]? Nonce { get; set; }

        public sealed override Instant NextDeadline(Tunnel tunnel) => Deadline;
    }

    /// <summary>We send the SCCRQ, and the SCCRP is awaited.</summary>
    internal sealed class Dialling(Instant deadline) : BeingSetUp(deadline)
    {
        /// <summary>The Tie Breaker of our SCCRQ; <c>null</c> if it has none.</summary>
        public ulong? TieBreaker { get; set; }

        /// <summary>How often the SCCRQ had been sent when the peer's host first refused its port; 0 if it has not.</summary>
        public int RefusedTransmission { get; set; }

        public override PhaseSnapshot ToSnapshot(SnapshotTime time) =>
            new DiallingSnapshot(time.Relative(Deadline), Challenge, Nonce, TieBreaker, RefusedTransmission);
    }

    /// <summary>The peer sent the SCCRQ, and its SCCCN is awaited.</summary>
    internal sealed class Answering(Instant deadline) : BeingSetUp(deadline)
    {
        /// <summary>
        /// The configured tunnel whose attempt lost the tie: it yields when this tunnel is established; <c>null</c> without a tie.
        /// </summary>
        public DialledTunnel? Yielding { get; init; }

        /// <summary>Place among the half-open tunnels; <c>null</c> when the tunnel is not one of them.</summary>
        public LinkedListNode<Tunnel>? HalfOpenPlace { get; set; }

        /// <summary>Octets that may still be retransmitted to a source that asked for the tunnel over IP and has not answered.</summary>
        public int UnansweredCredit { get; set; }

        /// <summary>
        /// Whether SCCRP may be sent: always the first time, again only within the octets received, because the source may be forged.
        /// </summary>
        public bool TakeCredit(int octets, bool isRetransmission)
        {
            if (isRetransmission && UnansweredCredit < octets)
                return false;

            UnansweredCredit -= octets;
            return true;
        }

        public override PhaseSnapshot ToSnapshot(SnapshotTime time) =>
            new AnsweringSnapshot(time.Relative(Deadline), Challenge, Yielding?.Index, HalfOpenPlace is not null, UnansweredCredit);
    }

    /// <summary>Calls may be set up.</summary>
    /// <param name="helloWait">How long the peer may be silent before HELLO.</param>
    internal sealed class Established(TimeSpan helloWait) : Alive
    {
        /// <summary>How long the peer may be silent before HELLO.</summary>
        public TimeSpan HelloWait { get; set; } = helloWait;

        /// <summary>
        /// Before this time no message of unknown origin makes us probe the peer with HELLO; at first the beginning of the clock.
        /// </summary>
        public Instant NextProbe { get; set; }

        /// <summary>Whether the peer still has the tunnel; <c>null</c> if that is not being asked.</summary>
        public SamePeerQuestion? Question { get; set; }

        /// <summary>The last question of that kind because the SCCRQ that made the tunnel came again; <c>null</c> if none was.</summary>
        public PeerQuestion? Repetition { get; set; }

        /// <summary>
        /// When a HELLO is due. With a message outstanding its retransmissions already watch the peer: none is due.
        /// </summary>
        public Instant NextHello(Tunnel tunnel) =>
            tunnel.SendsHello && tunnel.Channel.Outstanding == 0 ? tunnel.LastReceived + HelloWait : Instant.Never;

        public override Instant NextDeadline(Tunnel tunnel) =>
            Question is { } question ? Instant.Min(NextHello(tunnel), question.AnswerBy) : NextHello(tunnel);

        public override PhaseSnapshot ToSnapshot(SnapshotTime time) => new EstablishedSnapshot(
            (long)HelloWait.TotalMilliseconds, time.Relative(NextProbe), Question is { } question
                ? new SamePeerQuestionSnapshot(question.Successor?.Key, time.Relative(question.AskedAt), time.Relative(question.AnswerBy))
                : null,
            Repetition is { } repetition ? new(time.Relative(repetition.AskedAt), time.Relative(repetition.AnswerBy)) : null);
    }

    /// <summary>A static tunnel: no control protocol, no phases.</summary>
    internal sealed class Static : Alive
    {
        public static readonly Static Instance = new();

        public override Instant NextDeadline(Tunnel tunnel) => Instant.Never;

        public override PhaseSnapshot ToSnapshot(SnapshotTime time) => new StaticPhaseSnapshot();
    }

    /// <summary>A StopCCN was sent or received, and the id stays in use until the exchange is over.</summary>
    /// <param name="forgetAt">When the tunnel is forgotten at the latest.</param>
    internal abstract class Ending(Instant forgetAt) : TunnelPhase
    {
        public Instant ForgetAt { get; } = forgetAt;

        public sealed override Instant NextDeadline(Tunnel tunnel) => ForgetAt;
    }

    /// <summary>We sent StopCCN and wait for its acknowledgement (RFC 2661 section 5.7).</summary>
    internal sealed class Closing(Instant forgetAt) : Ending(forgetAt)
    {
        public override PhaseSnapshot ToSnapshot(SnapshotTime time) => new ClosingSnapshot(time.Relative(ForgetAt));
    }

    /// <summary>The peer sent StopCCN: only its retransmissions are acknowledged, for 31 s.</summary>
    internal sealed class Lingering(Instant forgetAt) : Ending(forgetAt)
    {
        public override PhaseSnapshot ToSnapshot(SnapshotTime time) => new LingeringSnapshot(time.Relative(ForgetAt));
    }

    /// <summary>Removed from every table.</summary>
    internal sealed class Forgotten : TunnelPhase
    {
        public static readonly Forgotten Instance = new();

        public override Instant NextDeadline(Tunnel tunnel) => Instant.Never;

        public override PhaseSnapshot ToSnapshot(SnapshotTime time) =>
            throw new InvalidOperationException("a forgotten tunnel is in no snapshot");
    }
}
