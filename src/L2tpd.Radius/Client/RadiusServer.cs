namespace L2tpd.Radius.Client;

/// <summary>Whether answers to Access-Requests must have a Message-Authenticator (CVE-2024-3596).</summary>
public enum MessageAuthenticatorPolicy
{
    /// <summary>From the first answer of the server that has a right one.</summary>
    Auto,
    Required,
    Optional,
}

/// <summary>What is configured for a server. Times are in milliseconds.</summary>
public sealed record RadiusServer
{
    /// <summary>For log lines and counters.</summary>
    public required string Name { get; init; }

    /// <summary>Shared with the server.</summary>
    public required byte[] Secret { get; init; }

    public MessageAuthenticatorPolicy MessageAuthenticator { get; init; }

    public RetransmissionTimer Retransmission { get; init; } = new();

    /// <summary>Requests that may be outstanding at once; what is beyond waits in a queue. 1 to 65,536.</summary>
    public int MaxOutstanding { get; init; } = 1_024;

    /// <summary>Requests that may wait for an identifier; one beyond it is refused at once.</summary>
    public int MaxQueued { get; init; } = 65_536;

    /// <summary>Whether it is probed with Status-Server while it does not answer (RFC 5997).</summary>
    public bool HasStatusServer { get; init; }

    /// <summary>Requests in a row without an answer before it counts as suspect.</summary>
    public int SuspectAfter { get; init; } = 3;

    /// <summary>How long it stays suspect without a valid answer before it counts as dead.</summary>
    public long SuspectTime { get; init; } = 40_000;

    /// <summary>How long a dead server is left alone where there is no Status-Server; then one request tries it.</summary>
    public long DeadTime { get; init; } = 60_000;

    /// <summary>Tw of RFC 3539 section 3.4.1: between two Status-Server probes.</summary>
    public long ProbeInterval { get; init; } = 30_000;

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => Name;
}
