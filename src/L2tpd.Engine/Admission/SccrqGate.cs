using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Admission;

/// <summary>
/// The way in: every SCCRQ passes here, and is answered with SCCRP if it is acceptable. What is kept of it is a record in
/// <see cref="HalfOpenRequests"/>; the tunnel is made when the peer has answered (<see cref="HalfOpenReceiver"/>). Over IP a tunnel is made at once, for
/// the kernel delivers the answer only to a socket of its own.
/// </summary>
internal sealed class SccrqGate(
    EngineContext context, TunnelTable tunnels, TunnelMachine machine, TunnelReceiver receiver, HalfOpenRequests requests, HalfOpenReceiver halfOpen,
    UnprovenBudget budget, SeenRequests seen)
{
    /// <summary>Octets of an SCCRQ that is answered: all its AVPs at their longest, hidden ones included.</summary>
    private const int LongestRequest = 4_096;

    /// <summary>Random ids tried before the id space is searched.</summary>
    private const int MostDraws = 32;

    private static readonly PeerProfile Nobody = new() { Name = "(no profile)" };

    private readonly byte[] _random = new byte[1_024];
    private int _randomLeft;

    /// <summary>An SCCRQ that names no tunnel of ours.</summary>
    public void Receive(in ControlHeader header, in Datagram datagram)
    {
        if (!seen.Admits(datagram.Path.Remote, datagram.Bytes[ControlHeader.Size..header.Length], context.Now))
        {
            context.Counters.RequestsDeferred++;
            return;
        }

        // The first message of a conversation acknowledges nothing, whatever its Nr says.
        Receive(header with { Nr = 0 }, datagram, MessageCodec.PeekHostName(header, datagram.Bytes));
    }

    private void Receive(in ControlHeader header, in Datagram datagram, string? hostName)
    {
        var peer = PeerMatching.Match(context.Configuration.Peers, datagram.Path.Remote, hostName);
        if (Read(header, datagram, peer) is not { } approach)
            return;
        if (approach.PeerId == 0 || header.Ns != 0)
        {
            context.Counters.MalformedHeaders++;
            if (approach.PeerId == 0)
                TellUnreadable(approach, hostName, datagram.Path);
            return;
        }

        var fingerprint = Fingerprint.Of(datagram.Bytes[ControlHeader.Size..header.Length]);
        var former = tunnels.FindByPeerEnd(datagram.Path.Remote, approach.PeerId);
        if (former is not null && former.RequestFingerprint == fingerprint && MayStillRetransmit(former))
            receiver.ReceiveAgain(former, header, datagram);
        else if (approach.Decoded.Error.Kind != DecodeErrorKind.None)
            Refuse(datagram.Path, approach, hostName, approach.Decoded.Error.ToResultCode(), approach.Decoded.Error.Describe());
        else if (approach.Request is { } request && requests.Find(datagram.Path.Remote, approach.PeerId, fingerprint) is >= 0 and var place)
            AnswerAgain(place, approach, request, header, datagram);
        else if (approach.Request is { } first)
            Judge(approach, first, peer, header, datagram, fingerprint, former);
    }

    /// <summary>Finds out in which version the SCCRQ is to be answered, and whether it passes what that version checks first.</summary>
    /// <returns>Null: it is dropped without a word.</returns>
    private Approach? Read(in ControlHeader header, in Datagram datagram, PeerProfile? peer)
    {
        if (header.Version == ProtocolVersion.V3)
            return peer is { Protocol: ProtocolPreference.V2 } ? Drop() : ReadV3(header, datagram, peer);

        var decoded = MessageCodec.Decode(header, datagram.Bytes, SccrqReader.Options(peer, peer?.Secret));
        // Who may have no v3 never learns that we could speak it, and who may have no v2 gets no answer in v2.
        if (peer is { Protocol: not ProtocolPreference.V2 } && decoded.Message is Sccrq { DualControlConnectionId: { } wideId } dual)
        {
            return Secure(header, datagram, peer) is { } security
                ? new Approach(decoded, dual with { AssignedTunnelId = wideId }, wideId, peer, security)
                : null;
        }

        return peer is { Protocol: ProtocolPreference.V3 } ? Drop() : new Approach(decoded, decoded.Message as Sccrq, decoded.PeerTunnelId, peer, null);
    }

    private Approach? ReadV3(in ControlHeader header, in Datagram datagram, PeerProfile? peer)
    {
        // Without a profile there is no secret: whoever signs could not read our refusal.
        if (Secure(header, datagram, peer ?? Nobody) is not { } security)
            return null;
        var decoded = MessageCodec.Decode(header, datagram.Bytes, SccrqReader.Options(peer, security.UnhidingKey));
        return new Approach(decoded, decoded.Message as Sccrq, decoded.PeerTunnelId, peer, security);
    }

    private MessageSecurity? Secure(in ControlHeader header, in Datagram datagram, PeerProfile peer)
    {
        var security = MessageSecurity.ForAnswer(peer, datagram.Bytes[..header.Length]);
        if (security is null)
        {
            context.Counters.CountDigestFailure(peer.Name);
            if (budget.AdmitsRefusal(datagram.Path.Remote))
                context.Notify(new TunnelRefused(
                    datagram.Path.Remote, MessageCodec.PeekHostName(header, datagram.Bytes), null,
                    $"its SCCRQ was dropped without an answer: it is not signed with a secret of {peer.Name}; the secrets may differ"));
        }

        return security;
    }

    private Approach? Drop()
    {
        context.Counters.UnknownVersion++;
        return null;
    }

    /// <summary>Long after the tunnel was established, and after it ended, the same SCCRQ comes from a peer that started again.</summary>
    private bool MayStillRetransmit(Tunnel tunnel) =>
        tunnel.Phase == TunnelPhase.Alive
        && (tunnel.State != TunnelState.Established
            || context.Now - tunnel.EstablishedAt <= (long)tunnel.Peer.Timers.Linger.TotalMilliseconds);

    private void Judge(
        Approach approach, Sccrq request, PeerProfile? peer, in ControlHeader header, in Datagram datagram, ulong fingerprint, Tunnel? former)
    {
        if (peer is null)
        {
            Refuse(datagram.Path, approach, request.HostName,
                new ResultCode(StopCcnResult.NotAuthorized, null, "no peer profile matches"), "no peer profile matches its address and host name");
            return;
        }

        var ours = FindTied(ref approach, request, header, datagram);
        var tie = ours is null ? 1 : TieBreakers.Compare(ours.OurTieBreaker, request.TieBreaker);
        if (tie < 0)
        {
            // RFC 2661 ignores the loser, RFC 3931 section 5.4.3 answers it; 3 is the code that fits.
            if (approach.Dialect.Version == ProtocolVersion.V3)
                Refuse(datagram.Path, approach, request.HostName,
                    new ResultCode(StopCcnResult.ControlChannelExists, null, "lost the tie"), "we dialled it at the same moment and our tie breaker won");
            return;
        }

        if (tie == 0 && (approach.PeerId == ours!.LocalId || approach.PeerId == ours.WideId))
        {
            // Yielding to it, as to an equal value, would let anybody who sees our SCCRQ, and has no secret, end each attempt.
            context.Notify(new TunnelRefused(datagram.Path.Remote, request.HostName, null, "it is our own SCCRQ that came back: do we dial ourselves?"));
            return;
        }

        if (tunnels.Challenges.AreReflectedIn(request))
        {
            RefuseReflected(datagram.Path, approach, request.HostName);
            return;
        }

        // Ours yields only to what is acceptable: else one bad SCCRQ would cost both tunnels.
        var rules = ours?.Peer ?? peer;
        if (Limit(rules, former, ours) is { } limit)
            Refuse(datagram.Path, approach, request.HostName,
                new ResultCode(StopCcnResult.GeneralError, GeneralError.InsufficientResources, limit), limit);
        else if (approach.Dialect.Judge(rules, request) is { } refusal)
            Refuse(datagram.Path, approach, request.HostName, refusal.Result!, refusal.Text);
        else if (tie == 0)
            YieldToEqual(ours!, approach);
        else if (datagram.Path.Remote.IsOverIp)
            AdmitTunnel(approach, request, rules, header, datagram, fingerprint, former, ours);
        else
            Admit(approach, request, rules, header, datagram, fingerprint, former, ours);
    }

    /// <summary>
    /// Equal tie breakers end both (RFC 2661 section 5.8). Whoever sees our SCCRQ could repeat its tie breaker: where there is a secret, only a signed SCCRQ
    /// ends ours. Two ends that are equal by chance and cannot know it from each other both dial again when they have given up.
    /// </summary>
    private void YieldToEqual(Tunnel ours, Approach approach)
    {
        if (ours.Peer.Secret is null || approach.Security is { Mode: SecurityMode.Authenticated })
            machine.YieldTo(ours, TunnelEvent.SccrqEqualTie);
    }

    /// <summary>Answers a new SCCRQ and keeps a record of it. Ours, if it lost the tie, gives way only when the peer has completed its own.</summary>
    private void Admit(
        Approach approach, Sccrq request, PeerProfile peer, in ControlHeader header, in Datagram datagram, ulong fingerprint,
        Tunnel? former, Tunnel? lost)
    {
        var version = approach.Dialect.Version;
        var message = datagram.Bytes[..header.Length];
        var id = message.Length <= LongestRequest ? DrawId(version, datagram.Path.Remote) : 0;
        if (id == 0)
        {
            var why = message.Length <= LongestRequest ? "all tunnel ids are in use" : $"the SCCRQ is longer than {LongestRequest} octets";
            Refuse(datagram.Path, approach, request.HostName, new ResultCode(StopCcnResult.GeneralError, GeneralError.InsufficientResources), why);
            return;
        }

        // What we still had to tell the peer's former tunnel would hit the new attempt, which has the same id.
        if (former is not null)
            machine.Silence(former);
        var record = new HalfOpenRequest
        {
            Path = datagram.Path, Profile = peer, Yielding = lost?.Dialled, ReceivedAt = context.Now, Number = context.Challenges.NextNumber(),
            Fingerprint = fingerprint, PeerId = approach.PeerId, LocalId = id, Version = version,
        };
        var evicted = requests.Evicted;
        requests.Add(record, message);
        context.Counters.HalfOpenLimited += requests.Evicted - evicted;
        halfOpen.UpdateDeadline();
        StatelessReply.Answer(context, record, request, approach.Security, message.Length);
    }

    private void AnswerAgain(int place, Approach approach, Sccrq request, in ControlHeader header, in Datagram datagram)
    {
        var record = requests[place];
        var security = approach.Security;
        if (record.Profile != approach.Peer && record.Version == ProtocolVersion.V3)
            security = MessageSecurity.ForAnswer(record.Profile, datagram.Bytes[..header.Length]);
        if (record.Version == approach.Dialect.Version && (security is null) == (record.Version == ProtocolVersion.V2))
            StatelessReply.Answer(context, record, request, security, header.Length);
    }

    /// <summary>An id that no tunnel has, drawn at random: those who have proved nothing neither see nor move on the order of our own.</summary>
    private uint DrawId(ProtocolVersion version, in Endpoint remote)
    {
        uint id = 0;
        for (var draws = 0; draws < MostDraws; draws++)
        {
            id = RandomId(version);
            if (!tunnels.TryGet(id, out _) && requests.FindLocalId(remote, id) < 0)
                return id;
        }

        if (version == ProtocolVersion.V3 || tunnels.IsIdSpaceFull)
            return 0;
        while (id == 0 || tunnels.TryGet(id, out _))
            id = (id + 1) & ushort.MaxValue;
        // One source has most ids in requests of its own: the new one takes the place of one of them.
        if (requests.FindLocalId(remote, id) is >= 0 and var place)
            requests.Remove(place);
        return id;
    }

    private uint RandomId(ProtocolVersion version)
    {
        uint id;
        do
            id = version == ProtocolVersion.V2 ? RandomNumber() & ushort.MaxValue : RandomNumber();
        while (version == ProtocolVersion.V2 ? id == 0 : id <= ushort.MaxValue);
        return id;
    }

    private uint RandomNumber()
    {
        if (_randomLeft == 0)
        {
            context.Random.Fill(_random);
            _randomLeft = _random.Length;
        }

        _randomLeft -= sizeof(uint);
        return BitConverter.ToUInt32(_random, _randomLeft);
    }

    /// <summary>Answers a new SCCRQ that came over IP by a tunnel.</summary>
    private void AdmitTunnel(
        Approach approach, Sccrq request, PeerProfile peer, in ControlHeader header, in Datagram datagram, ulong fingerprint,
        Tunnel? former, Tunnel? lost)
    {
        machine.MakeRoom();
        var id = DrawId(approach.Dialect.Version, datagram.Path.Remote);
        if (id == 0)
        {
            Refuse(datagram.Path, approach, request.HostName,
                new ResultCode(StopCcnResult.GeneralError, GeneralError.InsufficientResources), "all tunnel ids are in use");
            return;
        }

        approach.Security?.UseNonce(context.Challenges, context.Challenges.NextNumber());
        var tunnel = new Tunnel(context, new TunnelKey(id, context.NextGeneration()), peer, datagram.Path, isInitiator: false, approach.Dialect)
        {
            Security = approach.Security,
            RequestFingerprint = fingerprint,
            Replaces = former?.Living,
            Yielding = lost?.Dialled,
        };
        if (former is not null)
            machine.Silence(former);
        tunnels.Add(tunnel);
        machine.Answer(tunnel, request, header, datagram);
    }

    /// <summary>
    /// Our own SCCRQ on its way to the same peer, if one of the two carries a tie breaker (RFC 2661 section 5.8) and ours may be
    /// of the same version; else both tunnels proceed. The approach is then secured by the rules of ours.
    /// </summary>
    private Tunnel? FindTied(ref Approach approach, Sccrq request, in ControlHeader header, in Datagram datagram)
    {
        var source = datagram.Path.Remote;
        var atAddress = tunnels.Outstanding.FindByAddress(source, request);
        // Without a signature a name is only a claim: whoever made it could take the tunnel over.
        var ours = atAddress ?? (approach.Security is null ? null : tunnels.Outstanding.FindByName(source, request));
        if (ours is null || (ours.OurTieBreaker is null && request.TieBreaker is null) || ours.Dialect.Reading(approach.Dialect.Version) is null)
            return null;
        if (approach.Security is null)
            return ours;
        // Who cannot give what our tunnel asks of its peer is another: one behind the same address, or of the same name.
        var security = MessageSecurity.ForAnswer(ours.Peer, datagram.Bytes[..header.Length]);
        if (security is null || (atAddress is null && security.Mode != SecurityMode.Authenticated))
            return null;
        approach = approach with { Security = security };
        return ours;
    }

    /// <summary>A peer that started again takes the place of its former tunnel, and one that won the tie that of ours.</summary>
    private string? Limit(PeerProfile peer, Tunnel? former, Tunnel? lost) =>
        context.IsShuttingDown ? "the daemon is shutting down" : TunnelLimits.Exceeded(context, tunnels, peer, former, lost);

    private void Refuse(in Path path, Approach approach, string? hostName, ResultCode result, string reason)
    {
        if (!budget.AdmitsRefusal(path.Remote))
            return;
        context.Counters.TunnelsRefused++;
        // AVP 9 may not be 0 even when no id is free; the peer goes by its own. AVP 61 is left out, as no SCCRP was sent.
        var id = approach.Security is null ? RandomId(ProtocolVersion.V2) : 0;
        StatelessReply.Refuse(context, path, approach.PeerId, id, approach.Peer?.Readable(result) ?? result, approach.Security);
        context.Notify(new TunnelRefused(path.Remote, hostName, result, reason));
    }

    /// <summary>
    /// The SCCRQ asks us to answer a challenge of ours. In L2TPv3 it may be our own SCCRQ, and a refusal would be signed so that it ends that attempt:
    /// there is none.
    /// </summary>
    private void RefuseReflected(in Path path, Approach approach, string? hostName)
    {
        var reason = TunnelReasons.Reflected();
        if (approach.Security is null)
        {
            Refuse(path, approach, hostName, reason.Result!, reason.Text);
            return;
        }

        context.Counters.TunnelsRefused++;
        context.Notify(new TunnelRefused(path.Remote, hostName, null, reason.Text));
    }

    /// <summary>
    /// Who knows a secret of ours and hides its id by another, or hides it where there is none here, cannot be answered: its operator sees a
    /// peer that is silent, and would look for the reason in vain.
    /// </summary>
    private void TellUnreadable(Approach approach, string? hostName, in Path path)
    {
        var error = approach.Decoded.Error;
        var isSigned = approach.Security is { Mode: SecurityMode.Authenticated };
        if ((!isSigned && error.Kind != DecodeErrorKind.CannotUnhide) || !budget.AdmitsRefusal(path.Remote))
            return;
        context.Counters.TunnelsRefused++;
        context.Notify(new TunnelRefused(
            path.Remote, hostName, null,
            $"no answer is possible, its id cannot be read ({error.Describe()}): it may hide AVPs by a secret that is not configured for it here"));
    }

    /// <summary>An SCCRQ, read in the version in which it is answered.</summary>
    /// <param name="Decoded">As it came.</param>
    /// <param name="Request">The message; null with an error.</param>
    /// <param name="PeerId">The peer's id in that version.</param>
    /// <param name="Peer">The profile that matches, or null.</param>
    /// <param name="Security">In v3 what it began; null in v2.</param>
    private sealed record Approach(DecodedMessage Decoded, Sccrq? Request, uint PeerId, PeerProfile? Peer, MessageSecurity? Security)
    {
        public ControlDialect Dialect => ControlDialect.Of(Security is null ? ProtocolVersion.V2 : ProtocolVersion.V3);
    }
}
