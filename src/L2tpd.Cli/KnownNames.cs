using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>Distinguishes an unknown name from a name with an empty list.</summary>
internal sealed class KnownNames(ControlClient client)
{
    /// <summary>Kinds of objects that a list can be limited to.</summary>
    [Flags]
    public enum Kinds
    {
        None = 0,
        Peer = 1,
        Tunnel = 2,
        Session = 4,

        /// <summary>Names of authenticated users.</summary>
        User = 8,

        /// <summary>Tunnels of the configuration, up or not.</summary>
        ConfiguredTunnel = 16,

        /// <summary>Sessions of the configuration, up or not.</summary>
        ConfiguredSession = 32,
    }

    /// <summary>To be called when the list of a name is empty.</summary>
    /// <exception cref="ControlProblemException">No object of these kinds has the name; has names that are near.</exception>
    public async Task ThrowIfUnknownAsync(string name, Kinds kinds, CancellationToken cancellation)
    {
        if (await ExistsAsync(name, kinds, cancellation))
            return;
        string[] words = [.. Word(Kinds.Session, "session"), .. Word(Kinds.Tunnel, "tunnel"), .. Word(Kinds.Peer, "peer")];
        var what = words.Length == 1 ? words[0] : $"{string.Join(", ", words[..^1])} or {words[^1]}";
        var near = NearestWords.Of(name, await NamesAsync(kinds | Kinds.Peer, cancellation), completes: true);
        var question = near.Count == 0 ? "" : "; did you mean one of these?";
        throw new ControlProblemException(
            new Problem(ProblemTypes.NotFound, "no such name", 404, $"there is no {what} \"{name}\"{question}", near));

        IEnumerable<string> Word(Kinds kind, string word) => kinds.HasFlag(kind) ? [word] : [];
    }

    private async Task<bool> ExistsAsync(string name, Kinds kinds, CancellationToken cancellation) =>
        (await client.PeersAsync(name, limit: 1, cancellation: cancellation)).Items.Count > 0
        || (kinds.HasFlag(Kinds.Tunnel) && (await client.TunnelsAsync(name, limit: 1, cancellation: cancellation)).Items.Count > 0)
        || (kinds.HasFlag(Kinds.Session) && (await client.SessionsAsync(name, limit: 1, cancellation: cancellation)).Items.Count > 0);

    /// <summary>Names of all objects of these kinds; one page of each kind, which has enough configured names.</summary>
    public async Task<List<string>> NamesAsync(Kinds kinds, CancellationToken cancellation)
    {
        const int Most = ControlRoutes.MaxPageSize;
        var names = new List<string>();
        if ((kinds & (Kinds.Peer | Kinds.ConfiguredTunnel | Kinds.ConfiguredSession)) != 0)
        {
            var peers = (await client.PeersAsync(limit: Most, cancellation: cancellation)).Items;
            names.AddRange(peers.Where(peer => kinds.HasFlag(Kinds.Peer)
                || (kinds.HasFlag(Kinds.ConfiguredTunnel) && peer.ConfiguredSessions is not null)).Select(static peer => peer.Name));
            if (kinds.HasFlag(Kinds.ConfiguredSession))
                names.AddRange(peers.SelectMany(static peer => peer.ConfiguredSessions ?? []));
        }

        if (kinds.HasFlag(Kinds.Tunnel))
        {
            var tunnels = await client.TunnelsAsync(limit: Most, cancellation: cancellation);
            names.AddRange(tunnels.Items.Select(static tunnel => tunnel.Name));
        }

        if ((kinds & (Kinds.Session | Kinds.User)) != 0)
        {
            var sessions = await client.SessionsAsync(limit: Most, cancellation: cancellation);
            if (kinds.HasFlag(Kinds.Session))
                names.AddRange(sessions.Items.Select(static session => session.Name));
            if (kinds.HasFlag(Kinds.User))
                names.AddRange(sessions.Items.Select(static session => session.User ?? session.Subscriber?.User).OfType<string>());
        }

        return names;
    }
}
