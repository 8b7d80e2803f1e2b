using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Admission;

/// <summary>
/// The way in: every SCCRQ that names no tunnel of ours passes here. It is read, judged into an event (<see cref="SccrqJudge"/>), and the
/// state machine of the control connection (<see cref="TunnelFsm"/>) says what is done.
/// </summary>
/// <remarks>
/// <para>
/// Which machine is asked: that of our own attempt where the SCCRQ is in a tie with it, otherwise that of a tunnel in idle, which does not
/// exist yet. Over UDP it does not exist after SCCRP either: a record in <see cref="HalfOpenRequests"/> is in wait-ctl-conn in its place,
/// and <see cref="HalfOpenReceiver"/> makes the tunnel when the peer has answered (ADR 3). A record ends without a message when a newer
/// one needs its place, when its peer does not answer in time, and when the daemon ends. Over IP the tunnel is made at once, for the kernel
/// delivers the answer only to a socket of its own.
/// </para>
/// <para>Thread: the engine's, as everything here. Nothing is charged to a source for an SCCRQ, because it may be forged.</para>
/// <para>
/// Races that are known:
/// the SCCRQ is repeated because SCCRP was lost: its record is found by fingerprint and answered again;
/// the peer starts again under the same id while its former tunnel is closing: what that one still had to send is dropped;
/// it starts again with the same SCCRQ while its former tunnel is new: the peer is asked with HELLO;
/// both ends dial at once: see <see cref="TunnelAction.RequeueSccrq"/> and ADR 4.
/// </para>
/// </remarks>
internal sealed class SccrqGate(
    EngineContext context, TunnelTable tunnels, TunnelMachine machine, TunnelReceiver receiver, HalfOpenRequests requests,
    SccrqJudge judge, SccrqAnswers answers, SeenRequests seen)
{
    /// <summary>
    /// Time for a HELLO and its repetition after 1 s. It is shorter than <see cref="SamePeerTunnels.AnswerTime"/>, because nothing ends by
    /// it, and so that a client that repeats its SCCRQ after 1, 2 and 4 s gets in with its third and not with its fourth.
    /// </summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    private static readonly PeerProfile Nobody = new() { Name = "(no profile)" };

    /// <summary>An SCCRQ that names no tunnel of ours.</summary>
    public void Receive(in ControlHeader header, in Datagram datagram)
    {
        if (!seen.Admits(datagram.Path.Remote, datagram.Bytes[ControlHeader.Size..header.Length], context.Now))
        {
            context.Counters.RequestsDeferred++;
            return;
        }

        // The first message of a conversation acknowledges nothing, whatever its Nr says.
        if (TryRead(header with { Nr = 0 }, datagram, out var approach))
            Receive(approach);
    }

    private void Receive(in Approach approach)
    {
        if (approach.PeerId.IsNone || approach.Header.Ns != 0)
        {
            context.Counters.MalformedHeaders++;
            if (approach.PeerId.IsNone)
                answers.ReportUnreadable(approach);
            return;
        }

        var error = approach.Decoded.Error;
        if (approach.Former is { } former && IsRequestOf(former, approach.Fingerprint))
            ReceiveAgain(former, approach);
        else if (error.Kind != DecodeErrorKind.None)
            Apply(approach, SccrqVerdict.Refused(approach.Security, error.ToResultCode(), error.Describe()));
        else if (approach.Request is { } request)
            Receive(approach, request);
    }

    private void Receive(in Approach approach, Sccrq request)
    {
        if (requests.Find(approach.Remote, approach.PeerId, approach.Fingerprint) is >= 0 and var place)
            answers.AnswerAgain(place, approach, request);
        else
            Apply(approach, judge.Judge(approach, request));
    }

    /// <summary>Asks the state machine what follows from the SCCRQ, and does it.</summary>
    private void Apply(in Approach approach, in SccrqVerdict verdict)
    {
        var action = verdict.Ours is { } ours
            ? machine.Advance(ours, verdict.Event, approach.Version)
            : TunnelFsm.Next(TunnelState.Idle, verdict.Event, approach.Version).Action;
        switch (action)
        {
            case TunnelAction.None:
                break;
            case TunnelAction.SendSccrp:
                answers.Admit(approach, verdict, yielding: null);
                break;
            case TunnelAction.RequeueSccrq:
                // Admitted as in idle. Ours yields to it once it is established.
                answers.Admit(approach, verdict, verdict.Ours?.Dialled);
                break;
            case TunnelAction.StopCcnAndClean:
                answers.Refuse(approach, verdict);
                break;
            case TunnelAction.RefuseSccrq:
                answers.RefuseLoser(approach, verdict);
                break;
            case TunnelAction.Clean when verdict.Ours is { } tied:
                machine.Perform(tied, action, TunnelReasons.EqualTie);
                break;
            default:
                throw new InvalidOperationException($"{action} is about a tunnel that exists, not about an SCCRQ");
        }
    }

    /// <summary>Finds out in which version the SCCRQ is to be answered, and whether it passes what that version checks first.</summary>
    /// <returns>False: it is dropped, and counted.</returns>
    private bool TryRead(in ControlHeader header, in Datagram datagram, out Approach approach)
    {
        var hostName = MessageCodec.PeekHostName(header, datagram.Bytes);
        var peer = PeerMatching.Match(context.Configuration.Peers, datagram.Path.Remote, hostName);
        approach = new Approach
        {
            Header = header,
            Datagram = datagram,
            Peer = peer,
            PeekedHostName = hostName,
            Fingerprint = Fingerprint.Of(datagram.Bytes[ControlHeader.Size..header.Length]),
        };
        if (!(header.Version == ProtocolVersion.V3 ? TryReadV3(ref approach) : TryReadV2(ref approach)))
            return false;
        approach = approach with { Former = tunnels.FindByPeerEnd(approach.Remote, approach.PeerId) };
        return true;
    }

    private bool TryReadV2(ref Approach approach)
    {
        var peer = approach.Peer;
        var secrets = peer is null ? null : TunnelSecrets.Of(context, peer, approach.Remote);
        var ignoresUnknown = peer?.Quirks.HasFlag(PeerQuirks.IgnoreUnknownMandatoryAvps) == true;
        var decoded = secrets?.Decode(approach.Header, approach.Datagram.Bytes, ignoresUnknown)
            ?? MessageCodec.Decode(approach.Header, approach.Datagram.Bytes, default);
        // A peer that may have no v3 never learns that we could speak it, and one that may have no v2 gets no answer in v2.
        if (peer is { Protocol: not ProtocolPreference.V2 } && decoded.Message is Sccrq { DualControlConnectionId: { } wideId } dual)
        {
            var security = Secure(approach, peer);
            approach = approach with
            {
                Decoded = decoded,
                Request = dual with { AssignedTunnelId = wideId },
                PeerId = wideId,
                Security = security,
            };
            return security is not null;
        }

        approach = approach with
        {
            Decoded = decoded, Request = decoded.Message as Sccrq, PeerId = decoded.PeerTunnelId, Secrets = secrets,
        };
        return peer is not { Protocol: ProtocolPreference.V3 } || Drop();
    }

    private bool TryReadV3(ref Approach approach)
    {
        if (approach.Peer is { Protocol: ProtocolPreference.V2 })
            return Drop();
        // Without a profile there is no secret: a sender that signs could not read our refusal.
        if (Secure(approach, approach.Peer ?? Nobody) is not { } security)
            return false;
        var options = SccrqReader.Options(approach.Peer, security.UnhidingKey);
        var decoded = MessageCodec.Decode(approach.Header, approach.Datagram.Bytes, options);
        approach = approach with
        {
            Decoded = decoded,
            Request = decoded.Message as Sccrq,
            PeerId = decoded.PeerTunnelId,
            Security = security,
        };
        return true;
    }

    private MessageSecurity? Secure(in Approach approach, PeerProfile peer)
    {
        var security = MessageSecurity.ForAnswer(peer, approach.Message);
        if (security is null)
        {
            context.Counters.CountDigestFailure(peer.Name);
            answers.ReportUnsigned(approach, peer);
        }

        return security;
    }

    private bool Drop()
    {
        context.Counters.UnknownVersion++;
        return false;
    }

    /// <summary>
    /// Whether the SCCRQ is a retransmission of the one that made the tunnel. Long after the tunnel was established, after it ended, and
    /// when the peer does not answer in it, the same SCCRQ comes from a peer that started again.
    /// </summary>
    private bool IsRequestOf(Tunnel tunnel, ulong fingerprint) =>
        tunnel is { Phase: TunnelPhase.Alive, Origin: TunnelOrigin.Answered answered } && answered.Fingerprint == fingerprint
        && (tunnel.Phase is not TunnelPhase.Established phase
            || (context.Now - tunnel.EstablishedAt <= tunnel.Profile.Timers.Linger
                && (phase.Repetition is not { } question || question.AnswerBy > context.Now || question.IsAnsweredIn(tunnel))));

    /// <summary>
    /// The SCCRQ of a tunnel came again: late, forged, or from a client that has lost its state. Only the last does not answer HELLO in an
    /// established tunnel. The tunnel does not end by that, because nothing is proved; the next SCCRQ counts as new.
    /// </summary>
    private void ReceiveAgain(Tunnel tunnel, in Approach approach)
    {
        receiver.ReceiveAgain(tunnel, approach.Header, approach.Datagram);
        var isAsked = tunnel.Profile.ReplacesSamePeer(approach.Remote) && !tunnel.Profile.Quirks.HasFlag(PeerQuirks.NoHello);
        if (!isAsked || tunnel.Phase is not TunnelPhase.Established phase || phase.Repetition?.AnswerBy > context.Now)
            return;
        phase.Repetition = new PeerQuestion(context.Now, context.Now + AnswerTime);
        machine.Ask(tunnel);
    }
}
