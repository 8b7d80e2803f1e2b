using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;

namespace L2tpd.Engine.Statics;

/// <summary>
/// One configured static tunnel. It uses the classes of dynamic tunnels and sessions, established from the start, so that every data
/// plane, view and hook works with them. What ends is set up again after a wait.
/// </summary>
internal sealed partial class StaticLine(StaticTunnels owner, StaticTunnel configuration)
    : ConfiguredTunnel<StaticCall>, IDeadlineItem
{
    private readonly List<StaticCall> _calls = [.. configuration.Sessions.Select(static session => new StaticCall(session))];
    private readonly Dictionary<SessionKey, StaticCall> _byKey = [];
    private readonly PriorityQueue<StaticCall, Instant> _openings = new();
    private Run? _run;
    private Instant _beginAt = Instant.Never;
    private int _failures;
    private bool _isRetired;
    private bool _isHeld;

    public StaticTunnel Configuration { get; private set; } = configuration;

    /// <summary>The other end leaves HELLOs unanswered; <c>null</c> if none are sent.</summary>
    public bool? IsSilent => Configuration.Keepalive is null ? null : _run?.Keepalive.IsSilent ?? false;

    int IDeadlineItem.HeapIndex { get; set; }

    private EngineContext Context => owner.Context;

    /// <summary>The configured name of a session.</summary>
    public string? NameOf(Session session) => Find(session)?.Configuration.Name;

    /// <summary>Begins now, or after a delay.</summary>
    public void Begin(TimeSpan delay)
    {
        if (delay > TimeSpan.Zero)
            _beginAt = Context.Now + delay;
        else
            Begin();
        UpdateDeadline();
    }

    /// <summary>The sessions are configured otherwise now: only those that differ change.</summary>
    public void Change(StaticTunnel changed, TimeSpan delay)
    {
        Configuration = changed;
        var wanted = changed.Sessions.ToHashSet();
        var held = _calls.Where(static call => call.IsHeldDown).Select(static call => call.Configuration.Name)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var call in _calls)
        {
            if (!wanted.Contains(call.Configuration))
                Drop(call, "the static session was removed from the configuration or changed in it");
        }

        _calls.RemoveAll(call => !wanted.Contains(call.Configuration));
        wanted.ExceptWith(_calls.Select(static call => call.Configuration));
        foreach (var session in changed.Sessions.Where(wanted.Contains))
        {
            var call = new StaticCall(session) { IsHeldDown = held.Contains(session.Name) };
            _calls.Add(call);
            Plan(call, Context.Now + delay);
        }

        UpdateDeadline();
    }

    /// <summary>The socket is there: the tunnel is established.</summary>
    public void HandleOpened(in Path path)
    {
        if (_run is not { Tunnel: { State: TunnelState.Idle } tunnel })
            return;
        tunnel.Path = path;
        tunnel.State = TunnelState.Established;
        tunnel.EstablishedAt = Context.Now;
        tunnel.Data = DataState.Creating;
        Context.Counters.TunnelsEstablished++;
        Context.Effects.CreateTunnel(tunnel.Key, new TunnelParameters(
            tunnel, ProtocolVersion.V3, tunnel.LocalId, tunnel.PeerId, path, Configuration.BindDevice, Configuration.FwMark));
        Context.Notify(new TunnelEstablished(tunnel));
        foreach (var call in _calls)
            Open(call);
        UpdateDeadline();
    }

    /// <summary>The data plane has the tunnel: the other end is asked from now on.</summary>
    public void HandleCreated()
    {
        _failures = 0;
        _run?.Keepalive.Start();
        UpdateDeadline();
    }

    /// <summary>The data plane has the session, or PPP is up on it.</summary>
    public void HandleCreated(Session session)
    {
        if (Find(session) is { } call && (session.Profile.Ppp is null || session.Data == DataState.NetworkUp))
            call.Failures = 0;
        if (_run is { Keepalive.IsSilent: true })
            Context.Effects.SetLink(session.Key, false);
    }

    /// <summary>A control message for the tunnel.</summary>
    public void Receive(in ControlHeader header, ReadOnlySpan<byte> message)
    {
        if (header.Version != ProtocolVersion.V3)
        {
            Context.Counters.UnknownVersion++;
            return;
        }

        if (_run is not { } run)
            return;

        var wasSilent = run.Keepalive.IsSilent;
        run.Tunnel.LastReceived = Context.Now;
        run.Keepalive.Receive(header, message);
        Tell(run, wasSilent);
        UpdateDeadline();
    }

    /// <summary>The tunnel ended, by an operator or for want of something: set up again after a wait.</summary>
    public void Close(EndReason reason)
    {
        End(reason);
        if (!_isRetired && !_isHeld && !Context.IsShuttingDown)
            Retry(reason.Text);
        UpdateDeadline();
    }

    /// <summary>A session ended: set up again after a wait.</summary>
    public void Close(Session session, EndReason reason)
    {
        var call = Find(session);
        owner.Calls.EndInSilence(session, reason);
        if (call is { IsHeldDown: true })
            (_, call.Current) = (_byKey.Remove(call.Current), default);
        else if (call is not null)
            Retry(call, reason.Text);
        UpdateDeadline();
    }

    public void Retire(string reason) => Retire(new EndReason { Cause = EndCause.Administrative, Text = reason });

    /// <summary>No longer configured, or the daemon ends.</summary>
    public void Retire(EndReason reason)
    {
        _isRetired = true;
        _beginAt = Instant.Never;
        End(reason);
        UpdateDeadline();
    }

    public void HandleDeadline()
    {
        if (_beginAt <= Context.Now)
            Begin();
        while (NextOpening() <= Context.Now)
            Open(_openings.Dequeue());

        if (_run is { } run && run.Keepalive.NextDeadline <= Context.Now)
        {
            var wasSilent = run.Keepalive.IsSilent;
            run.Keepalive.HandleDeadline();
            Tell(run, wasSilent);
        }

        UpdateDeadline();
    }

    private void Begin()
    {
        _beginAt = Instant.Never;
        if (_isHeld)
            return;
        if (owner.Tunnels.TryGet(Configuration.TunnelId, out _))
        {
            Retry($"another tunnel here has the id {Configuration.TunnelId}");
            return;
        }

        var key = new TunnelKey(Configuration.TunnelId, Context.NextGeneration());
        var path = new Path(0, default, Configuration.Remote);
        var profile = ProfileOf(Configuration);
        var dialect = new DialectV3(MessageSecurity.ForRequest(Context, profile), routerId: null);
        var tunnel = new Tunnel(Context, key, profile, path, new TunnelOrigin.Static(this), TunnelPhase.Static.Instance, dialect)
        {
            PeerId = Configuration.PeerTunnelId,
        };
        _run = new Run(tunnel, new StaticKeepalive(Context, tunnel, Configuration.Keepalive));
        owner.Tunnels.Add(tunnel);
        Context.Effects.OpenTransport(key, new TransportRequest(
            Configuration.Remote, Configuration.LocalAddress, Configuration.LocalPort, Configuration.BindDevice,
            Configuration.FwMark, Configuration.PeerTunnelId) { Name = Configuration.Name, Ipsec = Configuration.Ipsec });
    }

    private void Open(StaticCall call)
    {
        call.OpenAt = Instant.Never;
        if (call.IsHeldDown || _run is not { Tunnel: { State: TunnelState.Established } tunnel })
            return;
        if (!Context.WideSessionIds.TryTake(call.Configuration.SessionId))
        {
            Retry(call, $"another session here has the id {call.Configuration.SessionId}");
            return;
        }

        var session = owner.Calls.Place(tunnel, call.Configuration);
        call.Current = session.Key;
        _byKey[session.Key] = call;
        owner.Calls.Announce(session);
    }

    private void Drop(StaticCall call, string reason)
    {
        call.OpenAt = Instant.Never;
        _byKey.Remove(call.Current);
        if (_run is { } run && run.Tunnel.TryGetSession(call.Configuration.SessionId, out var session) && session.Key == call.Current)
            owner.Calls.EndInSilence(session, new EndReason { Cause = EndCause.Administrative, Text = reason });
    }

    private void End(EndReason reason)
    {
        if (_run is not { Tunnel: var tunnel })
            return;

        _run = null;
        owner.End(tunnel, reason);
        _byKey.Clear();
        _openings.Clear();
        foreach (var call in _calls)
            call.Reset();
    }

    private void Tell(Run run, bool wasSilent)
    {
        var isSilent = run.Keepalive.IsSilent;
        if (isSilent == wasSilent)
            return;

        foreach (var session in run.Tunnel.Sessions.Values)
            Context.Effects.SetLink(session.Key, !isSilent);
        Context.Notify(isSilent ? new PeerFellSilent(run.Tunnel) : new PeerAnsweredAgain(run.Tunnel));
    }

    private void Retry(string reason)
    {
        var delay = RetryDelay.After(_failures++, Configuration.Backoff, Context);
        _beginAt = Context.Now + delay;
        Context.Notify(new RetryScheduled(Configuration.Name, _failures, delay, reason));
    }

    private void Retry(StaticCall call, string reason)
    {
        var delay = RetryDelay.After(call.Failures++, Configuration.Backoff, Context);
        _byKey.Remove(call.Current);
        call.Current = default;
        Plan(call, Context.Now + delay);
        Context.Notify(new RetryScheduled(
            $"{Configuration.Name}/{call.Configuration.Name}", call.Failures, delay, reason));
    }

    /// <inheritdoc/>
    public override void UpdateDeadline()
    {
        var next = _beginAt;
        // Not before the data plane has the tunnel: keepalives use its socket.
        if (_run is { Tunnel.Data: DataState.Created } run)
            next = Instant.Min(next, run.Keepalive.NextDeadline);
        Context.Deadlines.Update(this, Instant.Min(next, NextOpening()));
    }

    private StaticCall? Find(Session session) => _byKey.GetValueOrDefault(session.Key);

    private void Plan(StaticCall call, Instant at)
    {
        call.OpenAt = at;
        _openings.Enqueue(call, at);
    }

    // A call that was opened, dropped or planned again since has left an entry behind.
    private Instant NextOpening()
    {
        while (_openings.TryPeek(out var call, out var at))
        {
            if (call.OpenAt == at)
                return at;
            _openings.Dequeue();
        }

        return Instant.Never;
    }

    /// <summary>Nothing is negotiated; the name is what lists and hooks show.</summary>
    private static PeerProfile ProfileOf(StaticTunnel configuration) => new()
    {
        Name = configuration.Name,
        Protocol = ProtocolPreference.V3,
        BindDevice = configuration.BindDevice,
        FwMark = configuration.FwMark,
        Timers = new TunnelTimers { HelloInterval = TimeSpan.Zero },
    };

    /// <summary>The tunnel while its socket is being opened or it is up.</summary>
    private sealed record Run(Tunnel Tunnel, StaticKeepalive Keepalive);
}
