using System.Collections.Immutable;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Reliability;
using L2tpd.Engine.Snapshots;
using L2tpd.Engine.Versions;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <content>Snapshots of a control connection.</content>
public sealed partial class Tunnel
{
    /// <summary>The tunnel of a snapshot, without its sessions.</summary>
    internal static Tunnel Restore(
        EngineContext context, TunnelSnapshot snapshot, PeerProfile profile, TunnelOrigin origin, TunnelPhase phase, SnapshotTime time)
    {
        var dialect = ControlDialect.Restore(context, snapshot.Dialect, profile, snapshot.Path.Remote);
        var channel = ReliableChannel.Restore(SettingsOf(profile, dialect), snapshot.Channel, time);
        return new Tunnel(context, snapshot.Key, profile, snapshot.Path, origin, phase, dialect, channel)
        {
            State = snapshot.State,
            Data = snapshot.Data,
            LocalId = snapshot.LocalId,
            PeerId = snapshot.PeerId,
            PeerIntroduction = (StartControlConnection?)snapshot.Sccrq ?? snapshot.Sccrp,
            IsAuthenticated = snapshot.IsAuthenticated,
            EstablishedAt = time.AbsoluteEvent(snapshot.EstablishedAt),
            LastReceived = time.Absolute(snapshot.LastReceived),
            StartedAt = Instant.Never,
            LastSocketError = snapshot.LastSocketError,
            IsOverwhelmed = snapshot.IsOverwhelmed,
            Counters = snapshot.Counters with { },
            _sessionIds = new IdSequence(snapshot.SessionIds),
        };
    }

    internal TunnelSnapshot ToSnapshot(
        SnapshotTime time, string? profileOfTunnel, bool isFoundByPeerEnd, ImmutableArray<SessionSnapshot> sessions) => new()
    {
        Key = Key,
        LocalId = LocalId,
        PeerId = PeerId,
        Profile = Profile.Name,
        ProfileOfTunnel = profileOfTunnel,
        Path = Path,
        Origin = Origin.ToSnapshot(),
        Phase = Phase.ToSnapshot(time),
        Dialect = Dialect.ToSnapshot(Profile),
        State = State,
        Data = Data,
        Sccrq = PeerIntroduction as Sccrq,
        Sccrp = PeerIntroduction as Sccrp,
        IsAuthenticated = IsAuthenticated,
        EstablishedAt = time.RelativeEvent(EstablishedAt),
        LastReceived = time.Relative(LastReceived),
        LastSocketError = LastSocketError,
        IsOverwhelmed = IsOverwhelmed,
        IsFoundByPeerEnd = isFoundByPeerEnd,
        Counters = Counters with { },
        SessionIds = _sessionIds.ToSnapshot(),
        Channel = Channel.ToSnapshot(time),
        Sessions = sessions,
    };

    /// <summary>Takes a session of a snapshot.</summary>
    internal void Restore(Session session, SessionSnapshot snapshot)
    {
        Add(session);
        if (IsStatic || snapshot.PeerId.IsNone || !TrySetPeerId(session, snapshot.PeerId))
            session.PeerId = snapshot.PeerId;
        if (snapshot.IsFoundByPeerId)
            AddAnswered(session);
    }
}
