using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Operations.Control;

namespace L2tpd.Daemon.Hosting;

/// <summary>Reads the values of <c>l2tpctl session change</c>.</summary>
internal static class SessionChange
{
    private static readonly TimeSpan LeastInterim = TimeSpan.FromSeconds(60);

    /// <summary>Reads the changes.</summary>
    /// <param name="changes">Pairs of keys and values.</param>
    /// <exception cref="ControlRequestException">A value is wrong; the message says which, and what it could be.</exception>
    public static AuthorisationChange Read(IEnumerable<KeyValuePair<string, string>> changes)
    {
        var change = new AuthorisationChange();
        foreach (var (key, value) in changes)
        {
            change = key switch
            {
                "rate" => WithRate(change, value),
                "session-timeout" => change with { SessionTimeout = Milliseconds(key, value) },
                "idle-timeout" => change with { IdleTimeout = Milliseconds(key, value) },
                "interim-interval" => change with { InterimInterval = Interim(key, value) },
                "filter" when value.Length > 0 => change with { Filters = [.. change.Filters ?? [], value] },
                _ => throw new ControlRequestException($"{key}: `{value}` is not a value"),
            };
        }

        return change;
    }

    /// <summary>Tells the operator why nothing was changed.</summary>
    /// <exception cref="ControlRequestException">The outcome is not "done".</exception>
    public static void ThrowIfRefused(ControlOutcome outcome)
    {
        if (outcome == ControlOutcome.Done)
            return;

        throw new ControlRequestException(outcome switch
        {
            ControlOutcome.SessionNotFound => "nothing was changed: the session has no built-in PPP with a network up",
            ControlOutcome.UnsupportedAttribute => "nothing was changed: what was asked for cannot be changed on this session",
            ControlOutcome.InvalidAttributeValue => "nothing was changed: a value cannot be used, for example an unknown filter",
            _ => $"nothing was changed: {outcome}",
        });
    }

    private static AuthorisationChange WithRate(AuthorisationChange change, string value) =>
        RateText.TryParsePair(value, out var toPeer, out var fromPeer)
            ? change with { RateToPeer = toPeer, RateFromPeer = fromPeer }
            : throw new ControlRequestException(
                $"rate: `{value}` is not a rate; write DOWN/UP in bit/s such as `10M/2M`, one rate for both, or 0 for no limit");

    private static long Milliseconds(string key, string value) => DurationReader.TryRead(value, out var duration, out var problem)
        ? (long)duration.TotalMilliseconds
        : throw new ControlRequestException($"{key}: {problem}");

    private static long Interim(string key, string value) => Milliseconds(key, value) is var interval
        && (interval == 0 || interval >= LeastInterim.TotalMilliseconds)
            ? interval
            : throw new ControlRequestException($"{key}: {value} is too short; at least 60s, or `never`");
}
