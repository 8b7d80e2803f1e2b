namespace L2tpd.Control;

/// <summary>What the built-in PPP knows of the user of a session.</summary>
public sealed record SubscriberView
{
    /// <summary>The user's name; <c>null</c>: there was no authentication.</summary>
    public string? User { get; init; }

    /// <summary>Seconds until the session's time is over; <c>null</c>: no limit.</summary>
    public double? SessionSecondsLeft { get; init; }

    /// <summary>The user proves itself again at that time, and the session goes on.</summary>
    public bool? ReauthenticatesThen { get; init; }

    /// <summary>Seconds until the session ends if no data comes before; <c>null</c>: no limit.</summary>
    public double? IdleSecondsLeft { get; init; }

    /// <summary>Filters that the session has; <c>null</c>: none.</summary>
    public IReadOnlyList<string>? Filters { get; init; }

    /// <summary>Networks of the user that lead to the session; <c>null</c>: none.</summary>
    public IReadOnlyList<string>? Routes { get; init; }
}

/// <summary>A route of a user.</summary>
public sealed record RouteView
{
    public required string Destination { get; init; }

    /// <summary>The gateway that the server wrote; <c>null</c>: the session itself.</summary>
    public string? Gateway { get; init; }

    public required uint Metric { get; init; }

    /// <summary>Name of the session.</summary>
    public required string Session { get; init; }

    /// <summary>Its id: <c>tunnel/session</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The user; <c>null</c>: there was no authentication.</summary>
    public string? User { get; init; }

    /// <summary>"installed", "waiting" (another session has it), "refused" (by the profile's rules) or "failed" (by the kernel).</summary>
    public required string State { get; init; }

    /// <summary>Why it is not installed; <c>null</c>: it is.</summary>
    public string? Problem { get; init; }
}
