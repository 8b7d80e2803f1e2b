namespace L2tpd.Ppp;

/// <summary>Events of the option negotiation automaton (RFC 1661 section 4.3), in the order of its table.</summary>
public enum PppEvent : byte
{
    /// <summary>The lower layer is up.</summary>
    Up,

    /// <summary>The lower layer is down.</summary>
    Down,

    /// <summary>Administrative open.</summary>
    Open,

    /// <summary>Administrative close.</summary>
    Close,

    /// <summary>TO+: the restart timer ran out with the restart counter above zero.</summary>
    TimeoutRetry,

    /// <summary>TO-: the restart timer ran out with the restart counter at zero.</summary>
    TimeoutExhausted,

    /// <summary>RCR+: an acceptable Configure-Request.</summary>
    RequestGood,

    /// <summary>RCR-: an unacceptable Configure-Request.</summary>
    RequestBad,

    /// <summary>RCA: Configure-Ack.</summary>
    Ack,

    /// <summary>RCN: Configure-Nak or Configure-Reject.</summary>
    NakOrReject,

    /// <summary>RTR: Terminate-Request.</summary>
    TerminateRequest,

    /// <summary>RTA: Terminate-Ack.</summary>
    TerminateAck,

    /// <summary>RUC: a packet with an unknown code.</summary>
    UnknownCode,

    /// <summary>RXJ+: a Code-Reject or Protocol-Reject that can be lived with.</summary>
    RejectTolerable,

    /// <summary>RXJ-: a Code-Reject or Protocol-Reject that cannot.</summary>
    RejectFatal,

    /// <summary>RXR: Echo-Request, Echo-Reply or Discard-Request.</summary>
    EchoOrDiscard,
}
