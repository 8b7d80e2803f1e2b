using L2tpd.Engine.Calls;

namespace L2tpd.Operations.Sessions;

/// <summary>Sessions by a key that most of them have alone: one entry then costs no set.</summary>
internal sealed class SessionSet<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, object> _byKey = [];

    /// <summary>Adds a session; <c>null</c> as a key is no key.</summary>
    public void Add(TKey? key, Session session)
    {
        if (key is null)
            return;
        if (!_byKey.TryAdd(key, session))
            _byKey[key] = With(_byKey[key], session);
    }

    /// <summary>Removes it under this key.</summary>
    public void Remove(TKey? key, Session session)
    {
        if (key is null || !_byKey.TryGetValue(key, out var there))
            return;
        if (there is HashSet<Session> many)
        {
            many.Remove(session);
            if (many.Count > 0)
                return;
        }
        else if (there != session)
        {
            return;
        }

        _byKey.Remove(key);
    }

    /// <summary>The sessions of a key, in no order.</summary>
    public IReadOnlyCollection<Session> Of(TKey key) => _byKey.GetValueOrDefault(key) switch
    {
        Session only => [only],
        HashSet<Session> many => many,
        _ => [],
    };

    private static object With(object there, Session session)
    {
        if (there is HashSet<Session> many)
        {
            many.Add(session);
            return many;
        }

        return there == session ? there : new HashSet<Session> { (Session)there, session };
    }
}
