using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Dialling;

/// <summary>
/// A configured tunnel: which LNS and address is tried next, and when. Every round resolves the names again and tries each address of each
/// LNS in order (<see cref="LnsOrder"/>); after a round without success, and after a tunnel that had been up ended, it waits.
/// </summary>
internal sealed partial class DialledTunnel : ConfiguredTunnel<DialledSession>, IDeadlineItem
{
    /// <summary>A peer that redirects in a circle causes a wait, not a loop.</summary>
    private const int MostRedirectsARound = 3;

    private readonly Dialler _dialler;
    private readonly List<Endpoint> _addresses = [];
    private readonly LnsOrder _order;
    private readonly PreferredAttempt _preferred;
    private readonly HeldStop _heldStop;

    private readonly DueSessions _due = new();
    private DialledSession[] _sessions;
    private uint _attempt;
    private int[] _round = [];
    private int _next;
    private int _remote;
    private int _failures;
    private int _redirects;
    private Instant _retryAt = Instant.Never;
    private Endpoint _dialledAt;
    private Endpoint _answeredAt;
    private StartControlConnection? _lastAnswer;
    private bool _isMoving;
    private bool _waitsForCredentials;
    private bool _mayDial;

    public DialledTunnel(Dialler dialler, LacTunnel configuration, int index)
    {
        _dialler = dialler;
        Index = index;
        Configuration = configuration;
        _mayDial = configuration.Dial == DialMode.Always;
        _sessions = [.. configuration.Sessions.Select(s => new DialledSession(this, s))];
        _order = new LnsOrder(configuration.Remotes.Length, configuration.PreferBack);
        _preferred = new PreferredAttempt(this);
        _heldStop = new HeldStop(dialler, this);
    }

    /// <summary>Number in the dialler's list.</summary>
    public int Index { get; }

    public LacTunnel Configuration { get; private set; }

    /// <summary>The LNSs that a server named.</summary>
    public SelectedLns Selected { get; } = new();

    /// <inheritdoc/>
    public override IReadOnlyList<DialledSession> Sessions => _sessions;

    /// <summary>The tunnel of the attempt under way or up.</summary>
    public TunnelKey Current { get; private set; }

    /// <summary>No longer configured, or the daemon ends.</summary>
    public bool IsRetired { get; private set; }

    /// <summary>
    /// The tunnel of an attempt to go back to a preferred LNS, in addition to the one that runs; none if there is no attempt.
    /// </summary>
    public TunnelKey Preferred => _preferred.Current;

    /// <summary>Ends that the peer sent, kept while PPP may still report why.</summary>
    public HeldStop HeldStop => _heldStop;

    public Instant Now => Context.Now;

    /// <summary>The tunnel is up and goes on: a session that ends may be asked for again.</summary>
    public bool CanRetrySessions =>
        !IsRetired && !_isMoving && !IsHeld && _dialler.Find(Current) is { State: TunnelState.Established };

    /// <summary>The tunnel that runs has sessions.</summary>
    public bool HasSessions => _dialler.Find(Current) is { Sessions.Count: > 0 };

    int IDeadlineItem.HeapIndex { get; set; }

    private EngineContext Context => _dialler.Context;

    /// <summary>Begins a round.</summary>
    public void Dial()
    {
        if (IsRetired || !_mayDial)
            return;
        _retryAt = Instant.Never;
        _waitsForCredentials = false;
        _round = _order.Remotes(Now);
        _next = 0;
        _redirects = 0;
        _addresses.Clear();
        ResolveNext("no LNS is configured");
    }

    public void HandleResolved(HostResolved input)
    {
        if (IsRetired || _preferred.TryHandleResolved(input))
        {
            UpdateDeadline();
            return;
        }

        if (input.Dial.Attempt != _attempt || !Current.IsNone || !_mayDial)
            return;
        _remote = _round[_next++];
        var port = Configuration.Remotes[_remote].Port;
        var addresses = SelectedLns.AreIn(Configuration)
            ? Selected.Replace(input.Candidates, port, Configuration)
            : input.Addresses.Select(address => Configuration.EndpointOf(address, port));
        _addresses.AddRange(_order.Addresses(addresses, Now));
        if (_addresses.Count == 0)
            ResolveNext(input.Error ?? "the name has no address");
        else
            TryNextAddress("");
    }

    /// <summary>The peer's own tunnel won the tie and serves as ours.</summary>
    public void Adopt(Tunnel tunnel)
    {
        if (tunnel.Origin is TunnelOrigin.Answered origin)
            origin.ServeFor(this);
        if (_dialler.Find(Current) is not null)
        {
            _preferred.Adopt(tunnel.Key);
            UpdateDeadline();
            return;
        }

        _retryAt = Instant.Never;
        _attempt++;
        Current = tunnel.Key;
        UpdateDeadline();
    }

    /// <summary>The name of the peer at that address, from its last answer; <c>null</c> if it is not known, or does not count.</summary>
    public PeerName? KnownPeerAt(Endpoint remote) => _lastAnswer is { } answer && _answeredAt == remote.WithoutPort
        ? PeerName.From(Configuration.Peer.Identity, remote, answer)
        : null;

    public void HandleTunnelUp(Tunnel tunnel)
    {
        _failures = 0;
        if (tunnel.Key == _preferred.Current)
            MoveTo(tunnel);
        // A tunnel that the peer dialled does not show which peer answers at an address that we dial.
        if (tunnel.IsInitiator)
            (_answeredAt, _lastAnswer) = (_dialledAt, tunnel.PeerIntroduction);
        _due.Clear();
        _order.Serve(_remote, _dialledAt);
        _preferred.Plan(_remote);
        foreach (var session in _sessions)
            session.HandleTunnelUp();
        HandleDue(tunnel);
        UpdateDeadline();
    }

    public void HandleTunnelEnded(Tunnel tunnel, EndReason reason)
    {
        if (tunnel.Key == _preferred.Current)
        {
            if (IsLoss(reason))
                _order.Lose(_preferred.Remote, _preferred.DialledAt, Now);
            _preferred.HandleEnded(reason);
            UpdateDeadline();
        }

        if (tunnel.Key != Current)
            return;
        Current = default;
        _heldStop.Clear();
        foreach (var session in _sessions)
            session.DropAnnouncement();
        GiveUpPreferred(reason);
        _idleAt = Instant.Never;
        if (!_mayDial)
            StopWanting();
        if (IsRetired || !_mayDial)
            return;
        if (IsLoss(reason) || (SelectedLns.AreIn(Configuration) && tunnel.EstablishedAt is null && MightDoBetterElsewhere(reason)))
            _order.Lose(_remote, _dialledAt, Now);
        if (tunnel.Origin is TunnelOrigin.Dialled { MayBeRedirected: true } && _redirects < MostRedirectsARound
            && PermittedRedirections(tunnel, reason) is { Count: > 0 } redirected)
        {
            _redirects++;
            Selected.Redirect(tunnel.Path.Remote, redirected);
            _addresses.InsertRange(0, redirected);
            TryNextAddress(reason.Text);
        }
        else if (tunnel.EstablishedAt is not null || !MightDoBetterElsewhere(reason))
        {
            Retry(reason.Text);
        }
        else
        {
            TryNextAddress(reason.Text);
        }
    }

    /// <summary>Something is due: a new round, a session again, an announcement, or the end of a wait for PPP.</summary>
    public void HandleDeadline()
    {
        if (_retryAt <= Now)
            Dial();
        if (_preferred.At <= Now)
            _preferred.Begin();
        _heldStop.HandleDeadline();
        if (_idleAt <= Now)
            CloseIfIdle();
        HandleDue(_dialler.Find(Current));
        UpdateDeadline();
    }

    /// <summary>The tunnel had another configuration: what its sessions' PPP still holds, this one's wait for.</summary>
    public void TakeOver(DialledTunnel? former)
    {
        // What the operator opened or keeps down stays so, unless the file says otherwise now.
        if (former is not null && former.Configuration.Dial == Configuration.Dial)
            (_mayDial, _staysDown) = (former._mayDial, former._staysDown);
        foreach (var session in _sessions)
        {
            if (former?._sessions.FirstOrDefault(other => other.Configuration.Name == session.Configuration.Name) is { } same)
                session.TakeOver(same);
        }
    }

    /// <summary>A session has ended, and its PPP has not yet: which session waits for that.</summary>
    public void AwaitPpp(SessionKey ended, DialledSession session) => _dialler.AwaitPpp(ended, session);

    /// <summary>
    /// The configuration was loaded again and has this tunnel unchanged: what waits because of refused credentials is tried now.
    /// </summary>
    public void ForgetRefusals()
    {
        var waited = false;
        foreach (var session in _sessions)
            waited |= session.ForgetRefusals();
        if (waited && _waitsForCredentials && Current.IsNone)
            Dial();
        else if (waited)
            HandleDeadline();
    }

    public void Retire()
    {
        IsRetired = true;
        _retryAt = Instant.Never;
        _due.Clear();
        _heldStop.Clear();
        foreach (var session in _sessions)
            session.Reset();
        UpdateDeadline();
    }

    /// <summary>The wait after a number of failures.</summary>
    public TimeSpan Delay(int failures, Backoff backoff) => RetryDelay.After(failures, backoff, Context);

    public void Notify(EngineEvent engineEvent) => Context.Notify(engineEvent);

    /// <summary>Asks for the addresses of an LNS.</summary>
    /// <returns>The number of the request.</returns>
    public uint Resolve(int remote)
    {
        Context.Effects.Resolve(new DialKey(Index, ++_attempt), Configuration.Remotes[remote]);
        return _attempt;
    }

    /// <summary>Begins an attempt; <c>null</c> if no tunnel is available.</summary>
    public Tunnel? BeginAttempt(Endpoint remote) => _dialler.BeginAttempt(this, remote);

    /// <inheritdoc/>
    public override void UpdateDeadline()
    {
        var next = Instant.Min(Instant.Min(_retryAt, _preferred.At), Instant.Min(_heldStop.Deadline, _idleAt));
        // While the peer's end of the tunnel is held, nothing is asked for or announced.
        if (!IsHeld)
            next = Instant.Min(next, _due.Next);
        Context.Deadlines.Update(this, IsRetired ? Instant.Never : next);
    }

    /// <summary>Something of the session is due at another time than before; <see cref="UpdateDeadline"/> follows.</summary>
    public void Schedule(DialledSession session) => _due.Schedule(session);

    /// <summary>The peer was silent, or its host said that nothing listens: the next attempt there would wait in vain again.</summary>
    private static bool IsLoss(EndReason reason) => reason.Cause is EndCause.PeerUnreachable or EndCause.SetupTimeout;

    private List<Endpoint> PermittedRedirections(Tunnel tunnel, EndReason reason)
    {
        var permitted = new List<Endpoint>();
        foreach (var address in Redirection.AddressesIn(reason))
        {
            if (Redirection.IsPermitted(Configuration.Redirect, tunnel.Path.Remote, address))
                permitted.Add(Configuration.EndpointOf(address, tunnel.Path.Remote.Port));
            else
                Context.Notify(new RedirectionRefused(Configuration.Name, tunnel.Path.Remote, address, Configuration.Redirect));
        }

        return permitted;
    }

    /// <summary>Another address has the same tie with the same peer, and meets the same limit of this machine.</summary>
    private static bool MightDoBetterElsewhere(EndReason reason) => reason.Cause is not (EndCause.TieBreaker or EndCause.LimitReached);

    private void ResolveNext(string reason)
    {
        if (_next >= _round.Length)
        {
            Retry(reason);
            return;
        }

        _ = Resolve(_round[_next]);
        UpdateDeadline();
    }

    private void Retry(string reason)
    {
        if (IsOnTraffic && _mayDial && !Context.IsShuttingDown)
            WaitForTraffic(reason);
        if (!Configuration.Persist || !_mayDial || Context.IsShuttingDown)
            return;
        var delay = RetryDelay.After(_failures, Configuration.Backoff, Context);
        _failures++;
        var (refusedUntil, refusal) = Refusals();
        _waitsForCredentials = refusedUntil > Now + delay;
        if (refusedUntil == Instant.Never)
            return;
        if (refusedUntil is { } until && _waitsForCredentials)
            (delay, reason) = (until - Now, refusal!);
        _retryAt = Now + delay;
        Context.Notify(new RetryScheduled(Configuration.Name, _failures, delay, reason, _waitsForCredentials));
        UpdateDeadline();
    }

    /// <summary>
    /// Until when the tunnel is of no use, because the credentials of all its sessions were refused; <c>null</c> if it is of use. A peer
    /// that may ask for sessions in it needs it all the same.
    /// </summary>
    private (Instant? Until, string? Refusal) Refusals()
    {
        if (_sessions.Length == 0 || Configuration.Peer.AcceptIncomingCalls || Configuration.Peer.AcceptOutgoingCalls)
            return (null, null);
        var first = _sessions.MinBy(static session => session.RefusedUntil)!;
        return (first.RefusedUntil, first.Refusal);
    }

    private void HandleDue(Tunnel? tunnel)
    {
        while (!IsHeld && _due.TryTake(Now, out var session))
        {
            session.AnnounceIfDue();
            if (session.TryTakeDue() && tunnel is { State: TunnelState.Established })
                _dialler.Calls.Open(tunnel, session);
        }
    }

    /// <summary>The preferred LNS is back: its tunnel takes the place of the one that serves.</summary>
    private void MoveTo(Tunnel tunnel)
    {
        var former = _dialler.Find(Current);
        (Current, _remote, _dialledAt) = (tunnel.Key, _preferred.Remote, _preferred.DialledAt);
        _preferred.Cancel();
        _heldStop.Clear();
        _isMoving = true;
        if (former is not null)
        {
            _dialler.Close(former, new EndReason
            {
                Cause = EndCause.Administrative,
                Text = $"the preferred LNS {tunnel.Path.Remote} answers again, and the tunnel moves back to it",
            });
        }

        _isMoving = false;
    }

    /// <summary>The tunnel that served has ended while the way back was being tried: the next round tries all.</summary>
    private void GiveUpPreferred(EndReason reason)
    {
        var tunnel = _dialler.Find(_preferred.Current);
        _preferred.Cancel();
        if (tunnel is not null)
            _dialler.Close(tunnel, reason with { Result = null, ResultFromPeer = false, PppCause = null });
    }
}
