namespace L2tpd.Engine.Reliability;

/// <summary>What <see cref="ReliableChannel.Receive"/> says about an arrived message.</summary>
public enum Arrival
{
    /// <summary>In order: process it now, then take what <see cref="ReliableChannel.TryDequeueArrived"/> has.</summary>
    InOrder,

    /// <summary>An acknowledgement only (ZLB, ACK): nothing to process.</summary>
    AckOnly,

    /// <summary>Seen before: an acknowledgement was scheduled at once, nothing to process.</summary>
    Duplicate,

    /// <summary>Ahead of its turn: kept, nothing to process yet.</summary>
    Queued,

    /// <summary>Outside the window we advertised: dropped.</summary>
    OutOfWindow,

    /// <summary>Its Nr acknowledges what was never sent: the whole message is ignored.</summary>
    InvalidNr,
}

/// <summary>Settings of the channel, all times in ms.</summary>
/// <param name="RetransmitInitial">First timeout.</param>
/// <param name="RetransmitCap">Longest timeout.</param>
/// <param name="MaxRetransmits">Retransmissions before the channel is dead.</param>
/// <param name="AckDelay">How long an acknowledgement may wait to ride on a message.</param>
/// <param name="ReceiveWindow">What we advertise: bound of the out-of-order queue.</param>
public readonly record struct ReliableSettings(long RetransmitInitial, long RetransmitCap, int MaxRetransmits, long AckDelay, int ReceiveWindow);

/// <summary>What the channel wants sent. Ns and Nr are to be written into the message, which is then signed if need be, and sent.</summary>
public interface IReliableSender
{
    /// <summary>A message, first time or again. The array is the channel's; the sender may patch Ns, Nr and digest in place.</summary>
    void Transmit(byte[] message, ushort ns, ushort nr, bool isRetransmission);

    /// <summary>An acknowledgement by itself: a ZLB, or an ACK where authentication is on.</summary>
    void Acknowledge(ushort ns, ushort nr);
}

/// <summary>
/// Reliable, ordered delivery of control messages in both directions (RFC 2661 section 5.8 and appendix A, RFC 3931
/// section 4.2, l2tpv2.md section 7). Knows nothing of AVPs.
/// </summary>
public sealed class ReliableChannel(ReliableSettings settings)
{
    /// <summary>Next Ns to give to a new message, and the Ns a ZLB carries.</summary>
    public ushort NextNs => throw new NotImplementedException();

    /// <summary>Nr: the Ns expected next from the peer.</summary>
    public ushort NextNr => throw new NotImplementedException();

    /// <summary>Messages given to <see cref="Send"/> and not yet acknowledged, sent or waiting.</summary>
    public int Outstanding => throw new NotImplementedException();

    /// <summary>True once a message was sent <c>MaxRetransmits</c> times again and its last wait expired.</summary>
    public bool IsDead => throw new NotImplementedException();

    /// <summary>When dead or retransmitting: the oldest unacknowledged message, null when there is none.</summary>
    public byte[]? OldestUnacknowledged => throw new NotImplementedException();

    /// <summary>How often <see cref="OldestUnacknowledged"/> was sent, and when first (ms).</summary>
    public int OldestTransmissions => throw new NotImplementedException();

    public long OldestFirstSent => throw new NotImplementedException();

    /// <summary>The next time <see cref="HandleDeadline"/> has something to do; <see cref="long.MaxValue"/>: never.</summary>
    public long NextDeadline => throw new NotImplementedException();

    /// <summary>The peer's Receive Window Size, 1 or more; 4 until it is known (RFC 2661 section 4.4.3).</summary>
    public void SetPeerWindow(int window) => throw new NotImplementedException();

    /// <summary>Sends a message now if the window allows, else when it does. The channel keeps the array until acknowledged.</summary>
    public void Send(byte[] message, long now, IReliableSender sender) => throw new NotImplementedException();

    /// <summary>
    /// Takes the sequence numbers of an arrived message: releases what its Nr acknowledges (and sends what that makes
    /// room for), judges its Ns. <paramref name="message"/> is copied if it must be kept.
    /// </summary>
    public Arrival Receive(ushort ns, ushort nr, bool ackOnly, ReadOnlySpan<byte> message, long now, IReliableSender sender) =>
        throw new NotImplementedException();

    /// <summary>After an in-order message was processed: the next one that had arrived early, if its turn has come.</summary>
    public bool TryDequeueArrived(out byte[] message) => throw new NotImplementedException();

    /// <summary>Retransmits and acknowledges what is due at <paramref name="now"/>. Harmless when called early.</summary>
    public void HandleDeadline(long now, IReliableSender sender) => throw new NotImplementedException();

    /// <summary>Sends a pending acknowledgement now.</summary>
    public void FlushAck(IReliableSender sender) => throw new NotImplementedException(settings.ToString());
}
