using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Reliability;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Runs the state machine of the control connection (<see cref="TunnelFsm"/>) for all tunnels of an engine: events become actions, actions
/// become messages and effects.
/// </summary>
/// <remarks>
/// <para>
/// Owns: every transition of every tunnel (<see cref="Apply"/>, <see cref="Advance"/>), what a transition does to a tunnel, and a tunnel's
/// place in the engine's heap of deadlines (<see cref="Settle()"/>). How a tunnel ends is in <see cref="TunnelEnding"/>; messages of a
/// tunnel become events in <see cref="TunnelReceiver"/>; an SCCRQ that has no tunnel yet is judged by <see cref="Admission.SccrqJudge"/>
/// and carried out by <see cref="Admission.SccrqGate"/>, which asks the same table. Static tunnels have no control protocol and no state
/// machine: they are established and ended by <see cref="Statics.StaticLine"/>.
/// </para>
/// <para>
/// Thread: the caller of <see cref="L2tpEngine.Handle(Inputs.EngineInput, Instant, IEffects)"/>, always one. Nothing here waits or locks.
/// </para>
/// <para>
/// States: those of RFC 2661 section 7.2.1 while the phase of the tunnel is alive. Around them is the phase (<see cref="TunnelPhase"/>): a
/// tunnel that has left them is closing (our StopCCN awaits its acknowledgement), lingering (the peer's StopCCN is acknowledged again for
/// 31 s), or forgotten. An SCCRQ over UDP is in wait-ctl-conn as a record without a tunnel (ADR 3): the peer's answer to SCCRP makes the
/// tunnel in that state (<see cref="Resume"/>), and the machine decides what the answer does.
/// </para>
/// <para>
/// Races that are known:
/// both ends dial at once: the SCCRQ that wins the tie is answered, ours goes on, and the first to be established wins (ADR 4);
/// both ends close at once: the peer's StopCCN is acknowledged as if it had come first;
/// the peer starts again under the same address and id: its new tunnel ends the old one when it is established, and what the old one still
/// had to send is dropped before (ADR 3); under another id the old one is asked first (<see cref="SamePeerTunnels"/>);
/// a result of an effect comes after the tunnel has ended: its key has another generation, so it reaches no tunnel;
/// the setup guard expires in the same turn in which the tunnel is established: no effect.
/// </para>
/// </remarks>
internal sealed class TunnelMachine(EngineContext context, TunnelTable tunnels, CallMachine calls)
{
    /// <summary>Shortest time between two HELLOs that messages of unknown origin cause.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly TunnelEnding _ending = new(context, tunnels, calls);

    /// <summary>One step of the state machine.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="tunnelEvent">What has happened.</param>
    /// <param name="reason">Why the tunnel ends, if the event ends it; <c>null</c> with an event that cannot.</param>
    public void Apply(Tunnel tunnel, TunnelEvent tunnelEvent, EndReason? reason) =>
        Perform(tunnel, Advance(tunnel, tunnelEvent, tunnel.Version), reason);

    /// <summary>Makes the transition and leaves its action to the caller: one that has the SCCRQ which the action may be about.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="tunnelEvent">What has happened.</param>
    /// <param name="version">The version of the SCCRQ: the tunnel has none yet where both versions are on offer.</param>
    public TunnelAction Advance(Tunnel tunnel, TunnelEvent tunnelEvent, ProtocolVersion version)
    {
        var (next, action) = TunnelFsm.Next(tunnel.State, tunnelEvent, version);
        if (tunnel.State == TunnelState.WaitCtlConn && next != TunnelState.WaitCtlConn)
            tunnels.HalfOpen.Remove(tunnel);
        tunnel.State = next;
        context.Unsettled.Add(tunnel);
        return action;
    }

    /// <summary>Carries out an action on the tunnel.</summary>
    public void Perform(Tunnel tunnel, TunnelAction action, EndReason? reason)
    {
        switch (action)
        {
            case TunnelAction.None:
                break;
            case TunnelAction.SendSccrq when tunnel.Phase is TunnelPhase.Dialling dialling:
                SendRequest(tunnel, dialling);
                break;
            case TunnelAction.SendSccrp:
                SendReply(tunnel);
                break;
            case TunnelAction.SendScccnAndOpen:
                tunnel.Send(tunnel.Dialect.Connected(tunnel));
                Establish(tunnel);
                break;
            case TunnelAction.Open:
                Establish(tunnel);
                break;
            case TunnelAction.StopCcnAndClean:
                _ending.StopCcn(tunnel, reason!);
                break;
            case TunnelAction.AckAndClean:
                _ending.Finish(tunnel, _ending.LingeringOf(tunnel), reason!);
                break;
            case TunnelAction.Clean:
                _ending.Finish(tunnel, TunnelPhase.Forgotten.Instance, reason!);
                break;
            case TunnelAction.Forget:
                _ending.Forget(tunnel);
                break;
            default:
                throw new InvalidOperationException($"{action} is about an SCCRQ without a tunnel: the gate carries it out");
        }
    }

    /// <summary>Something is due for the tunnel.</summary>
    public void HandleDeadline(Tunnel tunnel)
    {
        context.Unsettled.Add(tunnel);
        tunnel.Channel.HandleDeadline(context.Now, tunnel);
        if (tunnel.Phase is not TunnelPhase.Alive)
            _ending.ForgetIfDone(tunnel);
        else if (tunnel.Channel.IsDead)
            Apply(tunnel, TunnelEvent.RetransmitExhausted, TunnelReasons.Unreachable(tunnel, context.Now));
        else if (tunnel.State == TunnelState.Established)
            HandleEstablishedDeadline(tunnel);
        else if (tunnel.Phase is TunnelPhase.BeingSetUp phase && phase.Deadline <= context.Now)
            Apply(tunnel, TunnelEvent.SetupTimeout, TunnelReasons.SetupTimedOut(tunnel));
    }

    /// <summary>
    /// The host that we dial reports that nothing listens at the port. One such error may be forged or stale, and the LNS may be starting:
    /// if the next transmission of the SCCRQ meets the same error, the attempt ends without waiting for the others.
    /// </summary>
    public void HandleRefusedPort(Tunnel tunnel)
    {
        if (tunnel.Phase is not TunnelPhase.Dialling phase || tunnel is not { State: TunnelState.WaitCtlReply, PeerId.IsNone: true })
            return;
        var sent = tunnel.Channel.OldestTransmissions;
        if (phase.RefusedTransmission == 0)
            phase.RefusedTransmission = sent;
        if (sent <= phase.RefusedTransmission)
            return;
        Apply(tunnel, TunnelEvent.RetransmitExhausted, TunnelReasons.PortRefused(tunnel));
    }

    /// <summary>Begins a tunnel of ours on the path the transport was opened for.</summary>
    public void Open(Tunnel tunnel, in Path path)
    {
        tunnel.Path = path;
        Apply(tunnel, TunnelEvent.LocalOpen, null);
    }

    /// <summary>Takes over where SCCRQ and SCCRP were exchanged without a tunnel: what the peer sends next decides.</summary>
    public void Resume(Tunnel tunnel, Sccrq request)
    {
        tunnel.Counters.MessagesSent++;
        context.Counters.Messages.CountSent(MessageType.Sccrp);
        AddHalfOpen(tunnel, request);
        tunnel.State = TunnelState.WaitCtlConn;
    }

    /// <summary>
    /// Evicts the oldest half-open tunnels where there are too many: in a flood nobody completes them, and a real peer does so within a
    /// round trip.
    /// </summary>
    public void MakeRoom()
    {
        var most = Math.Min(context.Configuration.Limits.MaxHalfOpen, HalfOpenTunnels.Most);
        while (tunnels.HalfOpen.Oldest is { } oldest && tunnels.HalfOpen.Count >= most)
        {
            context.Counters.HalfOpenLimited++;
            Apply(oldest, TunnelEvent.Evicted, null);
        }
    }

    /// <summary>Begins a tunnel for an SCCRQ over IP that was admitted.</summary>
    public void Answer(Tunnel tunnel, Sccrq request, in ControlHeader header, in Datagram datagram)
    {
        tunnel.Channel.Receive(header.Ns, header.Nr, false, datagram.Bytes[..header.Length], context.Now, tunnel);
        AddHalfOpen(tunnel, request);
        Apply(tunnel, TunnelEvent.SccrqAcceptable, null);
    }

    /// <summary>Adds a tunnel that a peer requested to the tables, with what its SCCRQ says.</summary>
    private void AddHalfOpen(Tunnel tunnel, Sccrq request)
    {
        tunnel.Counters.MessagesReceived++;
        context.Counters.Messages.CountReceived(MessageType.Sccrq);
        tunnel.PeerId = request.AssignedTunnelId;
        tunnel.PeerIntroduction = request;
        tunnel.SetPeerWindow(request);
        tunnels.Index(tunnel);
        tunnels.HalfOpen.Add(tunnel);
    }

    /// <summary>Ends a tunnel from our side with a StopCCN; a lingering or closing one stays as it is.</summary>
    public void Close(Tunnel tunnel, EndReason reason)
    {
        if (tunnel.Phase is TunnelPhase.Alive)
            Apply(tunnel, TunnelEvent.AdminClose, reason);
    }

    /// <summary>Ends a static tunnel: no message is sent.</summary>
    public void EndInSilence(Tunnel tunnel, EndReason reason)
    {
        tunnel.State = TunnelState.Idle;
        _ending.Finish(tunnel, TunnelPhase.Forgotten.Instance, reason);
    }

    /// <summary>Both ends closed at once: the peer's StopCCN is acknowledged as if it had come first.</summary>
    public void HandleStopWhileClosing(Tunnel tunnel) => _ending.Linger(tunnel);

    /// <summary>A tunnel of a snapshot, in the tables already: its deadline is filed, and an ending one counts as it did.</summary>
    public void Restore(Tunnel tunnel)
    {
        if (tunnel.Phase is TunnelPhase.Ending)
            _ending.Restore(tunnel);
        if (!tunnel.IsStatic)
            context.Deadlines.Update(tunnel, tunnel.NextDeadline());
    }

    /// <summary>The peer started again under the id of this tunnel, which must not send to it any more.</summary>
    public void Silence(Tunnel former) => _ending.Silence(former);

    public void HandleCreated(Tunnel tunnel)
    {
        tunnel.Data = DataState.Created;
        foreach (var session in tunnel.Sessions.Values)
            calls.TunnelCreated(session);
    }

    /// <summary>
    /// Settles the tunnels that the input at hand has touched, once each, at its end: sends acknowledgements that may not wait and no
    /// message has carried, forgets tunnels that are done, and brings deadlines up to date.
    /// </summary>
    public void Settle()
    {
        while (context.Unsettled.Take() is { } tunnel)
            Settle(tunnel);
    }

    private void Settle(Tunnel tunnel)
    {
        if (tunnel.Phase is not TunnelPhase.Forgotten)
            tunnel.Channel.FlushAck(tunnel);
        if (tunnel.Phase is TunnelPhase.Closing)
            _ending.ForgetIfDone(tunnel);
        if (tunnel.Phase is TunnelPhase.Forgotten)
        {
            context.Deadlines.Remove(tunnel);
            return;
        }

        // A deadline that moved to a later time stays in the heap: it fires once without effect, which is cheaper than moving it with every
        // message.
        var next = tunnel.NextDeadline();
        if (context.Deadlines.DeadlineOf(tunnel) <= context.Now)
            context.Deadlines.Update(tunnel, next);
        else
            context.Deadlines.Advance(tunnel, next);
    }

    /// <summary>
    /// Probes the peer of an established tunnel: a HELLO now, which the reliable channel retransmits. At most one per
    /// <see cref="ProbeInterval"/>, whatever is forged.
    /// </summary>
    /// <returns>False if a message is outstanding, a probe was sent a moment ago, or the tunnel is not established.</returns>
    public bool TryProbe(Tunnel tunnel)
    {
        if (tunnel.Phase is not TunnelPhase.Established phase || tunnel.Channel.Outstanding != 0
            || phase.NextProbe > context.Now || tunnel.Profile.Quirks.HasFlag(PeerQuirks.NoHello))
        {
            return false;
        }

        phase.NextProbe = context.Now + ProbeInterval;
        SendHello(tunnel);
        return true;
    }

    /// <summary>Asks the peer with HELLO whether it has the established tunnel. An acknowledgement that is due is an answer too.</summary>
    public void Ask(Tunnel tunnel)
    {
        context.Unsettled.Add(tunnel);
        if (tunnel.Channel.Outstanding == 0)
            SendHello(tunnel);
    }

    private void HandleEstablishedDeadline(Tunnel tunnel)
    {
        calls.HandleSetupDeadlines(tunnel);
        if (tunnel.Phase is TunnelPhase.Established { Question: { } question } phase && question.AnswerBy <= context.Now)
            Decide(tunnel, phase, question);
        if (tunnel.Phase is TunnelPhase.Established established && established.NextHello(tunnel) <= context.Now)
            SendHello(tunnel);
    }

    private static void SendHello(Tunnel tunnel)
    {
        tunnel.Counters.HellosSent++;
        tunnel.Send(Hello.Instance);
    }

    private void SendRequest(Tunnel tunnel, TunnelPhase.Dialling phase)
    {
        tunnels.Outstanding.Add(tunnel);
        tunnel.Send(tunnel.Dialect.Request(context, tunnel, phase));
        tunnels.Challenges.Add(tunnel);
    }

    private void SendReply(Tunnel tunnel)
    {
        var request = tunnel.PeerIntroduction as Sccrq;
        tunnel.Send(tunnel.Dialect.Rules.Reply(context, tunnel.Profile, tunnel.LocalId, request, tunnel.Dialect.Nonce));
    }

    private void Establish(Tunnel tunnel)
    {
        tunnels.Challenges.Remove(tunnel);
        var yielding = (tunnel.Phase as TunnelPhase.Answering)?.Yielding;
        tunnel.EstablishedAt = context.Now;
        tunnel.Channel.MostEarlyOctets = ReliableChannel.MostEarlyOctetsOfPeer;
        tunnel.Phase = new TunnelPhase.Established(tunnel.Dialect.HelloWait(context, tunnel));
        tunnel.Data = DataState.Creating;
        context.Counters.TunnelsEstablished++;
        var times = context.Counters.Times;
        SetupTimes.Observe(tunnel.IsInitiator ? times.DialledTunnels : times.AnsweredTunnels, tunnel.StartedAt, context.Now);
        context.Effects.CreateTunnel(tunnel.Key, new TunnelParameters(
            tunnel, tunnel.Version, tunnel.LocalId, tunnel.PeerId, tunnel.Path, tunnel.Profile.BindDevice, tunnel.Profile.FwMark));
        if (yielding is not null)
            TakePlace(tunnel, yielding);
        context.Notify(new TunnelEstablished(tunnel));
        EndReplaced(tunnel);
        AskFormer(tunnel);
        tunnel.Dialled?.HandleTunnelUp(tunnel);
        foreach (var guest in tunnel.Guests)
            guest.HandleTunnelUp(tunnel);
    }

    /// <summary>
    /// Both ends dialled at once, the peer's tie breaker won (RFC 2661 section 5.8), and its tunnel is established: ours yields, unless it
    /// was established before. Not earlier, because anybody who forges a tie breaker could end our attempts (ADR 4).
    /// </summary>
    private void TakePlace(Tunnel tunnel, DialledTunnel dialled)
    {
        if (dialled.IsRetired)
            return;
        var ours = tunnels.Find(dialled.Current);
        if (ours is not null)
            Apply(ours, TunnelEvent.TieLost, TunnelReasons.LostTie);
        if (ours is not { State: TunnelState.Established })
            dialled.Adopt(tunnel);
    }

    /// <summary>
    /// The tunnel is established: those it replaces end. More than one where the peer came back again before it was established.
    /// </summary>
    private void EndReplaced(Tunnel tunnel)
    {
        for (var former = tunnel.Replaces?.Living; former is not null; former = former.Replaces?.Living)
            Apply(former, TunnelEvent.Replaced, TunnelReasons.Replaced);
        if (tunnel.Origin is TunnelOrigin.Answered answered)
            answered.Replaces = null;
        tunnels.Index(tunnel);
    }

    /// <summary>Asks the same peer's former tunnel, under another id, whether it is still there (<see cref="SamePeerTunnels"/>).</summary>
    private void AskFormer(Tunnel tunnel)
    {
        var former = tunnels.SamePeer.FormerOf(tunnel);
        tunnels.SamePeer.Add(tunnel);
        if (former is not { Phase: TunnelPhase.Established phase })
            return;
        if (former.Profile.Quirks.HasFlag(PeerQuirks.NoHello))
        {
            Apply(former, TunnelEvent.Replaced, TunnelReasons.ReplacedUnderAnotherId);
            return;
        }

        tunnel.Asked = former;
        phase.Question = new SamePeerQuestion(tunnel, context.Now, context.Now + SamePeerTunnels.AnswerTime);
        Ask(former);
    }

    private void Decide(Tunnel former, TunnelPhase.Established phase, SamePeerQuestion question)
    {
        phase.Question = null;
        if (question.Successor is { } successor && successor.Asked == former)
            successor.Asked = null;
        if (!question.IsAnsweredIn(former))
        {
            Apply(former, TunnelEvent.Replaced, TunnelReasons.ReplacedUnderAnotherId);
        }
        // The peer has both: the new one was let in although the limit was reached, because the former one seemed to leave.
        else if (question.Successor is { Phase: TunnelPhase.Established } added
            && Admission.TunnelLimits.Exceeded(context, tunnels, added.Profile, added) is { } limit)
        {
            Apply(added, TunnelEvent.AdminClose, TunnelReasons.LimitReached(limit));
        }
    }
}
