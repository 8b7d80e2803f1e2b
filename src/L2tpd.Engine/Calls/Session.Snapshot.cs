using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <content>Snapshots of a session.</content>
public sealed partial class Session
{
    /// <summary>The session of a snapshot; <c>null</c> if the snapshot has no request for it.</summary>
    internal static Session? Restore(Tunnel tunnel, SessionSnapshot snapshot, SessionProfile profile, SnapshotTime time)
    {
        if (((CallRequest?)snapshot.Icrq ?? snapshot.Ocrq) is not { } request)
            return null;

        return new Session(tunnel, snapshot.Key.LocalId, snapshot.Key.Generation, snapshot.Role, profile, request)
        {
            State = snapshot.State,
            Data = snapshot.Data,
            Connected = (CallConnected?)snapshot.Iccn ?? snapshot.Occn,
            EstablishedAt = time.AbsoluteEvent(snapshot.EstablishedAt),
            Network = snapshot.Network,
            User = snapshot.User,
            CallErrors = snapshot.CallErrors,
            Accm = snapshot.Accm,
            SpeedUpdate = snapshot.SpeedUpdate,
            Pseudowire = snapshot.Pseudowire is { } wire ? Pseudowire.Restore(wire) : null,
            Dialled = tunnel.Dialled?.Sessions.FirstOrDefault(dialled => dialled.Configuration.Name == snapshot.Dialled),
            IsPppOver = snapshot.IsPppOver,
            PppRefused = snapshot.PppRefused,
            HeldEnd = snapshot.HeldEnd,
            NextWen = time.Absolute(snapshot.NextWen),
        };
    }

    internal SessionSnapshot ToSnapshot(SnapshotTime time, int profile) => new()
    {
        Key = Key,
        PeerId = PeerId,
        Role = Role,
        State = State,
        Data = Data,
        Profile = profile,
        Icrq = Request as Icrq,
        Ocrq = Request as Ocrq,
        Iccn = Connected as Iccn,
        Occn = Connected as Occn,
        EstablishedAt = time.RelativeEvent(EstablishedAt),
        SetupDeadline = time.RelativeDeadline(SetupDeadline),
        Network = Network,
        User = User,
        CallErrors = CallErrors,
        Accm = Accm,
        SpeedUpdate = SpeedUpdate,
        Pseudowire = Pseudowire?.ToSnapshot(),
        Dialled = Dialled?.Configuration.Name,
        IsFoundByPeerId = Tunnel.FindAnswered(PeerId) == this,
        IsPppOver = IsPppOver,
        PppRefused = PppRefused,
        HeldEnd = HeldEnd,
        NextWen = time.Relative(NextWen),
    };
}
