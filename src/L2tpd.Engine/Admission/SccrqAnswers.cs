using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Events;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Admission;

/// <summary>
/// Carries out what the state machine asks for an SCCRQ without a tunnel: SCCRP and a record or a tunnel, or a StopCCN alone.
/// </summary>
internal sealed class SccrqAnswers(
    EngineContext context, TunnelTable tunnels, TunnelMachine machine, HalfOpenRequests requests, HalfOpenReceiver halfOpen, RequestIds ids,
    UnprovenBudget budget)
{
    /// <summary>Answers an acceptable SCCRQ.</summary>
    /// <param name="approach">The SCCRQ.</param>
    /// <param name="verdict">The rules and the id of the answer.</param>
    /// <param name="yielding">The configured tunnel whose attempt yields when this one is established; <c>null</c> without a tie.</param>
    public void Admit(in Approach approach, in SccrqVerdict verdict, DialledTunnel? yielding)
    {
        if (approach.Request is not { } request || verdict.Rules is not { } rules)
            return;
        if (approach.Remote.IsOverIp)
            AdmitTunnel(approach, verdict, request, rules, yielding);
        else
            AdmitRecord(approach, verdict, request, rules, yielding);
    }

    /// <summary>SCCRP once more for an SCCRQ that has a record.</summary>
    public void AnswerAgain(int place, in Approach approach, Sccrq request)
    {
        var record = requests[place];
        var security = approach.Security;
        if (record.Profile != approach.Peer && record.Version == ProtocolVersion.V3)
            security = MessageSecurity.ForAnswer(record.Profile, approach.Message);
        if (record.Version == approach.Version && (security is null) == (record.Version == ProtocolVersion.V2))
            StatelessReply.Answer(context, record, request, security, SecretsOf(approach, record.Profile), approach.Header.Length);
    }

    /// <summary>StopCCN for an SCCRQ that is not acceptable. A verdict without a result is counted and reported only.</summary>
    public void Refuse(in Approach approach, in SccrqVerdict verdict)
    {
        if (verdict.Result is { } result)
        {
            Refuse(approach, verdict.Security, result, verdict.Reason ?? "");
            return;
        }

        context.Counters.TunnelsRefused++;
        context.Notify(new TunnelRefused(approach.Remote, approach.HostName, null, verdict.Reason ?? ""));
    }

    /// <summary>StopCCN for an SCCRQ that lost the tie (RFC 3931 section 5.4.3). Of the result codes 3 is the one that fits.</summary>
    public void RefuseLoser(in Approach approach, in SccrqVerdict verdict) => Refuse(
        approach, verdict.Security, new ResultCode(StopCcnResult.ControlChannelExists, null, "lost the tie"),
        "we dialled it at the same moment and our tie breaker won");

    /// <summary>Reports an SCCRQ that no secret of the profile has signed: it is dropped.</summary>
    public void ReportUnsigned(in Approach approach, PeerProfile peer)
    {
        if (!budget.AdmitsRefusal(approach.Remote))
            return;
        context.Notify(new TunnelRefused(
            approach.Remote, approach.HostName, null,
            $"its SCCRQ was dropped without an answer: it is not signed with a secret of {peer.Name}; the secrets may differ"));
    }

    /// <summary>
    /// Reports an SCCRQ whose id cannot be read. A peer that signs with a secret we have, and hides its id with one we do not have, cannot
    /// be answered: its operator sees that we are silent, and would look for the reason in vain.
    /// </summary>
    public void ReportUnreadable(in Approach approach)
    {
        var error = approach.Decoded.Error;
        var isSigned = approach.Security is { Mode: SecurityMode.Authenticated };
        if ((!isSigned && error.Kind != DecodeErrorKind.CannotUnhide) || !budget.AdmitsRefusal(approach.Remote))
            return;
        context.Counters.TunnelsRefused++;
        context.Notify(new TunnelRefused(
            approach.Remote, approach.HostName, null,
            $"no answer is possible, its id cannot be read ({error.Describe()}): "
            + "it may hide AVPs with a secret that is not configured for it here"));
    }

    private void Refuse(in Approach approach, MessageSecurity? security, ResultCode result, string reason)
    {
        if (!budget.AdmitsRefusal(approach.Remote))
            return;
        context.Counters.TunnelsRefused++;
        // AVP 9 must not be 0 even when no id is free; the peer finds the attempt by its own id. AVP 61 is left out, as no SCCRP was sent.
        var id = security is null ? ids.Random(ProtocolVersion.V2) : TunnelId.None;
        StatelessReply.Refuse(context, approach.Path, approach.PeerId, id, approach.Peer?.Readable(result) ?? result, security);
        context.Notify(new TunnelRefused(approach.Remote, approach.HostName, result, reason));
    }

    private void AdmitRecord(in Approach approach, in SccrqVerdict verdict, Sccrq request, PeerProfile rules, DialledTunnel? yielding)
    {
        // What the former tunnel still had to send would end the new attempt, which has the same id.
        if (approach.Former is { } former)
            machine.Silence(former);
        var record = new HalfOpenRequest
        {
            Path = approach.Path,
            Profile = rules,
            Yielding = yielding,
            ReceivedAt = context.Now,
            Number = context.Challenges.NextNumber(),
            Fingerprint = approach.Fingerprint,
            PeerId = approach.PeerId,
            LocalId = verdict.LocalId,
            Version = approach.Version,
        };
        var evicted = requests.Evicted;
        requests.Add(record, approach.Message);
        context.Counters.HalfOpenLimited += requests.Evicted - evicted;
        halfOpen.UpdateDeadline();
        StatelessReply.Answer(context, record, request, verdict.Security, SecretsOf(approach, rules), approach.Message.Length);
    }

    /// <summary>The rules may be those of a tunnel that we dial, with secrets of its own.</summary>
    private TunnelSecrets SecretsOf(in Approach approach, PeerProfile rules) =>
        approach.Secrets is { } secrets && approach.Peer == rules ? secrets : TunnelSecrets.Of(context, rules, approach.Remote);

    private void AdmitTunnel(in Approach approach, in SccrqVerdict verdict, Sccrq request, PeerProfile rules, DialledTunnel? yielding)
    {
        machine.MakeRoom();
        verdict.Security?.UseNonce(context.Challenges, context.Challenges.NextNumber());
        var dialect = ControlDialect.ForAnswer(context, rules, verdict.Security, SecretsOf(approach, rules));
        var phase = new TunnelPhase.Answering(Tunnel.SetupDeadline(context, rules, dialect))
        {
            Yielding = yielding,
            UnansweredCredit = Tunnel.MostAmplification * approach.Header.Length,
        };
        var key = new TunnelKey(verdict.LocalId, context.NextGeneration());
        var origin = new TunnelOrigin.Answered(approach.Fingerprint, approach.Former?.Living);
        var tunnel = new Tunnel(context, key, rules, approach.Path, origin, phase, dialect);
        if (approach.Former is { } former)
            machine.Silence(former);
        tunnels.Add(tunnel);
        machine.Answer(tunnel, request, approach.Header, approach.Datagram);
    }
}
