using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Admission;

/// <summary>
/// Judges an SCCRQ that names no tunnel of ours: makes it one of the SCCRQ events of <see cref="TunnelFsm"/>. What follows from the event
/// is the state machine's decision, and <see cref="SccrqGate"/> carries it out.
/// </summary>
internal sealed class SccrqJudge(EngineContext context, TunnelTable tunnels, RequestIds ids)
{
    /// <summary>Octets of an SCCRQ over UDP that is answered, and kept: all its AVPs at their longest, hidden ones included.</summary>
    private const int LongestRequest = 4_096;

    /// <summary>An SCCRQ without an error.</summary>
    public SccrqVerdict Judge(in Approach approach, Sccrq request)
    {
        if (approach.Peer is not { } peer)
        {
            var unknown = new ResultCode(StopCcnResult.NotAuthorized, null, "no peer profile matches");
            return Refused(approach.Security, unknown, "no peer profile matches its address and host name");
        }

        // With a tie the SCCRQ is secured by the rules of our attempt.
        var ours = FindTied(approach, request, out var security);
        var tie = ours is null ? Tie.Peers : TieBreakers.Compare(ours.OurTieBreaker, request.TieBreaker);
        if (tie == Tie.Ours)
            return new SccrqVerdict(TunnelEvent.SccrqWinTie, ours) { Security = security };
        if (tie == Tie.Equal && ours is not null && (approach.PeerId == ours.LocalId || approach.PeerId == ours.WideId))
        {
            // To yield to it, as to an equal value, would let anybody who sees our SCCRQ, and has no secret, end each attempt.
            context.Notify(new TunnelRefused(
                approach.Remote, request.HostName, null, "it is our own SCCRQ that came back: does this daemon dial itself?"));
            return new SccrqVerdict(TunnelEvent.SccrqCopiedTie, ours);
        }

        // Ours yields only to what is acceptable: otherwise one bad SCCRQ would cost both tunnels.
        var rules = ours?.Profile ?? peer;
        if (FindFault(approach, request, rules, ours, security) is { } fault)
            return fault;
        if (tie == Tie.Equal && ours is not null)
            return new SccrqVerdict(IsProved(ours, security) ? TunnelEvent.SccrqEqualTie : TunnelEvent.SccrqCopiedTie, ours);
        return Accept(approach, rules, ours, security);
    }

    /// <summary>The SCCRQ gets an id, if there is one. Without a tie it is the first event of a machine of its own.</summary>
    private SccrqVerdict Accept(in Approach approach, PeerProfile rules, Tunnel? ours, MessageSecurity? security)
    {
        var noRoom = new ResultCode(StopCcnResult.GeneralError, GeneralError.InsufficientResources);
        if (!approach.Remote.IsOverIp && approach.Message.Length > LongestRequest)
            return Refused(security, noRoom, $"the SCCRQ is longer than {LongestRequest} octets");
        var id = ids.Draw(approach.Version, approach.Remote);
        return id.IsNone
            ? Refused(security, noRoom, "all tunnel ids are in use")
            : new SccrqVerdict(ours is null ? TunnelEvent.SccrqAcceptable : TunnelEvent.SccrqLoseTie, ours)
            {
                Rules = rules,
                Security = security,
                LocalId = id,
            };
    }

    /// <summary>
    /// Our own SCCRQ on its way to the same peer, if one of the two carries a tie breaker (RFC 2661 section 5.8) and ours may be
    /// of the same version; otherwise both tunnels proceed.
    /// </summary>
    private Tunnel? FindTied(in Approach approach, Sccrq request, out MessageSecurity? security)
    {
        security = approach.Security;
        var atAddress = tunnels.Outstanding.FindByAddress(approach.Remote, request);
        // Without a signature a name is only a claim: whoever made it could take the tunnel over.
        var ours = atAddress ?? (security is null ? null : tunnels.Outstanding.FindByName(approach.Remote, request));
        if (ours is null || (ours.OurTieBreaker is null && request.TieBreaker is null) || ours.Dialect.Reading(approach.Version) is null)
            return null;
        if (security is null)
            return ours;
        // A sender that cannot give what our tunnel asks of its peer is another one: behind the same address, or of the same name.
        var ofOurs = MessageSecurity.ForAnswer(ours.Profile, approach.Message);
        if (ofOurs is null || (atAddress is null && ofOurs.Mode != SecurityMode.Authenticated))
            return null;
        security = ofOurs;
        return ours;
    }

    /// <summary>Why the SCCRQ is not acceptable; <c>null</c> if it is.</summary>
    private SccrqVerdict? FindFault(in Approach approach, Sccrq request, PeerProfile rules, Tunnel? ours, MessageSecurity? security)
    {
        if (tunnels.Challenges.AreReflectedIn(request))
        {
            // In L2TPv3 it may be our own SCCRQ, and a refusal would be signed so that it ends that attempt: there is none.
            var reflected = TunnelReasons.Reflected();
            return Refused(security, security is null ? reflected.Result : null, reflected.Text);
        }

        // RFC 2661 section 4.4.2: a LAC with other LNSs tries one of them.
        if (ours is null && context.Drain.Includes(rules.Name))
            return Refused(security, new ResultCode(StopCcnResult.GeneralError, GeneralError.TryAnother, "drained"), TunnelReasons.Drained);
        // The former tunnels of a peer that started again end, as does our attempt if it lost the tie: none of them counts.
        var formerOnes = SamePeerTunnels.Leaving(tunnels.SamePeer.Former(rules, approach.Remote, request.HostName), approach.Former);
        var limit = context.IsShuttingDown
            ? "the daemon is shutting down"
            : TunnelLimits.Exceeded(context, tunnels, rules, [approach.Former, ours, .. formerOnes]);
        if (limit is not null)
            return Refused(security, new ResultCode(StopCcnResult.GeneralError, GeneralError.InsufficientResources, limit), limit);
        return approach.Rules.Judge(rules, request) is { } refusal ? Refused(security, refusal.Result, refusal.Text) : null;
    }

    /// <summary>
    /// Whether an equal tie breaker is the peer's own. Whoever sees our SCCRQ could repeat its tie breaker: where there is a secret, only a
    /// signed SCCRQ ends ours (ADR 4). Two ends that are equal by chance and cannot know it from each other both dial again when they have
    /// given up.
    /// </summary>
    private static bool IsProved(Tunnel ours, MessageSecurity? security) =>
        ours.Profile.Secret is null || security is { Mode: SecurityMode.Authenticated };

    private static SccrqVerdict Refused(MessageSecurity? security, ResultCode? result, string reason) =>
        SccrqVerdict.Refused(security, result, reason);
}
