namespace L2tpd.Engine.ControlConnections;

/// <summary>What happens to a control connection (RFC 2661 section 7.2.1). The caller has judged the message already.</summary>
public enum TunnelEvent
{
    /// <summary>Somebody here needs the tunnel: it is dialled, or a session waits for it.</summary>
    LocalOpen,

    /// <summary>An SCCRQ that may become this tunnel, no tie to settle.</summary>
    SccrqAcceptable,

    /// <summary>An SCCRQ refused for version, authorisation or contents, no tie to settle.</summary>
    SccrqNotAcceptable,

    /// <summary>An SCCRQ from the peer we are dialling, whose tie breaker is lower than ours.</summary>
    SccrqLoseTie,

    /// <summary>An SCCRQ from the peer we are dialling, whose tie breaker is higher than ours.</summary>
    SccrqWinTie,

    /// <summary>An SCCRQ from the peer we are dialling, with the same tie breaker.</summary>
    SccrqEqualTie,

    SccrpAcceptable,
    SccrpNotAcceptable,
    ScccnAcceptable,
    ScccnNotAcceptable,

    /// <summary>The operator, a configuration change or the shutdown ends the tunnel.</summary>
    AdminClose,

    /// <summary>The peer sent StopCCN.</summary>
    StopCcn,

    /// <summary>The guard timer of the setup expired (ours, not the RFC's).</summary>
    SetupTimeout,

    /// <summary>A message was retransmitted to exhaustion.</summary>
    RetransmitExhausted,
}
