namespace L2tpd.Engine.Calls;

/// <summary>What is to be done when a call takes a transition. "Clean" clears the session with all it holds.</summary>
public enum CallAction
{
    /// <summary>Nothing to do.</summary>
    None,

    /// <summary>Ask for the tunnel; <see cref="CallEvent.TunnelOpen"/> follows once it is there.</summary>
    RequestTunnel,

    /// <summary>Send ICRQ or OCRQ.</summary>
    SendRequest,

    /// <summary>Send ICRP.</summary>
    SendReply,

    /// <summary>Send OCRP and call out.</summary>
    SendReplyAndOpenBearer,

    /// <summary>Send ICCN or OCCN; data may flow.</summary>
    SendConnectedAndEstablish,

    /// <summary>The peer's ICCN or OCCN came: data may flow.</summary>
    Establish,

    /// <summary>Send CDN (the caller knows the result code), then clean.</summary>
    CdnAndClean,

    /// <summary>Clean without a word.</summary>
    Clean,

    /// <summary>Hang up the called line, then clean without a word.</summary>
    ReleaseBearerAndClean,

    /// <summary>The message is passed over; the reliable channel acknowledges it all the same.</summary>
    Ignore,

    /// <summary>v3, the tie is lost: drop our call silently, then process the request as its recipient in idle would.</summary>
    DropOwnAndRestart,

    /// <summary>v3, the tie is won: answer the losing request with a CDN of its own (result 13); our call goes on.</summary>
    RefuseRequest,

    /// <summary>v3, the tie is undecided: drop our call and the peer's; try again with a new value.</summary>
    DropBoth,
}
