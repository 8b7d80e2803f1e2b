using L2tpd.Engine.Configuration;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine;

/// <content>Snapshots of the engine.</content>
public sealed partial class L2tpEngine
{
    /// <summary>The state of the engine between two inputs.</summary>
    public EngineSnapshot Snapshot(Instant now)
    {
        var time = new SnapshotTime(now);
        var writer = new SnapshotWriter(_tunnels, _dialler, time);
        var tunnels = writer.WriteTunnels();
        return _context.ToSnapshot(_tunnels.TunnelIds()) with
        {
            WideTunnelIds = _tunnels.WideTunnelIds(),
            SessionProfiles = writer.Profiles,
            DialledTunnels = _dialler.ToSnapshot(time),
            StaticTunnels = _statics.ToSnapshot(time),
            Tunnels = tunnels,
        };
    }

    /// <summary>
    /// An engine that goes on where that of the snapshot was. It makes no effects for what is there already: sockets, tunnels and sessions
    /// of the data plane and PPP are the host's to keep. Answers that the host owed the former engine are given to this one. <see
    /// cref="Inputs.Reconfigure"/> afterwards begins what is configured and not in the snapshot.
    /// </summary>
    /// <param name="snapshot">Of the former engine.</param>
    /// <param name="configuration">
    /// The configuration. A tunnel whose profile or static tunnel is no longer in it, and a session that is not, are not restored:
    /// <see cref="FindTunnel"/> and <see cref="FindSession"/> do not find their keys, and the host removes what it has of them.
    /// </param>
    /// <param name="random">The host's source of random octets.</param>
    /// <param name="now">Time on the clock of this process.</param>
    public static L2tpEngine Restore(EngineSnapshot snapshot, EngineConfiguration configuration, IRandomSource random, Instant now)
    {
        var engine = new L2tpEngine(configuration, random);
        engine.TakeOver(snapshot, now);
        return engine;
    }

    private void TakeOver(EngineSnapshot snapshot, Instant now)
    {
        var time = new SnapshotTime(now);
        _context.Now = now;
        _context.Restore(snapshot);
        _tunnels.Restore(snapshot);
        _dialler.Restore(snapshot.DialledTunnels, time);
        _statics.Restore(snapshot.StaticTunnels, time);
        new SnapshotReader(_context, _tunnels, _machine, _calls, _dialler, _statics, snapshot, time).ReadTunnels();
        _dialler.CompleteRestore(snapshot.DialledTunnels, time);
        _statics.CompleteRestore(snapshot.StaticTunnels, time);
    }
}
