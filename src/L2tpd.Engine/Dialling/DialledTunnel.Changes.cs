using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Engine.Dialling;

/// <content>What a reload changes while the tunnel is up.</content>
internal sealed partial class DialledTunnel
{
    /// <summary>
    /// Takes what differs in live settings and sessions only: the tunnel stays, sessions that differ are closed and set up again.
    /// </summary>
    /// <returns>False if there is no tunnel to keep: it must be dialled again.</returns>
    public bool TryChange(LacTunnel changed)
    {
        var difference = TunnelDifference.Between(Configuration, changed);
        if (difference.IsNone)
            return true;
        if (_dialler.Find(Current) is not { } tunnel)
            return false;
        // What is still being set up may wait for the very secret that the file has now.
        if (difference.HasOtherSecrets && tunnel.State != TunnelState.Established)
            return false;
        TakeOverPreference(changed);
        TakeOverDial(changed);
        Configuration = changed;
        // A tunnel that the peer dialled keeps the profile that it matched, one that another dialled tunnel owns keeps that one's.
        if (tunnel.IsInitiator && tunnel.Dialled == this)
            tunnel.TakeOver(tunnel.Candidate?.Apply(changed.Peer) ?? changed.Peer);
        ChangeSessions(tunnel, changed);
        Context.Unsettled.Add(tunnel);
        HandleSessionWaits();
        return true;
    }

    private void ChangeSessions(Tunnel tunnel, LacTunnel changed)
    {
        var former = _sessions.ToDictionary(static session => session.Configuration.Name, StringComparer.Ordinal);
        var added = new List<DialledSession>();
        _sessions = [.. changed.Sessions.Select(wanted => Keep(former, wanted) ?? Added(wanted))];
        foreach (var dropped in former.Values)
            _dialler.Close(tunnel, dropped);
        foreach (var session in added)
        {
            // The new session waits until the PPP of the former one has ended.
            if (former.TryGetValue(session.Configuration.Name, out var same))
                session.TakeOver(same);
            session.HandleTunnelUp();
            session.AnnounceWaiting();
        }

        HandleDue(tunnel);

        DialledSession Added(LacSession wanted)
        {
            added.Add(new DialledSession(this, wanted));
            return added[^1];
        }
    }

    private void TakeOverPreference(LacTunnel changed)
    {
        if (changed.PreferBack == Configuration.PreferBack)
            return;
        _order.PreferBack = changed.PreferBack;
        _preferred.Replan(changed.PreferBack);
    }

    // Taken out of the table: what is left in it is closed.
    private static DialledSession? Keep(Dictionary<string, DialledSession> former, LacSession wanted)
    {
        if (!former.TryGetValue(wanted.Name, out var session) || !TunnelDifference.IsSameCall(session.Configuration, wanted))
            return null;
        former.Remove(wanted.Name);
        session.Change(wanted);
        return session;
    }
}
