namespace L2tpd.Engine.Calls;

/// <summary>States of the four call state machines (RFC 2661 sections 7.4 and 7.5, l2tpv2.md sections 10 to 13).</summary>
public enum SessionState
{
    Idle,
    WaitTunnel,
    WaitReply,
    WaitConnect,
    WaitCsAnswer,
    Established,
}

/// <summary>Which of the four call state machines a session runs.</summary>
public enum CallRole
{
    /// <summary>Sends ICRQ, ICCN (l2tpv2.md section 10).</summary>
    IncomingLac,

    /// <summary>Answers ICRQ (section 11).</summary>
    IncomingLns,

    /// <summary>Sends OCRQ (section 12).</summary>
    OutgoingLns,

    /// <summary>Answers OCRQ (section 13).</summary>
    OutgoingLac,
}

/// <summary>How far the session is beyond the control protocol.</summary>
public enum DataState
{
    None,
    Creating,
    Created,
    PppStarted,
    NetworkUp,
}
