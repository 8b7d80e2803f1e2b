namespace L2tpd.Control;

/// <summary>RADIUS servers.</summary>
/// <param name="Items">In the order of the configuration.</param>
public sealed record RadiusView(IReadOnlyList<RadiusServerView> Items);

/// <summary>A RADIUS server as the daemon sees it.</summary>
public sealed record RadiusServerView
{
    public required string Name { get; init; }

    /// <summary>Address and port, of authentication if accounting has another one.</summary>
    public required string Address { get; init; }

    /// <summary>"udp" or "tls".</summary>
    public required string Transport { get; init; }

    /// <summary>"up", "suspect" (several requests in a row had no answer) or "dead".</summary>
    public required string State { get; init; }

    /// <summary>How long it has been dead; <c>null</c> in other states.</summary>
    public double? DeadSeconds { get; init; }

    /// <summary>Status-Server is sent until it answers.</summary>
    public required bool Probing { get; init; }

    /// <summary>Open TLS connections; <c>null</c> with UDP.</summary>
    public int? Connections { get; init; }

    /// <summary>Groups that have it.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>Smoothed time from request to answer; <c>null</c> before the first answer.</summary>
    public double? RoundTripMilliseconds { get; init; }

    /// <summary>Requests that wait for its answer.</summary>
    public required int InFlight { get; init; }

    /// <summary>Requests that wait until they may be sent to it.</summary>
    public required int Waiting { get; init; }

    /// <summary>Counters by name, since the daemon started or the server was added.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }
}
