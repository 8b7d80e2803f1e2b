using L2tpd.Control;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Operations.Control;

/// <summary>Sums up what one peer has alive.</summary>
internal sealed class PeerTally(PeerProfile profile)
{
    private int _tunnels;
    private int _halfOpen;
    private int _sessions;
    private TunnelCountersView _counters = new()
    {
        MessagesSent = 0,
        MessagesReceived = 0,
        Retransmissions = 0,
        Duplicates = 0,
        OutOfOrder = 0,
        ZlbsSent = 0,
        HellosSent = 0,
        WrongSource = 0,
        Malformed = 0,
        DigestFailures = 0,
    };

    public string Name => profile.Name;

    public void Add(Tunnel tunnel)
    {
        _tunnels++;
        if (tunnel.State != TunnelState.Established)
            _halfOpen++;
        _sessions += tunnel.Sessions.Count;
        var c = tunnel.Counters;
        _counters = new TunnelCountersView
        {
            MessagesSent = _counters.MessagesSent + c.MessagesSent,
            MessagesReceived = _counters.MessagesReceived + c.MessagesReceived,
            Retransmissions = _counters.Retransmissions + c.Retransmissions,
            Duplicates = _counters.Duplicates + c.Duplicates,
            OutOfOrder = _counters.OutOfOrder + c.OutOfOrder,
            ZlbsSent = _counters.ZlbsSent + c.ZlbsSent,
            ZlbsReceived = _counters.ZlbsReceived + c.ZlbsReceived,
            HellosSent = _counters.HellosSent + c.HellosSent,
            WrongSource = _counters.WrongSource + c.WrongSource,
            Malformed = _counters.Malformed + c.Malformed,
            DigestFailures = _counters.DigestFailures + c.DigestFailures,
        };
    }

    public PeerView View() => new()
    {
        Name = profile.Name,
        Prefixes = [.. profile.Prefixes.Select(static p => p.ToString())],
        HostNamePattern = profile.HostNamePattern,
        Protocol = Words.Of(profile.Protocol),
        HasSecret = profile.Secret is not null,
        Quirks = Words.Of(profile.Quirks),
        Tunnels = _tunnels,
        HalfOpenTunnels = _halfOpen,
        Sessions = _sessions,
        MaxTunnels = profile.MaxTunnels == int.MaxValue ? null : profile.MaxTunnels,
        MaxSessionsPerTunnel = profile.MaxSessionsPerTunnel,
        Counters = _counters,
    };
}
