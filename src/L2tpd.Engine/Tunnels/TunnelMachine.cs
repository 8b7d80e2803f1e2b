using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Reliability;
using L2tpd.Engine.Sessions;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Tunnels;

/// <summary>Runs the control connection state machine for the tunnels of an engine: messages become events, actions become effects.</summary>
internal sealed class TunnelMachine(EngineContext context, TunnelTable tunnels, CallMachine calls)
{
    private readonly Queue<Tunnel> _lingeringUnestablished = new();

    /// <summary>A control message for a known tunnel, source address already checked.</summary>
    public void Receive(Tunnel tunnel, in ControlHeader header, in Datagram datagram)
    {
        if (tunnel.Dialect.Reading(header.Version) is not { } dialect)
            context.Counters.UnknownVersion++;
        else if (dialect.Version == ProtocolVersion.V3 && tunnel.WideId != 0 && header.TunnelId != tunnel.WideId)
            context.Counters.UnknownTunnel++;
        else
            Receive(tunnel, dialect, header, datagram);
    }

    /// <summary>The SCCRQ that made the tunnel, again. One that offered both versions has the header of v2 in a v3 tunnel as well.</summary>
    public void ReceiveAgain(Tunnel tunnel, in ControlHeader header, in Datagram datagram) => Receive(tunnel, tunnel.Dialect, header, datagram);

    /// <summary>Counts a message that did not pass its verification.</summary>
    public void CountDigestFailure(Tunnel tunnel)
    {
        tunnel.Counters.DigestFailures++;
        context.Counters.CountDigestFailure(tunnel.Peer.Name);
    }

    private void Receive(Tunnel tunnel, ControlDialect dialect, in ControlHeader header, in Datagram datagram)
    {
        if (!dialect.Verify(tunnel, datagram.Bytes[..header.Length]))
        {
            CountDigestFailure(tunnel);
            return;
        }

        if (tunnel.Phase == TunnelPhase.Lingering && !IsRetransmission(tunnel, header))
            return;

        var message = datagram.Bytes[..header.Length];
        var arrival = tunnel.Channel.Receive(header.Ns, header.Nr, dialect.OnlyAcknowledges(header, message), message, context.Now, tunnel);
        Count(tunnel, arrival);
        if (arrival == Arrival.InvalidNr)
            return;

        tunnel.LastReceived = context.Now;
        if (arrival == Arrival.InOrder)
        {
            if (tunnel.Dialect != dialect)
                tunnel.Settle(dialect);
            Process(tunnel, header, message, datagram.Path);
            ProcessEarlyArrivals(tunnel, datagram.Path);
        }

        Settle(tunnel);
    }

    /// <summary>Something is due for the tunnel.</summary>
    public void HandleDeadline(Tunnel tunnel)
    {
        tunnel.Channel.HandleDeadline(context.Now, tunnel);
        if (tunnel.Phase != TunnelPhase.Alive)
            ForgetIfDone(tunnel);
        else if (tunnel.Channel.IsDead)
            Apply(tunnel, TunnelEvent.RetransmitExhausted, Unreachable(tunnel));
        else if (tunnel.State == TunnelState.Established)
            HandleEstablishedDeadline(tunnel);
        else if (tunnel.SetupDeadline <= context.Now)
            Expire(tunnel);
        Settle(tunnel);
    }

    /// <summary>Begins a tunnel of ours on the path the transport was opened for.</summary>
    public void Open(Tunnel tunnel, in Path path)
    {
        tunnel.Path = path;
        Apply(tunnel, TunnelEvent.LocalOpen, null);
        Settle(tunnel);
    }

    /// <summary>Begins a tunnel for an SCCRQ that was admitted.</summary>
    public void Answer(Tunnel tunnel, Sccrq request, in ControlHeader header, in Datagram datagram)
    {
        tunnel.Channel.Receive(header.Ns, header.Nr, false, datagram.Bytes[..header.Length], context.Now, tunnel);
        tunnel.Counters.MessagesReceived++;
        tunnel.PeerId = request.AssignedTunnelId;
        tunnel.PeerIntroduction = request;
        SetPeerWindow(tunnel, request);
        tunnels.Index(tunnel);
        tunnels.CountHalfOpen(tunnel);
        Apply(tunnel, TunnelEvent.SccrqAcceptable, null);
        Settle(tunnel);
    }

    /// <summary>Ends a tunnel from our side with a StopCCN; a lingering or closing one stays as it is.</summary>
    public void Close(Tunnel tunnel, EndReason reason)
    {
        if (tunnel.Phase != TunnelPhase.Alive)
            return;
        if (tunnel.State == TunnelState.Idle)
            Finish(tunnel, TunnelPhase.Forgotten, reason);
        else
            Apply(tunnel, TunnelEvent.AdminClose, reason);
        Settle(tunnel);
    }

    /// <summary>Drops a half-open tunnel to make room for a newer one: in silence, for in a flood its peer does not exist.</summary>
    public void Evict(Tunnel tunnel)
    {
        tunnels.UncountHalfOpen(tunnel);
        tunnel.State = TunnelState.Idle;
        Forget(tunnel);
    }

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

    /// <summary>A StopCCN that names the tunnel only by the peer's id (l2tpv2.md section 7.1).</summary>
    public void ReceiveStray(Tunnel tunnel, StopCcn stop, in ControlHeader header, ReadOnlySpan<byte> message)
    {
        // The sender has lost its state, so its Ns says nothing: acknowledge exactly this message, and each repetition of it.
        if (tunnel.Dialect.Reading(header.Version) is not { } dialect)
            return;
        if (!dialect.Verify(tunnel, message))
        {
            CountDigestFailure(tunnel);
            return;
        }

        if (tunnel.Dialect != dialect)
            tunnel.Settle(dialect);
        StatelessReply.Acknowledge(context, tunnel, (ushort)(header.Ns + 1));
        if (tunnel.Phase == TunnelPhase.Alive)
            Apply(tunnel, TunnelEvent.StopCcn, ClosedByPeer(tunnel, stop));
        else
            ProcessWhileEnding(tunnel, stop);
        Settle(tunnel);
    }

    public void HandleCreated(Tunnel tunnel)
    {
        tunnel.Data = DataState.Created;
        foreach (var session in tunnel.Sessions.Values)
            calls.TunnelCreated(session);
    }

    private static bool IsRetransmission(Tunnel tunnel, in ControlHeader header) =>
        !header.IsZlb && (short)(header.Ns - tunnel.Channel.NextNr) < 0;

    private static void Count(Tunnel tunnel, Arrival arrival)
    {
        switch (arrival)
        {
            case Arrival.InOrder:
                tunnel.Counters.MessagesReceived++;
                break;
            case Arrival.Duplicate:
                tunnel.Counters.Duplicates++;
                break;
            case Arrival.Queued:
                tunnel.Counters.OutOfOrder++;
                break;
            case Arrival.OutOfWindow or Arrival.InvalidNr:
                tunnel.Counters.Malformed++;
                break;
        }
    }

    private EndReason Unreachable(Tunnel tunnel)
    {
        var channel = tunnel.Channel;
        var message = channel.OldestUnacknowledged ?? [];
        return new EndReason
        {
            Cause = EndCause.PeerUnreachable,
            Text = "the peer does not acknowledge",
            UnansweredMessage = MessageTypePeek.Read(message),
            Transmissions = channel.OldestTransmissions,
            UnansweredFor = TimeSpan.FromMilliseconds(context.Now - channel.OldestFirstSent),
            LastSocketError = tunnel.LastSocketError,
        };
    }

    private static EndReason SetupTimedOut(Tunnel tunnel) => new()
    {
        Cause = EndCause.SetupTimeout,
        Text = $"not established within {tunnel.Peer.Timers.TunnelSetup.TotalSeconds:0.###} s (state {tunnel.State})",
        Result = new ResultCode(StopCcnResult.FsmError, null, "not established in time"),
        LastSocketError = tunnel.LastSocketError,
    };

    private static EndReason ClosedByPeer(Tunnel tunnel, StopCcn stop) => new()
    {
        Cause = EndCause.ClosedByPeer,
        Text = tunnel.State == TunnelState.Established ? "the peer closed the tunnel" : "the peer refused the tunnel",
        Result = stop.Result,
        ResultFromPeer = true,
        LastSocketError = tunnel.LastSocketError,
    };

    private static EndReason WrongState(Tunnel tunnel, ControlMessage message) => new()
    {
        Cause = EndCause.ProtocolError,
        Text = $"the peer sent {MessageTypes.NameOf(message.Type)} in state {tunnel.State}",
        Result = new ResultCode(StopCcnResult.FsmError, null, $"{MessageTypes.NameOf(message.Type)} in state {tunnel.State}"),
    };

    private static void SetPeerWindow(Tunnel tunnel, StartControlConnection introduction) =>
        tunnel.Channel.SetPeerWindow(
            tunnel.Peer.Quirks.HasFlag(PeerQuirks.WindowOfOne) ? 1 : Math.Max((int)(introduction.ReceiveWindowSize ?? 4), 1));

    private void ProcessEarlyArrivals(Tunnel tunnel, in Path path)
    {
        while (tunnel.Channel.TryDequeueArrived(out var message))
        {
            tunnel.Counters.MessagesReceived++;
            if (MessageCodec.TryDecodeHeader(message, out var header, out _))
                Process(tunnel, header, message, path);
        }
    }

    /// <summary>Acknowledges what may not wait, and puts the tunnel's deadline right.</summary>
    public void Settle(Tunnel tunnel)
    {
        if (tunnel.Phase != TunnelPhase.Forgotten)
            tunnel.Channel.FlushAck(tunnel);
        if (tunnel.Phase == TunnelPhase.Closing)
            ForgetIfDone(tunnel);
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

    private void HandleEstablishedDeadline(Tunnel tunnel)
    {
        calls.HandleSetupDeadlines(tunnel);
        if (tunnel.SendsHello && tunnel.Channel.Outstanding == 0 && tunnel.HelloDeadline <= context.Now)
        {
            tunnel.Counters.HellosSent++;
            tunnel.Send(Hello.Instance);
        }
    }

    private void Expire(Tunnel tunnel)
    {
        var reason = SetupTimedOut(tunnel);
        // Idle: no transport was ever opened for it, so there is nobody to tell.
        if (tunnel.State == TunnelState.Idle)
            Finish(tunnel, TunnelPhase.Forgotten, reason);
        else
            Apply(tunnel, TunnelEvent.SetupTimeout, reason);
    }

    private void ForgetIfDone(Tunnel tunnel)
    {
        var acknowledged = tunnel.Phase == TunnelPhase.Closing && tunnel.Channel.Outstanding == 0;
        if (!acknowledged && !tunnel.Channel.IsDead && tunnel.ForgetAt > context.Now)
            return;
        if (tunnel.Phase == TunnelPhase.Lingering && tunnel.ForgetAt > context.Now)
            return;
        Forget(tunnel);
    }

    private void Forget(Tunnel tunnel)
    {
        tunnels.Retire(tunnel, TunnelPhase.Forgotten);
        context.Deadlines.Remove(tunnel);
        context.Effects.CloseTransport(tunnel.Key);
    }

    private void Process(Tunnel tunnel, in ControlHeader header, ReadOnlySpan<byte> bytes, in Path path)
    {
        var decoded = MessageCodec.Decode(header, bytes, tunnel.Dialect.Decoding(tunnel));
        if (tunnel.Phase != TunnelPhase.Alive)
            ProcessWhileEnding(tunnel, decoded.Message);
        else if (decoded.Error.Kind != DecodeErrorKind.None)
            Reject(tunnel, decoded);
        else if (decoded.Message is { } message)
            Dispatch(tunnel, message, bytes, path);
    }

    /// <summary>Both ends closed at once: the peer's StopCCN is acknowledged as if it had come first.</summary>
    private void ProcessWhileEnding(Tunnel tunnel, ControlMessage? message)
    {
        if (message is StopCcn && tunnel.Phase == TunnelPhase.Closing)
            Linger(tunnel);
    }

    private void Dispatch(Tunnel tunnel, ControlMessage message, ReadOnlySpan<byte> bytes, in Path path)
    {
        switch (message)
        {
            case SessionMessage sessionMessage when tunnel.State == TunnelState.Established:
                calls.Receive(tunnel, sessionMessage);
                break;
            case Hello:
                break;
            case StopCcn stop:
                Apply(tunnel, TunnelEvent.StopCcn, ClosedByPeer(tunnel, stop));
                break;
            case Sccrp reply when tunnel.State == TunnelState.WaitCtlReply:
                HandleReply(tunnel, reply, bytes, path);
                break;
            case Sccrp:
                Apply(tunnel, TunnelEvent.SccrpAcceptable, WrongState(tunnel, message));
                break;
            case Scccn connected when tunnel.State == TunnelState.WaitCtlConn:
                HandleConnected(tunnel, connected);
                break;
            case Scccn:
                Apply(tunnel, TunnelEvent.ScccnAcceptable, WrongState(tunnel, message));
                break;
            case Sccrq:
                Apply(tunnel, TunnelEvent.SccrqAcceptable, WrongState(tunnel, message));
                break;
            case SessionMessage:
                Apply(tunnel, TunnelEvent.ScccnNotAcceptable, WrongState(tunnel, message));
                break;
            default:
                context.Notify(new PeerOddity(tunnel, $"{MessageTypes.NameOf(message.Type)} is not supported and was ignored"));
                break;
        }
    }

    /// <summary>A message that cannot be used: matrix of l2tpv2.md section 2.1.</summary>
    private void Reject(Tunnel tunnel, in DecodedMessage decoded)
    {
        tunnel.Counters.Malformed++;
        var result = decoded.Error.ToResultCode();
        if (decoded.Type == MessageType.StopCcn)
        {
            Apply(tunnel, TunnelEvent.StopCcn, new EndReason { Cause = EndCause.ClosedByPeer, Text = $"the peer sent a StopCCN that says no more: {decoded.Error.Describe()}" });
            return;
        }

        if (MessageTypes.IsSession(decoded.Type) && tunnel.State == TunnelState.Established)
        {
            calls.Reject(tunnel, decoded, result);
            return;
        }

        if (tunnel.PeerId == 0)
            tunnel.PeerId = decoded.PeerTunnelId;
        var unacceptable = tunnel.State == TunnelState.WaitCtlReply ? TunnelEvent.SccrpNotAcceptable
            : tunnel.State == TunnelState.WaitCtlConn ? TunnelEvent.ScccnNotAcceptable
            : TunnelEvent.AdminClose;
        Apply(tunnel, unacceptable, new EndReason
        {
            Cause = EndCause.ProtocolError,
            Text = $"the peer's {MessageTypes.NameOf(decoded.Type)} could not be used: {decoded.Error.Describe()}",
            Result = result,
        });
    }

    private void HandleReply(Tunnel tunnel, Sccrp reply, ReadOnlySpan<byte> bytes, in Path path)
    {
        tunnels.ClearOutstanding(tunnel);
        // The responder may answer from another port: from here on its end is fixed (RFC 2661 section 8.1).
        tunnel.Path = tunnel.Path with { Local = path.Local, Remote = path.Remote };
        tunnel.PeerId = reply.AssignedTunnelId;
        tunnel.PeerIntroduction = reply;
        SetPeerWindow(tunnel, reply);
        tunnels.Index(tunnel);
        var refusal = tunnel.Dialect.Judge(tunnel, reply, bytes);
        tunnel.IsAuthenticated = refusal is null && tunnel.Dialect.IsProved(tunnel, reply.ChallengeResponse);
        Apply(tunnel, refusal is null ? TunnelEvent.SccrpAcceptable : TunnelEvent.SccrpNotAcceptable, refusal);
    }

    private void HandleConnected(Tunnel tunnel, Scccn connected)
    {
        var refusal = tunnel.Dialect.Judge(tunnel, connected);
        tunnel.IsAuthenticated = refusal is null && tunnel.Dialect.IsProved(tunnel, connected.ChallengeResponse);
        Apply(tunnel, refusal is null ? TunnelEvent.ScccnAcceptable : TunnelEvent.ScccnNotAcceptable, refusal);
    }

    private void Apply(Tunnel tunnel, TunnelEvent tunnelEvent, EndReason? reason)
    {
        var (next, action) = TunnelFsm.Next(tunnel.State, tunnelEvent, tunnel.Version);
        var previous = tunnel.State;
        tunnel.State = next;
        if (previous == TunnelState.WaitCtlConn && next != TunnelState.WaitCtlConn)
            tunnels.UncountHalfOpen(tunnel);
        Perform(tunnel, action, reason, previous);
    }

    private void Perform(Tunnel tunnel, TunnelAction action, EndReason? reason, TunnelState previous)
    {
        switch (action)
        {
            case TunnelAction.SendSccrq:
                tunnels.SetOutstanding(tunnel);
                tunnel.Send(tunnel.Dialect.Request(context, tunnel));
                break;
            case TunnelAction.SendSccrp:
                tunnel.Send(tunnel.Dialect.Reply(context, tunnel));
                break;
            case TunnelAction.SendScccnAndOpen:
                tunnel.Send(tunnel.Dialect.Connected(tunnel));
                Establish(tunnel);
                break;
            case TunnelAction.Open:
                Establish(tunnel);
                break;
            case TunnelAction.StopCcnAndClean:
                SendStopCcn(tunnel, reason!);
                break;
            case TunnelAction.AckAndClean:
                Finish(tunnel, TunnelPhase.Lingering, reason!);
                break;
            case TunnelAction.Clean or TunnelAction.DropOwnAndRestart or TunnelAction.DropBoth:
                Finish(tunnel, TunnelPhase.Forgotten, reason ?? Discarded(previous));
                break;
            case TunnelAction.None or TunnelAction.IgnoreMessage or TunnelAction.RefuseSccrq:
                break;
            default:
                throw new InvalidOperationException($"no such action: {action}");
        }
    }

    private static EndReason Discarded(TunnelState previous) => new()
    {
        Cause = EndCause.ProtocolError,
        Text = $"discarded in state {previous}",
    };

    private void Establish(Tunnel tunnel)
    {
        tunnel.EstablishedAt = context.Now;
        tunnel.HelloWait = tunnel.Dialect.HelloWait(context, tunnel);
        tunnel.Data = DataState.Creating;
        context.Counters.TunnelsEstablished++;
        context.Effects.CreateTunnel(tunnel.Key, new TunnelParameters(
            tunnel, tunnel.Version, tunnel.LocalId, tunnel.PeerId, tunnel.Path, tunnel.Peer.BindDevice, tunnel.Peer.FwMark));
        context.Notify(new TunnelEstablished(tunnel));
        EndReplaced(tunnel);
        tunnel.Dialled?.HandleTunnelUp(tunnel);
    }

    private void EndReplaced(Tunnel tunnel)
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

    private void SendStopCcn(Tunnel tunnel, EndReason reason)
    {
        var result = reason.Result ?? new ResultCode(StopCcnResult.GeneralRequest);
        reason = reason with { Result = result };
        if (tunnel.PeerId == 0)
        {
            // The SCCRQ is still unanswered and nothing may pass it in the window: tell the peer once, in case it listens.
            StatelessReply.StopCcn(context, tunnel, result);
            Finish(tunnel, TunnelPhase.Forgotten, reason);
            return;
        }

        CallMachine.AnnounceEnd(tunnel, reason);
        tunnel.Send(new StopCcn
        {
            AssignedTunnelId = tunnel.LocalId,
            Result = tunnel.Peer.Quirks.HasFlag(PeerQuirks.ShortResultCode) && result.Error is null or 0
                ? new ResultCode(result.Result)
                : result,
        });
        Finish(tunnel, TunnelPhase.Closing, reason);
    }

    private void Finish(Tunnel tunnel, TunnelPhase phase, EndReason reason)
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

    private void Linger(Tunnel tunnel)
    {
        tunnel.ForgetAt = context.Now + (long)tunnel.Peer.Timers.Linger.TotalMilliseconds;
        tunnels.Retire(tunnel, TunnelPhase.Lingering);
        tunnel.Channel.DiscardOutgoing();
        if (tunnel.EstablishedAt == 0)
            BoundRefused(tunnel);
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
