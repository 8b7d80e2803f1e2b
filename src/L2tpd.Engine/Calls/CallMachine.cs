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

/// <summary>
/// Runs the four call state machines (<see cref="CallFsm"/>) for the sessions of an engine: events become actions, actions become messages
/// and effects.
/// </summary>
/// <remarks>
/// <para>
/// Owns: every transition of every session (<see cref="Apply"/>, <see cref="Advance"/>), what a transition does to a session, and the
/// number of sessions. Messages become events in <see cref="CallReceiver"/>, which also carries out what the machines ask for a request
/// that has no session. Sessions of static tunnels run no machine: <see cref="Place"/> puts them up established. What the ends tell each
/// other about an established call is in <see cref="CallInformation"/>; <see cref="DialledSession"/> decides when a configured session is
/// tried again.
/// </para>
/// <para>Thread: the caller of <see cref="L2tpEngine.Handle(EngineInput, Instant, IEffects)"/>, always one.</para>
/// <para>
/// States: those of RFC 2661 sections 7.4 and 7.5 until the call ends; a session leaves its tunnel with the transition to idle. In
/// addition, <see cref="DataState"/> says how far data plane and PPP are.
/// </para>
/// <para>
/// Races that are known:
/// both ends ask for one pseudowire at once (v3): the tie is settled when the peer's request comes (RFC 3931 section 5.4.4);
/// the peer's CDN overtakes the report of PPP that says why: it is held for a moment (<see cref="HeldStop"/>);
/// data plane or PPP answer after the session has ended: the key has another generation, so the answer reaches no session;
/// the tunnel is established before the data plane has it: sessions wait, and follow with <see cref="TunnelCreated"/>;
/// a peer that started again asks for a pseudowire whose interface its former tunnel still holds: that session ends first (ADR 6).
/// </para>
/// </remarks>
internal sealed class CallMachine(EngineContext context)
{
    /// <summary>With more sessions no CDNs are sent before the StopCCN of a tunnel, which would queue behind them.</summary>
    private const int MostCdnsBeforeStopCcn = 64;

    private readonly NamedPseudowires _pseudowires = new(context);

    /// <summary>Sessions of all tunnels.</summary>
    public int Count { get; private set; }

    /// <summary>Messages about established calls.</summary>
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

        var localId = Count < context.Configuration.Limits.MaxSessions ? tunnel.Dialect.Calls.DrawId(context, tunnel) : SessionId.None;
        if (localId.IsNone)
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
    }

    /// <summary>Makes a session of a static tunnel, established; <see cref="Announce"/> follows.</summary>
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

    /// <summary>Reports a session that <see cref="Place"/> made, and hands it to the data plane.</summary>
    public void Announce(Session session) => Establish(session);

    /// <summary>Ends a session of a static tunnel: no message is sent.</summary>
    public void EndInSilence(Session session, EndReason reason) => Apply(session, CallEvent.TunnelLost, reason);

    /// <summary>Ends a session from our side with a CDN.</summary>
    public void Close(Session session, EndReason reason) => Close(session, CallEvent.LocalClose, reason);

    /// <summary>Ends a session whose line is lost: PPP has ended, or the data plane could not make it. Only a LAC has a line.</summary>
    public void Fail(Session session, EndReason reason) =>
        Close(session, session.IsLns ? CallEvent.LocalClose : CallEvent.BearerFailed, reason);

    /// <summary>The peer sent a CDN: the session ends, at once or when PPP has reported the reason.</summary>
    public void EndByPeer(Session session, EndReason reason)
    {
        if (session.Tunnel.Dialled?.HeldStop.TryHold(session, reason) != true)
            Apply(session, CallEvent.Cdn, CallReasons.Judged(session, reason));
    }

    /// <summary>The peer's CDN, held until now, takes effect.</summary>
    public void EndHeld(Session session)
    {
        if (session.HeldEnd is { } held && session.State != SessionState.Idle)
            Apply(session, CallEvent.Cdn, CallReasons.Judged(session, held));
    }

    /// <summary>The peer refuses our credentials; the end of PPP, or of the session, follows.</summary>
    public static void HandlePppRefused(Session session, PppRefused refused)
    {
        session.PppRefused = CallReasons.RefusalText(session, refused);
        session.Tunnel.Dialled?.HeldStop.HandleHeard();
    }

    /// <summary>PPP has ended by itself, and the session with it.</summary>
    public void HandlePppEnded(Session session, EndReason reason)
    {
        session.IsPppOver = true;
        var tunnel = session.Tunnel;
        Fail(session, CallReasons.Judged(session, reason));
        tunnel.Dialled?.HeldStop.HandleHeard();
    }

    public void HandleSetupDeadlines(Tunnel tunnel)
    {
        while (tunnel.Setups.First is { } session && session.SetupDeadline <= context.Now)
        {
            Apply(session, CallEvent.SetupTimeout, CallReasons.SetupTimedOut(session));
        }
    }

    /// <summary>Sends a CDN for each session before the StopCCN that ends them all.</summary>
    public static void AnnounceEnd(Tunnel tunnel, EndReason reason)
    {
        if (tunnel.EstablishedAt is null || tunnel.Sessions.Count > MostCdnsBeforeStopCcn)
            return;
        foreach (var session in tunnel.Sessions.Values)
            SendCdn(session, reason with { Result = new ResultCode(CdnResult.Administrative) });
    }

    /// <summary>Ends all sessions of a tunnel that has ended; no message is sent.</summary>
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

    /// <param name="session">The session that the data plane has created.</param>
    /// <param name="interface">The interface of a pseudowire without PPP; <c>null</c> if there is none.</param>
    public void HandleCreated(Session session, string? @interface)
    {
        if (session.Data != DataState.Creating)
            return;
        session.Data = DataState.Created;
        if (@interface is not null)
            HandleNetworkUp(session, new SessionNetwork(@interface, null, null, null));
        if (session is not { Profile.Ppp: { } profile, Pseudowire: null or { Type: PseudowireType.Ppp } })
        {
            session.Dialled?.HandleUp(context.Now);
            return;
        }

        session.Data = DataState.PppStarted;
        context.Effects.StartPpp(session.Key, new PppRequest(session, profile, session.IsLns, Parameters(session)));
    }

    public void HandleNetworkUp(Session session, SessionNetwork network)
    {
        // PPP may report further addresses of a network that is up.
        if (session.Data != DataState.NetworkUp)
            SetupTimes.Observe(context.Counters.Times.Networks, session.StartedAt, context.Now);
        session.Data = DataState.NetworkUp;
        session.Network = network;
        session.Dialled?.HandleUp(context.Now);
        context.Notify(new SessionNetworkUp(session, network.Interface, network.LocalAddress, network.PeerAddress));
    }

    public void HandleUser(Session session, SessionUser user)
    {
        var isNew = session.User?.Name != user.Name;
        session.User = user;
        context.Notify(new SessionUserChanged(session, isNew));
    }

    /// <summary>Makes a session, which counts from now on, and sets the guard timer of its set-up.</summary>
    public Session Add(Tunnel tunnel, SessionId localId, CallRole role, SessionProfile profile, CallRequest request)
    {
        var session = new Session(tunnel, localId, context.NextGeneration(), role, profile, request) { StartedAt = context.Now };
        tunnel.Add(session);
        context.Unsettled.Add(tunnel);
        tunnel.Setups.Append(session, context.Now + tunnel.SessionSetupGuard);
        Count++;
        return session;
    }

    /// <summary>A session of a snapshot, in its tunnel already: it counts, and is found where it was.</summary>
    public void Restore(Session session)
    {
        Count++;
        session.Tunnel.Dialect.Calls.Restore(context, session);
        if (session.State == SessionState.Established)
            _pseudowires.Add(session);
    }

    /// <summary>One step of the state machine of the session's role.</summary>
    /// <param name="session">The session.</param>
    /// <param name="callEvent">What has happened.</param>
    /// <param name="reason">Why the session ends, if the event ends it; <c>null</c> with an event that cannot.</param>
    public void Apply(Session session, CallEvent callEvent, EndReason? reason) => Perform(session, Advance(session, callEvent), reason);

    /// <summary>Makes the transition and leaves its action to the caller: one that has the request which the action may be about.</summary>
    public static CallAction Advance(Session session, CallEvent callEvent)
    {
        var (next, action) = CallFsm.Next(session.Role, session.State, callEvent);
        session.State = next;
        return action;
    }

    /// <summary>Carries out an action on the session.</summary>
    public void Perform(Session session, CallAction action, EndReason? reason)
    {
        switch (action)
        {
            case CallAction.None:
                break;
            case CallAction.RequestTunnel:
                RequestTunnel(session);
                break;
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
                SendConnected(session);
                Establish(session);
                break;
            case CallAction.Establish:
                Establish(session);
                break;
            case CallAction.CdnAndClean:
                EndWithCdn(session, reason!);
                break;
            case CallAction.Clean:
                End(session, reason!);
                break;
            default:
                throw new InvalidOperationException($"{action} is about a request without a session: the receiver carries it out");
        }
    }

    /// <summary>
    /// A configured session is opened in an established tunnel only (<see cref="DialledSession"/>): the answer follows at once.
    /// </summary>
    private void RequestTunnel(Session session)
    {
        if (session.Tunnel.State == TunnelState.Established)
            Apply(session, CallEvent.TunnelOpen, null);
    }

    private static void SendConnected(Session session)
    {
        session.Connected = session.Tunnel.Dialect.Calls.Connected(session);
        session.Tunnel.Send(session.Connected);
    }

    private void Establish(Session session)
    {
        EndReplaced(session);
        session.EstablishedAt = context.Now;
        session.Tunnel.Setups.Remove(session);
        // An ICCN carries our id, so its sender knows it. The sender of an OCRQ may still give up before it receives our OCRP.
        if (session.Role != CallRole.OutgoingLac)
            ForgetPeerId(session);
        context.Counters.SessionsEstablished++;
        var isOurs = session.Role is CallRole.IncomingLac or CallRole.OutgoingLns;
        var times = context.Counters.Times;
        SetupTimes.Observe(isOurs ? times.DialledSessions : times.AnsweredSessions, session.StartedAt, context.Now);
        context.Notify(new SessionEstablished(session));
        if (session.Tunnel.Dialect.Calls.Inform(session) is { } information)
            session.Tunnel.Send(information);
        if (session.Tunnel.Data == DataState.Created)
            Create(session);
    }

    /// <summary>A session that the peer left behind when it started again may hold the interface of this session: it ends first.</summary>
    private void EndReplaced(Session session)
    {
        foreach (var former in _pseudowires.ReplacedBy(session))
            Apply(former, CallEvent.LocalClose, CallReasons.Replaced);
        _pseudowires.Add(session);
    }

    private void Close(Session session, CallEvent callEvent, EndReason reason)
    {
        // Where the peer's CDN is being held there is nobody to send one to.
        if (session.HeldEnd is not null)
            EndHeld(session);
        else
            Apply(session, callEvent, reason);
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
            Result = session.Tunnel.Profile.Readable(reason.Result!),
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
        {
            context.Effects.DestroySession(session.Key);
            context.Notify(new DataPathRemoved(session.Tunnel, session));
        }

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

    private static void ForgetPeerId(Session session) => session.Tunnel.RemoveAnswered(session);
}
