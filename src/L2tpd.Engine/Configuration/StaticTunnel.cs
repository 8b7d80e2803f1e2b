using System.Collections.Immutable;
using L2tpd.Engine.Addressing;
using L2tpd.Protocol;

namespace L2tpd.Engine.Configuration;

/// <summary>A tunnel without control protocol: ids, cookies and addresses are configured at both ends (RFC 3931 section 3.4).</summary>
public sealed record StaticTunnel
{
    public required string Name { get; init; }

    /// <summary>The other end, with its port over UDP.</summary>
    public required Endpoint Remote { get; init; }

    /// <summary>Our address as text; <c>null</c> if routing decides.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>Our UDP port; 0 over IP.</summary>
    public ushort LocalPort { get; init; }

    /// <summary>Our control connection id, 1 to 4,294,967,295: unique among all tunnels of the network namespace.</summary>
    public required TunnelId TunnelId { get; init; }

    /// <summary>The other end's.</summary>
    public required TunnelId PeerTunnelId { get; init; }

    /// <summary>SO_BINDTODEVICE, or null.</summary>
    public string? BindDevice { get; init; }

    /// <summary>SO_MARK, or 0.</summary>
    public uint FwMark { get; init; }

    /// <summary>Whether it must come out of IPsec.</summary>
    public IpsecSettings Ipsec { get; init; } = IpsecSettings.None;

    /// <summary>HELLOs that the other end must acknowledge; <c>null</c> if none are sent.</summary>
    public StaticKeepaliveSettings? Keepalive { get; init; }

    /// <summary>Waits before what could not be set up is tried again.</summary>
    public Backoff Backoff { get; init; } = new();

    public ImmutableArray<StaticSession> Sessions { get; init; } = [];

    /// <summary>True when all but the sessions and the waits between attempts is equal.</summary>
    internal bool HasSameTunnel(StaticTunnel other) => this == other with { Sessions = Sessions, Backoff = Backoff };
}

/// <summary>When the other end of a static tunnel is asked whether it is there, and when it counts as silent.</summary>
/// <param name="Interval">HELLO after this long since the last one was answered.</param>
/// <param name="RetransmitInitial">First retransmission after this long; doubles each time.</param>
/// <param name="RetransmitCap">Longest wait between retransmissions.</param>
/// <param name="MaxRetransmits">
/// Retransmissions before the other end counts as silent; it does when the wait after the last expires.
/// </param>
public sealed record StaticKeepaliveSettings(TimeSpan Interval, TimeSpan RetransmitInitial, TimeSpan RetransmitCap, int MaxRetransmits);

/// <summary>A session of a static tunnel. Equal by content.</summary>
public sealed record StaticSession
{
    public required string Name { get; init; }

    /// <summary>Our session id: unique among all L2TPv3 sessions of the network namespace.</summary>
    public required SessionId SessionId { get; init; }

    /// <summary>The other end's.</summary>
    public required SessionId PeerSessionId { get; init; }

    /// <summary>0, 4 or 8 octets that data must carry to be accepted here; iproute2 calls them the peer cookie.</summary>
    public byte[] Cookie { get; init; } = [];

    /// <summary>0, 4 or 8 octets to put into data sent; iproute2 calls them the cookie.</summary>
    public byte[] PeerCookie { get; init; } = [];

    /// <summary>Sequencing, pseudowire and PPP.</summary>
    public SessionProfile Session { get; init; } = new();

    /// <summary>PPP: this end is the server.</summary>
    public bool IsPppServer { get; init; }

    public bool Equals(StaticSession? other) =>
        other is not null && Name == other.Name && SessionId == other.SessionId && PeerSessionId == other.PeerSessionId
        && Cookie.AsSpan().SequenceEqual(other.Cookie) && PeerCookie.AsSpan().SequenceEqual(other.PeerCookie)
        && Session == other.Session && IsPppServer == other.IsPppServer;

    public override int GetHashCode() => HashCode.Combine(Name, SessionId, PeerSessionId);
}
