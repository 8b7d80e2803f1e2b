using L2tpd.Engine.Admission;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <summary>Takes the session messages of established tunnels: judges them, and makes them the events of <see cref="CallMachine"/>.</summary>
internal sealed class CallReceiver(EngineContext context, CallMachine machine)
{
    /// <summary>
    /// What may wait for the peer's acknowledgement, beside two messages a session: who asks on and on and hardly acknowledges the answers would
    /// else fill the memory with them.
    /// </summary>
    private const int MostUnacknowledged = 16_384;

    /// <summary>A session message in order, in an established tunnel.</summary>
    public void Receive(Tunnel tunnel, SessionMessage message)
    {
        if (message is CallRequest { RemoteSessionId: 0 } request)
            AnswerRequest(tunnel, request);
        else if (Find(tunnel, message) is { } session)
            Dispatch(session, message);
        else if (message is not Cdn && message.LocalSessionId != 0)
            // Only where the peer's id is known is there somebody to tell (l2tpv2.md 7.2).
            Refuse(tunnel, message.LocalSessionId, new Refusal(
                new ResultCode(CdnResult.GeneralError, GeneralError.InvalidSessionId), $"{MessageTypes.NameOf(message.Type)} for an unknown session"));
    }

    /// <summary>A session message whose AVPs cannot be used: costs the session it speaks of.</summary>
    public void Reject(Tunnel tunnel, in DecodedMessage decoded, ResultCode result)
    {
        var text = $"the peer's {MessageTypes.NameOf(decoded.Type)} could not be used: {decoded.Error.Describe()}";
        var isKnown = tunnel.TryGetSession(decoded.OurSessionId, out var session);
        if (decoded.Type == MessageType.Cdn && isKnown)
            machine.Apply(session, CallEvent.Cdn, new EndReason { Cause = EndCause.ClosedByPeer, Text = $"the peer sent a CDN that says no more: {decoded.Error.Describe()}" });
        else if (isKnown)
            machine.Apply(session, CallEvent.LocalClose, new EndReason { Cause = EndCause.ProtocolError, Text = text, Result = result });
        else if (decoded.PeerSessionId != 0 && decoded.Type != MessageType.Cdn)
            Refuse(tunnel, decoded.PeerSessionId, new Refusal(result, text));
    }

    private static Session? Find(Tunnel tunnel, SessionMessage message)
    {
        if (message.RemoteSessionId != 0)
            return tunnel.TryGetSession(message.RemoteSessionId, out var session) ? session : null;
        // The peer had not learned our id when it sent this: it names the session by its own.
        return tunnel.AnsweredByPeerId?.GetValueOrDefault(message.LocalSessionId);
    }

    private void AnswerRequest(Tunnel tunnel, CallRequest request)
    {
        if (IsOverwhelmed(tunnel))
            return;
        var calls = tunnel.Dialect.Calls;
        var profile = tunnel.Peer.Session;
        if ((CallAcceptance.Judge(context, tunnel, request, machine.Count) ?? calls.Judge(context, tunnel, request, out profile)) is { } refusal)
        {
            Refuse(tunnel, request.LocalSessionId, refusal);
            return;
        }

        // Only what is acceptable can win a tie: else one bad request would cost our call as well.
        DialledSession? dialled;
        if (calls.FindTie(tunnel, request) is { } own)
        {
            if (!SettleTie(own, request, out dialled))
                return;
        }
        else if ((dialled = calls.FindDialled(tunnel, request)) is { IsDown: false })
        {
            // Two of them, each in a bridge, would be a loop.
            Refuse(tunnel, request.LocalSessionId, new Refusal(
                new ResultCode(CdnResult.LostTieBreaker), "the pseudowire is up already, or on its way, by a session that we asked for"));
            return;
        }

        var localId = calls.DrawId(context, tunnel);
        if (localId == 0)
        {
            Refuse(tunnel, request.LocalSessionId, new Refusal(new ResultCode(CdnResult.NoFacilitiesTemporary), "all session ids are in use"));
            dialled?.HandleRefused("all session ids are in use");
            return;
        }

        var role = request is Icrq ? CallRole.IncomingLns : CallRole.OutgoingLac;
        var session = machine.Add(tunnel, localId, role, dialled?.Configuration.Session ?? profile, request);
        tunnel.TrySetPeerId(session, request.LocalSessionId);
        tunnel.AnsweredByPeerId ??= [];
        tunnel.AnsweredByPeerId[session.PeerId] = session;
        session.Dialled = dialled;
        dialled?.Adopt(session);

        calls.Begin(context, session);
        machine.Apply(session, CallEvent.RequestAcceptable, null);
    }

    /// <summary>Both ends asked for the same pseudowire at once (RFC 3931 section 5.4.4).</summary>
    /// <param name="own">Our call.</param>
    /// <param name="request">The peer's.</param>
    /// <param name="dialled">What our call was for, if it lost and the peer's now serves for it.</param>
    /// <returns>True when the peer's goes on.</returns>
    private bool SettleTie(Session own, CallRequest request, out DialledSession? dialled)
    {
        var comparison = TieBreakers.Compare(own.Request.TieBreaker, request.TieBreaker);
        dialled = comparison > 0 ? own.Dialled : null;
        if (comparison < 0)
        {
            machine.Apply(own, CallEvent.RequestWinTie, null);
            Refuse(own.Tunnel, request.LocalSessionId, new Refusal(
                new ResultCode(CdnResult.LostTieBreaker), "we asked for the same pseudowire at the same moment and our tie breaker won"));
            return false;
        }

        if (comparison > 0)
            own.Dialled = null;
        machine.Apply(own, comparison == 0 ? CallEvent.RequestEqualTie : CallEvent.RequestLoseTie, CallReasons.Tied(comparison));
        return comparison > 0;
    }

    private void Refuse(Tunnel tunnel, uint peerId, Refusal refusal)
    {
        if (IsOverwhelmed(tunnel))
            return;
        context.Counters.SessionsRefused++;
        // No session is made.
        tunnel.Send(new Cdn { LocalSessionId = tunnel.Dialect.Calls.IdForRefusal(context, tunnel), RemoteSessionId = peerId, Result = tunnel.Peer.Readable(refusal.Result) });
        context.Notify(new SessionRefused(tunnel, peerId, refusal.Result, refusal.Reason));
    }

    /// <summary>The peer acknowledges far less than it asks; then it gets no more answers until it does.</summary>
    private bool IsOverwhelmed(Tunnel tunnel)
    {
        if (tunnel.Outstanding < MostUnacknowledged + (2 * tunnel.Sessions.Count))
            return false;
        if (!tunnel.IsOverwhelmed)
            context.Notify(new PeerOddity(tunnel, $"leaves {tunnel.Outstanding} messages unacknowledged and asks for more: it gets no answers until it acknowledges"));
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

    /// <summary>The peer refuses our request: perhaps for the sublayer, for which RFC 3931 has no result code. The next one asks for the other.</summary>
    private static void AskOtherwise(Session session)
    {
        if (session is { State: SessionState.WaitReply, Dialled: { } dialled, Pseudowire.ReceiveSublayer: var asked })
            dialled.SublayerToAsk = asked == L2SpecificSublayer.None ? L2SpecificSublayer.Default : L2SpecificSublayer.None;
    }

    private void HandleConnected(Session session, CallConnected connected)
    {
        var reason = CallReasons.WrongState(session, connected);
        var expected = session.State == SessionState.WaitConnect;
        if (expected)
            session.Connected = connected;
        if (expected && session.Tunnel.Dialect.Calls.Agree(session, connected) is { } refusal)
            machine.Apply(session, CallEvent.ConnectedNotAcceptable, CallReasons.Disagreed(refusal));
        else
            machine.Apply(session, CallEvent.ConnectedAcceptable, reason);
    }

    private void HandleReply(Session session, SessionMessage reply)
    {
        var expected = session.State == SessionState.WaitReply;
        if (expected && !session.Tunnel.TrySetPeerId(session, reply.LocalSessionId))
            machine.Apply(session, CallEvent.ReplyNotAcceptable, CallReasons.Disagreed(CallAcceptance.IdInUse(reply.LocalSessionId)));
        else if (expected && session.Tunnel.Dialect.Calls.Agree(session, reply) is { } refusal)
            machine.Apply(session, CallEvent.ReplyNotAcceptable, CallReasons.Disagreed(refusal));
        else
            machine.Apply(session, CallEvent.ReplyAcceptable, CallReasons.WrongState(session, reply));
    }
}
