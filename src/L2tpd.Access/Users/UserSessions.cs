namespace L2tpd.Access;

/// <summary>What happens when a user who has a session starts another one.</summary>
public enum SeveralSessions
{
    /// <summary>The user may have several sessions.</summary>
    Allow,

    /// <summary>One session per user: the new one is refused.</summary>
    RefuseNew,

    /// <summary>One session per user: the earlier one is closed. For subscribers whose earlier session may be dead.</summary>
    ReplaceOld,
}

/// <summary>
/// The sessions of each user, for the limit of sessions per user: one unless the policy allows several, or what the user's own limit
/// (Port-Limit) says. Names are compared exactly.
/// </summary>
public sealed class UserSessions
{
    private readonly Dictionary<string, HashSet<long>> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<long, string> _byKey = [];

    public UserSessions(SeveralSessions policy)
    {
        Policy = policy;
    }

    /// <summary>The policy. A change applies to new sessions.</summary>
    public SeveralSessions Policy { get; set; }

    /// <summary>Number of sessions.</summary>
    public int Count => _byKey.Count;

    /// <summary>
    /// Adds a session if the policy permits it. Adding the same key and user again (after a repeated challenge) has no effect.
    /// </summary>
    /// <param name="user">The user's name.</param>
    /// <param name="key">The endpoint's key.</param>
    /// <param name="replaced">The sessions to close, the earliest ones; they are removed already.</param>
    /// <param name="limit">Sessions that the user may have at a time; 0: as the policy says.</param>
    public bool TryEnter(string user, long key, out IReadOnlyCollection<long> replaced, uint limit = 0)
    {
        replaced = [];
        if (_byKey.TryGetValue(key, out var known) && known == user)
            return true;

        var most = limit > 0 ? limit : Policy == SeveralSessions.Allow ? uint.MaxValue : 1;
        var surplus = (_byUser.TryGetValue(user, out var others) ? others.Count : 0) - (long)most + 1;
        if (surplus > 0 && Policy != SeveralSessions.ReplaceOld)
            return false;

        Leave(key);
        if (surplus > 0)
        {
            long[] victims = [.. others!.Order().Take((int)surplus)];
            replaced = victims;
            foreach (var victim in victims)
                Leave(victim);
        }

        _byKey[key] = user;
        if (!_byUser.TryGetValue(user, out var keys))
            _byUser[user] = keys = [];

        keys.Add(key);
        return true;
    }

    /// <summary>Removes a session.</summary>
    /// <returns>False if it was not there.</returns>
    public bool Leave(long key)
    {
        if (!_byKey.Remove(key, out var user))
            return false;

        var keys = _byUser[user];
        keys.Remove(key);
        if (keys.Count == 0)
            _byUser.Remove(user);

        return true;
    }
}
