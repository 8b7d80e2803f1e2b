using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// The latest established tunnel of each peer that dialled us, by address, port, mark and Host Name. It finds the former tunnel of a peer
/// that has a new one under another tunnel id.
/// </summary>
/// <remarks>
/// A client that has lost its state comes back so, and so does a LAC that opens several tunnels from one port. What tells the two apart is
/// that the LAC still answers in its former tunnel. That one is therefore asked with HELLO when the new one is established, which is the
/// peer's proof, and ends if no answer comes in <see cref="AnswerTime"/>. Only the latest one is asked: what a new tunnel costs does not
/// depend on how many there are.
/// </remarks>
internal sealed class SamePeerTunnels
{
    /// <summary>Time for a HELLO and its repetition after 1 s, with 2 s for its acknowledgement.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(3);

    /// <summary>Tunnels of one peer that are being asked at one time and do not count against the limits: it came back so often.</summary>
    private const int MostAsked = 4;

    private readonly Dictionary<Peer, Tunnel> _latest = [];

    /// <summary>
    /// The tunnel that a new one of the peer replaces, unless the peer still answers in it; <c>null</c> if there is none, or the rules keep
    /// it.
    /// </summary>
    public Tunnel? Former(PeerProfile rules, in Endpoint remote, string hostName) =>
        _latest.Count > 0 && rules.ReplacesSamePeer(remote) ? _latest.GetValueOrDefault(Peer.Of(remote, hostName)) : null;

    /// <summary>The same for a tunnel of the peer.</summary>
    public Tunnel? FormerOf(Tunnel tunnel) => tunnel is { Origin: TunnelOrigin.Answered, PeerIntroduction: { } peer }
        && Former(tunnel.Profile, tunnel.Path.Remote, peer.HostName) is { } former && former != tunnel
            ? former
            : null;

    /// <summary>The former tunnel, and those before it that are still being asked: they end soon, or have to count again.</summary>
    /// <param name="former">The former tunnel; <c>null</c> if there is none.</param>
    /// <param name="counted">A tunnel that is regarded elsewhere.</param>
    public static Tunnel[] Leaving(Tunnel? former, Tunnel? counted)
    {
        if (former is null)
            return [];
        var leaving = new List<Tunnel>();
        for (var tunnel = former; tunnel is not null && leaving.Count < MostAsked; tunnel = tunnel.Asked)
        {
            if (tunnel != counted)
                leaving.Add(tunnel);
        }

        return [.. leaving];
    }

    /// <summary>The tunnel is established and the latest of its peer. Without effect on one that we dialled.</summary>
    public void Add(Tunnel tunnel)
    {
        if (tunnel is { Origin: TunnelOrigin.Answered, PeerIntroduction: { } peer })
            _latest[Peer.Of(tunnel.Path.Remote, peer.HostName)] = tunnel;
    }

    /// <summary>The tunnel does not run any more, and no question is left.</summary>
    public void Remove(Tunnel tunnel)
    {
        tunnel.Asked = null;
        if (tunnel.Phase is TunnelPhase.Established { Question.Successor: { } successor } && successor.Asked == tunnel)
            successor.Asked = null;
        if (IsLatest(tunnel))
            _latest.Remove(Peer.Of(tunnel.Path.Remote, tunnel.PeerIntroduction!.HostName));
    }

    /// <summary>Whether the tunnel would be found.</summary>
    public bool IsLatest(Tunnel tunnel) => tunnel is { Origin: TunnelOrigin.Answered, PeerIntroduction: { } peer }
        && _latest.GetValueOrDefault(Peer.Of(tunnel.Path.Remote, peer.HostName)) == tunnel;

    private readonly record struct Peer(Endpoint Remote, string HostName)
    {
        /// <summary>Upper and lower case of a host name are the same.</summary>
        public static Peer Of(in Endpoint remote, string hostName) => new(remote, hostName.ToUpperInvariant());
    }
}

/// <summary>Whether the peer still has a tunnel: it is asked with HELLO, and any message of the tunnel answers.</summary>
/// <param name="AskedAt">Engine time of the question.</param>
/// <param name="AnswerBy">Time to answer it.</param>
internal record PeerQuestion(Instant AskedAt, Instant AnswerBy)
{
    /// <summary>Whether the peer has sent something since.</summary>
    public bool IsAnsweredIn(Tunnel tunnel) => tunnel.LastReceived >= AskedAt;
}

/// <summary>It is asked because the peer has another tunnel by now. Without an answer the tunnel ends.</summary>
/// <param name="Successor">The other tunnel; <c>null</c> if it is not known any more.</param>
/// <param name="AskedAt">Engine time of the question.</param>
/// <param name="AnswerBy">Time to answer it.</param>
internal sealed record SamePeerQuestion(Tunnel? Successor, Instant AskedAt, Instant AnswerBy) : PeerQuestion(AskedAt, AnswerBy);
