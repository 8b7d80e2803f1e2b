namespace L2tpd.Engine.Reliability;

/// <summary>Settings of the channel.</summary>
/// <param name="RetransmitInitial">First timeout.</param>
/// <param name="RetransmitCap">Longest timeout; no less than <paramref name="RetransmitInitial"/> is ever waited.</param>
/// <param name="MaxRetransmits">Retransmissions before the channel is dead.</param>
/// <param name="AckDelay">
/// How long an acknowledgement may wait to ride on a message; zero until the host next handles deadlines; below zero not at all.
/// </param>
/// <param name="ReceiveWindow">What we advertise: bound of the out-of-order queue, messages, 1..32767.</param>
public readonly record struct ReliableSettings(
    TimeSpan RetransmitInitial, TimeSpan RetransmitCap, int MaxRetransmits, TimeSpan AckDelay, int ReceiveWindow)
{
    /// <summary>As <see cref="AckDelay"/>: each message is acknowledged at once.</summary>
    public static readonly TimeSpan NoAckDelay = TimeSpan.FromMilliseconds(-1);
}
