namespace L2tpd.Control;

/// <summary>How far a session, tunnel or user came, and what it waits for or died of.</summary>
public sealed record ExplanationView
{
    /// <summary>What is explained: "session hq/office", "tunnel hq", "user alice" or "peer 192.0.2.9".</summary>
    public required string Subject { get; init; }

    /// <summary>One sentence: it works, what it waits for, or that it is not there and why.</summary>
    public required string Summary { get; init; }

    /// <summary>What it needs, from the tunnel to the last network layer; empty if it is not there.</summary>
    public required IReadOnlyList<ExplanationStep> Steps { get; init; }

    /// <summary>Its last ends and failed authentications, the latest first; <c>null</c>: the history has none.</summary>
    public IReadOnlyList<ExplanationPast>? Past { get; init; }
}

/// <summary>One thing that a session needs.</summary>
/// <param name="Part">
/// "IPsec", "tunnel", "session", "data plane", "LCP", "authentication", "IPCP", "IPv6CP", "DHCPv6", "network" and so on.
/// </param>
/// <param name="State">"done", "waiting", "failed", "not-reached" or "off" (not configured, or not asked for).</param>
/// <param name="Text">How far it is, in words.</param>
public sealed record ExplanationStep(string Part, string State, string Text)
{
    /// <summary>It is there.</summary>
    public const string Done = "done";

    /// <summary>It is what everything after it waits for.</summary>
    public const string Waiting = "waiting";

    /// <summary>It failed.</summary>
    public const string Failed = "failed";

    /// <summary>Something before it is not there yet.</summary>
    public const string NotReached = "not-reached";

    /// <summary>It is not configured, or nobody asked for it.</summary>
    public const string Off = "off";
}

/// <summary>An earlier end or failed authentication.</summary>
/// <param name="At">When it was.</param>
/// <param name="Name">Name of the tunnel or session.</param>
/// <param name="Text">What it was and why, in words.</param>
public sealed record ExplanationPast(DateTimeOffset At, string Name, string Text);
