using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Engine.Tunnels;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Dialing;

/// <summary>
/// A configured tunnel: which LNS and address is tried next, and when. Every round resolves the names again and tries
/// each address of each LNS in order; after a round without success, and after a tunnel that had been up ended, it waits.
/// </summary>
internal sealed class DialledTunnel : IDeadlineItem
{
    /// <summary>A peer that redirects in a circle costs a wait, not a loop.</summary>
    private const int MostRedirectsARound = 3;

    private readonly Dialler _dialler;
    private readonly int _index;
    private readonly List<Endpoint> _addresses = [];
    private readonly PriorityQueue<DialledSession, long> _retries = new();
    private DialledSession[] _sessions;
    private uint _attempt;
    private int _remote;
    private int _failures;
    private int _redirects;
    private long _retryAt = long.MaxValue;
    private Endpoint _dialledAt;
    private Endpoint _answeredAt;
    private StartControlConnection? _lastAnswer;

    public DialledTunnel(Dialler dialler, LacTunnel configuration, int index)
    {
        _dialler = dialler;
        _index = index;
        Configuration = configuration;
        _sessions = [.. configuration.Sessions.Select(s => new DialledSession(this, s))];
    }

    public LacTunnel Configuration { get; private set; }

    /// <summary>The sessions to be had in it.</summary>
    public IReadOnlyList<DialledSession> Sessions => _sessions;

    /// <summary>The tunnel of the attempt under way or up.</summary>
    public TunnelKey Current { get; private set; }

    /// <summary>No longer configured, or the daemon ends.</summary>
    public bool IsRetired { get; private set; }

    int IDeadlineItem.HeapIndex { get; set; }

    private EngineContext Context => _dialler.Context;

    /// <summary>Begins a round.</summary>
    public void Dial()
    {
        if (IsRetired)
            return;
        _retryAt = long.MaxValue;
        _remote = 0;
        _redirects = 0;
        _addresses.Clear();
        ResolveNext("no LNS is configured");
    }

    public void HandleResolved(HostResolved input)
    {
        if (IsRetired || input.Dial.Attempt != _attempt || !Current.IsNone)
            return;
        var port = Configuration.Remotes[_remote].Port;
        _remote++;
        foreach (var address in input.Addresses)
            _addresses.Add(Endpoint.From(address, port, Configuration.Carrier));
        if (_addresses.Count == 0)
            ResolveNext(input.Error ?? "the name has no address");
        else
            TryNextAddress("");
    }

    /// <summary>The peer's own tunnel won the tie and serves as ours.</summary>
    public void Adopt(Tunnel tunnel)
    {
        _retryAt = long.MaxValue;
        _attempt++;
        tunnel.Dialled = this;
        Current = tunnel.Key;
        UpdateDeadline();
    }

    /// <summary>Who answers at that address: what it said of itself when it last did; null: not known, or of no account.</summary>
    public PeerName? KnownPeerAt(Endpoint remote) => _lastAnswer is { } answer && _answeredAt == remote.WithoutPort
        ? PeerName.From(Configuration.Peer.Identity, remote, answer)
        : null;

    public void HandleTunnelUp(Tunnel tunnel)
    {
        _failures = 0;
        // A tunnel of the peer's that serves as ours says nothing of who answers there.
        if (tunnel.IsInitiator)
            (_answeredAt, _lastAnswer) = (_dialledAt, tunnel.PeerIntroduction);
        _retries.Clear();
        foreach (var session in _sessions)
        {
            session.Reset();
            if (tunnel.State == TunnelState.Established)
                _dialler.Calls.Open(tunnel, session);
        }

        UpdateDeadline();
    }

    public void HandleTunnelEnded(Tunnel tunnel, EndReason reason)
    {
        if (tunnel.Key != Current)
            return;
        Current = default;
        if (IsRetired)
            return;
        if (tunnel.MayBeRedirected && _redirects < MostRedirectsARound && PermittedRedirections(tunnel, reason) is { Count: > 0 } redirected)
        {
            _redirects++;
            _addresses.InsertRange(0, redirected);
            TryNextAddress(reason.Text);
        }
        else if (tunnel.EstablishedAt != 0 || !MightDoBetterElsewhere(reason))
        {
            Retry(reason.Text);
        }
        else
        {
            TryNextAddress(reason.Text);
        }
    }

    /// <summary>Something is due: a new round, or a session again.</summary>
    public void HandleDeadline()
    {
        if (_retryAt <= Context.Now)
            Dial();
        var tunnel = _dialler.Find(Current);
        // Those that fail at once are due later: what is due now is settled before.
        while (NextRetry() <= Context.Now)
        {
            var session = _retries.Dequeue();
            session.Reset();
            if (tunnel is { State: TunnelState.Established })
                _dialler.Calls.Open(tunnel, session);
        }

        if (tunnel is not null)
            _dialler.Settle(tunnel);
        UpdateDeadline();
    }

    public void Retire()
    {
        IsRetired = true;
        _retryAt = long.MaxValue;
        _retries.Clear();
        foreach (var session in _sessions)
            session.Reset();
        UpdateDeadline();
    }

    /// <summary>Takes what differs in live settings and sessions only: the tunnel stays, sessions that differ are closed and set up again.</summary>
    /// <returns>False: nothing is under way that would have to be kept, and it must be dialled again.</returns>
    public bool TryChange(LacTunnel changed)
    {
        var difference = TunnelDifference.Between(Configuration, changed);
        if (difference.IsNone)
            return true;
        if (_dialler.Find(Current) is not { } tunnel)
            return false;
        Configuration = changed;
        // One that the peer dialled has the profile it came in by.
        if (tunnel.IsInitiator)
            tunnel.TakeOver(changed.Peer);
        var former = _sessions.ToDictionary(static session => session.Configuration.Name, StringComparer.Ordinal);
        _sessions = [.. changed.Sessions.Select(wanted => Keep(former, wanted) ?? new DialledSession(this, wanted))];
        foreach (var dropped in former.Values)
            _dialler.Close(tunnel, dropped);
        var added = difference.SessionsAdded.Concat(difference.SessionsChanged).ToHashSet(StringComparer.Ordinal);
        foreach (var session in _sessions)
        {
            if (added.Contains(session.Configuration.Name) && tunnel.State == TunnelState.Established)
                _dialler.Calls.Open(tunnel, session);
        }

        _dialler.Settle(tunnel);
        UpdateDeadline();
        return true;
    }

    // Taken out of the table: what is left in it is to be closed.
    private static DialledSession? Keep(Dictionary<string, DialledSession> former, LacSession wanted)
    {
        if (!former.TryGetValue(wanted.Name, out var session) || !TunnelDifference.IsSameCall(session.Configuration, wanted))
            return null;
        former.Remove(wanted.Name);
        session.Configuration = wanted;
        return session;
    }

    /// <summary>A session of this tunnel will be tried after a wait.</summary>
    /// <returns>False: it will not; the tunnel is down, and its end no failure of the session.</returns>
    public bool ScheduleSession(DialledSession session, int failures, Backoff backoff, string reason)
    {
        if (IsRetired || _dialler.Find(Current) is not { State: TunnelState.Established })
            return false;
        var delay = RetryDelay.After(failures, backoff, Context);
        session.RetryAt = Context.Now + delay;
        _retries.Enqueue(session, session.RetryAt);
        Context.Notify(new RetryScheduled(
            $"{Configuration.Name}/{session.Configuration.Name}", failures + 1, TimeSpan.FromMilliseconds(delay), reason));
        UpdateDeadline();
        return true;
    }

    private List<Endpoint> PermittedRedirections(Tunnel tunnel, EndReason reason)
    {
        var permitted = new List<Endpoint>();
        foreach (var address in Redirection.AddressesIn(reason))
        {
            if (Redirection.IsPermitted(Configuration.Redirect, tunnel.Path.Remote, address))
                permitted.Add(Endpoint.From(address, tunnel.Path.Remote.Port, Configuration.Carrier));
            else
                Context.Notify(new RedirectionRefused(Configuration.Name, tunnel.Path.Remote, address, Configuration.Redirect));
        }

        return permitted;
    }

    /// <summary>Another address has the same tie with the same peer, and meets the same limit of this machine.</summary>
    private static bool MightDoBetterElsewhere(EndReason reason) => reason.Cause is not (EndCause.TieBreaker or EndCause.LimitReached);

    private void ResolveNext(string reason)
    {
        if (_remote >= Configuration.Remotes.Length)
        {
            Retry(reason);
            return;
        }

        Context.Effects.Resolve(new DialKey(_index, ++_attempt), Configuration.Remotes[_remote]);
        UpdateDeadline();
    }

    private void TryNextAddress(string reason)
    {
        if (_addresses.Count == 0)
        {
            ResolveNext(reason);
            return;
        }

        var remote = _addresses[0];
        _addresses.RemoveAt(0);
        _dialledAt = remote.WithoutPort;
        if (_dialler.BeginAttempt(this, remote) is { } tunnel)
            Current = tunnel.Key;
        else
            Retry("no tunnel id or tunnel slot is free");
        UpdateDeadline();
    }

    private void Retry(string reason)
    {
        if (!Configuration.Persist || Context.IsShuttingDown)
            return;
        var delay = RetryDelay.After(_failures, Configuration.Backoff, Context);
        _failures++;
        _retryAt = Context.Now + delay;
        Context.Notify(new RetryScheduled(Configuration.Name, _failures, TimeSpan.FromMilliseconds(delay), reason));
        UpdateDeadline();
    }

    private void UpdateDeadline()
    {
        Context.Deadlines.Update(this, Math.Min(_retryAt, NextRetry()));
    }

    // A session that was reset or planned anew since has left an entry behind.
    private long NextRetry()
    {
        while (_retries.TryPeek(out var session, out var at))
        {
            if (session.RetryAt == at)
                return at;
            _retries.Dequeue();
        }
        return long.MaxValue;
    }
}
