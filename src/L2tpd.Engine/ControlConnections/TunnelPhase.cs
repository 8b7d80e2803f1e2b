namespace L2tpd.Engine.ControlConnections;

/// <summary>Where a control connection is in its life, around the states of RFC 2661 section 7.2.1.</summary>
internal enum TunnelPhase
{
    /// <summary>The state machine runs.</summary>
    Alive,

    /// <summary>We sent StopCCN and wait for its acknowledgement (RFC 2661 section 5.7).</summary>
    Closing,

    /// <summary>The peer sent StopCCN: only its retransmissions are acknowledged, for 31 s.</summary>
    Lingering,

    /// <summary>Gone from every table.</summary>
    Forgotten,
}
