using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>
/// A PPP session as access control sees it: it asks for results of authentications, and requests from outside change or end it.
/// </summary>
public interface IAccessSession
{
    /// <summary>The session's name in log lines.</summary>
    string Name { get; }

    /// <summary>
    /// Number of the request that has no answer yet, or had its answer last; written by <see cref="AccessDispatcher"/> only.
    /// </summary>
    ulong OpenRequest { get; set; }

    /// <summary>The result of an authentication.</summary>
    /// <param name="attempt">As the session asked.</param>
    /// <param name="result">The back end's answer.</param>
    void OnAuthenticated(uint attempt, AuthenticationResult result);

    /// <summary>
    /// Whether a request from outside means this session: every attribute of the selector must match (RFC 5176 section 3).
    /// </summary>
    /// <param name="backend">The back end that received the request, whose sessions it may mean; <c>null</c>: those of all.</param>
    /// <param name="selector">The attributes.</param>
    bool Matches(IAccessBackend? backend, SessionIdentification selector);

    /// <summary>Disconnect-Request: ends the session.</summary>
    void Disconnect(AccessAnswer.Disconnect request);

    /// <summary>CoA-Request: changes what the request names.</summary>
    ControlOutcome Change(AccessAnswer.Change change, long now);
}

/// <summary>Receives what <see cref="AccessDispatcher"/> has to report, for the log.</summary>
public interface IAccessObserver
{
    /// <summary>A back end gave up on an accounting record.</summary>
    void OnAccountingLost(string error);

    /// <summary>A request from outside was served.</summary>
    /// <param name="request">The request.</param>
    /// <param name="session">Name of the session it means; <c>null</c> if it means none.</param>
    /// <param name="outcome">The answer.</param>
    void OnRequestServed(AccessAnswer request, string? session, ControlOutcome outcome);
}
