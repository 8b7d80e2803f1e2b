namespace L2tpd.Control;

/// <summary>An error as application/problem+json (RFC 9457).</summary>
/// <param name="Type">One of <see cref="ProblemTypes"/>.</param>
/// <param name="Title">The kind of error in words.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What happened, and what to do.</param>
/// <param name="Candidates">For <see cref="ProblemTypes.Ambiguous"/>: an id of each object that has the name.</param>
/// <param name="Errors">For <see cref="ProblemTypes.ReloadRefused"/>: errors in the files, one line each.</param>
public sealed record Problem(
    string Type,
    string Title,
    int Status,
    string? Detail = null,
    IReadOnlyList<string>? Candidates = null,
    IReadOnlyList<string>? Errors = null)
{
    /// <summary>Content type of the body.</summary>
    public const string ContentType = "application/problem+json";
}

/// <summary>Values of <see cref="Problem.Type"/>.</summary>
public static class ProblemTypes
{
    public const string NotFound = "urn:l2tpd:not-found";
    public const string Ambiguous = "urn:l2tpd:ambiguous";
    public const string BadRequest = "urn:l2tpd:bad-request";

    /// <summary>The groups of the client do not permit the request.</summary>
    public const string Forbidden = "urn:l2tpd:forbidden";

    /// <summary>The files have errors, or the reload would remove all tunnels or all peers. Nothing was changed.</summary>
    public const string ReloadRefused = "urn:l2tpd:reload-refused";

    public const string Internal = "urn:l2tpd:internal";

    /// <summary>The daemon is starting or stopping, or its loop did not answer in time.</summary>
    public const string Unavailable = "urn:l2tpd:unavailable";
}

/// <summary>Answer to a change of a session.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id: tunnel/session.</param>
/// <param name="Changes">What was changed, as KEY=VALUE.</param>
public sealed record ChangedView(string Name, string Id, IReadOnlyList<string> Changes);

/// <summary>Answer to a close: the tunnel or session being closed. It ends when the peer acknowledges or does not answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id: tunnel, or tunnel/session.</param>
/// <param name="Sessions">Sessions that end with a tunnel.</param>
public sealed record ClosedView(string Name, string Id, int? Sessions = null);
