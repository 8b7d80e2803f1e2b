using L2tpd.Engine.Addressing;
using L2tpd.Engine.Admission;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Events;
using L2tpd.Engine.Reliability;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// Receives the control messages of known tunnels: the reliable channel puts them in order, then they are judged into events of
/// <see cref="TunnelFsm"/>, those of sessions by <see cref="CallReceiver"/>.
/// </summary>
internal sealed class TunnelReceiver(EngineContext context, TunnelTable tunnels, TunnelMachine machine, CallReceiver calls)
{
    /// <summary>The shortest message that the kernel takes for data (L2TP_HDR_SIZE_MAX), octets.</summary>
    private const int LeastDataMessage = 14;

    /// <summary>A control message for a known tunnel, source address already checked.</summary>
    public void Receive(Tunnel tunnel, in ControlHeader header, in Datagram datagram)
    {
        if (tunnel.Dialect.Reading(header.Version) is not { } dialect)
            context.Counters.UnknownVersion++;
        // Before our SCCRQ is sent nobody knows the tunnel: its socket is being opened.
        else if (tunnel is { Phase: TunnelPhase.Alive, State: TunnelState.Idle })
            context.Counters.UnknownTunnel++;
        else if (dialect.Version == ProtocolVersion.V3 && !tunnel.WideId.IsNone && header.TunnelId != tunnel.WideId)
            context.Counters.UnknownTunnel++;
        else if (Accept(tunnel, dialect, header, datagram))
            tunnel.LastReceived = context.Now;
    }

    /// <summary>
    /// The SCCRQ that made the tunnel was repeated. If it offered both versions, it has the header of v2 in a v3 tunnel. It does not show
    /// that the peer still has the tunnel: it may be forged, or come from a client that has lost its state.
    /// </summary>
    public void ReceiveAgain(Tunnel tunnel, in ControlHeader header, in Datagram datagram) =>
        Accept(tunnel, tunnel.Dialect, header, datagram);

    /// <summary>Counts a message that did not pass its verification.</summary>
    public void CountDigestFailure(Tunnel tunnel)
    {
        tunnel.Counters.DigestFailures++;
        context.Counters.CountDigestFailure(tunnel.Profile.Name);
        if (tunnel.Counters.DigestFailures == 1 && tunnel.AwaitsPeerInVain)
            context.Notify(new DigestsFail(tunnel));
    }

    /// <returns>Whether it is a message of this control connection: verified, with an Nr that fits.</returns>
    private bool Accept(Tunnel tunnel, ControlDialect dialect, in ControlHeader header, in Datagram datagram)
    {
        if (datagram.Bytes.Length < LeastDataMessage && tunnel.Data == DataState.Created && !datagram.Path.Remote.IsOverIp)
            tunnel.Counters.ZlbsReceived++;
        if (!dialect.Verify(tunnel, datagram.Bytes[..header.Length]))
        {
            CountDigestFailure(tunnel);
            return false;
        }

        if (tunnel.Phase is TunnelPhase.Lingering && !IsRetransmission(tunnel, header))
            return false;

        var message = datagram.Bytes[..header.Length];
        var arrival = tunnel.Channel.Receive(header.Ns, header.Nr, dialect.OnlyAcknowledges(header, message), message, context.Now, tunnel);
        Count(tunnel, arrival);
        if (tunnel.Channel.TakeRoundTrip() is { } roundTrip)
        {
            tunnel.RoundTrip = roundTrip;
            context.Counters.Times.RoundTrips.Observe(roundTrip.Ticks / TimeSpan.TicksPerMillisecond);
        }

        if (arrival == Arrival.InvalidNr)
            return false;

        context.Unsettled.Add(tunnel);
        if (arrival == Arrival.InOrder)
        {
            if (tunnel.Dialect != dialect)
                tunnel.Settle(dialect);
            Process(tunnel, header, message, datagram.Path);
            ProcessEarlyArrivals(tunnel, datagram.Path);
        }

        return true;
    }

    /// <summary>
    /// A StopCCN that names the tunnel only by the peer's id (l2tpv2.md section 7.1). Nothing in it proves that the peer sent it: the
    /// source can be forged and the id guessed. It is accepted only from a peer that cannot have learned our id (ADR 4).
    /// </summary>
    public void ReceiveStray(Tunnel tunnel, StopCcn stop, in ControlHeader header, ReadOnlySpan<byte> message)
    {
        // The sender never received our SCCRP, so its Ns is unknown to the channel: exactly this message is acknowledged, and each
        // repetition of it.
        if (tunnel.Dialect.Reading(header.Version) is not { } dialect)
            return;
        if (!dialect.Verify(tunnel, message))
        {
            CountDigestFailure(tunnel);
            return;
        }

        if (tunnel.IsInitiator || tunnel.EstablishedAt is not null)
        {
            context.Counters.UnknownTunnel++;
            if (machine.TryProbe(tunnel))
            {
                context.Notify(new PeerOddity(
                    tunnel,
                    $"a StopCCN came from its address under tunnel id {header.TunnelId}, which is not this tunnel's: "
                    + "asking the peer with HELLO instead of closing"));
            }

            return;
        }

        if (tunnel.Dialect != dialect)
            tunnel.Settle(dialect);
        StatelessReply.Acknowledge(context, tunnel, (ushort)(header.Ns + 1));
        if (tunnel.Phase is TunnelPhase.Alive)
            machine.Apply(tunnel, TunnelEvent.StopCcn, TunnelReasons.ClosedByPeer(tunnel, stop));
        else
            ProcessWhileEnding(tunnel, stop);
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

    private void ProcessEarlyArrivals(Tunnel tunnel, in Path path)
    {
        while (tunnel.Channel.TryDequeueArrived(out var message))
        {
            tunnel.Counters.MessagesReceived++;
            if (MessageCodec.TryDecodeHeader(message, out var header, out _))
                Process(tunnel, header, message, path);
        }
    }

    private void Process(Tunnel tunnel, in ControlHeader header, ReadOnlySpan<byte> bytes, in Path path)
    {
        var decoded = tunnel.Dialect.Decode(tunnel, header, bytes);
        context.Counters.Messages.CountReceived(decoded.Type);
        // Before its AVPs are judged: a StopCCN that refuses them is signed with the nonce in it.
        if (tunnel.State == TunnelState.WaitCtlReply && decoded.Type == MessageType.Sccrp)
            tunnel.Dialect.Learn(bytes);
        if (tunnel.Phase is not TunnelPhase.Alive)
            ProcessWhileEnding(tunnel, decoded.Message);
        else if (decoded.Error.Kind != DecodeErrorKind.None)
            Reject(tunnel, decoded);
        else if (decoded.Message is { } message)
            Dispatch(tunnel, message, path);
    }

    private void ProcessWhileEnding(Tunnel tunnel, ControlMessage? message)
    {
        if (message is StopCcn && tunnel.Phase is TunnelPhase.Closing)
            machine.HandleStopWhileClosing(tunnel);
    }

    private void Dispatch(Tunnel tunnel, ControlMessage message, in Path path)
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
                HandleReply(tunnel, reply, path);
                break;
            case Sccrp:
                machine.Apply(tunnel, TunnelEvent.SccrpAcceptable, TunnelReasons.WrongState(tunnel, message));
                break;
            case Scccn connected when tunnel.State == TunnelState.WaitCtlConn:
                HandleConnected(tunnel, connected);
                break;
            case Scccn:
                machine.Apply(tunnel, TunnelEvent.ScccnAcceptable, TunnelReasons.WrongState(tunnel, message));
                break;
            case Sccrq:
                machine.Apply(tunnel, TunnelEvent.SccrqAcceptable, TunnelReasons.WrongState(tunnel, message));
                break;
            case SessionMessage:
                // In place of the SCCCN that must come first.
                machine.Apply(tunnel, TunnelEvent.ScccnNotAcceptable, TunnelReasons.WrongState(tunnel, message));
                break;
            default:
                context.Notify(new PeerOddity(tunnel, $"{MessageTypes.NameOf(message.Type)} is not supported and was ignored"));
                break;
        }
    }

    /// <summary>A message that cannot be decoded (RFC 2661 section 4.1, l2tpv2.md section 2.1).</summary>
    private void Reject(Tunnel tunnel, in DecodedMessage decoded)
    {
        tunnel.Counters.Malformed++;
        var result = decoded.Error.ToResultCode();
        if (decoded.Type == MessageType.StopCcn)
        {
            machine.Apply(tunnel, TunnelEvent.StopCcn, new EndReason
            {
                Cause = EndCause.ClosedByPeer,
                Text = $"the peer sent a StopCCN whose reason could not be read: {decoded.Error.Describe()}",
            });
            return;
        }

        if (MessageTypes.IsSession(decoded.Type) && tunnel.State == TunnelState.Established)
        {
            calls.Reject(tunnel, decoded, result);
            return;
        }

        if (tunnel.PeerId.IsNone)
            tunnel.PeerId = decoded.PeerTunnelId;
        var unacceptable = tunnel.State == TunnelState.WaitCtlReply ? TunnelEvent.SccrpNotAcceptable
            : tunnel.State == TunnelState.WaitCtlConn ? TunnelEvent.ScccnNotAcceptable
            : TunnelEvent.AdminClose;
        machine.Apply(tunnel, unacceptable, new EndReason
        {
            Cause = EndCause.ProtocolError,
            Text = $"the peer's {MessageTypes.NameOf(decoded.Type)} could not be used: {decoded.Error.Describe()}",
            Result = result,
        });
    }

    /// <summary>The responder may answer from another port: from here on its end is fixed (RFC 2661 section 8.1).</summary>
    private void LearnPeerEnd(Tunnel tunnel, TunnelId peerId, in Path path)
    {
        tunnels.Outstanding.Remove(tunnel);
        tunnel.Path = tunnel.Path with { Local = path.Local, Remote = path.Remote };
        tunnel.PeerId = peerId;
    }

    private void HandleStop(Tunnel tunnel, StopCcn stop, in Path path)
    {
        // A refusal of our SCCRQ: without its id the peer could not match our acknowledgement to its StopCCN.
        if (tunnel.State == TunnelState.WaitCtlReply)
        {
            if (tunnel.Origin is TunnelOrigin.Dialled dialled)
                dialled.MayBeRedirected = path.Remote.WithoutPort == tunnel.Path.Remote.WithoutPort;
            LearnPeerEnd(tunnel, stop.AssignedTunnelId, path);
        }

        if (tunnel.EstablishedAt is not { } at || context.Now - at <= tunnel.SetupGuard)
            tunnel.Dialect.SetUpFailed();
        var reason = TunnelReasons.ClosedByPeer(tunnel, stop);
        if (tunnel.Dialled?.HeldStop.TryHold(tunnel, reason) != true)
            machine.Apply(tunnel, TunnelEvent.StopCcn, reason);
    }

    private void HandleReply(Tunnel tunnel, Sccrp reply, in Path path)
    {
        LearnPeerEnd(tunnel, reply.AssignedTunnelId, path);
        tunnel.PeerIntroduction = reply;
        tunnel.SetPeerWindow(reply);
        tunnel.SetRetransmits();
        tunnels.Index(tunnel);
        var refusal = tunnels.Challenges.AreReflectedIn(reply) ? TunnelReasons.Reflected() : tunnel.Dialect.Judge(tunnel, reply);
        tunnel.IsAuthenticated = refusal is null && tunnel.Dialect.IsProved(tunnel, reply.ChallengeResponse);
        machine.Apply(tunnel, refusal is null ? TunnelEvent.SccrpAcceptable : TunnelEvent.SccrpNotAcceptable, refusal);
    }

    private void HandleConnected(Tunnel tunnel, Scccn connected)
    {
        var refusal = tunnel.Dialect.Judge(tunnel, connected) ?? JudgeLimits(tunnel);
        tunnel.IsAuthenticated = refusal is null && tunnel.Dialect.IsProved(tunnel, connected.ChallengeResponse);
        machine.Apply(tunnel, refusal is null ? TunnelEvent.ScccnAcceptable : TunnelEvent.ScccnNotAcceptable, refusal);
    }

    /// <summary>Other tunnels may have been established since the SCCRQ of this one, or its peer is drained.</summary>
    private EndReason? JudgeLimits(Tunnel tunnel)
    {
        if (context.Drain.Includes(tunnel.Profile.Name) && tunnel.Dialled is null)
            return TunnelReasons.RefusedByDrain();
        var replaced = tunnel.Replaces?.Living;
        return TunnelLimits.Exceeded(
            context, tunnels, tunnel.Profile, [replaced, .. SamePeerTunnels.Leaving(tunnels.SamePeer.FormerOf(tunnel), replaced)])
            is { } limit ? TunnelReasons.LimitReached(limit) : null;
    }
}
