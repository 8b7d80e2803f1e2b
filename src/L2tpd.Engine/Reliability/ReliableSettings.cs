namespace L2tpd.Engine.Reliability;

/// <summary>Settings of the channel, all times in ms.</summary>
/// <param name="RetransmitInitial">First timeout.</param>
/// <param name="RetransmitCap">Longest timeout; no less than <paramref name="RetransmitInitial"/> is ever waited.</param>
/// <param name="MaxRetransmits">Retransmissions before the channel is dead.</param>
/// <param name="AckDelay">
/// How long an acknowledgement may wait to ride on a message; 0 until the host next handles deadlines; below 0 not at all.
/// </param>
/// <param name="ReceiveWindow">What we advertise: bound of the out-of-order queue, messages, 1..32767.</param>
public readonly record struct ReliableSettings(
    long RetransmitInitial, long RetransmitCap, int MaxRetransmits, long AckDelay, int ReceiveWindow);
