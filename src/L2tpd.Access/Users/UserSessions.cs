using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>What happens when a user comes in again.</summary>
public enum SeveralSessions
{
    /// <summary>Let in.</summary>
    Allow,

    /// <summary>One session a user: the newcomer is refused.</summary>
    RefuseNew,

    /// <summary>One session a user: the earlier one is closed. Right where a subscriber's old session may be a dead one.</summary>
    ReplaceOld,
}

/// <summary>Who is in, for the one-session-a-user policy. Names are compared as octets are: exactly.</summary>
public sealed class UserSessions
{
    private readonly Dictionary<string, HashSet<long>> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<long, string> _byKey = [];

    public UserSessions(SeveralSessions policy)
    {
        Policy = policy;
    }

    /// <summary>May change while users are in; it decides on those who come.</summary>
    public SeveralSessions Policy { get; set; }

    /// <summary>Sessions in.</summary>
    public int Count => _byKey.Count;

    /// <summary>Lets a session in, or not. The same key again (a repeated proof) is let in without effect.</summary>
    /// <param name="user">The name it proved.</param>
    /// <param name="key">The endpoint's key.</param>
    /// <param name="replaced">The sessions to close now; they are out already, and their <see cref="Leave"/> finds nothing.</param>
    public bool TryEnter(string user, long key, out IReadOnlyCollection<long> replaced)
    {
        replaced = [];
        if (_byKey.TryGetValue(key, out var known) && known == user)
            return true;

        if (_byUser.TryGetValue(user, out var others) && Policy == SeveralSessions.RefuseNew)
            return false;

        Leave(key);
        if (others is not null && Policy == SeveralSessions.ReplaceOld)
        {
            long[] victims = [.. others];
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

    /// <summary>A session ended.</summary>
    /// <returns>False when it was not in.</returns>
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
