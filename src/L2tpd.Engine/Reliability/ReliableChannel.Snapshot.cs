using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Reliability;

/// <content>Snapshots of a channel.</content>
public sealed partial class ReliableChannel
{
    /// <summary>A channel that goes on where that of the snapshot was.</summary>
    /// <param name="settings">As for a new one; the receive window is what the peer was told.</param>
    /// <param name="snapshot">Of a channel.</param>
    /// <param name="time">Of the restoration.</param>
    internal static ReliableChannel Restore(ReliableSettings settings, ChannelSnapshot snapshot, SnapshotTime time)
    {
        var channel = new ReliableChannel(settings with { ReceiveWindow = snapshot.ReceiveWindow })
        {
            _oldestNs = snapshot.OldestNs,
            NextNr = snapshot.NextNr,
            _sent = snapshot.Sent,
            _inFlight = snapshot.InFlight,
            _lastArrival = time.Absolute(snapshot.LastArrival),
            MaxRetransmits = snapshot.MaxRetransmits,
            IsDead = snapshot.IsDead,
            MostEarlyOctets = snapshot.MostEarlyOctets,
            _window = new CongestionWindow(snapshot.Window),
            _timer = new RetransmitTimer(snapshot.Timer, time),
            _ack = new AckSchedule(snapshot.Ack, time),
        };
        foreach (var message in snapshot.Outbound)
            channel._outbound.Restore(message, time);
        foreach (var early in snapshot.Early)
            channel._inbound.TryAdd(early.Ns, early.Bytes, int.MaxValue);
        return channel;
    }

    internal ChannelSnapshot ToSnapshot(SnapshotTime time) => new()
    {
        OldestNs = _oldestNs,
        NextNr = NextNr,
        Sent = _sent,
        InFlight = _inFlight,
        LastArrival = time.Relative(_lastArrival),
        ReceiveWindow = _settings.ReceiveWindow,
        MaxRetransmits = MaxRetransmits,
        IsDead = IsDead,
        MostEarlyOctets = MostEarlyOctets,
        Window = _window.ToSnapshot(),
        Timer = _timer.ToSnapshot(time),
        Ack = _ack.ToSnapshot(time),
        Outbound = _outbound.ToSnapshot(time),
        Early = _inbound.ToSnapshot(),
    };
}
