namespace L2tpd.Engine.Reliability;

/// <summary>What <see cref="ReliableChannel.Receive"/> says about an arrived message.</summary>
public enum Arrival
{
    /// <summary>
    /// In order: process it now, then take what <see cref="ReliableChannel.TryDequeueArrived"/> has, then call <see
    /// cref="ReliableChannel.FlushAck"/>.
    /// </summary>
    InOrder,

    /// <summary>An acknowledgement only (ZLB, ACK): nothing to process.</summary>
    AckOnly,

    /// <summary>Seen before, or already kept: it was acknowledged again, nothing to process.</summary>
    Duplicate,

    /// <summary>Ahead of its turn: kept, and what is expected was acknowledged again; nothing to process yet.</summary>
    Queued,

    /// <summary>Outside the window we advertised, or of more octets than are kept ahead of their turn: dropped.</summary>
    OutOfWindow,

    /// <summary>Its Nr acknowledges what was never sent: the whole message is ignored.</summary>
    InvalidNr,
}
