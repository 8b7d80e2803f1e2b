namespace L2tpd.Operations.History;

/// <summary>
/// Collects the sessions that end with their tunnel; the engine reports them one by one before the tunnel's own end. Up to three are
/// entries like any other. If there are more, the tunnel's entry has their number and some names, and they are kept below it. Loop thread
/// only.
/// </summary>
internal sealed class TunnelSessions(HistoryLog log)
{
    /// <summary>Sessions of a tunnel that get entries in the whole list; with more, the list would contain little else.</summary>
    private const int MostListed = 3;

    private readonly List<HistoryRecord> _first = [];
    private uint _tunnel;
    private long _tunnelNumber;
    private int _count;
    private int _up;

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

    /// <summary>Takes the end of the tunnel itself.</summary>
    public void End(HistoryRecord tunnel)
    {
        if (_count > MostListed && _tunnel == tunnel.TunnelId)
        {
            string[] sample = [.. _first.Select(static session => session.Name)];
            log.Add(tunnel with { Number = _tunnelNumber, Ended = new EndedSessions(_up, sample) });
            Clear();
            return;
        }

        Flush();
        log.Add(tunnel);
    }

    /// <summary>Adds what was collected as entries like any other.</summary>
    private void Flush()
    {
        if (_count <= MostListed)
        {
            foreach (var session in _first)
                log.Add(session);
        }

        Clear();
    }

    private void Clear()
    {
        _first.Clear();
        (_tunnel, _tunnelNumber, _count, _up) = (0, 0, 0, 0);
    }
}
