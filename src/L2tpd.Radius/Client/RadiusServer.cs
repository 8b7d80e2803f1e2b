namespace L2tpd.Radius.Client;

/// <summary>Whether answers to Access-Requests must have a Message-Authenticator (CVE-2024-3596).</summary>
public enum MessageAuthenticatorPolicy
{
    /// <summary>Required after the first answer of the server that has a valid one.</summary>
    Auto,
    Required,
    Optional,
}

/// <summary>The configuration of a server. Times are in milliseconds.</summary>
public sealed record RadiusServer
{
    /// <summary>The name in log lines and counters.</summary>
    public required string Name { get; init; }

    /// <summary>The secret shared with the server.</summary>
    public required byte[] Secret { get; init; }

    public MessageAuthenticatorPolicy MessageAuthenticator { get; init; }

    public RetransmissionTimer Retransmission { get; init; } = new();

    /// <summary>Requests that may be outstanding at one time; further ones wait in a queue. 1 to 65,536.</summary>
    public int MaxOutstanding { get; init; } = 1_024;

    /// <summary>Requests that may wait for an identifier; further ones are refused at once.</summary>
    public int MaxQueued { get; init; } = 65_536;

    /// <summary>Whether packets go over connections (RADIUS/TLS, RFC 6614) that carry both services.</summary>
    public bool IsStream { get; init; }

    /// <summary>
    /// Whether it is probed with Status-Server (RFC 5997): over UDP while it does not answer, over a connection also while it is idle.
    /// </summary>
    public bool HasStatusServer { get; init; }

    /// <summary>
    /// With <see cref="HasStatusServer"/>: whether it may be a server that ignores Status-Server. Silence is no proof then, until it has
    /// answered one.
    /// </summary>
    public bool MayIgnoreStatusServer { get; init; }

    /// <summary>Number of consecutive requests without an answer after which it is suspect.</summary>
    public int SuspectAfter { get; init; } = 3;

    /// <summary>How long it is suspect without a valid answer before it is dead.</summary>
    public long SuspectTime { get; init; } = 40_000;

    /// <summary>How long a dead server without Status-Server gets no request; then one request tries it.</summary>
    public long DeadTime { get; init; } = 60_000;

    /// <summary>Tw of RFC 3539 section 3.4.1: the time between two Status-Server probes.</summary>
    public long ProbeInterval { get; init; } = 30_000;

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => Name;
}
