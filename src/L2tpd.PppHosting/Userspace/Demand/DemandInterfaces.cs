using L2tpd.Engine.Calls;
using L2tpd.PppHosting.BuiltIn;

namespace L2tpd.PppHosting.Userspace.Demand;

/// <summary>The interfaces of all sessions that are dialled on demand, by the names of the sessions. Loop thread only.</summary>
internal sealed class DemandInterfaces(UserspacePppLinks links) : IDisposable
{
    private readonly Dictionary<string, DemandInterface> _byName = new(StringComparer.Ordinal);

    /// <summary>Makes the interfaces of new sessions, changes those that differ, and closes those that are no longer configured.</summary>
    public void Replace(IReadOnlyList<DemandSession> sessions)
    {
        var wanted = sessions.ToDictionary(static session => session.FullName, StringComparer.Ordinal);
        foreach (var (name, former) in _byName.ToArray())
        {
            if (wanted.ContainsKey(name))
                continue;
            _byName.Remove(name);
            former.Retire();
        }

        foreach (var session in sessions)
        {
            if (!_byName.TryGetValue(session.FullName, out var known))
                Add(session);
            else
                known.Change(session);
        }
    }

    /// <summary>The interface of a session that we have dialled; <c>null</c>: it has none before the call.</summary>
    public DemandInterface? Find(Session session) =>
        _byName.Count == 0 || session.ConfiguredName is null ? null : _byName.GetValueOrDefault(session.Name);

    /// <summary>A session failed, or its tunnel: for a while no packet is kept.</summary>
    /// <param name="name">Name of the session with that of its tunnel, or of a tunnel: all its sessions.</param>
    /// <param name="time">How long.</param>
    public void HoldOff(string name, TimeSpan time)
    {
        foreach (var one in _byName.Values)
        {
            if (one.Settings.FullName == name || one.Settings.Tunnel == name)
                one.HoldOff(time);
        }
    }

    /// <summary>Closes all, after the links.</summary>
    public void Dispose()
    {
        foreach (var one in _byName.Values)
            one.Abandon();
        _byName.Clear();
    }

    private void Add(DemandSession session)
    {
        var number = Enumerable.Range(0, 64).FirstOrDefault(free => _byName.Values.All(one => one.Number != free));
        var made = new DemandInterface(links, session, number);
        _byName.Add(session.FullName, made);
        made.Make();
    }
}
