namespace L2tpd.Engine.ControlConnections;

/// <summary>What is to be done when a control connection takes a transition.</summary>
public enum TunnelAction
{
    /// <summary>Nothing to do.</summary>
    None,

    SendSccrq,
    SendSccrp,

    /// <summary>Send SCCCN; sessions that wait for the tunnel get their tunnel-open event.</summary>
    SendScccnAndOpen,

    /// <summary>Sessions that wait for the tunnel get their tunnel-open event.</summary>
    Open,

    /// <summary>Send StopCCN (the caller knows the result code), clear sessions and tunnel; reliable state stays until acknowledged.</summary>
    StopCcnAndClean,

    /// <summary>Acknowledge the peer's StopCCN, clear sessions and tunnel, and go on acknowledging it for a full retransmission cycle.</summary>
    AckAndClean,

    /// <summary>Clear sessions and tunnel without a word.</summary>
    Clean,

    /// <summary>The tie is lost: drop our attempt silently, then process the SCCRQ as a tunnel in idle would.</summary>
    DropOwnAndRestart,

    /// <summary>The tie is won (v3): answer the losing SCCRQ with a StopCCN of its own; our attempt goes on.</summary>
    RefuseSccrq,

    /// <summary>The message is passed over; the reliable channel acknowledges it all the same.</summary>
    IgnoreMessage,

    /// <summary>The tie is undecided: drop our attempt and the peer's; try again with a new value.</summary>
    DropBoth,
}
