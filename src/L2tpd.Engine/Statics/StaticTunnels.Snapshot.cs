using System.Collections.Immutable;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Snapshots;

namespace L2tpd.Engine.Statics;

/// <content>Snapshots of the static tunnels.</content>
internal sealed partial class StaticTunnels
{
    /// <summary>The line of that name, or <c>null</c>.</summary>
    public StaticLine? Find(string name) => _lines.Find(line => line.Configuration.Name == name);

    /// <summary>Lines go on that are still configured; <see cref="CompleteRestore"/> follows.</summary>
    public void Restore(ImmutableArray<StaticLineSnapshot> snapshots, SnapshotTime time)
    {
        var configured = context.Configuration.StaticTunnels.ToDictionary(static tunnel => tunnel.Name, StringComparer.Ordinal);
        foreach (var snapshot in snapshots)
        {
            if (!configured.TryGetValue(snapshot.Name, out var configuration))
                continue;

            var line = new StaticLine(this, configuration);
            _lines.Add(line);
            line.Restore(snapshot, time);
        }
    }

    /// <summary>The tunnels are restored.</summary>
    public void CompleteRestore(ImmutableArray<StaticLineSnapshot> snapshots, SnapshotTime time)
    {
        foreach (var snapshot in snapshots)
            Find(snapshot.Name)?.CompleteRestore(snapshot, TunnelOf(snapshot), time);
    }

    public ImmutableArray<StaticLineSnapshot> ToSnapshot(SnapshotTime time) => [.. _lines.Select(line => line.ToSnapshot(time))];

    private Tunnel? TunnelOf(StaticLineSnapshot snapshot) => snapshot.Tunnel is { } key ? tunnels.Find(key) : null;
}
