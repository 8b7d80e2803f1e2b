using L2tpd.Control;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Operations.Control;

/// <summary>Sums of the tunnels alive of one peer profile.</summary>
internal sealed class PeerSummary(PeerProfile profile)
{
    private readonly long[] _counters = new long[TunnelCounterTable.All.Length];
    private int _tunnels;
    private int _halfOpen;
    private int _sessions;

    public string Name => profile.Name;

    public void Add(Tunnel tunnel)
    {
        _tunnels++;
        _halfOpen += tunnel.State == TunnelState.Established ? 0 : 1;
        _sessions += tunnel.Sessions.Count;
        TunnelCounterTable.Add(tunnel.Counters, _counters);
    }

    public PeerView View() => new()
    {
        Name = profile.Name,
        Prefixes = [.. profile.Prefixes.Select(static prefix => prefix.ToString())],
        HostNamePattern = profile.HostNamePattern,
        Protocol = ApiText.Of(profile.Protocol),
        HasSecret = profile.Secret is not null,
        Quirks = ApiText.Of(profile.Quirks),
        Tunnels = _tunnels,
        HalfOpenTunnels = _halfOpen,
        Sessions = _sessions,
        MaxTunnels = profile.MaxTunnels == int.MaxValue ? null : profile.MaxTunnels,
        MaxSessionsPerTunnel = profile.MaxSessionsPerTunnel,
        Counters = TunnelCounterTable.View(_counters),
    };
}
