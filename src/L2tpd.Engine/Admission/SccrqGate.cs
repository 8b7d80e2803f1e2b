using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Tunnels;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Admission;

/// <summary>
/// The way in: every SCCRQ passes here, and nothing is kept of it before it has passed. Order matters: what is cheap to
/// check and what protects others comes first.
/// </summary>
internal sealed class SccrqGate(EngineContext context, TunnelTable tunnels, TunnelMachine machine)
{
    private readonly SourceRateLimiter _limiter = new(
        context.Configuration.Limits.SccrqRatePerSource,
        context.Configuration.Limits.SccrqBurstPerSource,
        context.Configuration.Limits.TrackedSources);

    /// <summary>An SCCRQ that names no tunnel of ours.</summary>
    public void Receive(in ControlHeader header, in Datagram datagram)
    {
        if (!_limiter.Admit(datagram.Path.Remote, context.Now))
        {
            context.Counters.RateLimited++;
            return;
        }

        var hostName = MessageCodec.PeekHostName(header, datagram.Bytes);
        var peer = PeerMatching.Match(context.Configuration.Peers, datagram.Path.Remote, hostName);
        var decoded = MessageCodec.Decode(header, datagram.Bytes, DecodeOptionsFor(peer));
        if (decoded.PeerTunnelId == 0 || header.Ns != 0)
        {
            context.Counters.MalformedHeaders++;
            return;
        }

        var fingerprint = Fingerprint.Of(datagram.Bytes[ControlHeader.Size..header.Length]);
        var former = tunnels.FindByPeerEnd(datagram.Path.Remote, decoded.PeerTunnelId);
        if (former is not null && former.RequestFingerprint == fingerprint && MayStillRetransmit(former))
            machine.Receive(former, header, datagram);
        else if (decoded.Error.Kind != DecodeErrorKind.None)
            Refuse(datagram.Path, decoded.PeerTunnelId, hostName, decoded.Error.ToResultCode(), decoded.Error.Describe());
        else if (decoded.Message is Sccrq request)
            Judge(request, peer, header, datagram, fingerprint, former);
    }

    /// <summary>Long after the tunnel was established, and after it ended, the same SCCRQ comes from a peer that started again.</summary>
    private bool MayStillRetransmit(Tunnel tunnel) =>
        tunnel.Phase == TunnelPhase.Alive
        && (tunnel.State != TunnelState.Established
            || context.Now - tunnel.EstablishedAt <= (long)tunnel.Peer.Timers.Linger.TotalMilliseconds);

    private static DecodeOptions DecodeOptionsFor(PeerProfile? peer) => peer is null
        ? default
        : new DecodeOptions(peer.Secret, peer.Quirks.HasFlag(PeerQuirks.IgnoreUnknownMandatoryAvps));

    private void Judge(Sccrq request, PeerProfile? peer, in ControlHeader header, in Datagram datagram, ulong fingerprint, Tunnel? former)
    {
        if (peer is null)
        {
            Refuse(datagram.Path, request.AssignedTunnelId, request.HostName,
                new ResultCode(StopCcnResult.NotAuthorized, null, "no peer profile matches"), "no peer profile matches its address and host name");
            return;
        }

        var ours = FindTied(request, datagram.Path);
        var tie = ours is null ? 1 : TieBreakers.Compare(ours.OurTieBreaker, request.TieBreaker);
        if (tie < 0)
            return; // ours wins: the SCCRQ is ignored
        if (tunnels.HalfOpenOf(datagram.Path.Remote) >= context.Configuration.Limits.MaxHalfOpenPerSource)
        {
            // An answer would make us the amplifier of a flood with forged sources.
            context.Counters.HalfOpenLimited++;
            return;
        }

        // Ours yields only to what is acceptable: else one bad SCCRQ would cost both tunnels.
        var rules = ours?.Peer ?? peer;
        if (Limit(rules) is { } limit)
            Refuse(datagram.Path, request.AssignedTunnelId, request.HostName,
                new ResultCode(StopCcnResult.GeneralError, GeneralError.InsufficientResources, limit), limit);
        else if (TunnelAcceptance.Judge(rules, request) is { } refusal)
            Refuse(datagram.Path, request.AssignedTunnelId, request.HostName, refusal.Result!, refusal.Text);
        else if (tie == 0)
            machine.YieldTo(ours!, TunnelEvent.SccrqEqualTie);
        else
            Admit(request, rules, header, datagram, fingerprint, former, ours);
    }

    private void Admit(
        Sccrq request, PeerProfile peer, in ControlHeader header, in Datagram datagram, ulong fingerprint, Tunnel? former, Tunnel? lost)
    {
        if (lost is not null)
            machine.YieldTo(lost, TunnelEvent.SccrqLoseTie);
        MakeRoom();
        var id = tunnels.DrawId();
        if (id == 0)
        {
            Refuse(datagram.Path, request.AssignedTunnelId, request.HostName,
                new ResultCode(StopCcnResult.GeneralError, GeneralError.InsufficientResources), "all tunnel ids are in use");
            return;
        }

        var tunnel = new Tunnel(context, new TunnelKey(id, context.NextGeneration()), peer, datagram.Path, isInitiator: false)
        {
            RequestFingerprint = fingerprint,
            Replaces = former?.Key ?? default,
        };
        tunnels.Add(tunnel);
        lost?.Dialled?.Adopt(tunnel);
        machine.Answer(tunnel, request, header, datagram);
    }

    /// <summary>Our own SCCRQ on its way to the same host, if one of the two carries a tie breaker (RFC 2661 section 5.8); else both tunnels proceed.</summary>
    private Tunnel? FindTied(Sccrq request, in Path path) =>
        tunnels.FindOutstanding(path.Remote) is { } ours && (ours.OurTieBreaker is not null || request.TieBreaker is not null) ? ours : null;

    /// <summary>
    /// A flood with forged sources fills the half-open tunnels, and nobody completes them; a real peer does within a round trip.
    /// So the newest is let in and the one that has waited longest goes.
    /// </summary>
    private void MakeRoom()
    {
        while (tunnels.HalfOpen >= context.Configuration.Limits.MaxHalfOpen && tunnels.OldestHalfOpen is { } oldest)
        {
            context.Counters.HalfOpenLimited++;
            machine.Evict(oldest);
        }
    }

    private string? Limit(PeerProfile peer)
    {
        if (context.IsShuttingDown)
            return "the daemon is shutting down";
        if (tunnels.Alive.Count >= context.Configuration.Limits.MaxTunnels)
            return $"the daemon has its {context.Configuration.Limits.MaxTunnels} tunnels";
        return tunnels.AliveOf(peer.Name) >= peer.MaxTunnels ? $"this peer has its {peer.MaxTunnels} tunnels" : null;
    }

    private void Refuse(in Path path, uint peerId, string? hostName, ResultCode result, string reason)
    {
        context.Counters.TunnelsRefused++;
        // AVP 9 may not be 0 even when no id is free; the peer goes by its own.
        StatelessReply.Refuse(context, path, peerId, Math.Max(tunnels.DrawId(), 1), result);
        context.Notify(new TunnelRefused(path.Remote, hostName, result, reason));
    }
}
