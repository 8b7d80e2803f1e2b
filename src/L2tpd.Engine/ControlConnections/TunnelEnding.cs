using L2tpd.Engine.Calls;
using L2tpd.Engine.Events;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// The end of tunnels: what is sent, what is kept for how long, and what is released (RFC 2661 section 5.7, l2tpv2.md section 7.1).
/// </summary>
internal sealed class TunnelEnding(EngineContext context, TunnelTable tunnels, CallMachine calls)
{
    /// <summary>
    /// Ended tunnels of peers that completed a handshake without a secret and that still keep their ids. A quarter of the ids stays free
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
        if (tunnel.PeerId.IsNone)
        {
            // The SCCRQ is unanswered, and nothing may pass it in the window: one StopCCN outside it, in case the peer listens.
            StatelessReply.StopCcn(context, tunnel, tunnel.Profile.Readable(result));
            Finish(tunnel, TunnelPhase.Forgotten.Instance, reason);
            return;
        }

        CallMachine.AnnounceEnd(tunnel, reason);
        tunnel.Send(new StopCcn
        {
            AssignedTunnelId = tunnel.LocalId,
            Result = tunnel.Profile.Readable(result),
        });
        Finish(tunnel, ClosingOf(tunnel), reason);
    }

    /// <summary>
    /// The peer has started again with the id it had before: what this tunnel still has to send, for example its StopCCN, would end the new
    /// attempt.
    /// </summary>
    public void Silence(Tunnel tunnel)
    {
        if (tunnel.Phase is TunnelPhase.Closing)
            Forget(tunnel);
    }

    /// <summary>Ends the sessions and the data path, and takes the tunnel to the given phase.</summary>
    public void Finish(Tunnel tunnel, TunnelPhase phase, EndReason reason)
    {
        var sessions = tunnel.Sessions.Count;
        calls.EndAll(tunnel, reason);
        if (tunnel.Data != DataState.None)
        {
            context.Effects.DestroyTunnel(tunnel.Key);
            context.Notify(new DataPathRemoved(tunnel));
        }

        tunnel.Data = DataState.None;
        if (phase is TunnelPhase.Forgotten)
            Forget(tunnel);
        else
            Retire(tunnel, phase);
        if (phase is TunnelPhase.Lingering)
            tunnel.Channel.DiscardOutgoing();
        context.Notify(new TunnelEnded(tunnel, reason, sessions));
        tunnel.Dialled?.HandleTunnelEnded(tunnel, reason);
        foreach (var guest in tunnel.Guests)
            guest.HandleTunnelEnded(tunnel, reason);
    }

    /// <summary>The peer sent StopCCN: its repetitions are acknowledged for a full cycle (RFC 2661 section 5.7).</summary>
    public void Linger(Tunnel tunnel)
    {
        Retire(tunnel, LingeringOf(tunnel));
        tunnel.Channel.DiscardOutgoing();
    }

    /// <summary>The phase in which the peer's StopCCN is acknowledged when it comes again.</summary>
    public TunnelPhase.Lingering LingeringOf(Tunnel tunnel) => new(context.Now + tunnel.Profile.Timers.Linger);

    /// <summary>Forgets a tunnel whose StopCCN was acknowledged or whose time is over.</summary>
    public void ForgetIfDone(Tunnel tunnel)
    {
        var isDone = tunnel.Phase switch
        {
            TunnelPhase.Closing closing => tunnel.Channel.Outstanding == 0 || tunnel.Channel.IsDead || closing.ForgetAt <= context.Now,
            TunnelPhase.Ending ending => ending.ForgetAt <= context.Now,
            _ => true,
        };
        if (isDone)
            Forget(tunnel);
    }

    /// <summary>Removes the tunnel from every table and closes its socket.</summary>
    public void Forget(Tunnel tunnel)
    {
        tunnels.Retire(tunnel, TunnelPhase.Forgotten.Instance);
        context.Deadlines.Remove(tunnel);
        context.Effects.CloseTransport(tunnel.Key);
    }

    /// <summary>A tunnel of a snapshot that is ending: it counts as it did.</summary>
    public void Restore(Tunnel tunnel)
    {
        if (tunnel.EstablishedAt is null)
            _neverEstablished.Enqueue(tunnel);
        else if (!tunnel.IsAuthenticated)
            _unproved.Enqueue(tunnel);
    }

    private void Retire(Tunnel tunnel, TunnelPhase phase)
    {
        context.Unsettled.Add(tunnel);
        var isNew = tunnel.Phase is TunnelPhase.Alive;
        tunnels.Retire(tunnel, phase);
        if (isNew && tunnel.EstablishedAt is null)
            Bound(_neverEstablished, tunnel, Math.Min(context.Configuration.Limits.MaxHalfOpen, HalfOpenTunnels.Most));
        else if (isNew && !tunnel.IsAuthenticated)
            Bound(_unproved, tunnel, MostUnproved);
    }

    /// <summary>
    /// Bounds the tunnels that wait for an acknowledgement or for repetitions: without a secret anybody can ask for tunnels and end them,
    /// or make us end them, and would fill the id space.
    /// </summary>
    private void Bound(Queue<Tunnel> waiting, Tunnel tunnel, int most)
    {
        waiting.Enqueue(tunnel);
        while (waiting.Count > most || waiting.Peek().Phase is TunnelPhase.Forgotten)
        {
            var oldest = waiting.Dequeue();
            if (oldest.Phase is not TunnelPhase.Forgotten)
                Forget(oldest);
        }
    }

    /// <summary>
    /// The channel gives up after the full retransmission cycle; this bounds a peer that acknowledges too little forever.
    /// </summary>
    private TunnelPhase.Closing ClosingOf(Tunnel tunnel) => new(context.Now + tunnel.Profile.Timers.Linger + tunnel.Profile.Timers.Linger);
}
