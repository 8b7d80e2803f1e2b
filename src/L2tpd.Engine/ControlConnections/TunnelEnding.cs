using L2tpd.Engine.Calls;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>How tunnels end: what is sent, what is kept for how long, and what is given back (RFC 2661 section 5.7, l2tpv2.md section 7.1).</summary>
internal sealed class TunnelEnding(EngineContext context, TunnelTable tunnels, CallMachine calls)
{
    /// <summary>
    /// Ended tunnels of peers that completed a handshake without a secret: so many may wait for the end of their time. A quarter of the ids stays free
    /// for others.
    /// </summary>
    private const int MostUnproved = 49_152;

    private readonly Queue<Tunnel> _neverEstablished = new();
    private readonly Queue<Tunnel> _unproved = new();

    /// <summary>Sends the sessions' CDNs and the StopCCN, then ends the tunnel.</summary>
    public void StopCcn(Tunnel tunnel, EndReason reason)
    {
        var result = reason.Result ?? new ResultCode(StopCcnResult.GeneralRequest);
        reason = reason with { Result = result };
        if (tunnel.PeerId == 0)
        {
            // The SCCRQ is still unanswered and nothing may pass it in the window: tell the peer once, in case it listens.
            StatelessReply.StopCcn(context, tunnel, tunnel.Peer.Readable(result));
            Finish(tunnel, TunnelPhase.Forgotten, reason);
            return;
        }

        CallMachine.AnnounceEnd(tunnel, reason);
        tunnel.Send(new StopCcn
        {
            AssignedTunnelId = tunnel.LocalId,
            Result = tunnel.Peer.Readable(result),
        });
        Finish(tunnel, TunnelPhase.Closing, reason);
    }

    /// <summary>The tunnel is established: those it replaces go.</summary>
    public void EndReplaced(Tunnel tunnel)
    {
        // More than one where the peer came back again before it was established.
        for (var former = tunnel.Replaces?.Living; former is not null; former = former.Replaces?.Living)
        {
            // Its StopCCN would reach the peer's new tunnel, which has the same id: it goes in silence.
            Finish(former, TunnelPhase.Forgotten, new EndReason
            {
                Cause = EndCause.Replaced,
                Text = "the peer started again and now has a new tunnel under the same address and id",
            });
        }

        tunnel.Replaces = null;
        tunnels.Index(tunnel);
    }

    /// <summary>
    /// The peer has started again and chosen the id it had before: what this tunnel still wants to tell it, its StopCCN say, would hit the new attempt.
    /// </summary>
    public void Silence(Tunnel tunnel)
    {
        if (tunnel.Phase == TunnelPhase.Closing)
            Forget(tunnel);
    }

    /// <summary>Ends the sessions and the data path, and takes the tunnel to the given phase.</summary>
    public void Finish(Tunnel tunnel, TunnelPhase phase, EndReason reason)
    {
        if (tunnel.State == TunnelState.WaitCtlConn)
            tunnels.HalfOpen.Remove(tunnel);
        tunnel.State = TunnelState.Idle;
        var sessions = tunnel.Sessions.Count;
        calls.EndAll(tunnel, reason);
        if (tunnel.Data != DataState.None)
            context.Effects.DestroyTunnel(tunnel.Key);
        tunnel.Data = DataState.None;
        if (phase == TunnelPhase.Lingering)
            Linger(tunnel);
        else if (phase == TunnelPhase.Closing)
            AwaitAcknowledgement(tunnel);
        else
            Forget(tunnel);
        context.Notify(new TunnelEnded(tunnel, reason, sessions));
        tunnel.Dialled?.HandleTunnelEnded(tunnel, reason);
    }

    /// <summary>The peer sent StopCCN: its repetitions are acknowledged for a full cycle (RFC 2661 section 5.7).</summary>
    public void Linger(Tunnel tunnel)
    {
        tunnel.ForgetAt = context.Now + (long)tunnel.Peer.Timers.Linger.TotalMilliseconds;
        Retire(tunnel, TunnelPhase.Lingering);
        tunnel.Channel.DiscardOutgoing();
    }

    /// <summary>Forgets a tunnel whose StopCCN was acknowledged or whose time is over.</summary>
    public void ForgetIfDone(Tunnel tunnel)
    {
        var acknowledged = tunnel.Phase == TunnelPhase.Closing && tunnel.Channel.Outstanding == 0;
        if (!acknowledged && !tunnel.Channel.IsDead && tunnel.ForgetAt > context.Now)
            return;
        if (tunnel.Phase == TunnelPhase.Lingering && tunnel.ForgetAt > context.Now)
            return;
        Forget(tunnel);
    }

    /// <summary>Out of every table; its socket goes.</summary>
    public void Forget(Tunnel tunnel)
    {
        tunnels.Retire(tunnel, TunnelPhase.Forgotten);
        context.Deadlines.Remove(tunnel);
        context.Effects.CloseTransport(tunnel.Key);
    }

    private void Retire(Tunnel tunnel, TunnelPhase phase)
    {
        var isNew = tunnel.Phase == TunnelPhase.Alive;
        tunnels.Retire(tunnel, phase);
        if (isNew && tunnel.EstablishedAt == 0)
            Bound(_neverEstablished, tunnel, Math.Min(context.Configuration.Limits.MaxHalfOpen, HalfOpenTunnels.Most));
        else if (isNew && !tunnel.IsAuthenticated)
            Bound(_unproved, tunnel, MostUnproved);
    }

    /// <summary>
    /// Whoever asks for tunnels and ends them, or makes us end them, must not fill the id space with those that wait for an acknowledgement or for
    /// repetitions: it needs no secret for that.
    /// </summary>
    private void Bound(Queue<Tunnel> waiting, Tunnel tunnel, int most)
    {
        waiting.Enqueue(tunnel);
        while (waiting.Count > most || waiting.Peek().Phase == TunnelPhase.Forgotten)
        {
            var oldest = waiting.Dequeue();
            if (oldest.Phase != TunnelPhase.Forgotten)
                Forget(oldest);
        }
    }

    /// <summary>The channel itself gives up after the full retransmission cycle; this only bounds a peer that acknowledges forever too little.</summary>
    private void AwaitAcknowledgement(Tunnel tunnel)
    {
        tunnel.ForgetAt = context.Now + (2 * (long)tunnel.Peer.Timers.Linger.TotalMilliseconds);
        Retire(tunnel, TunnelPhase.Closing);
    }
}
