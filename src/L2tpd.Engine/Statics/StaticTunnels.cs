using System.Collections.Immutable;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;

namespace L2tpd.Engine.Statics;

/// <summary>Keeps the configured static tunnels there: one <see cref="StaticLine"/> each.</summary>
internal sealed partial class StaticTunnels(EngineContext context, TunnelTable tunnels, TunnelMachine machine, CallMachine calls)
{
    /// <summary>The data plane deletes in a worker: an id that a changed tunnel takes over is free only after this long.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    private readonly List<StaticLine> _lines = [];

    public EngineContext Context => context;

    public TunnelTable Tunnels => tunnels;

    public CallMachine Calls => calls;

    /// <summary>Sets up new tunnels, changes those that differ, ends those that are no longer configured.</summary>
    public void Configure(ImmutableArray<StaticTunnel> configured)
    {
        var wanted = configured.ToDictionary(static tunnel => tunnel.Name);
        var delay = TimeSpan.Zero;
        var former = new Dictionary<string, StaticLine>(StringComparer.Ordinal);
        for (var i = _lines.Count - 1; i >= 0; i--)
        {
            var line = _lines[i];
            if (wanted.TryGetValue(line.Configuration.Name, out var same) && line.Configuration.HasSameTunnel(same))
            {
                wanted.Remove(same.Name);
                line.Change(same, Settling);
                continue;
            }

            line.Retire("the static tunnel was removed from the configuration or changed in it");
            _lines.RemoveAt(i);
            former[line.Configuration.Name] = line;
            delay = Settling;
        }

        foreach (var tunnel in configured)
        {
            if (!wanted.ContainsKey(tunnel.Name))
                continue;
            var line = new StaticLine(this, tunnel);
            if (former.TryGetValue(tunnel.Name, out var same))
                line.TakeOver(same);
            _lines.Add(line);
            line.Begin(delay);
        }
    }

    /// <summary>Tunnels and sessions that the operator keeps down.</summary>
    public IEnumerable<string> HeldDown => _lines.SelectMany(static line => line.HeldDown);

    /// <summary>Everything ends, and nothing is set up any more.</summary>
    public void Stop(EndReason reason)
    {
        foreach (var line in _lines)
            line.Retire(reason);
        _lines.Clear();
    }

    /// <summary>Ends a tunnel without a message to anybody.</summary>
    public void End(Tunnel tunnel, EndReason reason) => machine.EndInSilence(tunnel, reason);
}
