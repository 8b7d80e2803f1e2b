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

/// <summary>Runs the control connection state machine for the tunnels of an engine: events become actions, actions become messages and effects.</summary>
internal sealed class TunnelMachine(EngineContext context, TunnelTable tunnels, CallMachine calls)
{
    /// <summary>ms.</summary>
    private const long ProbeInterval = 1_000;

    private readonly TunnelEnding _ending = new(context, tunnels, calls);

    /// <summary>Something is due for the tunnel.</summary>
    public void HandleDeadline(Tunnel tunnel)
    {
        tunnel.Channel.HandleDeadline(context.Now, tunnel);
        if (tunnel.Phase != TunnelPhase.Alive)
            _ending.ForgetIfDone(tunnel);
        else if (tunnel.Channel.IsDead)
            Apply(tunnel, TunnelEvent.RetransmitExhausted, TunnelReasons.Unreachable(tunnel, context.Now));
        else if (tunnel.State == TunnelState.Established)
            HandleEstablishedDeadline(tunnel);
        else if (tunnel.SetupDeadline <= context.Now)
            Expire(tunnel);
        Settle(tunnel);
    }

    /// <summary>
    /// The host that we dial says that nothing listens there. One such error may be forged or stale, and the LNS may be starting: the next
    /// transmission of the SCCRQ has to meet the same, then the attempt ends without waiting for the others.
    /// </summary>
    public void HandleRefusedPort(Tunnel tunnel)
    {
        if (tunnel is not { Phase: TunnelPhase.Alive, State: TunnelState.WaitCtlReply, IsInitiator: true } || tunnel.PeerId != 0)
            return;
        var sent = tunnel.Channel.OldestTransmissions;
        if (tunnel.RefusedTransmission == 0)
            tunnel.RefusedTransmission = sent;
        if (sent <= tunnel.RefusedTransmission)
            return;
        Apply(tunnel, TunnelEvent.RetransmitExhausted, TunnelReasons.PortRefused(tunnel));
        Settle(tunnel);
    }

    /// <summary>Begins a tunnel of ours on the path the transport was opened for.</summary>
    public void Open(Tunnel tunnel, in Path path)
    {
        tunnel.Path = path;
        Apply(tunnel, TunnelEvent.LocalOpen, null);
        Settle(tunnel);
    }

    /// <summary>Takes over where SCCRQ and SCCRP were exchanged without a tunnel: what the peer sends next decides.</summary>
    public void Resume(Tunnel tunnel, Sccrq request)
    {
        tunnel.Counters.MessagesReceived++;
        tunnel.Counters.MessagesSent++;
        if (tunnel.Version == ProtocolVersion.V3)
            tunnel.LocalRouterId = Introduction.RouterId(context, tunnel.Peer);
        tunnel.PeerId = request.AssignedTunnelId;
        tunnel.PeerIntroduction = request;
        tunnel.SetPeerWindow(request);
        tunnels.Index(tunnel);
        tunnels.HalfOpen.Add(tunnel);
        tunnel.State = TunnelState.WaitCtlConn;
    }

    /// <summary>The oldest of the half-open tunnels go where there are too many: in a flood nobody completes them, and a real peer does within a round trip.</summary>
    public void MakeRoom()
    {
        while (tunnels.HalfOpen.Oldest is { } oldest && tunnels.HalfOpen.Count >= Math.Min(context.Configuration.Limits.MaxHalfOpen, HalfOpenTunnels.Most))
        {
            context.Counters.HalfOpenLimited++;
            Evict(oldest);
        }
    }

    /// <summary>Begins a tunnel for an SCCRQ over IP that was admitted.</summary>
    public void Answer(Tunnel tunnel, Sccrq request, in ControlHeader header, in Datagram datagram)
    {
        tunnel.Channel.Receive(header.Ns, header.Nr, false, datagram.Bytes[..header.Length], context.Now, tunnel);
        tunnel.Counters.MessagesReceived++;
        tunnel.PeerId = request.AssignedTunnelId;
        tunnel.PeerIntroduction = request;
        tunnel.SetPeerWindow(request);
        tunnel.UnansweredCredit = Tunnel.MostAmplification * header.Length;
        tunnels.Index(tunnel);
        tunnels.HalfOpen.Add(tunnel);
        Apply(tunnel, TunnelEvent.SccrqAcceptable, null);
        Settle(tunnel);
    }

    /// <summary>Ends a tunnel from our side with a StopCCN; a lingering or closing one stays as it is.</summary>
    public void Close(Tunnel tunnel, EndReason reason)
    {
        if (tunnel.Phase != TunnelPhase.Alive)
            return;
        if (tunnel.State == TunnelState.Idle)
            _ending.Finish(tunnel, TunnelPhase.Forgotten, reason);
        else
            Apply(tunnel, TunnelEvent.AdminClose, reason);
        Settle(tunnel);
    }

    /// <summary>Ends a static tunnel: its peer knows of no messages.</summary>
    public void EndInSilence(Tunnel tunnel, EndReason reason) => _ending.Finish(tunnel, TunnelPhase.Forgotten, reason);

    /// <summary>Both ends closed at once: the peer's StopCCN is acknowledged as if it had come first.</summary>
    public void HandleStopWhileClosing(Tunnel tunnel) => _ending.Linger(tunnel);

    /// <summary>In silence, for in a flood its peer does not exist.</summary>
    private void Evict(Tunnel tunnel)
    {
        if (tunnel.Dialled is not null)
        {
            // It won a tie and serves a tunnel of ours, which must be dialled again.
            _ending.Finish(tunnel, TunnelPhase.Forgotten, TunnelReasons.Evicted());
            return;
        }

        tunnels.HalfOpen.Remove(tunnel);
        tunnel.State = TunnelState.Idle;
        _ending.Forget(tunnel);
    }

    /// <summary>The peer started again under the id of this tunnel, which has nothing to tell it any more.</summary>
    public void Silence(Tunnel former) => _ending.Silence(former);

    /// <summary>Our attempt met the peer's (RFC 2661 section 5.8): lost or equal.</summary>
    public void YieldTo(Tunnel tunnel, TunnelEvent tie)
    {
        Apply(tunnel, tie, new EndReason
        {
            Cause = EndCause.TieBreaker,
            Text = tie == TunnelEvent.SccrqLoseTie
                ? "the peer dialled us at the same moment and its tie breaker won"
                : "both ends dialled at the same moment with equal tie breakers",
        });
        Settle(tunnel);
    }

    public void HandleCreated(Tunnel tunnel)
    {
        tunnel.Data = DataState.Created;
        foreach (var session in tunnel.Sessions.Values)
            calls.TunnelCreated(session);
    }

    /// <summary>Acknowledges what may not wait, and puts the tunnel's deadline right.</summary>
    public void Settle(Tunnel tunnel)
    {
        if (tunnel.Phase != TunnelPhase.Forgotten)
            tunnel.Channel.FlushAck(tunnel);
        if (tunnel.Phase == TunnelPhase.Closing)
            _ending.ForgetIfDone(tunnel);
        if (tunnel.Phase == TunnelPhase.Forgotten)
        {
            context.Deadlines.Remove(tunnel);
            return;
        }

        // A deadline that moved later is left in the heap: it fires once in vain, which is cheaper than moving it with every message.
        var next = tunnel.NextDeadline();
        if (context.Deadlines.DeadlineOf(tunnel) <= context.Now)
            context.Deadlines.Update(tunnel, next);
        else
            context.Deadlines.Advance(tunnel, next);
    }

    /// <summary>
    /// Asks the peer of an established tunnel whether it is there: a HELLO now, and the reliable channel finds out. At most one per
    /// <see cref="ProbeInterval"/>, whatever is forged.
    /// </summary>
    /// <returns>False: one is under way or was sent a moment ago, or the tunnel is not established.</returns>
    public bool TryProbe(Tunnel tunnel)
    {
        if (tunnel is not { Phase: TunnelPhase.Alive, State: TunnelState.Established, Channel.Outstanding: 0 }
            || tunnel.NextProbe > context.Now || tunnel.Peer.Quirks.HasFlag(PeerQuirks.NoHello))
            return false;
        tunnel.NextProbe = context.Now + ProbeInterval;
        SendHello(tunnel);
        Settle(tunnel);
        return true;
    }

    private void HandleEstablishedDeadline(Tunnel tunnel)
    {
        calls.HandleSetupDeadlines(tunnel);
        if (tunnel.SendsHello && tunnel.Channel.Outstanding == 0 && tunnel.HelloDeadline <= context.Now)
            SendHello(tunnel);
    }

    private static void SendHello(Tunnel tunnel)
    {
        tunnel.Counters.HellosSent++;
        tunnel.Send(Hello.Instance);
    }

    private void Expire(Tunnel tunnel)
    {
        var reason = TunnelReasons.SetupTimedOut(tunnel);
        // Idle: no transport was ever opened for it, so there is nobody to tell.
        if (tunnel.State == TunnelState.Idle)
            _ending.Finish(tunnel, TunnelPhase.Forgotten, reason);
        else
            Apply(tunnel, TunnelEvent.SetupTimeout, reason);
    }

    /// <summary>One step of the state machine.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="tunnelEvent">What has happened.</param>
    /// <param name="reason">Why the tunnel ends, should it end of that.</param>
    public void Apply(Tunnel tunnel, TunnelEvent tunnelEvent, EndReason? reason)
    {
        var (next, action) = TunnelFsm.Next(tunnel.State, tunnelEvent, tunnel.Version);
        var previous = tunnel.State;
        tunnel.State = next;
        if (previous == TunnelState.WaitCtlConn && next != TunnelState.WaitCtlConn)
            tunnels.HalfOpen.Remove(tunnel);
        Perform(tunnel, action, reason, previous);
    }

    private void Perform(Tunnel tunnel, TunnelAction action, EndReason? reason, TunnelState previous)
    {
        switch (action)
        {
            case TunnelAction.SendSccrq:
                tunnels.Outstanding.Add(tunnel);
                tunnel.Send(tunnel.Dialect.Request(context, tunnel));
                tunnels.Challenges.Add(tunnel);
                break;
            case TunnelAction.SendSccrp:
                if (tunnel.Version == ProtocolVersion.V3)
                    tunnel.LocalRouterId = Introduction.RouterId(context, tunnel.Peer);
                tunnel.Send(tunnel.Dialect.Reply(context, tunnel.Peer, tunnel.LocalId, tunnel.PeerIntroduction as Sccrq, tunnel.Security?.Nonce));
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
                _ending.Finish(tunnel, TunnelPhase.Lingering, reason!);
                break;
            case TunnelAction.Clean or TunnelAction.DropOwnAndRestart or TunnelAction.DropBoth:
                _ending.Finish(tunnel, TunnelPhase.Forgotten, reason ?? TunnelReasons.Discarded(previous));
                break;
            case TunnelAction.None or TunnelAction.IgnoreMessage or TunnelAction.RefuseSccrq:
                break;
            default:
                throw new InvalidOperationException($"no such action: {action}");
        }
    }

    private void Establish(Tunnel tunnel)
    {
        tunnels.Challenges.Remove(tunnel);
        tunnel.EstablishedAt = context.Now;
        tunnel.Channel.MostEarlyOctets = ReliableChannel.MostEarlyOctetsOfPeer;
        tunnel.HelloWait = tunnel.Dialect.HelloWait(context, tunnel);
        tunnel.Data = DataState.Creating;
        context.Counters.TunnelsEstablished++;
        context.Effects.CreateTunnel(tunnel.Key, new TunnelParameters(
            tunnel, tunnel.Version, tunnel.LocalId, tunnel.PeerId, tunnel.Path, tunnel.Peer.BindDevice, tunnel.Peer.FwMark));
        if (tunnel.Yielding is { } dialled)
            TakePlace(tunnel, dialled);
        context.Notify(new TunnelEstablished(tunnel));
        _ending.EndReplaced(tunnel);
        tunnel.Dialled?.HandleTunnelUp(tunnel);
    }

    /// <summary>
    /// The peer dialled us when we dialled it, its tie breaker won (RFC 2661 section 5.8), and it has completed what it began: ours gives way, unless it
    /// is established by now. Not before, or anybody who forges a tie breaker could end each attempt of ours.
    /// </summary>
    private void TakePlace(Tunnel tunnel, DialledTunnel dialled)
    {
        tunnel.Yielding = null;
        var ours = tunnels.Find(dialled.Current);
        if (dialled.IsRetired || ours is { State: TunnelState.Established })
            return;
        if (ours is { State: TunnelState.WaitCtlReply })
            YieldTo(ours, TunnelEvent.SccrqLoseTie);
        else if (ours is not null)
            Close(ours, new EndReason { Cause = EndCause.TieBreaker, Text = "the peer dialled us at the same moment and its tie breaker won" });
        dialled.Adopt(tunnel);
    }
}
