using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Statics;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <summary>Runs the four call state machines for the sessions of an engine: events become actions, actions become messages and effects.</summary>
internal sealed class CallMachine(EngineContext context)
{
    /// <summary>With more sessions than this a closing tunnel's StopCCN speaks for all of them, so that it is not queued behind their CDNs.</summary>
    private const int MostCdnsBeforeStopCcn = 64;

    private readonly NamedPseudowires _pseudowires = new(context);

    /// <summary>Sessions of all tunnels.</summary>
    public int Count { get; private set; }

    /// <summary>What the ends tell each other of a call beside its set-up and end.</summary>
    public CallInformation Information { get; } = new(context);

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
        dialled.Adopt(session);
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
    public void Close(Session session, EndReason reason)
    {
        // Where the peer's CDN is being kept there is nobody to send one to.
        if (session.HeldEnd is not null)
            EndHeld(session);
        else
            Apply(session, CallEvent.LocalClose, reason);
    }

    /// <summary>The peer sent a CDN: the session ends, at once or when PPP has told what it knows of the reason.</summary>
    public void EndByPeer(Session session, EndReason reason)
    {
        if (session.Tunnel.Dialled?.HeldStop.TryHold(session, reason) != true)
            Apply(session, CallEvent.Cdn, CallReasons.Judged(session, reason));
    }

    /// <summary>The peer's CDN, kept until now, takes effect.</summary>
    public void EndHeld(Session session)
    {
        if (session.HeldEnd is { } held && session.State != SessionState.Idle)
            Apply(session, CallEvent.Cdn, CallReasons.Judged(session, held));
    }

    /// <summary>The peer refuses our credentials; the end of PPP, or of the session, follows.</summary>
    public static void HandlePppRefused(Session session, PppRefused refused)
    {
        session.PppRefused = CallReasons.RefusalWords(session, refused);
        session.Tunnel.Dialled?.HeldStop.HandleHeard();
    }

    /// <summary>PPP has ended by itself, and the session with it.</summary>
    public void HandlePppEnded(Session session, EndReason reason)
    {
        session.IsPppOver = true;
        var tunnel = session.Tunnel;
        Close(session, CallReasons.Judged(session, reason));
        tunnel.Dialled?.HeldStop.HandleHeard();
    }

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
            IsOfTunnel = true,
            Cause = tunnelReason.Cause is EndCause.ShutDown or EndCause.Administrative ? tunnelReason.Cause : EndCause.TunnelEnded,
        };
        foreach (var session in tunnel.Sessions.Values.ToArray())
            Apply(session, CallEvent.TunnelLost, CallReasons.Judged(session, session.HeldEnd ?? reason));
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
            session.Dialled?.HandleUp(context.Now);
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
        session.Dialled?.HandleUp(context.Now);
        context.Notify(new SessionNetworkUp(session, @interface, localAddress, peerAddress));
    }

    private static (SessionState Next, CallAction Action) Next(Session session, CallEvent callEvent) => session.Role switch
    {
        CallRole.IncomingLac => IncomingLacFsm.Next(session.State, callEvent),
        CallRole.IncomingLns => IncomingLnsFsm.Next(session.State, callEvent),
        CallRole.OutgoingLns => OutgoingLnsFsm.Next(session.State, callEvent),
        _ => OutgoingLacFsm.Next(session.State, callEvent),
    };

    /// <summary>A session that begins; it counts, and its set-up is watched.</summary>
    public Session Add(Tunnel tunnel, uint localId, CallRole role, SessionProfile profile, CallRequest request)
    {
        var session = new Session(tunnel, localId, context.NextGeneration(), role, profile, request);
        tunnel.Add(session);
        tunnel.Setups.Append(session, context.Now + (long)tunnel.SessionSetupGuard.TotalMilliseconds);
        Count++;
        return session;
    }

    /// <summary>One step of the state machine of the session's role.</summary>
    /// <param name="session">The session.</param>
    /// <param name="callEvent">What has happened.</param>
    /// <param name="reason">Why the session ends, should it end of that.</param>
    public void Apply(Session session, CallEvent callEvent, EndReason? reason)
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
        EndReplaced(session);
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

    /// <summary>What an earlier life of the peer left behind may hold the interface that this session is to have: it goes first.</summary>
    private void EndReplaced(Session session)
    {
        foreach (var former in _pseudowires.ReplacedBy(session))
        {
            Apply(former, CallEvent.LocalClose, CallReasons.Replaced);
            // The message at hand is of another tunnel: nobody else looks at the CDN's retransmission.
            context.Deadlines.Advance(former.Tunnel, former.Tunnel.NextDeadline());
        }

        _pseudowires.Add(session);
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
        _pseudowires.Remove(session);
        session.Tunnel.Dialect.Calls.ReleaseId(context, session);
        session.State = SessionState.Idle;
        if (session.Data >= DataState.PppStarted)
            StopPpp(session);
        if (session.Data != DataState.None)
            context.Effects.DestroySession(session.Key);
        session.Data = DataState.None;
        context.Notify(new SessionEnded(session, reason));
        session.Dialled?.HandleEnded(session, reason, context.Now);
    }

    private void StopPpp(Session session)
    {
        if (!session.IsPppOver)
            session.Dialled?.AwaitPpp(session);
        context.Effects.StopPpp(session.Key);
    }

    private static void ForgetPeerId(Session session)
    {
        if (session.Tunnel.AnsweredByPeerId is { } answered && answered.TryGetValue(session.PeerId, out var holder) && holder == session)
            answered.Remove(session.PeerId);
    }
}
