using L2tpd.Engine.Admission;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Dialing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Statics;
using L2tpd.Engine.Tunnels;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Sessions;

/// <summary>Runs the four call state machines for the sessions of an engine: messages become events, actions become effects.</summary>
internal sealed class CallMachine(EngineContext context)
{
    /// <summary>With more sessions than this a closing tunnel's StopCCN speaks for all of them, so that it is not queued behind their CDNs.</summary>
    private const int MostCdnsBeforeStopCcn = 64;

    /// <summary>
    /// What may wait for the peer's acknowledgement, beside two messages a session: who asks on and on and hardly acknowledges the answers would
    /// else fill the memory with them.
    /// </summary>
    private const int MostUnacknowledged = 16_384;

    /// <summary>Sessions of all tunnels.</summary>
    public int Count { get; private set; }

    /// <summary>What the ends tell each other of a call beside its set-up and end.</summary>
    public CallInformation Information { get; } = new(context);

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
            Apply(session, CallEvent.Cdn, new EndReason { Cause = EndCause.ClosedByPeer, Text = $"the peer sent a CDN that says no more: {decoded.Error.Describe()}" });
        else if (isKnown)
            Apply(session, CallEvent.LocalClose, new EndReason { Cause = EndCause.ProtocolError, Text = text, Result = result });
        else if (decoded.PeerSessionId != 0 && decoded.Type != MessageType.Cdn)
            Refuse(tunnel, decoded.PeerSessionId, new Refusal(result, text));
    }

    /// <summary>Begins a configured session in an established tunnel.</summary>
    public void Open(Tunnel tunnel, DialledSession dialled)
    {
        var configuration = dialled.Configuration;
        if (tunnel.Dialect.Calls.CannotAsk(tunnel, configuration) is { } why)
        {
            dialled.HandleRefused(why);
            return;
        }

        var localId = Count < context.Configuration.Limits.MaxSessions ? tunnel.Dialect.Calls.DrawId(context, tunnel) : 0;
        if (localId == 0)
        {
            dialled.HandleRefused("no session id or session slot is free");
            return;
        }

        var role = configuration.Direction == CallDirection.Incoming ? CallRole.IncomingLac : CallRole.OutgoingLns;
        var request = tunnel.Dialect.Calls.Ask(context, tunnel, configuration, localId, dialled.NextSerial());
        var session = Add(tunnel, localId, role, configuration.Session, request);
        session.Dialled = dialled;
        dialled.Current = session.Key;
        tunnel.Dialect.Calls.Begin(context, session);
        Apply(session, CallEvent.LocalOpen, null);
        Apply(session, CallEvent.TunnelOpen, null);
    }

    /// <summary>Puts up a session of a static tunnel, established; <see cref="Announce"/> tells of it.</summary>
    public Session Place(Tunnel tunnel, StaticSession configuration)
    {
        var request = new Icrq
        {
            LocalSessionId = configuration.SessionId,
            PseudowireType = StaticPseudowire.TypeOf(configuration.Session),
            RemoteEndId = StaticPseudowire.EndIdOf(configuration),
        };
        var role = configuration.IsPppServer ? CallRole.IncomingLns : CallRole.IncomingLac;
        var session = Add(tunnel, configuration.SessionId, role, configuration.Session, request);
        session.PeerId = configuration.PeerSessionId;
        session.State = SessionState.Established;
        session.Pseudowire = StaticPseudowire.Of(configuration);
        return session;
    }

    /// <summary>Tells of a session that was placed, and hands it to the data plane.</summary>
    public void Announce(Session session) => Establish(session);

    /// <summary>Ends a session of a static tunnel: its peer knows of no messages.</summary>
    public void EndInSilence(Session session, EndReason reason) => Apply(session, CallEvent.TunnelLost, reason);

    /// <summary>Ends a session from our side with a CDN.</summary>
    public void Close(Session session, EndReason reason) => Apply(session, CallEvent.LocalClose, reason);

    public void HandleSetupDeadlines(Tunnel tunnel)
    {
        while (tunnel.Setups.First is { } session && session.SetupDeadline <= context.Now)
        {
            Apply(session, CallEvent.SetupTimeout, CallReasons.SetupTimedOut(session));
        }
    }

    /// <summary>Tells the peer of each session's end before the StopCCN that ends them all.</summary>
    public static void AnnounceEnd(Tunnel tunnel, EndReason reason)
    {
        if (tunnel.EstablishedAt == 0 || tunnel.Sessions.Count > MostCdnsBeforeStopCcn)
            return;
        foreach (var session in tunnel.Sessions.Values)
            SendCdn(session, reason with { Result = new ResultCode(CdnResult.Administrative) });
    }

    /// <summary>The tunnel has ended and all its sessions with it; no messages.</summary>
    public void EndAll(Tunnel tunnel, EndReason tunnelReason)
    {
        if (tunnel.Sessions.Count == 0)
            return;
        var reason = tunnelReason with
        {
            Text = $"the tunnel ended: {tunnelReason.Text}",
            Cause = tunnelReason.Cause is EndCause.ShutDown or EndCause.Administrative ? tunnelReason.Cause : EndCause.TunnelEnded,
        };
        foreach (var session in tunnel.Sessions.Values.ToArray())
            Apply(session, CallEvent.TunnelLost, reason);
    }

    /// <summary>The data plane has the tunnel now.</summary>
    public void TunnelCreated(Session session)
    {
        if (session is { State: SessionState.Established, Data: DataState.None })
            Create(session);
    }

    /// <param name="session">The session the data plane has now.</param>
    /// <param name="interface">Its interface, where it is a pseudowire that has one without PPP.</param>
    public void HandleCreated(Session session, string? @interface)
    {
        if (session.Data != DataState.Creating)
            return;
        session.Data = DataState.Created;
        if (@interface is not null)
            HandleNetworkUp(session, @interface, null, null);
        if (session is not { Profile.Ppp: { } profile, Pseudowire: null or { Type: PseudowireType.Ppp } })
        {
            session.Dialled?.HandleUp();
            return;
        }

        session.Data = DataState.PppStarted;
        context.Effects.StartPpp(session.Key, new PppRequest(session, profile, session.IsLns, Parameters(session)));
    }

    public void HandleNetworkUp(Session session, string @interface, string? localAddress, string? peerAddress)
    {
        session.Data = DataState.NetworkUp;
        session.Interface = @interface;
        session.LocalAddress = localAddress;
        session.PeerAddress = peerAddress;
        session.Dialled?.HandleUp();
        context.Notify(new SessionNetworkUp(session, @interface, localAddress, peerAddress));
    }

    private static Session? Find(Tunnel tunnel, SessionMessage message)
    {
        if (message.RemoteSessionId != 0)
            return tunnel.TryGetSession(message.RemoteSessionId, out var session) ? session : null;
        // The peer had not learned our id when it sent this: it names the session by its own.
        return tunnel.AnsweredByPeerId?.GetValueOrDefault(message.LocalSessionId);
    }

    private static (SessionState Next, CallAction Action) Next(Session session, CallEvent callEvent) => session.Role switch
    {
        CallRole.IncomingLac => IncomingLacFsm.Next(session.State, callEvent),
        CallRole.IncomingLns => IncomingLnsFsm.Next(session.State, callEvent),
        CallRole.OutgoingLns => OutgoingLnsFsm.Next(session.State, callEvent),
        _ => OutgoingLacFsm.Next(session.State, callEvent),
    };

    private void AnswerRequest(Tunnel tunnel, CallRequest request)
    {
        if (IsOverwhelmed(tunnel))
            return;
        var calls = tunnel.Dialect.Calls;
        var profile = tunnel.Peer.Session;
        if ((CallAcceptance.Judge(context, tunnel, request, Count) ?? calls.Judge(tunnel, request, out profile)) is { } refusal)
        {
            Refuse(tunnel, request.LocalSessionId, refusal);
            return;
        }

        // Only what is acceptable can win a tie: else one bad request would cost our call as well.
        DialledSession? dialled = null;
        if (calls.FindTie(tunnel, request) is { } own && !SettleTie(own, request, out dialled))
            return;
        var localId = calls.DrawId(context, tunnel);
        if (localId == 0)
        {
            Refuse(tunnel, request.LocalSessionId, new Refusal(new ResultCode(CdnResult.NoFacilitiesTemporary), "all session ids are in use"));
            dialled?.HandleRefused("all session ids are in use");
            return;
        }

        var role = request is Icrq ? CallRole.IncomingLns : CallRole.OutgoingLac;
        var session = Add(tunnel, localId, role, dialled?.Configuration.Session ?? profile, request);
        tunnel.TrySetPeerId(session, request.LocalSessionId);
        tunnel.AnsweredByPeerId ??= [];
        tunnel.AnsweredByPeerId[session.PeerId] = session;
        if (dialled is not null)
        {
            session.Dialled = dialled;
            dialled.Current = session.Key;
        }

        calls.Begin(context, session);
        Apply(session, CallEvent.RequestAcceptable, null);
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
            Apply(own, CallEvent.RequestWinTie, null);
            Refuse(own.Tunnel, request.LocalSessionId, new Refusal(
                new ResultCode(CdnResult.LostTieBreaker), "we asked for the same pseudowire at the same moment and our tie breaker won"));
            return false;
        }

        if (comparison > 0)
            own.Dialled = null;
        Apply(own, comparison == 0 ? CallEvent.RequestEqualTie : CallEvent.RequestLoseTie, CallReasons.Tied(comparison));
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

    private Session Add(Tunnel tunnel, uint localId, CallRole role, SessionProfile profile, CallRequest request)
    {
        var session = new Session(tunnel, localId, context.NextGeneration(), role, profile, request);
        tunnel.Add(session);
        tunnel.Setups.Append(session, context.Now + (long)tunnel.Peer.Timers.SessionSetup.TotalMilliseconds);
        Count++;
        return session;
    }

    private void Dispatch(Session session, SessionMessage message)
    {
        switch (message)
        {
            case Cdn cdn:
                Apply(session, CallEvent.Cdn, CallReasons.ClosedByPeer(session, cdn));
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
                Apply(session, CallEvent.RequestAcceptable, CallReasons.WrongState(session, message));
                break;
            case Icrp or Ocrp:
                Apply(session, CallEvent.ReplyNotAcceptable, CallReasons.WrongState(session, message));
                break;
            case Iccn or Occn:
                Apply(session, CallEvent.ConnectedNotAcceptable, CallReasons.WrongState(session, message));
                break;
            default:
                Information.Receive(session, message);
                break;
        }
    }

    private void HandleConnected(Session session, CallConnected connected)
    {
        var reason = CallReasons.WrongState(session, connected);
        var expected = session.State == SessionState.WaitConnect;
        if (expected)
            session.Connected = connected;
        if (expected && session.Tunnel.Dialect.Calls.Agree(session, connected) is { } refusal)
            Apply(session, CallEvent.ConnectedNotAcceptable, CallReasons.Disagreed(refusal));
        else
            Apply(session, CallEvent.ConnectedAcceptable, reason);
    }

    private void HandleReply(Session session, SessionMessage reply)
    {
        var expected = session.State == SessionState.WaitReply;
        if (expected && !session.Tunnel.TrySetPeerId(session, reply.LocalSessionId))
            Apply(session, CallEvent.ReplyNotAcceptable, CallReasons.Disagreed(CallAcceptance.IdInUse(reply.LocalSessionId)));
        else if (expected && session.Tunnel.Dialect.Calls.Agree(session, reply) is { } refusal)
            Apply(session, CallEvent.ReplyNotAcceptable, CallReasons.Disagreed(refusal));
        else
            Apply(session, CallEvent.ReplyAcceptable, CallReasons.WrongState(session, reply));
    }

    private void Apply(Session session, CallEvent callEvent, EndReason? reason)
    {
        var (next, action) = Next(session, callEvent);
        session.State = next;
        switch (action)
        {
            case CallAction.SendRequest:
                session.Tunnel.Send(session.Request);
                break;
            case CallAction.SendReply:
                session.Tunnel.Send(session.Tunnel.Dialect.Calls.Reply(session));
                break;
            case CallAction.SendReplyAndOpenBearer:
                session.Tunnel.Send(session.Tunnel.Dialect.Calls.OutgoingReply(session));
                // Our bearer is the session's own PPP: it answers at once.
                Apply(session, CallEvent.BearerAnswered, null);
                break;
            case CallAction.SendConnectedAndEstablish:
                session.Connected = session.Tunnel.Dialect.Calls.Connected(session);
                session.Tunnel.Send(session.Connected);
                Establish(session);
                break;
            case CallAction.Establish:
                Establish(session);
                break;
            case CallAction.CdnAndClean:
                EndWithCdn(session, reason!);
                break;
            case CallAction.Clean or CallAction.ReleaseBearerAndClean or CallAction.DropOwnAndRestart or CallAction.DropBoth:
                End(session, reason!);
                break;
            case CallAction.None or CallAction.Ignore or CallAction.RequestTunnel or CallAction.RefuseRequest:
                break;
            default:
                throw new InvalidOperationException($"no such action: {action}");
        }
    }

    private void Establish(Session session)
    {
        session.EstablishedAt = context.Now;
        session.Tunnel.Setups.Remove(session);
        // An ICCN carries our id, so its sender knows it; who sent an OCRQ may still give up before it hears our OCRP.
        if (session.Role != CallRole.OutgoingLac)
            ForgetPeerId(session);
        context.Counters.SessionsEstablished++;
        context.Notify(new SessionEstablished(session));
        if (session.Tunnel.Dialect.Calls.Inform(session) is { } information)
            session.Tunnel.Send(information);
        if (session.Tunnel.Data == DataState.Created)
            Create(session);
    }

    private void Create(Session session)
    {
        session.Data = DataState.Creating;
        context.Effects.CreateSession(session.Key, Parameters(session));
    }

    private static SessionParameters Parameters(Session session) => session.Tunnel.Dialect.Calls.Parameters(session);

    private void EndWithCdn(Session session, EndReason reason)
    {
        reason = reason with { Result = reason.Result ?? new ResultCode(CdnResult.Administrative), ResultIsCdn = true };
        SendCdn(session, reason);
        End(session, reason);
    }

    private static void SendCdn(Session session, EndReason reason)
    {
        session.Tunnel.Send(new Cdn
        {
            LocalSessionId = session.LocalId,
            RemoteSessionId = session.PeerId,
            Result = session.Tunnel.Peer.Readable(reason.Result!),
            PppDisconnectCause = reason.PppCause,
        });
    }

    private void End(Session session, EndReason reason)
    {
        session.Tunnel.Setups.Remove(session);
        ForgetPeerId(session);
        if (!session.Tunnel.Remove(session))
            return;
        Count--;
        session.Tunnel.Dialect.Calls.ReleaseId(context, session);
        session.State = SessionState.Idle;
        if (session.Data >= DataState.PppStarted)
            context.Effects.StopPpp(session.Key);
        if (session.Data != DataState.None)
            context.Effects.DestroySession(session.Key);
        session.Data = DataState.None;
        context.Notify(new SessionEnded(session, reason));
        session.Dialled?.HandleEnded(session, reason);
    }

    private static void ForgetPeerId(Session session)
    {
        if (session.Tunnel.AnsweredByPeerId is { } answered && answered.TryGetValue(session.PeerId, out var holder) && holder == session)
            answered.Remove(session.PeerId);
    }
}
