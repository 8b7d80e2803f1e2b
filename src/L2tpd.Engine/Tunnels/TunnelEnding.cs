using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Sessions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Tunnels;

/// <summary>How tunnels end: what is sent, what is kept for how long, and what is given back (RFC 2661 section 5.7, l2tpv2.md section 7.1).</summary>
internal sealed class TunnelEnding(EngineContext context, TunnelTable tunnels, CallMachine calls)
{
    private readonly Queue<Tunnel> _lingeringUnestablished = new();

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
        for (var replaced = tunnel.Replaces; tunnels.Find(replaced) is { } former; replaced = former.Replaces)
        {
            // Its StopCCN would reach the peer's new tunnel, which has the same id: it goes in silence.
            Finish(former, TunnelPhase.Forgotten, new EndReason
            {
                Cause = EndCause.Replaced,
                Text = "the peer started again and now has a new tunnel under the same address and id",
            });
        }

        tunnels.Index(tunnel);
    }

    /// <summary>Ends the sessions and the data path, and takes the tunnel to the given phase.</summary>
    public void Finish(Tunnel tunnel, TunnelPhase phase, EndReason reason)
    {
        if (tunnel.State == TunnelState.WaitCtlConn)
            tunnels.UncountHalfOpen(tunnel);
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
        tunnels.Retire(tunnel, TunnelPhase.Lingering);
        tunnel.Channel.DiscardOutgoing();
        if (tunnel.EstablishedAt == 0)
            BoundRefused(tunnel);
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

    /// <summary>Whoever asks for tunnels and ends them at once must not fill the id space with lingering ones.</summary>
    private void BoundRefused(Tunnel tunnel)
    {
        _lingeringUnestablished.Enqueue(tunnel);
        while (_lingeringUnestablished.Count > context.Configuration.Limits.MaxHalfOpen)
        {
            var oldest = _lingeringUnestablished.Dequeue();
            if (oldest.Phase == TunnelPhase.Lingering)
                Forget(oldest);
        }
    }

    /// <summary>The channel itself gives up after the full retransmission cycle; this only bounds a peer that acknowledges forever too little.</summary>
    private void AwaitAcknowledgement(Tunnel tunnel)
    {
        tunnel.ForgetAt = context.Now + (2 * (long)tunnel.Peer.Timers.Linger.TotalMilliseconds);
        tunnels.Retire(tunnel, TunnelPhase.Closing);
    }
}
