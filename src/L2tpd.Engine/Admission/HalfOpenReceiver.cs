using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Reliability;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Admission;

/// <summary>
/// Receives the control messages for half-open requests (records in wait-ctl-conn, ADR 3). The message that must follow SCCRP (Ns 1) makes
/// the tunnel: an SCCCN that proves the secret always, any other message within the budget for unproven peers. Messages that arrive before
/// it are not kept: the peer sends them again.
/// </summary>
internal sealed class HalfOpenReceiver(
    EngineContext context, TunnelTable tunnels, HalfOpenRequests requests, TunnelMachine machine, TunnelReceiver receiver,
    UnprovenBudget budget)
{
    /// <summary>Requests that expire in one turn at most: after a flood there are tens of thousands.</summary>
    private const int MostExpiredPerTurn = 1_024;

    /// <summary>Expired requests that are reported in one turn at most.</summary>
    private const int MostReportedPerTurn = 16;

    /// <summary>A message with an id of ours that belongs to no tunnel with that peer.</summary>
    /// <returns>False if no request has the id either.</returns>
    public bool Receive(in ControlHeader header, in Datagram datagram)
    {
        var place = requests.FindLocalId(datagram.Path.Remote, header.TunnelId);
        if (place < 0)
            return false;
        Receive(place, header, datagram);
        return true;
    }

    /// <summary>
    /// A StopCCN that names the request only by the peer's id. It is acknowledged, and the request stays until it expires: the sender is
    /// unproven, and a peer that has really stopped sends no SCCCN.
    /// </summary>
    /// <returns>False if there is no such request.</returns>
    public bool AcknowledgeStop(StopCcn stop, in ControlHeader header, in Datagram datagram)
    {
        var place = requests.FindPeerEnd(datagram.Path.Remote, stop.AssignedTunnelId);
        if (place < 0 || requests[place].Version != header.Version)
            return false;
        var request = requests[place];
        if (SccrqReader.Read(request, requests.OctetsOf(place), context, out var security, out _) is null)
            return true;
        var message = datagram.Bytes[..header.Length];
        if (security is not null && !security.Verify(message, MessageType.StopCcn, awaitsReply: false, mayLackOurNonce: true))
        {
            context.Counters.CountDigestFailure(request.Profile.Name);
            return true;
        }

        StatelessReply.Acknowledge(context, datagram.Path, request.PeerId, (ushort)(header.Ns + 1), security);
        return true;
    }

    /// <summary>Ends requests whose SCCCN did not come in time.</summary>
    public void Expire()
    {
        for (var ended = 0; requests.Oldest is >= 0 and var place && requests[place].Deadline <= context.Now; ended++)
        {
            if (ended == MostExpiredPerTurn)
                break;
            if (ended < MostReportedPerTurn)
                Report(place);
            requests.Remove(place);
        }

        // Some are left over: the loop first does whatever else is due.
        if (requests.Oldest is >= 0 and var oldest)
            context.Deadlines.Update(requests, Instant.Max(requests[oldest].Deadline, context.Now + TimeSpan.FromMilliseconds(1)));
        else
            context.Deadlines.Remove(requests);
    }

    /// <summary>Forgets all requests: the daemon is shutting down.</summary>
    public void Clear()
    {
        requests.Clear();
        UpdateDeadline();
    }

    /// <summary>Must be called after requests were added or removed.</summary>
    public void UpdateDeadline()
    {
        if (requests.Oldest is >= 0 and var place)
            context.Deadlines.Advance(requests, requests[place].Deadline);
        else
            context.Deadlines.Remove(requests);
    }

    private void Receive(int place, in ControlHeader header, in Datagram datagram)
    {
        var request = requests[place];
        var message = datagram.Bytes[..header.Length];
        var type = header.IsZlb ? MessageType.Ack : MessageTypePeek.Read(message);
        if (header.Version != request.Version)
            context.Counters.UnknownVersion++;
        // An acknowledgement of SCCRP alone changes nothing. Only a StopCCN may come from a peer that has not seen SCCRP.
        else if (type != MessageType.Ack && header.Ns == 1 && (header.Nr == 1 || type == MessageType.StopCcn))
            Continue(place, request, type, header, datagram);
        else if (type != MessageType.Ack)
            context.Counters.UnknownTunnel++;
    }

    private void Continue(int place, in HalfOpenRequest request, MessageType type, in ControlHeader header, in Datagram datagram)
    {
        if (SccrqReader.Read(request, requests.OctetsOf(place), context, out var security, out var secrets) is not { } sccrq)
            return;
        if (security is not null && !security.Verify(datagram.Bytes[..header.Length], type, awaitsReply: false, mayLackOurNonce: true))
        {
            context.Counters.CountDigestFailure(request.Profile.Name);
            return;
        }

        var challenge = security is null && Introduction.Challenges(request.Profile) ? context.Challenges.Of(request.Number) : null;
        var isProved = type == MessageType.Scccn && (security is null
            ? Proves(request.Profile, secrets, challenge, header, datagram)
            : security.Mode == SecurityMode.Authenticated);
        if (!isProved && !budget.AdmitsTunnel(datagram.Path.Remote))
            return;
        var isComplete = type == MessageType.Scccn && (isProved || challenge is null);
        if (!isComplete && tunnels.HalfOpen.OfSource(datagram.Path.Remote) >= context.Configuration.Limits.MaxHalfOpenPerSource)
        {
            context.Counters.HalfOpenLimited++;
            return;
        }

        if (Make(place, request, sccrq, (security, secrets), challenge, isComplete, datagram.Path) is { } tunnel)
            receiver.Receive(tunnel, header, datagram);
    }

    private static bool Proves(
        PeerProfile peer, TunnelSecrets secrets, byte[]? challenge, in ControlHeader header, in Datagram datagram)
    {
        var ignoresUnknown = peer.Quirks.HasFlag(PeerQuirks.IgnoreUnknownMandatoryAvps);
        return challenge is not null
            && secrets.Decode(header, datagram.Bytes, ignoresUnknown).Message is Scccn { ChallengeResponse: { } response }
            && secrets.Verify(MessageType.Scccn, challenge, response);
    }

    /// <summary>Makes the tunnel as it is when SCCRQ and SCCRP have been exchanged.</summary>
    /// <returns><c>null</c> if another tunnel has got its id in the meantime.</returns>
    private Tunnel? Make(
        int place, HalfOpenRequest request, Sccrq sccrq, (MessageSecurity? Security, TunnelSecrets Secrets) keys, byte[]? challenge,
        bool isComplete, in Path path)
    {
        requests.Remove(place);
        UpdateDeadline();
        if (tunnels.TryGet(request.LocalId, out _))
        {
            context.Counters.UnknownTunnel++;
            return null;
        }

        if (!isComplete)
            machine.MakeRoom();
        var former = tunnels.FindByPeerEnd(path.Remote, request.PeerId);
        var dialect = ControlDialect.ForAnswer(context, request.Profile, keys.Security, keys.Secrets);
        var phase = new TunnelPhase.Answering(request.Deadline) { Challenge = challenge, Yielding = request.Yielding };
        var tunnel = new Tunnel(
            context, new TunnelKey(request.LocalId, context.NextGeneration()), request.Profile, path,
            new TunnelOrigin.Answered(request.Fingerprint, former?.Living), phase, dialect,
            ReliableChannel.AfterFirstExchange(Tunnel.SettingsOf(request.Profile, dialect)))
        {
            StartedAt = request.ReceivedAt,
        };
        if (former is not null)
            machine.Silence(former);
        tunnels.Add(tunnel);
        machine.Resume(tunnel, sccrq);
        return tunnel;
    }

    private void Report(int place)
    {
        var request = requests[place];
        var sccrq = SccrqReader.Read(request, requests.OctetsOf(place), context, out _, out _);
        var reason = new EndReason
        {
            Cause = EndCause.SetupTimeout,
            Text = $"the peer did not answer our SCCRP within {request.Setup.TotalSeconds:0.###} s: "
                + "it may not reach the peer, or its secret may differ",
        };
        context.Notify(new TunnelNotCompleted(
            request.Path.Remote, request.Profile.Name, sccrq?.HostName, request.LocalId, request.PeerId, reason));
    }
}
