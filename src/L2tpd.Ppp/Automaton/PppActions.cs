namespace L2tpd.Ppp;

/// <summary>
/// Actions of the option negotiation automaton (RFC 1661 section 4.4). The RFC's order within a cell is always the order of the
/// members here, so a set is enough.
/// </summary>
[Flags]
public enum PppActions : ushort
{
    None = 0,

    /// <summary>tld: This-Layer-Down.</summary>
    LayerDown = 1 << 0,

    /// <summary>irc: Initialize-Restart-Count.</summary>
    InitializeRestartCount = 1 << 1,

    /// <summary>zrc: Zero-Restart-Count.</summary>
    ZeroRestartCount = 1 << 2,

    /// <summary>scr: Send-Configure-Request.</summary>
    SendConfigureRequest = 1 << 3,

    /// <summary>sca: Send-Configure-Ack.</summary>
    SendConfigureAck = 1 << 4,

    /// <summary>scn: Send-Configure-Nak or -Reject.</summary>
    SendConfigureNakOrReject = 1 << 5,

    /// <summary>str: Send-Terminate-Request.</summary>
    SendTerminateRequest = 1 << 6,

    /// <summary>sta: Send-Terminate-Ack.</summary>
    SendTerminateAck = 1 << 7,

    /// <summary>scj: Send-Code-Reject.</summary>
    SendCodeReject = 1 << 8,

    /// <summary>ser: Send-Echo-Reply.</summary>
    SendEchoReply = 1 << 9,

    /// <summary>tlu: This-Layer-Up.</summary>
    LayerUp = 1 << 10,

    /// <summary>tls: This-Layer-Started.</summary>
    LayerStarted = 1 << 11,

    /// <summary>tlf: This-Layer-Finished.</summary>
    LayerFinished = 1 << 12,
}
