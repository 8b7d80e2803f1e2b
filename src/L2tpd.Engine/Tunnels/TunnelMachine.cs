using L2tpd.Engine.Addressing;
using L2tpd.Engine.Admission;
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
    private readonly TunnelEnding _ending = new(context, tunnels, calls);

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
            _ending.ForgetIfDone(tunnel);
        else if (tunnel.Channel.IsDead)
            Apply(tunnel, TunnelEvent.RetransmitExhausted, TunnelReasons.Unreachable(tunnel, context.Now));
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

    /// <summary>Drops a half-open tunnel to make room for a newer one: in silence, for in a flood its peer does not exist.</summary>
    public void Evict(Tunnel tunnel)
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
            Apply(tunnel, TunnelEvent.StopCcn, TunnelReasons.ClosedByPeer(tunnel, stop));
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
        var reason = TunnelReasons.SetupTimedOut(tunnel);
        // Idle: no transport was ever opened for it, so there is nobody to tell.
        if (tunnel.State == TunnelState.Idle)
            _ending.Finish(tunnel, TunnelPhase.Forgotten, reason);
        else
            Apply(tunnel, TunnelEvent.SetupTimeout, reason);
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
            _ending.Linger(tunnel);
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
                HandleStop(tunnel, stop, path);
                break;
            case Sccrp reply when tunnel.State == TunnelState.WaitCtlReply:
                HandleReply(tunnel, reply, bytes, path);
                break;
            case Sccrp:
                Apply(tunnel, TunnelEvent.SccrpAcceptable, TunnelReasons.WrongState(tunnel, message));
                break;
            case Scccn connected when tunnel.State == TunnelState.WaitCtlConn:
                HandleConnected(tunnel, connected);
                break;
            case Scccn:
                Apply(tunnel, TunnelEvent.ScccnAcceptable, TunnelReasons.WrongState(tunnel, message));
                break;
            case Sccrq:
                Apply(tunnel, TunnelEvent.SccrqAcceptable, TunnelReasons.WrongState(tunnel, message));
                break;
            case SessionMessage:
                Apply(tunnel, TunnelEvent.ScccnNotAcceptable, TunnelReasons.WrongState(tunnel, message));
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

    /// <summary>The responder may answer from another port: from here on its end is fixed (RFC 2661 section 8.1).</summary>
    private void LearnPeerEnd(Tunnel tunnel, uint peerId, in Path path)
    {
        tunnels.ClearOutstanding(tunnel);
        tunnel.Path = tunnel.Path with { Local = path.Local, Remote = path.Remote };
        tunnel.PeerId = peerId;
    }

    private void HandleStop(Tunnel tunnel, StopCcn stop, in Path path)
    {
        // A refusal of our SCCRQ: only with its id can the peer find what our acknowledgement is of.
        if (tunnel.State == TunnelState.WaitCtlReply)
            LearnPeerEnd(tunnel, stop.AssignedTunnelId, path);
        Apply(tunnel, TunnelEvent.StopCcn, TunnelReasons.ClosedByPeer(tunnel, stop));
    }

    private void HandleReply(Tunnel tunnel, Sccrp reply, ReadOnlySpan<byte> bytes, in Path path)
    {
        LearnPeerEnd(tunnel, reply.AssignedTunnelId, path);
        tunnel.PeerIntroduction = reply;
        SetPeerWindow(tunnel, reply);
        tunnels.Index(tunnel);
        var refusal = tunnel.Dialect.Judge(tunnel, reply, bytes);
        tunnel.IsAuthenticated = refusal is null && tunnel.Dialect.IsProved(tunnel, reply.ChallengeResponse);
        Apply(tunnel, refusal is null ? TunnelEvent.SccrpAcceptable : TunnelEvent.SccrpNotAcceptable, refusal);
    }

    private void HandleConnected(Tunnel tunnel, Scccn connected)
    {
        var refusal = tunnel.Dialect.Judge(tunnel, connected) ?? JudgeLimits(tunnel);
        tunnel.IsAuthenticated = refusal is null && tunnel.Dialect.IsProved(tunnel, connected.ChallengeResponse);
        Apply(tunnel, refusal is null ? TunnelEvent.ScccnAcceptable : TunnelEvent.ScccnNotAcceptable, refusal);
    }

    /// <summary>Others may have been established since this one's SCCRQ.</summary>
    private EndReason? JudgeLimits(Tunnel tunnel) =>
        TunnelLimits.Exceeded(context, tunnels, tunnel.Peer, tunnel.Replaces?.Living) is { } limit ? TunnelReasons.LimitReached(limit) : null;

    private void Apply(Tunnel tunnel, TunnelEvent tunnelEvent, EndReason? reason)
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
        tunnel.EstablishedAt = context.Now;
        tunnel.HelloWait = tunnel.Dialect.HelloWait(context, tunnel);
        tunnel.Data = DataState.Creating;
        context.Counters.TunnelsEstablished++;
        context.Effects.CreateTunnel(tunnel.Key, new TunnelParameters(
            tunnel, tunnel.Version, tunnel.LocalId, tunnel.PeerId, tunnel.Path, tunnel.Peer.BindDevice, tunnel.Peer.FwMark));
        context.Notify(new TunnelEstablished(tunnel));
        _ending.EndReplaced(tunnel);
        tunnel.Dialled?.HandleTunnelUp(tunnel);
    }
}
