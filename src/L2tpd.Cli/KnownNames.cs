using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>Tells a name that nothing has from one that has nothing to show.</summary>
internal sealed class KnownNames(ControlClient client)
{
    /// <summary>What may be named in a list.</summary>
    [Flags]
    public enum Kinds
    {
        Peer = 1,
        Tunnel = 2,
        Session = 4,
    }

    /// <summary>To be called when a list has nothing of a name.</summary>
    /// <exception cref="ControlProblemException">No peer, tunnel or session of those kinds has the name; with names that are near.</exception>
    public async Task ThrowIfUnknownAsync(string name, Kinds kinds, CancellationToken cancellation)
    {
        if (await ExistsAsync(name, kinds, cancellation))
            return;
        string[] words = [.. Word(Kinds.Session, "session"), .. Word(Kinds.Tunnel, "tunnel"), .. Word(Kinds.Peer, "peer")];
        var what = words.Length == 1 ? words[0] : $"{string.Join(", ", words[..^1])} or {words[^1]}";
        var near = NearestWords.Of(name, await NamesAsync(kinds, cancellation), completes: true);
        throw new ControlProblemException(new Problem(
            ProblemTypes.NotFound, "no such name", 404, $"there is no {what} \"{name}\"{(near.Count == 0 ? "" : "; did you mean one of these?")}", near));

        IEnumerable<string> Word(Kinds kind, string word) => kinds.HasFlag(kind) ? [word] : [];
    }

    private async Task<bool> ExistsAsync(string name, Kinds kinds, CancellationToken cancellation) =>
        (await client.PeersAsync(name, limit: 1, cancellation: cancellation)).Items.Count > 0
        || (kinds.HasFlag(Kinds.Tunnel) && (await client.TunnelsAsync(name, limit: 1, cancellation: cancellation)).Items.Count > 0)
        || (kinds.HasFlag(Kinds.Session) && (await client.SessionsAsync(name, limit: 1, cancellation: cancellation)).Items.Count > 0);

    // A page of each: enough for names that operators give.
    private async Task<List<string>> NamesAsync(Kinds kinds, CancellationToken cancellation)
    {
        var names = new List<string>();
        names.AddRange((await client.PeersAsync(limit: ControlRoutes.MaxPageSize, cancellation: cancellation)).Items.Select(static peer => peer.Name));
        if (kinds.HasFlag(Kinds.Tunnel))
            names.AddRange((await client.TunnelsAsync(limit: ControlRoutes.MaxPageSize, cancellation: cancellation)).Items.Select(static tunnel => tunnel.Name));
        if (kinds.HasFlag(Kinds.Session))
            names.AddRange((await client.SessionsAsync(limit: ControlRoutes.MaxPageSize, cancellation: cancellation)).Items.Select(static session => session.Name));
        return names;
    }
}
