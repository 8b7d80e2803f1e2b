using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Versions;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Dialling;

/// <summary>
/// A configured session of a dialled tunnel: opened when the tunnel is up, and again when it ends. What delays it: the wait of its
/// back-off; refused credentials, whose longer wait outlives the tunnel; and the PPP of its former attempt until that has ended, because it
/// may hold the interface's name.
/// </summary>
internal sealed partial class DialledSession(DialledTunnel owner, LacSession configuration) : IConfiguredSession
{
    /// <summary>
    /// A session that was up for this long, or for the longest wait where that is shorter, was no failure: the waits start again.
    /// </summary>
    private static readonly TimeSpan Success = TimeSpan.FromSeconds(30);

    /// <summary>
    /// An LNS that loses its last PPP session often closes the tunnel next: the retry is announced after this long, so that the
    /// tunnel's own announcement is then the only one.
    /// </summary>
    private static readonly TimeSpan AnnouncementDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>A PPP that has not ended by then is stuck in the system; to wait longer would keep the session down for good.</summary>
    private static readonly TimeSpan LongestPppEnd = TimeSpan.FromMinutes(1);

    private int _failures;
    private int _refusals;
    private uint _serial;
    private Instant? _upSince;
    private SessionKey _formerPpp;
    private Instant? _pppEndsBy;
    private Instant _announceAt = Instant.Never;
    private RetryScheduled? _announcement;
    private bool _isRetired;
    private bool _mayOpen = configuration.Dial == DialMode.Always;

    /// <summary>The call itself never changes; when it is tried again may change.</summary>
    public LacSession Configuration { get; private set; } = configuration;

    /// <inheritdoc/>
    public string Name => Configuration.Name;

    /// <summary>Names of the configured tunnel and of the session in it.</summary>
    public string FullName => $"{owner.Configuration.Name}/{Configuration.Name}";

    /// <summary>L2TPv3: what the peer knows the session by.</summary>
    public byte[] RemoteEndId { get; } = EndId.Of(configuration);

    /// <summary>
    /// L2TPv3: what the next request asks to receive where no sublayer is configured; <c>null</c> if nothing is known of the peer.
    /// </summary>
    public L2SpecificSublayer? SublayerToAsk { get; set; }

    /// <summary>The session of the attempt under way or up.</summary>
    public SessionKey Current { get; private set; }

    /// <summary>No attempt is under way or up.</summary>
    public bool IsDown => Current == default;

    /// <summary>When it is opened again; <see cref="Instant.Never"/> if it is not planned.</summary>
    public Instant RetryAt { get; private set; } = Instant.Never;

    /// <summary>
    /// The peer refused the credentials: not asked for before this time, in whatever tunnel; <see cref="Instant.Never"/> if it is given
    /// up.
    /// </summary>
    public Instant? RefusedUntil { get; private set; }

    /// <summary>Why <see cref="RefusedUntil"/> is set.</summary>
    public string? Refusal { get; private set; }

    /// <summary>When something is due.</summary>
    public Instant NextDeadline => Instant.Min(_announceAt, Later(RetryAt, _pppEndsBy));

    /// <summary>Call serial numbers count the attempts.</summary>
    public uint NextSerial() => ++_serial;

    /// <summary>What a server said of the LNS of the tunnel, for this session; <c>null</c>: the LNS is configured.</summary>
    public LnsCandidate? CandidateIn(Tunnel tunnel) => owner.CandidateIn(tunnel);

    /// <summary>Forgets what is planned and the attempt under way.</summary>
    public void Reset()
    {
        (RetryAt, Current, _upSince) = (Instant.Never, default, null);
        DropAnnouncement();
    }

    /// <summary>The tunnel is up: the session is due at once, unless its credentials were refused.</summary>
    public void HandleTunnelUp()
    {
        Reset();
        if (_mayOpen)
            RetryAt = Later(owner.Now, RefusedUntil);
        owner.Schedule(this);
    }

    /// <summary>No longer configured: nothing is planned for it any more. The session of an attempt is the caller's to close.</summary>
    public void Retire()
    {
        _isRetired = true;
        RetryAt = Instant.Never;
        DropAnnouncement();
    }

    /// <summary>True once, when the session must be asked for.</summary>
    public bool TryTakeDue()
    {
        if (RetryAt > owner.Now || _pppEndsBy > owner.Now)
            return false;
        AnnounceIfDue();
        Reset();
        return true;
    }

    /// <summary>Reports the planned retry, once its time has come.</summary>
    public void AnnounceIfDue()
    {
        if (_announcement is { } announcement && _announceAt <= owner.Now)
            owner.Notify(announcement);
        if (_announceAt <= owner.Now)
            DropAnnouncement();
    }

    /// <summary>The tunnel has ended: its own retry is announced instead.</summary>
    public void DropAnnouncement()
    {
        (_announceAt, _announcement) = (Instant.Never, null);
        owner.Schedule(this);
    }

    /// <summary>A reload may have corrected the credentials.</summary>
    /// <returns>True if the session had been waiting because of them.</returns>
    public bool ForgetRefusals()
    {
        var waited = RefusedUntil > owner.Now;
        (_refusals, RefusedUntil, Refusal, _holdUntil) = (0, null, null, null);
        if (waited && IsDown && _mayOpen)
            RetryAt = owner.Now;
        owner.Schedule(this);
        return waited;
    }

    /// <summary>The session serves for this one: we asked for it, or the peer did.</summary>
    public void Adopt(Session session)
    {
        Reset();
        Current = session.Key;
    }

    /// <summary>The data plane has the session; with PPP on it only the network counts.</summary>
    public void HandleUp(Instant now)
    {
        _upSince ??= now;
        (_refusals, RefusedUntil, Refusal) = (0, null, null);
    }

    /// <summary>The session has ended and its PPP is being stopped: the next attempt waits for that.</summary>
    public void AwaitPpp(Session session)
    {
        if (session.Key != Current)
            return;
        _formerPpp = session.Key;
        _pppEndsBy = owner.Now + LongestPppEnd;
        owner.AwaitPpp(session.Key, this);
    }

    /// <summary>The session takes the place of a former one of the same name.</summary>
    public void TakeOver(DialledSession former)
    {
        if (former.Configuration.Dial == Configuration.Dial)
            (_mayOpen, _staysDown) = (former._mayOpen, former._staysDown);
        if (former._pppEndsBy is null)
            return;
        (_formerPpp, _pppEndsBy) = (former._formerPpp, former._pppEndsBy);
        owner.AwaitPpp(_formerPpp, this);
    }

    /// <summary>The PPP that the next attempt waits for has ended.</summary>
    public void HandlePppEnded()
    {
        (_formerPpp, _pppEndsBy) = (default, null);
        owner.Schedule(this);
        owner.HandleDeadline();
    }

    /// <summary>The PPP of a session that has ended already reports a refusal: the planned retry was too early.</summary>
    public void HandlePppRefused(string refusal) => Refuse(refusal);

    /// <param name="session">The session that ended.</param>
    /// <param name="reason">Why.</param>
    public void HandleEnded(Session session, EndReason reason, Instant now)
    {
        if (session.Key != Current)
            return;

        // A peer that ends each session as soon as it is up must not be asked every second.
        if (_upSince is { } since && now - since >= LeastSuccess)
            _failures = 0;
        (Current, _upSince) = (default, null);
        if (reason.Cause == EndCause.CredentialsRefused)
            Refuse(reason.Text);
        else if (IsOnTraffic)
            WaitForTraffic(session.IsIdle ? "it was idle" : reason.Text, IsFailure(session, reason));
        else
            Fail(reason.Text);
    }

    /// <summary>The call could not even be asked for.</summary>
    public void HandleRefused(string reason)
    {
        (Current, _upSince) = (default, null);
        Fail(reason);
    }

    private void Fail(string reason)
    {
        if (IsOnTraffic)
            WaitForTraffic(reason, isFailure: true);
        // The end of the tunnel is no failure of the session.
        else if (Configuration.Persist && _mayOpen && owner.CanRetrySessions)
            Plan(owner.Delay(_failures++, Configuration.Backoff), _failures, reason, refused: false);
    }

    private void Refuse(string reason)
    {
        _refusals++;
        Refusal = reason;
        DropAnnouncement();
        if (Configuration.GiveUpAfter is { } most && _refusals >= most)
        {
            (RefusedUntil, RetryAt) = (Instant.Never, Instant.Never);
            _mayOpen &= !IsOnTraffic;
            owner.Notify(new RetryAbandoned(FullName, _refusals, reason));
            return;
        }

        var delay = owner.Delay(_refusals - 1, Configuration.Backoff with { Maximum = Configuration.MaxRefused });
        RefusedUntil = owner.Now + delay;
        if (IsOnTraffic)
            WaitForTraffic(reason, delay);
        else if (Configuration.Persist && _mayOpen)
            Plan(delay, _refusals, reason, refused: true);
    }

    private static Instant Later(Instant one, Instant? other) => other is { } value ? Instant.Max(one, value) : one;

    private TimeSpan LeastSuccess => Success < Configuration.Backoff.Maximum ? Success : Configuration.Backoff.Maximum;

    private void Plan(TimeSpan delay, int attempt, string reason, bool refused)
    {
        if (_isRetired)
            return;
        RetryAt = owner.Now + delay;
        if (owner.CanRetrySessions)
        {
            _announcement = new RetryScheduled(FullName, attempt, delay, reason, refused);
            _announceAt = owner.HasSessions || Configuration.Session.Ppp is null
                ? owner.Now
                : Instant.Min(RetryAt, owner.Now + AnnouncementDelay);
            AnnounceIfDue();
        }

        owner.Schedule(this);
        owner.UpdateDeadline();
    }
}
