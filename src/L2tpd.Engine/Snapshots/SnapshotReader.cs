using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Statics;

namespace L2tpd.Engine.Snapshots;

/// <summary>
/// Makes the control connections of a snapshot, and their sessions, in an engine whose dialler and static tunnels are restored.
/// </summary>
internal sealed class SnapshotReader(
    EngineContext context, TunnelTable tunnels, TunnelMachine machine, CallMachine calls, Dialler dialler, StaticTunnels statics,
    EngineSnapshot snapshot, SnapshotTime time)
{
    private readonly Dictionary<TunnelKey, Tunnel> _restored = [];

    /// <summary>Makes all whose configuration is still there.</summary>
    public void ReadTunnels()
    {
        foreach (var tunnel in snapshot.Tunnels)
            Read(tunnel);
        foreach (var tunnel in snapshot.Tunnels)
            LinkReplaced(tunnel);
    }

    private void Read(TunnelSnapshot saved)
    {
        if (ProfileOf(saved) is not { } profile || OriginOf(saved) is not { } origin)
            return;

        var answering = saved.Phase as AnsweringSnapshot;
        var phase = TunnelPhase.Restore(saved.Phase, dialler.At(answering?.Yielding), time);
        var tunnel = Tunnel.Restore(context, saved, profile, origin, phase, time);
        _restored.Add(saved.Key, tunnel);
        tunnels.Restore(tunnel, saved, answering is { IsHalfOpen: true });
        foreach (var session in saved.Sessions)
            Read(tunnel, session);
        AppendSetups(tunnel, saved);
        machine.Restore(tunnel);
    }

    private void Read(Tunnel tunnel, SessionSnapshot saved)
    {
        if (tunnel.Static is { } line && line.ConfigurationOf(saved.Key) is null)
            return;
        if (Session.Restore(tunnel, saved, snapshot.SessionProfiles[saved.Profile], time) is not { } session)
            return;
        // No longer configured: without its configuration the set-up could not be completed.
        if (saved.Dialled is not null && session.Dialled is null)
            return;

        tunnel.Restore(session, saved);
        calls.Restore(session);
    }

    /// <summary>The sessions that are being set up, in the order of their deadlines.</summary>
    private void AppendSetups(Tunnel tunnel, TunnelSnapshot saved)
    {
        var setups = saved.Sessions.Where(static session => session.SetupDeadline is not null);
        foreach (var session in setups.OrderBy(static session => session.SetupDeadline))
        {
            if (tunnel.TryGetSession(session.Key.LocalId, out var restored))
                tunnel.Setups.Append(restored, time.AbsoluteDeadline(session.SetupDeadline));
        }
    }

    /// <summary>The earlier tunnel of the same peer may come later in the snapshot.</summary>
    private void LinkReplaced(TunnelSnapshot saved)
    {
        if (!_restored.TryGetValue(saved.Key, out var tunnel))
            return;
        if (saved.Origin is AnsweredSnapshot { Replaces: { } key } && tunnel.Origin is TunnelOrigin.Answered origin)
            origin.Replaces = _restored.GetValueOrDefault(key);
        if (saved.Phase is EstablishedSnapshot { Question: { } question } && tunnel.Phase is TunnelPhase.Established established)
        {
            var successor = question.Successor is { } other ? _restored.GetValueOrDefault(other) : null;
            established.Question = new SamePeerQuestion(successor, time.Absolute(question.AskedAt), time.Absolute(question.AnswerBy));
            if (successor is not null)
                successor.Asked = tunnel;
            machine.Restore(tunnel);
        }
    }

    private PeerProfile? ProfileOf(TunnelSnapshot saved) => saved.Origin switch
    {
        DialledSnapshot dialled => ProfileOf(dialler.At(dialled.Dialled)),
        StaticSnapshot @static => statics.Find(@static.Name) is { } line && line.HasEnds(saved) ? line.Profile : null,
        _ when saved.ProfileOfTunnel is { } name => context.Configuration.Tunnels.FirstOrDefault(tunnel => tunnel.Name == name)?.Peer,
        _ => context.Configuration.Peers.FirstOrDefault(peer => peer.Name == saved.Profile),
    };

    /// <summary>
    /// A tunnel that is no longer configured has no LNS. The secret of one that a server named is not in the snapshot: it is dialled again.
    /// </summary>
    private static PeerProfile? ProfileOf(DialledTunnel? dialled) =>
        dialled is { Configuration.Remotes.IsEmpty: false } && !SelectedLns.AreIn(dialled.Configuration)
            ? dialled.Configuration.Peer
            : null;

    private TunnelOrigin? OriginOf(TunnelSnapshot saved)
    {
        switch (saved.Origin)
        {
            case DialledSnapshot origin when dialler.At(origin.Dialled) is { } dialled:
                var expected = origin.ExpectedPeer is { } name ? new PeerName(name.Carrier, name.RouterId, name.HostName) : (PeerName?)null;
                return new TunnelOrigin.Dialled(dialled, expected, origin.WideId) { MayBeRedirected = origin.MayBeRedirected };
            case AnsweredSnapshot origin:
                var answered = new TunnelOrigin.Answered(origin.Fingerprint, null);
                if (dialler.At(origin.Serves) is { } served)
                    answered.ServeFor(served);
                return answered;
            case StaticSnapshot origin when statics.Find(origin.Name) is { } line:
                return new TunnelOrigin.Static(line);
            default:
                return null;
        }
    }
}
