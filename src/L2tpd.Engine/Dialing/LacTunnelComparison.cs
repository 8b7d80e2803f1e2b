using L2tpd.Engine.Configuration;

namespace L2tpd.Engine.Dialing;

/// <summary>Tells whether a reloaded tunnel differs from the one that runs: by content, arrays included.</summary>
internal static class LacTunnelComparison
{
    public static bool AreSame(LacTunnel left, LacTunnel right) =>
        left == right with { Remotes = left.Remotes, Sessions = left.Sessions, Peer = left.Peer }
        && left.Remotes.SequenceEqual(right.Remotes)
        && left.Sessions.SequenceEqual(right.Sessions)
        && AreSame(left.Peer, right.Peer);

    private static bool AreSame(PeerProfile left, PeerProfile right) =>
        left == right with
        {
            Prefixes = left.Prefixes, Secret = left.Secret, SecondSecret = left.SecondSecret,
            Pseudowires = left.Pseudowires, Endpoints = left.Endpoints,
        }
        && left.Prefixes.SequenceEqual(right.Prefixes)
        && left.Secret.AsSpan().SequenceEqual(right.Secret)
        && left.SecondSecret.AsSpan().SequenceEqual(right.SecondSecret)
        && left.Pseudowires.SequenceEqual(right.Pseudowires)
        && left.Endpoints.SequenceEqual(right.Endpoints);
}
