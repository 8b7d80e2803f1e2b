using L2tpd.Engine.Configuration;
using L2tpd.Engine.Dialing;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Tunnels;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Sessions;

/// <summary>Runs the four call state machines for the sessions of an engine: messages become events, actions become effects.</summary>
internal sealed class CallMachine(EngineContext context)
{
    private static readonly TimeSpan WenInterval = TimeSpan.FromSeconds(60);

    /// <summary>With more sessions than this a closing tunnel's StopCCN speaks for all of them, so that it is not queued behind their CDNs.</summary>
    private const int MostCdnsBeforeStopCcn = 64;

    /// <summary>Sessions of all tunnels.</summary>
    public int Count { get; private set; }

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
    public void Reject(Tunnel tunnel, uint localId, in DecodedMessage decoded, ResultCode result)
    {
        var text = $"the peer's {MessageTypes.NameOf(decoded.Type)} could not be used: {decoded.Error.Describe()}";
        var isKnown = tunnel.TryGetSession(localId, out var session);
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
        var localId = Count < context.Configuration.Limits.MaxSessions ? tunnel.DrawSessionId() : 0;
        if (localId == 0)
        {
            dialled.HandleRefused("no session id or session slot is free");
            return;
        }

        var role = configuration.Direction == CallDirection.Incoming ? CallRole.IncomingLac : CallRole.OutgoingLns;
        if (role == CallRole.OutgoingLns && BearerRefusal(tunnel, configuration) is { } why)
        {
            dialled.HandleRefused(why);
            return;
        }

        var session = Add(tunnel, localId, role, configuration.Session, CallRequests.From(configuration, localId, dialled.NextSerial()));
        session.Dialled = dialled;
        dialled.Current = session.Key;
        Apply(session, CallEvent.LocalOpen, null);
        Apply(session, CallEvent.TunnelOpen, null);
    }

    /// <summary>Ends a session from our side with a CDN.</summary>
    public void Close(Session session, EndReason reason) => Apply(session, CallEvent.LocalClose, reason);

    public void HandleSetupDeadlines(Tunnel tunnel)
    {
        while (tunnel.Setups.First is { } session && session.SetupDeadline <= context.Now)
        {
            Apply(session, CallEvent.SetupTimeout, new EndReason
            {
                Cause = EndCause.SetupTimeout,
                Text = $"not established within {tunnel.Peer.Timers.SessionSetup.TotalSeconds:0.###} s (state {session.State})",
                Result = new ResultCode(CdnResult.NotEstablishedInTime),
                LastSocketError = tunnel.LastSocketError,
            });
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

    public void HandleCreated(Session session)
    {
        if (session.Data != DataState.Creating)
            return;
        session.Data = DataState.Created;
        if (session.Profile.Ppp is not { } profile)
            return;
        session.Data = DataState.PppStarted;
        context.Effects.StartPpp(session.Key, new PppRequest(session, profile, session.IsLns, Parameters(session)));
    }

    public void HandlePppUp(Session session, string @interface, string? localAddress, string? peerAddress)
    {
        session.Data = DataState.NetworkUp;
        session.Interface = @interface;
        session.LocalAddress = localAddress;
        session.PeerAddress = peerAddress;
        session.Dialled?.HandleUp();
        context.Notify(new SessionNetworkUp(session, @interface, localAddress, peerAddress));
    }

    /// <summary>Sends WEN, LAC to LNS, when the counters have grown and the last one is 60 s old (RFC 2661 section 6.13).</summary>
    public void ReportErrors(Session session, CallErrors errors)
    {
        if (session.IsLns || session.State != SessionState.Established || errors == session.CallErrors || context.Now < session.NextWen)
            return;
        session.CallErrors = errors;
        session.NextWen = context.Now + (long)WenInterval.TotalMilliseconds;
        session.Tunnel.Send(new Wen { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId, CallErrors = errors });
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

    private static string? BearerRefusal(Tunnel tunnel, LacSession configuration)
    {
        var offered = tunnel.PeerIntroduction?.BearerCapabilities;
        if (offered is null)
            return "the peer did not say that it can place outgoing calls (no Bearer Capabilities AVP)";
        return (configuration.BearerType & ~offered) == 0 && (configuration.FramingType & ~tunnel.PeerIntroduction!.FramingCapabilities) == 0
            ? null
            : "the peer cannot place a call of this bearer and framing type";
    }

    private static EndReason WrongState(Session session, SessionMessage message) => new()
    {
        Cause = EndCause.ProtocolError,
        Text = $"the peer sent {MessageTypes.NameOf(message.Type)} in state {session.State}",
        Result = new ResultCode(CdnResult.GeneralError, GeneralError.VendorSpecific, $"{MessageTypes.NameOf(message.Type)} in state {session.State}"),
    };

    private static EndReason ClosedByPeer(Session session, Cdn cdn) => new()
    {
        Cause = EndCause.ClosedByPeer,
        Text = session.State == SessionState.Established ? "the peer closed the session" : "the peer refused the session",
        Result = cdn.Result,
        ResultFromPeer = true,
        ResultIsCdn = true,
        PppCause = cdn.PppDisconnectCause,
        Q931Cause = cdn.Q931Cause,
    };

    private void AnswerRequest(Tunnel tunnel, CallRequest request)
    {
        if (CallAcceptance.Judge(context, tunnel, request, Count) is { } refusal)
        {
            Refuse(tunnel, request.LocalSessionId, refusal);
            return;
        }

        var localId = tunnel.DrawSessionId();
        if (localId == 0)
        {
            Refuse(tunnel, request.LocalSessionId, new Refusal(new ResultCode(CdnResult.NoFacilitiesTemporary), "all session ids are in use"));
            return;
        }

        var role = request is Icrq ? CallRole.IncomingLns : CallRole.OutgoingLac;
        var session = Add(tunnel, localId, role, tunnel.Peer.Session, request);
        session.PeerId = request.LocalSessionId;
        tunnel.AnsweredByPeerId ??= [];
        tunnel.AnsweredByPeerId[session.PeerId] = session;
        Apply(session, CallEvent.RequestAcceptable, null);
    }

    private void Refuse(Tunnel tunnel, uint peerId, Refusal refusal)
    {
        context.Counters.SessionsRefused++;
        // No session is made, yet AVP 14 may not be 0: an id nobody has, or any when all are in use; the peer goes by its own.
        tunnel.Send(new Cdn { LocalSessionId = Math.Max(tunnel.DrawSessionId(), 1), RemoteSessionId = peerId, Result = refusal.Result });
        context.Notify(new SessionRefused(tunnel, peerId, refusal.Result, refusal.Reason));
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
                Apply(session, CallEvent.Cdn, ClosedByPeer(session, cdn));
                break;
            case Icrp when session.Role == CallRole.IncomingLac:
            case Ocrp when session.Role == CallRole.OutgoingLns:
                if (session.State == SessionState.WaitReply)
                    session.PeerId = message.LocalSessionId;
                Apply(session, CallEvent.ReplyAcceptable, WrongState(session, message));
                break;
            case Iccn connected when session.Role == CallRole.IncomingLns:
                HandleConnected(session, connected);
                break;
            case Occn connected when session.Role == CallRole.OutgoingLns:
                HandleConnected(session, connected);
                break;
            case CallRequest:
                Apply(session, CallEvent.RequestAcceptable, WrongState(session, message));
                break;
            case Icrp or Ocrp:
                Apply(session, CallEvent.ReplyNotAcceptable, WrongState(session, message));
                break;
            case Iccn or Occn:
                Apply(session, CallEvent.ConnectedNotAcceptable, WrongState(session, message));
                break;
            default:
                HandleInformation(session, message);
                break;
        }
    }

    private void HandleConnected(Session session, CallConnected connected)
    {
        var reason = WrongState(session, connected);
        if (session.State == SessionState.WaitConnect)
            session.Connected = connected;
        Apply(session, CallEvent.ConnectedAcceptable, reason);
    }

    private void HandleInformation(Session session, SessionMessage message)
    {
        switch (message)
        {
            case Wen wen when session.IsLns:
                session.CallErrors = wen.CallErrors;
                break;
            case Sli { Accm: { } accm } when !session.IsLns:
                session.Accm = accm;
                break;
            case Csun csun when session.Request is Icrq { ConnectSpeedUpdateEnable: true }:
                session.SpeedUpdate = csun.Update;
                break;
            case Wen or Sli:
                context.Notify(new PeerOddity(session.Tunnel, $"{MessageTypes.NameOf(message.Type)} from the wrong side of the call was ignored"));
                return;
        }

        context.Notify(new SessionInformed(session, message));
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
                session.Tunnel.Send(new Icrp { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId });
                break;
            case CallAction.SendReplyAndOpenBearer:
                session.Tunnel.Send(new Ocrp { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId });
                // Our bearer is the session's own PPP: it answers at once.
                Apply(session, CallEvent.BearerAnswered, null);
                break;
            case CallAction.SendConnectedAndEstablish:
                session.Connected = CallRequests.Connected(session);
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
        session.Dialled?.HandleEstablished();
        if (session is { IsLns: true, Profile.Accm: { } accm })
        {
            session.Accm = accm;
            session.Tunnel.Send(new Sli { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId, Accm = accm });
        }

        if (session.Tunnel.Data == DataState.Created)
            Create(session);
    }

    private void Create(Session session)
    {
        session.Data = DataState.Creating;
        context.Effects.CreateSession(session.Key, Parameters(session));
    }

    private static SessionParameters Parameters(Session session)
    {
        var required = session.Connected?.SequencingRequired == true;
        return new SessionParameters(
            session, session.LocalId, session.PeerId, PseudowireType.Ppp, session.IsLns,
            SendSequence: required || session.Profile.Sequencing, RequireSequence: required, session.Profile.ReorderTimeout);
    }

    private void EndWithCdn(Session session, EndReason reason)
    {
        reason = reason with { Result = reason.Result ?? new ResultCode(CdnResult.Administrative), ResultIsCdn = true };
        SendCdn(session, reason);
        End(session, reason);
    }

    private static void SendCdn(Session session, EndReason reason)
    {
        var result = reason.Result!;
        session.Tunnel.Send(new Cdn
        {
            LocalSessionId = session.LocalId,
            RemoteSessionId = session.PeerId,
            Result = session.Tunnel.Peer.Quirks.HasFlag(PeerQuirks.ShortResultCode) && result.Error is null or 0
                ? new ResultCode(result.Result)
                : result,
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
