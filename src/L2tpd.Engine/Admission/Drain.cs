using L2tpd.Engine.Configuration;

namespace L2tpd.Engine.Admission;

/// <summary>
/// What the operator drains: peers get no new tunnels and no new sessions, and those that they have stay. What we dial is not concerned.
/// </summary>
public sealed class Drain
{
    private readonly SortedSet<string> _peers = new(StringComparer.Ordinal);

    /// <summary>Every peer.</summary>
    public bool IsOfAll { get; private set; }

    /// <summary>The peers drained by name, in order.</summary>
    public IReadOnlyCollection<string> Peers => _peers;

    /// <summary>Whether the peers of this profile, or of this dialled tunnel, are drained.</summary>
    internal bool Includes(string profile) => IsOfAll || _peers.Contains(profile);

    /// <summary>Drains, or takes it back. Without a name everything; to take that back also takes back what was drained by name.</summary>
    internal void Set(string? peer, bool isDrained)
    {
        if (peer is null)
            IsOfAll = isDrained;
        if (peer is null && !isDrained)
            _peers.Clear();
        else if (peer is not null && isDrained)
            _peers.Add(peer);
        else if (peer is not null)
            _peers.Remove(peer);
    }

    /// <summary>Forgets names that are no longer configured.</summary>
    internal void TakeOver(EngineConfiguration configuration)
    {
        if (_peers.Count == 0)
            return;
        var names = configuration.Peers.Select(static peer => peer.Name)
            .Concat(configuration.Tunnels.Select(static tunnel => tunnel.Name)).ToHashSet(StringComparer.Ordinal);
        _peers.RemoveWhere(name => !names.Contains(name));
    }

    internal void Restore(bool isOfAll, IEnumerable<string> peers)
    {
        IsOfAll = isOfAll;
        _peers.UnionWith(peers);
    }
}
