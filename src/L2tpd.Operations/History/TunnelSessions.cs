namespace L2tpd.Operations.History;

/// <summary>
/// Gathers the sessions that end with their tunnel, which the engine tells of one by one before the tunnel's own end. Few of them are entries like any other; of many
/// the tunnel's entry has the number and some names, and they are kept below it. Loop thread only.
/// </summary>
internal sealed class TunnelSessions(HistoryLog log)
{
    /// <summary>So many sessions of a tunnel are listed beside it; with more the list would be about little else.</summary>
    private const int MostListed = 3;

    private readonly List<HistoryRecord> _first = [];
    private uint _tunnel;
    private long _tunnelNumber;
    private int _count;
    private int _up;

    /// <summary>One more session.</summary>
    public void Add(HistoryRecord session)
    {
        if (_count > 0 && _tunnel != session.TunnelId)
            Flush();
        (_tunnel, _count) = (session.TunnelId, _count + 1);
        _up += session.UpMilliseconds >= 0 ? 1 : 0;
        if (_count <= MostListed)
        {
            _first.Add(session);
            return;
        }

        if (_count == MostListed + 1)
        {
            _tunnelNumber = log.TakeNumber();
            foreach (var first in _first)
                log.AddBelowTunnel(first);
        }

        log.AddBelowTunnel(session);
    }

    /// <summary>The tunnel itself.</summary>
    public void End(HistoryRecord tunnel)
    {
        if (_count > MostListed && _tunnel == tunnel.TunnelId)
        {
            log.Add(tunnel with { Number = _tunnelNumber, Ended = new EndedSessions(_up, [.. _first.Select(static session => session.Name)]) });
            Clear();
            return;
        }

        Flush();
        log.Add(tunnel);
    }

    /// <summary>What was gathered without many more to come.</summary>
    private void Flush()
    {
        if (_count <= MostListed)
            foreach (var session in _first)
                log.Add(session);
        Clear();
    }

    private void Clear()
    {
        _first.Clear();
        (_tunnel, _tunnelNumber, _count, _up) = (0, 0, 0, 0);
    }
}
