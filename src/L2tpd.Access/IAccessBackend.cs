using System.Collections.Immutable;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>
/// Authentication, authorisation and accounting: local users here, RADIUS later. Nothing blocks and nothing calls back: requests
/// carry an id of the host's, and the host takes what has come with <see cref="TryTake"/> when the loop turns.
/// </summary>
public interface IAccessBackend
{
    /// <summary>Starts an authentication; <see cref="AccessAnswer.Authenticated"/> with the id follows, once.</summary>
    void Authenticate(ulong requestId, AccessRequest request, long now);

    /// <summary>
    /// Starts accounting for an event; <see cref="AccessAnswer.Accounted"/> with the id follows, once. The host keeps asking for answers as long
    /// as one is outstanding, whatever became of the session; an <see cref="AccountingStatus.Off"/> should leave within the call, since it is the last.
    /// </summary>
    void Account(ulong requestId, AccountingRecord record, long now);

    /// <summary>The answer is no longer wanted; none follows unless it was already there.</summary>
    void Cancel(ulong requestId);

    /// <summary>Takes one answer or one request from outside.</summary>
    /// <returns>False when there is none now.</returns>
    bool TryTake(out AccessAnswer? answer);

    /// <summary>Answers a request from outside.</summary>
    /// <param name="requestId">As the request came.</param>
    /// <param name="outcome">What became of it.</param>
    void Answer(ulong requestId, ControlOutcome outcome);

    /// <summary>When <see cref="HandleDeadline"/> is wanted; <see cref="long.MaxValue"/>: never.</summary>
    long NextDeadline { get; }

    /// <summary>Retransmissions and the like.</summary>
    void HandleDeadline(long now);
}

/// <summary>What a backend has for its host.</summary>
/// <param name="RequestId">The host's id, or the backend's own for requests from outside.</param>
public abstract record AccessAnswer(ulong RequestId)
{
    /// <summary>The verdict on an authentication.</summary>
    public sealed record Authenticated(ulong RequestId, AuthenticationResult Result) : AccessAnswer(RequestId);

    /// <summary>An accounting record is stored, or given up on.</summary>
    /// <param name="RequestId">The host's id.</param>
    /// <param name="Error">Null: stored.</param>
    public sealed record Accounted(ulong RequestId, string? Error) : AccessAnswer(RequestId);

    /// <summary>Disconnect-Request from outside: the host closes the session and calls <see cref="IAccessBackend.Answer"/>.</summary>
    public sealed record Disconnect(ulong RequestId, SessionSelector Selector, string From) : AccessAnswer(RequestId);

    /// <summary>CoA-Request from outside: the host changes the session and calls <see cref="IAccessBackend.Answer"/>.</summary>
    public sealed record Change(ulong RequestId, SessionSelector Selector, string From, AuthorisationChange Authorisation) : AccessAnswer(RequestId);
}

/// <summary>What a CoA-Request changes; what is <c>null</c> stays as it is. Times in milliseconds, counted from the change; 0 turns one off.</summary>
public sealed record AuthorisationChange
{
    /// <summary>Session-Timeout.</summary>
    public long? SessionTimeout { get; init; }

    /// <summary>Idle-Timeout.</summary>
    public long? IdleTimeout { get; init; }

    /// <summary>Acct-Interim-Interval.</summary>
    public long? InterimInterval { get; init; }

    /// <summary>Largest rate from the peer.</summary>
    public RateLimit? RateFromPeer { get; init; }

    /// <summary>Largest rate to the peer.</summary>
    public RateLimit? RateToPeer { get; init; }

    /// <summary>Filter-Id.</summary>
    public ImmutableArray<string>? Filters { get; init; }

    /// <summary>Framed-Route and Framed-IPv6-Route.</summary>
    public ImmutableArray<FramedRoute>? Routes { get; init; }
}
