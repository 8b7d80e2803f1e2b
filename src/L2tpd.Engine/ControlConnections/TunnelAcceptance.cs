using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Judges SCCRQ, SCCRP and SCCCN by version and authentication (RFC 2661 sections 4.4.3 and 5.1.1); <c>null</c> if acceptable.
/// </summary>
internal static class TunnelAcceptance
{
    private const ushort Version1 = 1;

    /// <summary>An SCCRQ under the profile it matched.</summary>
    public static EndReason? Judge(PeerProfile peer, Sccrq request) =>
        JudgeVersion(request) ?? JudgeChallenge(peer.Secret, request.Challenge);

    /// <summary>The SCCRP to our SCCRQ.</summary>
    public static EndReason? Judge(Tunnel tunnel, TunnelSecrets secrets, Sccrp reply) =>
        JudgeVersion(reply)
        ?? JudgeName(tunnel, reply)
        ?? JudgeResponse(tunnel, secrets, MessageType.Sccrp, reply.ChallengeResponse)
        ?? JudgeChallenge(secrets.Current, reply.Challenge);

    /// <summary>The SCCCN to our SCCRP.</summary>
    public static EndReason? Judge(Tunnel tunnel, TunnelSecrets secrets, Scccn connected) =>
        JudgeResponse(tunnel, secrets, MessageType.Scccn, connected.ChallengeResponse);

    private static EndReason? JudgeVersion(StartControlConnection introduction) =>
        introduction.ProtocolVersion >> 8 == Version1
            ? null
            : new EndReason
            {
                Cause = EndCause.ProtocolError,
                Text = $"the peer speaks protocol version {introduction.ProtocolVersion >> 8}.{introduction.ProtocolVersion & 0xff}, "
                    + "only 1 is supported",
                // The RFC does not say whether the error code is Ver or Ver.Rev: the version number alone is sent (l2tpv2.md section 9).
                Result = new ResultCode(StopCcnResult.ProtocolVersionUnsupported, Version1),
            };

    /// <summary>The Host Name that a server said the LNS has (RFC 2868 section 3.10); <c>null</c> if it has it, or none was said.</summary>
    public static EndReason? JudgeName(Tunnel tunnel, Sccrp reply) =>
        tunnel.Candidate?.PeerHostName is { } expected && reply.HostName != expected
            ? NotAuthorised($"the peer is {reply.HostName}, and should be {expected} (Tunnel-Server-Auth-ID)", "unexpected host name")
            : null;

    private static EndReason? JudgeChallenge(byte[]? secret, byte[]? challenge) =>
        challenge is null || secret is not null
            ? null
            : NotAuthorised("the peer asks for authentication and no secret is configured for it", "no secret configured here");

    private static EndReason? JudgeResponse(Tunnel tunnel, TunnelSecrets secrets, MessageType carrier, byte[]? response)
    {
        if (tunnel.Phase is not TunnelPhase.BeingSetUp { Challenge: { } challenge })
            return null;
        if (response is null)
        {
            return tunnel.Profile.Quirks.HasFlag(PeerQuirks.AllowMissingChallengeResponse)
                ? null
                : NotAuthorised(
                    "the peer did not answer the challenge (it has no secret, or authentication is off there)",
                    "challenge response missing");
        }

        return secrets.Verify(carrier, challenge, response)
            ? null
            : NotAuthorised("the peer answered the challenge wrongly: the secrets differ", "challenge response wrong");
    }

    private static EndReason NotAuthorised(string text, string message) => new()
    {
        Cause = EndCause.AuthenticationFailed,
        Text = text,
        Result = new ResultCode(StopCcnResult.NotAuthorized, null, message),
    };
}
