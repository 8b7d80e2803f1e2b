using L2tpd.Engine.Addressing;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Linux.Host;
using L2tpd.Protocol;
using L2tpd.Runtime.Ipsec;
using L2tpd.Runtime.Loop;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// What the paths of tunnels carry in one packet: PPP negotiates no more than that. Read once per tunnel. Loop thread only.
/// </summary>
/// <param name="mtuOf">Octets of the largest IP packet to the tunnel's peer, 0 if not known; <c>null</c>: asks the kernel.</param>
/// <param name="espOf">What ESP leaves of it; <c>null</c>, or its answer <c>null</c>: the tunnel is not inside ESP.</param>
public sealed class PathLimits(Func<Tunnel, int>? mtuOf = null, Func<Tunnel, EspLimit?>? espOf = null)
{
    private const int Udp = 8;

    // FF 03 and the protocol number.
    private const int PppHeader = 4;

    // The longest header of a peer: with Length, Ns and Nr, without padding (RFC 2661 section 3.1).
    private const int HeaderV2 = 12;

    // Flags, Session ID, cookie of 8, sublayer (RFC 3931 section 4.1.2).
    private const int HeaderV3 = 20;

    private TunnelKey _last;
    private int _lastMtu;
    private EspLimit? _lastEsp;

    /// <summary>Largest PPP payload of a session; 0: not known.</summary>
    /// <param name="request">The session.</param>
    /// <param name="profile">Its profile. An <c>mtu</c> or <c>mru</c> in the file counts more than a limit that is only presumed.</param>
    public PathLimit Of(PppRequest request, PppProfile profile)
    {
        var tunnel = request.Session.Tunnel;
        // Sessions start in bursts per tunnel: a cache of one is enough.
        if (_last != tunnel.Key)
            (_last, _lastMtu, _lastEsp) = (tunnel.Key, (mtuOf ?? AskKernel)(tunnel), espOf?.Invoke(tunnel));
        var esp = _lastEsp;
        if (esp is { IsExact: false } && profile.IsSizeWritten)
            esp = null;
        var mtu = esp?.Packet ?? _lastMtu;
        return new PathLimit(mtu > 0 ? PayloadOf(mtu, tunnel.Path.Remote.IsIPv6, tunnel.Version) : 0, esp?.Text);
    }

    /// <summary>Largest PPP payload in an IP packet of <paramref name="mtu"/> octets.</summary>
    public static int PayloadOf(int mtu, bool ipv6, ProtocolVersion version) =>
        Math.Max(1, mtu - (ipv6 ? 40 : 20) - Udp - (version == ProtocolVersion.V3 ? HeaderV3 : HeaderV2) - PppHeader);

    private static int AskKernel(Tunnel tunnel) =>
        PathMtu.TryGet(tunnel.Path.Remote.ToSockAddr(), tunnel.Profile.BindDevice, tunnel.Profile.FwMark, out var mtu).IsNone ? mtu : 0;
}

/// <summary>What a path carries.</summary>
/// <param name="Payload">Octets of the largest PPP payload; 0: not known.</param>
/// <param name="Esp">Of what the room for ESP was computed; <c>null</c>: there is none.</param>
public readonly record struct PathLimit(int Payload, string? Esp);
