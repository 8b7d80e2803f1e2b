using L2tpd.Engine.Admission;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <summary>Receives the session messages of established tunnels, and judges them into events of <see cref="CallFsm"/>.</summary>
internal sealed class CallReceiver(EngineContext context, CallMachine machine)
{
    /// <summary>
    /// Messages that may wait for the peer's acknowledgement, in addition to two per session: a peer that asks on and on and hardly
    /// acknowledges the answers would otherwise fill the memory with them.
    /// </summary>
    private const int MostUnacknowledged = 16_384;

    private static readonly SessionProfile NoProfile = new();

    /// <summary>A session message in order, in an established tunnel.</summary>
    public void Receive(Tunnel tunnel, SessionMessage message)
    {
        if (message is CallRequest { RemoteSessionId.IsNone: true } request)
            ReceiveRequest(tunnel, request);
        else if (Find(tunnel, message) is { } session)
            Dispatch(session, message);
        else if (message is not Cdn && !message.LocalSessionId.IsNone)
            // Without the peer's id no CDN can reach its session (l2tpv2.md section 7.2).
            Refuse(tunnel, message.LocalSessionId, CallAcceptance.UnknownSession(message));
    }

    /// <summary>A session message whose AVPs cannot be used ends the session that it names.</summary>
    public void Reject(Tunnel tunnel, in DecodedMessage decoded, ResultCode result)
    {
        var text = $"the peer's {MessageTypes.NameOf(decoded.Type)} could not be used: {decoded.Error.Describe()}";
        var isKnown = tunnel.TryGetSession(decoded.OurSessionId, out var session);
        if (decoded.Type == MessageType.Cdn && isKnown)
        {
            machine.Apply(session, CallEvent.Cdn, new EndReason
            {
                Cause = EndCause.ClosedByPeer,
                Text = $"the peer sent a CDN whose reason could not be read: {decoded.Error.Describe()}",
            });
        }
        else if (isKnown)
        {
            machine.Apply(session, CallEvent.LocalClose, new EndReason { Cause = EndCause.ProtocolError, Text = text, Result = result });
        }
        else if (!decoded.PeerSessionId.IsNone && decoded.Type != MessageType.Cdn)
        {
            Refuse(tunnel, decoded.PeerSessionId, new Refusal(result, text));
        }
    }

    private static Session? Find(Tunnel tunnel, SessionMessage message)
    {
        if (!message.RemoteSessionId.IsNone)
            return tunnel.TryGetSession(message.RemoteSessionId, out var session) ? session : null;
        // The peer had not learned our id when it sent this: it names the session by its own.
        return tunnel.FindAnswered(message.LocalSessionId);
    }

    /// <summary>Asks the state machine what follows from a new request, and does it.</summary>
    private void ReceiveRequest(Tunnel tunnel, CallRequest request)
    {
        if (IsOverwhelmed(tunnel))
            return;
        var verdict = Judge(tunnel, request);
        var role = request is Icrq ? CallRole.IncomingLns : CallRole.OutgoingLac;
        if (verdict.Event == CallEvent.RequestAcceptable)
        {
            // A machine of its own, in idle until the request is its first event.
            machine.Apply(Begin(tunnel, request, role, verdict), CallEvent.RequestAcceptable, null);
            return;
        }

        var action = verdict.Own is { } own
            ? CallMachine.Advance(own, verdict.Event)
            : CallFsm.Next(role, SessionState.Idle, verdict.Event).Action;
        Perform(tunnel, request, role, verdict, action);
    }

    private void Perform(Tunnel tunnel, CallRequest request, CallRole role, in RequestVerdict verdict, CallAction action)
    {
        switch (action)
        {
            case CallAction.CdnAndClean when verdict.Refusal is { } refusal:
                Refuse(tunnel, request.LocalSessionId, refusal);
                break;
            case CallAction.RefuseRequest:
                Refuse(tunnel, request.LocalSessionId, CallAcceptance.LostTie);
                break;
            case CallAction.RequeueRequest when verdict.Own is { } own:
                var dialled = own.Dialled;
                own.Dialled = null;
                machine.Perform(own, CallAction.Clean, CallReasons.LostTie);
                machine.Apply(Begin(tunnel, request, role, verdict with { Dialled = dialled }), CallEvent.RequestAcceptable, null);
                break;
            case CallAction.Clean when verdict.Own is { } tied:
                machine.Perform(tied, action, CallReasons.EqualTie);
                break;
            default:
                throw new InvalidOperationException($"{action} is about a session that exists, not about a request");
        }
    }

    /// <summary>Makes a request one of the request events of <see cref="CallFsm"/>.</summary>
    private RequestVerdict Judge(Tunnel tunnel, CallRequest request)
    {
        var calls = tunnel.Dialect.Calls;
        var profile = tunnel.Profile.Session;
        var refusal = CallAcceptance.Judge(context, tunnel, request, machine.Count) ?? calls.Judge(context, tunnel, request, out profile);
        if (refusal is not null)
            return RequestVerdict.Refused(refusal);

        // Only what is acceptable can win a tie: otherwise one bad request would cost our call as well.
        var own = calls.FindTie(tunnel, request);
        var tie = own is null ? Tie.Peers : TieBreakers.Compare(own.Request.TieBreaker, request.TieBreaker);
        if (own is not null && tie != Tie.Peers)
            return new RequestVerdict(tie == Tie.Ours ? CallEvent.RequestWinTie : CallEvent.RequestEqualTie, own, profile);
        var dialled = own is null ? calls.FindDialled(tunnel, request) : null;
        if (dialled is { IsDown: false })
            return RequestVerdict.Refused(CallAcceptance.IsUp);
        var localId = calls.DrawId(context, tunnel);
        if (localId.IsNone)
        {
            dialled?.HandleRefused("all session ids are in use");
            return RequestVerdict.Refused(CallAcceptance.NoIdLeft);
        }

        return new RequestVerdict(own is null ? CallEvent.RequestAcceptable : CallEvent.RequestLoseTie, own, profile)
        {
            Dialled = dialled,
            LocalId = localId,
        };
    }

    /// <summary>The session of an acceptable request, in idle.</summary>
    private Session Begin(Tunnel tunnel, CallRequest request, CallRole role, in RequestVerdict verdict)
    {
        var dialled = verdict.Dialled;
        var session = machine.Add(tunnel, verdict.LocalId, role, dialled?.Configuration.Session ?? verdict.Profile, request);
        tunnel.TrySetPeerId(session, request.LocalSessionId);
        tunnel.AddAnswered(session);
        session.Dialled = dialled;
        dialled?.Adopt(session);
        tunnel.Dialect.Calls.Begin(context, session);
        return session;
    }

    private void Refuse(Tunnel tunnel, SessionId peerId, Refusal refusal)
    {
        if (IsOverwhelmed(tunnel))
            return;
        context.Counters.SessionsRefused++;
        tunnel.Send(new Cdn
        {
            LocalSessionId = tunnel.Dialect.Calls.IdForRefusal(context, tunnel),
            RemoteSessionId = peerId,
            Result = tunnel.Profile.Readable(refusal.Result),
        });
        context.Notify(new SessionRefused(tunnel, peerId, refusal.Result, refusal.Reason));
    }

    /// <summary>Whether the peer acknowledges far less than it asks for: it gets no answers until it acknowledges.</summary>
    private bool IsOverwhelmed(Tunnel tunnel)
    {
        if (tunnel.Outstanding < MostUnacknowledged + (2 * tunnel.Sessions.Count))
            return false;
        if (!tunnel.IsOverwhelmed)
        {
            context.Notify(new PeerOddity(
                tunnel,
                $"leaves {tunnel.Outstanding} messages unacknowledged and asks for more: it gets no answers until it acknowledges"));
        }

        tunnel.IsOverwhelmed = true;
        return true;
    }

    private void Dispatch(Session session, SessionMessage message)
    {
        switch (message)
        {
            case Cdn cdn:
                AskOtherwise(session);
                machine.EndByPeer(session, CallReasons.ClosedByPeer(session, cdn));
                break;
            case Icrp when session.Role == CallRole.IncomingLac:
            case Ocrp when session.Role == CallRole.OutgoingLns:
                HandleReply(session, message);
                break;
            case Iccn connected when session.Role == CallRole.IncomingLns:
                HandleConnected(session, connected);
                break;
            case Occn connected when session.Role == CallRole.OutgoingLns:
                HandleConnected(session, connected);
                break;
            case CallRequest:
                machine.Apply(session, CallEvent.RequestAcceptable, CallReasons.WrongState(session, message));
                break;
            case Icrp or Ocrp:
                machine.Apply(session, CallEvent.ReplyNotAcceptable, CallReasons.WrongState(session, message));
                break;
            case Iccn or Occn:
                machine.Apply(session, CallEvent.ConnectedNotAcceptable, CallReasons.WrongState(session, message));
                break;
            default:
                machine.Information.Receive(session, message);
                break;
        }
    }

    /// <summary>
    /// The peer refuses our request, perhaps because of the sublayer, for which RFC 3931 has no result code. The next request asks for the
    /// other one.
    /// </summary>
    private static void AskOtherwise(Session session)
    {
        if (session is { State: SessionState.WaitReply, Dialled: { } dialled, Pseudowire.ReceiveSublayer: var asked })
            dialled.SublayerToAsk = asked == L2SpecificSublayer.None ? L2SpecificSublayer.Default : L2SpecificSublayer.None;
    }

    private void HandleConnected(Session session, CallConnected connected)
    {
        var expected = session.State == SessionState.WaitConnect;
        if (expected)
            session.Connected = connected;
        if (expected && session.Tunnel.Dialect.Calls.Agree(session, connected) is { } refusal)
            machine.Apply(session, CallEvent.ConnectedNotAcceptable, CallReasons.Disagreed(refusal));
        else
            machine.Apply(session, CallEvent.ConnectedAcceptable, expected ? null : CallReasons.WrongState(session, connected));
    }

    private void HandleReply(Session session, SessionMessage reply)
    {
        var expected = session.State == SessionState.WaitReply;
        if (expected && !session.Tunnel.TrySetPeerId(session, reply.LocalSessionId))
            machine.Apply(session, CallEvent.ReplyNotAcceptable, CallReasons.Disagreed(CallAcceptance.IdInUse(reply.LocalSessionId)));
        else if (expected && session.Tunnel.Dialect.Calls.Agree(session, reply) is { } refusal)
            machine.Apply(session, CallEvent.ReplyNotAcceptable, CallReasons.Disagreed(refusal));
        else
            machine.Apply(session, CallEvent.ReplyAcceptable, expected ? null : CallReasons.WrongState(session, reply));
    }

    /// <summary>A request made an event, with what the actions on it need.</summary>
    /// <param name="Event">What it is to the state machine.</param>
    /// <param name="Own">
    /// Our call that it is in a tie with, whose machine is asked; <c>null</c> if the machine is that of a session which does not exist yet.
    /// </param>
    /// <param name="Profile">How the session is to be set up.</param>
    private readonly record struct RequestVerdict(CallEvent Event, Session? Own, SessionProfile Profile)
    {
        /// <summary>The configured session that it will serve; <c>null</c> if there is none.</summary>
        public DialledSession? Dialled { get; init; }

        /// <summary>Our id for its session; 0 with a refusal.</summary>
        public SessionId LocalId { get; init; }

        /// <summary>Why it is refused; <c>null</c> if it is acceptable.</summary>
        public Refusal? Refusal { get; init; }

        public static RequestVerdict Refused(Refusal refusal) =>
            new(CallEvent.RequestNotAcceptable, null, NoProfile) { Refusal = refusal };
    }
}
