namespace L2tpd.Ppp;

/// <summary>A peer's proof of its identity, complete enough to verify it here or to forward it to RADIUS unchanged.</summary>
public sealed record AuthenticationRequest
{
    /// <summary>By which protocol.</summary>
    public required AuthenticationProtocol Protocol { get; init; }

    /// <summary>The name as sent, 0 to 255 octets (from a proxy AVP: up to 1,017).</summary>
    public required byte[] Name { get; init; }

    /// <summary>The packet's identifier: part of CHAP's hash, and of CHAP-Password and MS-CHAP2-Response.</summary>
    public byte Id { get; init; }

    /// <summary>The challenge sent; empty with PAP.</summary>
    public byte[] Challenge { get; init; } = [];

    /// <summary>
    /// PAP: the password; CHAP: the 16 octets; MS-CHAPv2: the 49 octets of the response's value; EAP: the whole response packet, at most
    /// 3,000 octets.
    /// </summary>
    public required byte[] Response { get; init; }

    /// <summary>EAP: <see cref="AuthenticationChallenge.State"/> of the request that this answers; <c>null</c>: none.</summary>
    public byte[]? State { get; init; }

    /// <summary>EAP: octets of the longest request that the link carries (Framed-MTU); 0 otherwise.</summary>
    public ushort LinkMtu { get; init; }

    /// <summary>True if a LAC received the proof and forwarded it in AVPs.</summary>
    public bool Proxied { get; init; }

    /// <summary>True for a repeated challenge of a session that is up: address and accounting stay as they are.</summary>
    public bool Repeated { get; init; }

    /// <summary>The name as text; octets that are not UTF-8 become U+FFFD.</summary>
    public string UserName => System.Text.Encoding.UTF8.GetString(Name);

    /// <summary>Never shows the proof.</summary>
    public override string ToString() => $"AuthenticationRequest {{ Protocol = {Protocol}, UserName = {UserName} }}";
}

/// <summary>The decision on an <see cref="AuthenticationRequest"/>.</summary>
public sealed record AuthenticationResult
{
    /// <summary>Whether the proof is valid.</summary>
    public required bool Accepted { get; init; }

    /// <summary>
    /// The user's name for accounting and for the limit of sessions per user, if it differs from the name that the peer sent: the entry
    /// that matched, or User-Name of the Access-Accept.
    /// </summary>
    public string? UserName { get; init; }

    /// <summary>Text for the peer; at most 200 octets are sent.</summary>
    public string? Message { get; init; }

    /// <summary>MS-CHAPv2 success: <c>S=</c> and 40 hexadecimal digits (RADIUS: MS-CHAP2-Success without its first octet).</summary>
    public string? AuthenticatorResponse { get; init; }

    /// <summary>MS-CHAPv2 failure: RFC 2759 section 6 error, 646 to 709.</summary>
    public int MsChapError { get; init; } = AuthenticationFailure;

    /// <summary>MS-CHAPv2 failure: whether the peer may try again, within the profile's limit (R= of RFC 2759 section 6).</summary>
    public bool MayRetry { get; init; } = true;

    /// <summary>MS-CHAPv2 failure: 16 octets, the challenge of the next attempt (C=); <c>null</c>: one of ours.</summary>
    public byte[]? RetryChallenge { get; init; }

    /// <summary>What the user may have; <c>null</c>: the profile's defaults.</summary>
    public Authorisation? Authorisation { get; init; }

    /// <summary>EAP: the server goes on with this request, and nothing is decided; <c>null</c>: the result is final.</summary>
    public AuthenticationChallenge? Challenge { get; init; }

    /// <summary>Failure: why, for our log.</summary>
    public string? Reason { get; init; }

    /// <summary>691, ERROR_AUTHENTICATION_FAILURE.</summary>
    public const int AuthenticationFailure = 691;

    /// <summary>A refusal.</summary>
    /// <param name="reason">For our log.</param>
    /// <param name="message">For the peer; <c>null</c>: a neutral text.</param>
    public static AuthenticationResult Refuse(string reason, string? message = null) =>
        new() { Accepted = false, Reason = reason, Message = message };
}

/// <summary>The next request of a server's EAP conversation (RFC 3579 section 2.1).</summary>
/// <param name="Packet">The whole EAP packet for the peer.</param>
/// <param name="State">To be returned with the peer's response; <c>null</c>: none.</param>
/// <param name="Timeout">Milliseconds that the peer may need for its response; 0: as usual.</param>
public sealed record AuthenticationChallenge(byte[] Packet, byte[]? State, long Timeout = 0);
