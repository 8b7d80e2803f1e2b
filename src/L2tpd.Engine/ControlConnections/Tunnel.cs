using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Reliability;
using L2tpd.Engine.Statics;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// One control connection: its ids and addresses, its reliable channel and its sessions. What happens to it is decided in <see
/// cref="TunnelFsm"/> and carried out by <see cref="TunnelMachine"/>.
/// </summary>
/// <remarks>
/// State that not every tunnel has lives in one of three objects: <see cref="Origin"/> (dialled, answered or static, for the whole life),
/// <see cref="Phase"/> (being set up, established, ending) and <see cref="Dialect"/> (the version: in L2TPv3 the keys and nonces).
/// </remarks>
public sealed partial class Tunnel : IReliableSender, IDeadlineItem
{
    /// <summary>An ACK with two digests.</summary>
    private const int MaxAcknowledgementSize = 80;

    /// <summary>How many times the octets received from a source that has not answered may be sent to it.</summary>
    internal const int MostAmplification = 3;

    private readonly EngineContext _context;
    private readonly Dictionary<SessionId, Session> _sessions = [];
    private IdSequence _sessionIds;
    private IdSet _peerSessionIds;
    private Dictionary<SessionId, Session>? _answeredByPeerId;

    internal Tunnel(
        EngineContext context, TunnelKey key, PeerProfile profile, in Path path, TunnelOrigin origin, TunnelPhase phase,
        ControlDialect dialect, ReliableChannel? channel = null)
    {
        _context = context;
        Key = key;
        Profile = profile;
        Rules = profile;
        RulesOfConfiguration = context.ConfigurationNumber;
        Path = path;
        Origin = origin;
        Phase = phase;
        Dialect = dialect;
        LocalId = key.LocalId;
        LastReceived = context.Now;
        StartedAt = context.Now;
        _sessionIds = new IdSequence(ProtocolVersion.V2, context.Random);
        Channel = channel ?? new ReliableChannel(SettingsOf(profile, dialect));
        if (channel is null && phase is TunnelPhase.Dialling)
            Channel.MaxRetransmits = profile.Timers.SccrqRetransmits;
    }

    public TunnelKey Key { get; }

    /// <summary>Configured name of a dialled or static tunnel; for others "profile/peer host name/our id".</summary>
    public string Name => ConfiguredName ?? $"{Profile.Name}/{PeerIntroduction?.HostName ?? "?"}/{LocalId}";

    /// <summary>The name of the dialled or static tunnel; <c>null</c> if the peer dialled us for itself.</summary>
    public string? ConfiguredName => Static?.Configuration.Name ?? Dialled?.Configuration.Name;

    /// <summary>The rules that the peer matched; for a dialled tunnel those of the tunnel.</summary>
    public PeerProfile Profile { get; private set; }

    public ProtocolVersion Version => Dialect.Version;

    /// <summary>We sent the SCCRQ, or the tunnel is static.</summary>
    public bool IsInitiator => Origin is not TunnelOrigin.Answered;

    public TunnelState State { get; internal set; }

    /// <summary>
    /// Our id on the wire: that of the key, except in a tunnel that was dialled with both versions on offer and became L2TPv3.
    /// </summary>
    public TunnelId LocalId { get; private set; }

    /// <summary>The peer's id, 0 until learned.</summary>
    public TunnelId PeerId { get; internal set; }

    public Path Path { get; internal set; }

    /// <summary>No control protocol is spoken: both ends were configured.</summary>
    public bool IsStatic => Origin is TunnelOrigin.Static;

    /// <summary>The peer of a static tunnel leaves HELLOs unanswered; <c>null</c> if it is not asked.</summary>
    public bool? IsPeerSilent => Static?.IsSilent;

    /// <summary>The peer's SCCRQ or SCCRP: host name, vendor, capabilities; <c>null</c> until received.</summary>
    public StartControlConnection? PeerIntroduction { get; internal set; }

    /// <summary>L2TPv3: our Router ID for this peer; <c>null</c> where the peer is not told one.</summary>
    public uint? LocalRouterId => Dialect.LocalRouterId;

    /// <summary>The peer proved that it knows the secret.</summary>
    public bool IsAuthenticated { get; internal set; }

    /// <summary>When it was established; <c>null</c> before.</summary>
    public Instant? EstablishedAt { get; internal set; }

    /// <summary>When its set-up began, with the SCCRQ; <see cref="Instant.Never"/> if it was restored.</summary>
    internal Instant StartedAt { get; init; }

    /// <summary>Control messages that may be unacknowledged on the wire.</summary>
    public int Window => Channel.Window;

    /// <summary>The last error that the socket reported for this peer; <c>null</c> if it reported none.</summary>
    public string? LastSocketError { get; internal set; }

    /// <summary>The last time from a message to its acknowledgement; <c>null</c> if none was measured.</summary>
    public TimeSpan? RoundTrip { get; internal set; }

    public TunnelCounters Counters { get; private init; } = new();

    /// <summary>Sessions by our session id.</summary>
    public IReadOnlyDictionary<SessionId, Session> Sessions => _sessions;

    /// <summary>Those of <see cref="Sessions"/> that are being set up; all others are established.</summary>
    public IEnumerable<Session> SettingUp
    {
        get
        {
            for (var session = Setups.First; session is not null; session = session.NextInSetup)
                yield return session;
        }
    }

    /// <summary>
    /// L2TPv3: the tunnel is being set up, and messages of the peer were dropped for their digests. The secrets may differ.
    /// </summary>
    public bool AwaitsPeerInVain => State is TunnelState.WaitCtlReply or TunnelState.WaitCtlConn && Counters.DigestFailures > 0;

    /// <summary>Messages not yet acknowledged by the peer.</summary>
    public int Outstanding => Channel.Outstanding;

    /// <summary>The profile as it is configured now; <see cref="SessionRules"/> refreshes it after a reload.</summary>
    internal PeerProfile Rules { get; set; }

    /// <summary>The <see cref="EngineContext.ConfigurationNumber"/> that <see cref="Rules"/> are of.</summary>
    internal int RulesOfConfiguration { get; set; }

    internal TunnelOrigin Origin { get; }

    internal TunnelPhase Phase { get; set; }

    /// <summary>How this tunnel speaks; settled by the first message in order where both versions are on offer.</summary>
    internal ControlDialect Dialect { get; private set; }

    internal ReliableChannel Channel { get; }

    internal DataState Data { get; set; }

    /// <summary>A request was dropped because the peer leaves too many messages unacknowledged; reported once.</summary>
    internal bool IsOverwhelmed { get; set; }

    /// <summary>Engine time of the last message of the peer.</summary>
    internal Instant LastReceived { get; set; }

    /// <summary>Sessions being set up, in order of their deadlines.</summary>
    internal SetupList Setups { get; } = new();

    /// <summary>The configured tunnel this one serves; <c>null</c> if the peer dialled us for itself.</summary>
    internal DialledTunnel? Dialled => Origin.Serves;

    /// <summary>The configured static tunnel this one is; <c>null</c> for one with a control protocol.</summary>
    internal StaticLine? Static => (Origin as TunnelOrigin.Static)?.Line;

    /// <summary>The LNS, if a server named it; <c>null</c>: it is configured.</summary>
    internal LnsCandidate? Candidate => (Origin as TunnelOrigin.Dialled)?.Candidate;

    /// <summary>Other configured tunnels whose sessions are in this one: a copy.</summary>
    internal DialledTunnel[] Guests => Origin is TunnelOrigin.Dialled { Guests: { Count: > 0 } guests } ? [.. guests] : [];

    /// <summary>Our Host Name, as our SCCRQ or SCCRP said it.</summary>
    public string LocalHostName => Introduction.HostName(_context, Profile);

    /// <summary>Tunnel-Assignment-ID by which a server named the LNS; <c>null</c> without one.</summary>
    public string? AssignmentId => Candidate?.AssignmentId;

    /// <summary>The control connection id on offer beside the 16-bit one; 0 where one version is on offer.</summary>
    internal TunnelId WideId => (Origin as TunnelOrigin.Dialled)?.WideId ?? TunnelId.None;

    /// <summary>The Tie Breaker of our SCCRQ while it is unanswered; <c>null</c> if it has none.</summary>
    internal ulong? OurTieBreaker => (Phase as TunnelPhase.Dialling)?.TieBreaker;

    /// <summary>The same peer's earlier tunnel, which ends once this one is established; <c>null</c> if there is none.</summary>
    internal Tunnel? Replaces => (Origin as TunnelOrigin.Answered)?.Replaces;

    /// <summary>
    /// The same peer's tunnel that is being asked whether it is still there, since this one is established; <c>null</c> if none is.
    /// </summary>
    internal Tunnel? Asked { get; set; }

    /// <summary>One of the half-open tunnels, which do not count against the limits.</summary>
    internal bool IsHalfOpen => Phase is TunnelPhase.Answering { HalfOpenPlace: not null };

    /// <summary>This tunnel if it runs, otherwise the latest of those it replaces that does; <c>null</c> if none does.</summary>
    internal Tunnel? Living
    {
        get
        {
            var tunnel = this;
            while (tunnel is not null && tunnel.Phase is not TunnelPhase.Alive)
                tunnel = tunnel.Replaces;
            return tunnel;
        }
    }

    /// <summary>How long the tunnel may take to be established.</summary>
    internal TimeSpan SetupGuard => SetupGuardOf(Profile, Dialect);

    /// <summary>The same for a session in it.</summary>
    internal TimeSpan SessionSetupGuard => Profile.Timers.SessionSetup ?? Profile.Timers.LeastSetup(Dialect.MaxRetransmits(Profile.Timers));

    internal bool SendsHello => Profile.Timers.HelloInterval > TimeSpan.Zero && !Profile.Quirks.HasFlag(PeerQuirks.NoHello);

    int IDeadlineItem.HeapIndex { get; set; }

    /// <summary>Whether it is among the <see cref="UnsettledTunnels"/>.</summary>
    internal bool IsUnsettled { get; set; }

    /// <summary>The next of the <see cref="UnsettledTunnels"/>; <c>null</c>: this one is the last, or is not among them.</summary>
    internal Tunnel? NextUnsettled { get; set; }

    /// <summary>When a tunnel that is begun now is cleared if it is not established.</summary>
    internal static Instant SetupDeadline(EngineContext context, PeerProfile profile, ControlDialect dialect) =>
        context.Now + SetupGuardOf(profile, dialect);

    internal static ReliableSettings SettingsOf(PeerProfile profile, ControlDialect dialect) => new(
        profile.Timers.RetransmitInitial,
        profile.Timers.RetransmitCap,
        dialect.MaxRetransmits(profile.Timers),
        profile.Quirks.HasFlag(PeerQuirks.AcknowledgeAtOnce) ? ReliableSettings.NoAckDelay : profile.Timers.AckDelay,
        profile.ReceiveWindow);

    /// <summary>Takes a profile that differs in live settings only: timers count from now on, rules apply to new sessions.</summary>
    internal void TakeOver(PeerProfile changed)
    {
        Profile = changed;
        Rules = changed;
        if (Phase is TunnelPhase.Established established)
            established.HelloWait = Dialect.HelloWait(_context, this);
        Channel.Configure(SettingsOf(changed, Dialect));
        if (Phase is TunnelPhase.Dialling)
            Channel.MaxRetransmits = changed.Timers.SccrqRetransmits;
        else
            SetRetransmits();
    }

    /// <summary>The earliest time something is due.</summary>
    internal Instant NextDeadline() => Instant.Min(Instant.Min(Channel.NextDeadline, Setups.NextDeadline), Phase.NextDeadline(this));

    /// <summary>A session id not in use; 0 when the space is full.</summary>
    internal SessionId DrawSessionId() =>
        _sessions.Count < ushort.MaxValue
        && _sessionIds.TryNext(_sessions, static (sessions, id) => sessions.ContainsKey(new SessionId(id)), out var id)
            ? new SessionId(id)
            : SessionId.None;

    internal void Add(Session session) => _sessions.Add(session.LocalId, session);

    internal bool Remove(Session session)
    {
        _peerSessionIds.Remove(session.PeerId);
        return _sessions.Remove(session.LocalId);
    }

    internal bool TryGetSession(SessionId localId, out Session session) => _sessions.TryGetValue(localId, out session!);

    /// <summary>Another session of the tunnel has that id at the peer's end.</summary>
    internal bool HasPeerSessionId(SessionId peerId) => _peerSessionIds.Contains(peerId);

    /// <summary>Sets the peer's id of the session.</summary>
    /// <returns>False when another session has that id: this one then keeps having none.</returns>
    internal bool TrySetPeerId(Session session, SessionId peerId)
    {
        if (!_peerSessionIds.Add(peerId))
            return false;

        session.PeerId = peerId;
        return true;
    }

    /// <summary>
    /// The session that the peer asked for under that id of its own, while it may name it by that id only: an incoming call until it is
    /// established, an outgoing one until it ends. <c>null</c> if there is none.
    /// </summary>
    internal Session? FindAnswered(SessionId peerId) => _answeredByPeerId?.GetValueOrDefault(peerId);

    /// <summary>The peer asked for the session, and does not know our id of it.</summary>
    internal void AddAnswered(Session session) => (_answeredByPeerId ??= [])[session.PeerId] = session;

    /// <summary>The peer knows our id of the session, or it has ended. Without effect on a session of ours.</summary>
    internal void RemoveAnswered(Session session)
    {
        if (FindAnswered(session.PeerId) == session)
            _answeredByPeerId?.Remove(session.PeerId);
    }

    /// <summary>The peer answered our SCCRQ: what follows is retransmitted as often as any message.</summary>
    internal void SetRetransmits() => Channel.MaxRetransmits = Dialect.MaxRetransmits(Profile.Timers);

    /// <summary>Takes over the window that the peer advertises (RFC 2661 section 4.4.3).</summary>
    internal void SetPeerWindow(StartControlConnection introduction) =>
        Channel.SetPeerWindow(Profile.Quirks.HasFlag(PeerQuirks.WindowOfOne) ? 1 : Math.Max((int)(introduction.ReceiveWindowSize ?? 4), 1));

    /// <summary>Both versions were on offer and the peer chose.</summary>
    internal void Settle(ControlDialect dialect)
    {
        Dialect = dialect;
        if (dialect.Version == ProtocolVersion.V3)
            LocalId = WideId;
    }

    /// <summary>Encodes a message and gives it to the reliable channel. The peer of a static tunnel understands none.</summary>
    internal void Send(ControlMessage message)
    {
        if (IsStatic)
            return;

        Span<byte> buffer = stackalloc byte[MessageCodec.MaxMessageSize];
        var length = MessageCodec.Encode(message, Version, PeerId, Dialect.Encoding(_context, this), buffer);
        if (length == 0)
            throw new InvalidOperationException($"{message.Type} does not fit into {buffer.Length} octets");

        Counters.MessagesSent++;
        _context.Counters.Messages.CountSent(message.Type);
        _context.Unsettled.Add(this);
        Channel.Send(buffer[..length].ToArray(), _context.Now, this);
    }

    void IReliableSender.Transmit(byte[] message, ushort ns, ushort nr, bool isRetransmission)
    {
        if (IsHalfOpen && State == TunnelState.WaitCtlConn && Channel.NextNr <= 1
            && Phase is TunnelPhase.Answering answering && !answering.TakeCredit(message.Length, isRetransmission))
        {
            return;
        }

        ControlHeader.PatchSequence(message, ns, nr);
        Dialect.Seal(message);
        if (isRetransmission)
            Counters.Retransmissions++;
        Transmit(message);
    }

    void IReliableSender.Acknowledge(ushort ns, ushort nr)
    {
        Span<byte> buffer = stackalloc byte[MaxAcknowledgementSize];
        var length = Dialect.Acknowledge(_context, this, ns, nr, buffer);
        Counters.ZlbsSent++;
        Transmit(buffer[..length]);
    }

    private static TimeSpan SetupGuardOf(PeerProfile profile, ControlDialect dialect) =>
        profile.Timers.TunnelSetup ?? profile.Timers.LeastSetup(dialect.MaxRetransmits(profile.Timers));

    private void Transmit(ReadOnlySpan<byte> message)
    {
        _context.Counters.DatagramsSent++;
        _context.Effects.Send(Path, Key, message);
    }
}
