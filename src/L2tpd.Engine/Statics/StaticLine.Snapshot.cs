using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Statics;

/// <content>Snapshots of a static tunnel.</content>
internal sealed partial class StaticLine
{
    /// <summary>The profile of a tunnel of this line.</summary>
    public PeerProfile Profile => ProfileOf(Configuration);

    /// <summary>The other end, and both ids, are still what the tunnel was made for.</summary>
    public bool HasEnds(TunnelSnapshot tunnel) =>
        Configuration.TunnelId == tunnel.Key.LocalId && Configuration.PeerTunnelId == tunnel.PeerId
        && Configuration.Remote == tunnel.Path.Remote;

    /// <summary>How a session is configured whose key is in the snapshot, or <c>null</c>.</summary>
    public StaticSession? ConfigurationOf(SessionKey key) => _byKey.GetValueOrDefault(key)?.Configuration;

    /// <summary>Goes on where the line of the snapshot was; <see cref="CompleteRestore"/> follows.</summary>
    public void Restore(StaticLineSnapshot snapshot, SnapshotTime time)
    {
        _isHeld = snapshot.IsHeld;
        (_beginAt, _failures) = (time.AbsoluteDeadline(snapshot.BeginAt), snapshot.Failures);
        foreach (var call in _calls)
        {
            if (snapshot.Sessions.FirstOrDefault(former => former.Name == call.Configuration.Name) is not { } same)
                continue;

            (call.Current, call.Failures, call.IsHeldDown) = (same.Current, same.Failures, same.IsHeld);
            if (same.OpenAt is { } at)
                Plan(call, time.Absolute(at));
            if (call.Current != default)
                _byKey[call.Current] = call;
        }
    }

    /// <summary>
    /// The line's tunnel is restored. Without it the line is begun again; a session that was not restored is set up again.
    /// </summary>
    public void CompleteRestore(StaticLineSnapshot snapshot, Tunnel? tunnel, SnapshotTime time)
    {
        if (tunnel is not null && snapshot.Keepalive is { } kept)
        {
            _run = new Run(tunnel, new StaticKeepalive(Context, tunnel, Configuration.Keepalive));
            _run.Keepalive.Restore(kept, time);
        }
        else if (_beginAt == Instant.Never && !_isHeld)
        {
            _beginAt = Context.Now;
        }

        foreach (var call in _calls.Where(call => call.Current != default && tunnel?.Sessions.ContainsKey(call.Current.LocalId) != true))
        {
            _byKey.Remove(call.Current);
            call.Reset();
            if (tunnel is not null)
                Plan(call, Context.Now);
        }

        UpdateDeadline();
    }

    public StaticLineSnapshot ToSnapshot(SnapshotTime time) => new()
    {
        Name = Configuration.Name,
        Tunnel = _run?.Tunnel.Key,
        Keepalive = _run?.Keepalive.ToSnapshot(time),
        BeginAt = time.RelativeDeadline(_beginAt),
        Failures = _failures,
        IsHeld = _isHeld,
        Sessions = [.. _calls.Select(call => new StaticCallSnapshot(
            call.Configuration.Name, call.Current, time.RelativeDeadline(call.OpenAt), call.Failures, call.IsHeldDown))],
    };
}
