using System.Collections.Immutable;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>
/// A back end of authentication, authorisation and accounting: local users, RADIUS. Nothing blocks and nothing calls back: a request
/// carries a number of the host, and the host takes the answers by <see cref="TryTake"/> once per turn of its loop.
/// </summary>
public interface IAccessBackend
{
    /// <summary>Starts an authentication; one <see cref="AccessAnswer.Authenticated"/> with the number follows.</summary>
    void Authenticate(ulong requestId, AccessRequest request, long now);

    /// <summary>
    /// Starts the delivery of an accounting record; one <see cref="AccessAnswer.Accounted"/> with the number follows. The host asks for
    /// answers until it has all of them, also after the session's end. <see cref="AccountingStatus.Off"/> should be sent within the call:
    /// no other call follows.
    /// </summary>
    void Account(ulong requestId, AccountingRecord record, long now);

    /// <summary>The host no longer waits for the answer; none follows.</summary>
    void Cancel(ulong requestId);

    /// <summary>Takes one answer or one request from outside.</summary>
    /// <returns>False if there is none now.</returns>
    bool TryTake(out AccessAnswer? answer);

    /// <summary>Answers a request from outside.</summary>
    /// <param name="requestId">The number of the request.</param>
    /// <param name="outcome">The result.</param>
    void Answer(ulong requestId, ControlOutcome outcome);

    /// <summary>When to call <see cref="HandleDeadline"/>; <see cref="long.MaxValue"/>: never.</summary>
    long NextDeadline { get; }

    /// <summary>Time reached <see cref="NextDeadline"/>: retransmissions, for example.</summary>
    void HandleDeadline(long now);
}

/// <summary>An answer of a back end, or a request from outside that it received.</summary>
/// <param name="RequestId">The host's number; for requests from outside a number of the back end.</param>
public abstract record AccessAnswer(ulong RequestId)
{
    /// <summary>The result of an authentication.</summary>
    public sealed record Authenticated(ulong RequestId, AuthenticationResult Result) : AccessAnswer(RequestId);

    /// <summary>An accounting record is stored, or lost.</summary>
    /// <param name="RequestId">The host's number.</param>
    /// <param name="Error">Why the record is lost; <c>null</c> if it is stored.</param>
    public sealed record Accounted(ulong RequestId, string? Error) : AccessAnswer(RequestId);

    /// <summary>Disconnect-Request from outside: the host closes the session and calls <see cref="IAccessBackend.Answer"/>.</summary>
    public sealed record Disconnect(ulong RequestId, SessionIdentification Selector, string From) : AccessAnswer(RequestId)
    {
        /// <summary>Acct-Terminate-Cause for the Stop; none: Admin-Reset.</summary>
        public TerminateCause Cause { get; init; }

        /// <summary>Class for the Stop, instead of that of the Access-Accept; empty: that one.</summary>
        public ImmutableArray<ImmutableArray<byte>> Class { get; init; } = [];
    }

    /// <summary>CoA-Request from outside: the host changes the session and calls <see cref="IAccessBackend.Answer"/>.</summary>
    public sealed record Change(ulong RequestId, SessionIdentification Selector, string From, AuthorisationChange Authorisation)
        : AccessAnswer(RequestId);
}

/// <summary>
/// What a CoA-Request changes; what is <c>null</c> stays as it is. Times in milliseconds, counted from the change; 0 turns one off.
/// </summary>
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

    /// <summary>Class: of all further accounting records.</summary>
    public ImmutableArray<ImmutableArray<byte>>? Class { get; init; }

    /// <summary>Whether nothing changes.</summary>
    public bool IsEmpty => this == new AuthorisationChange();
}
