namespace L2tpd.Operations.Logging;

/// <summary>
/// Permits the line of the first refusal of a kind and counts the others, because a refusal that is repeated for the same cause says
/// nothing new. After <see cref="Again"/> the next one is logged with the count. If there are more than <see cref="Capacity"/> kinds, the
/// one not seen for longest is dropped. One thread at a time.
/// </summary>
public sealed class RefusalKinds
{
    /// <summary>Kinds remembered.</summary>
    public const int Capacity = 256;

    /// <summary>Time during which refusals of a kind are only counted.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromHours(1);

    private readonly Dictionary<string, LinkedListNode<Kind>> _byName = new(StringComparer.Ordinal);
    private readonly LinkedList<Kind> _byUse = new();
    private long _forgotten;

    /// <summary><c>true</c>: log it; <paramref name="suppressed"/> others of its kind were not logged.</summary>
    /// <param name="kind">Peer, object and reason as text; the same text is the same kind.</param>
    /// <param name="now">Ms of a monotonic clock.</param>
    /// <param name="suppressed">Refusals of this kind since it was last logged.</param>
    public bool TryPass(string kind, long now, out long suppressed)
    {
        suppressed = 0;
        if (!_byName.TryGetValue(kind, out var node))
        {
            MakeRoom();
            _byName[kind] = _byUse.AddLast(new Kind(kind, now));
            return true;
        }

        _byUse.Remove(node);
        _byUse.AddLast(node);
        if (now - node.Value.LoggedAt < (long)Again.TotalMilliseconds)
        {
            node.Value.Suppressed++;
            return false;
        }

        suppressed = node.Value.Suppressed;
        (node.Value.Suppressed, node.Value.LoggedAt) = (0, now);
        return true;
    }

    /// <summary>Refusals that were counted under kinds dropped since the last call.</summary>
    public long TakeForgotten()
    {
        var forgotten = _forgotten;
        _forgotten = 0;
        return forgotten;
    }

    /// <summary>The refusal was not logged: the next one of its kind is the first.</summary>
    public void Forget(string kind)
    {
        if (_byName.Remove(kind, out var node))
            _byUse.Remove(node);
    }

    private void MakeRoom()
    {
        if (_byUse.Count < Capacity)
            return;
        var oldest = _byUse.First!;
        _forgotten += oldest.Value.Suppressed;
        Forget(oldest.Value.Name);
    }

    private sealed class Kind(string name, long loggedAt)
    {
        public string Name { get; } = name;

        public long LoggedAt { get; set; } = loggedAt;

        public long Suppressed { get; set; }
    }
}
