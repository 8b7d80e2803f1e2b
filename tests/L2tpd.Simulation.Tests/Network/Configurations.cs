using System.Collections.Immutable;
using L2tpd.Engine.Configuration;

namespace L2tpd.Simulation.Tests.Network;

/// <summary>Configurations of the simulated hosts.</summary>
public static class Configurations
{
    public const string LnsAddress = "192.0.2.1";
    public const string LacAddress = "192.0.2.2";

    public static EngineConfiguration Lns(PeerProfile? peer = null) => new()
    {
        HostName = "lns.example",
        Peers = [peer ?? Peer("any")],
    };

    public static PeerProfile Peer(string name, TunnelTimers? timers = null) => new()
    {
        Name = name,
        Secret = "l2tpd-secret"u8.ToArray(),
        Timers = timers ?? new TunnelTimers(),
        AcceptOutgoingCalls = true,
    };

    public static EngineConfiguration Lac(params LacTunnel[] tunnels) => new()
    {
        HostName = "lac.example",
        Tunnels = [.. tunnels],
    };

    public static LacTunnel Tunnel(string name, PeerProfile peer, params LacSession[] sessions) => new()
    {
        Name = name,
        Remotes = [new RemoteHost(LnsAddress)],
        Peer = peer,
        Sessions = [.. sessions],
    };

    public static LacSession Session(string name, string? ppp = null, CallDirection direction = CallDirection.Incoming) => new()
    {
        Name = name,
        Direction = direction,
        CalledNumber = "5551234",
        Session = new SessionProfile { Ppp = ppp },
    };

    /// <summary>Random settings: short and long timers, hidden AVPs, tiny windows, with and without secret.</summary>
    public static (PeerProfile Lns, PeerProfile Lac) RandomPeers(SeededRandom random)
    {
        var timers = new TunnelTimers
        {
            HelloInterval = TimeSpan.FromSeconds(random.Chance(0.5) ? 60 : 5 + random.Below(20)),
            AckDelay = TimeSpan.FromMilliseconds(random.Below(4) * 50),
            MaxRetransmits = 3 + random.Below(5),
        };
        var secret = random.Chance(0.7) ? "l2tpd-secret"u8.ToArray() : null;
        var ppp = random.Chance(0.6) ? "p" : null;
        var lns = new PeerProfile
        {
            Name = "any",
            Secret = secret,
            HideAvps = secret is not null && random.Chance(0.5),
            ReceiveWindow = (ushort)(1 + random.Below(random.Chance(0.5) ? 3 : 100)),
            Timers = timers,
            AcceptOutgoingCalls = true,
            Session = new SessionProfile { Ppp = ppp },
        };
        return (lns, lns with
        {
            Name = "lns",
            HideAvps = secret is not null && random.Chance(0.5),
            ReceiveWindow = (ushort)(1 + random.Below(random.Chance(0.5) ? 3 : 100)),
        });
    }

    public static ImmutableArray<LacTunnel> RandomTunnels(SeededRandom random, PeerProfile peer)
    {
        var tunnels = ImmutableArray.CreateBuilder<LacTunnel>();
        for (var t = 0; t <= random.Below(2); t++)
        {
            var sessions = Enumerable.Range(0, 1 + random.Below(5)).Select(s => Session(
                $"s{s}", peer.Session.Ppp, random.Chance(0.25) ? CallDirection.Outgoing : CallDirection.Incoming));
            tunnels.Add(Tunnel($"t{t}", peer, [.. sessions]));
        }

        return tunnels.ToImmutable();
    }
}
