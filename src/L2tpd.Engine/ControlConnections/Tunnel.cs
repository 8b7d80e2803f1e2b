using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Reliability;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.ControlConnections;

/// <summary>
/// One control connection: its facts, its reliable channel and its sessions. What it does is decided in
/// <see cref="TunnelFsm"/> and carried out by <see cref="TunnelMachine"/>.
/// </summary>
public sealed class Tunnel : IReliableSender, IDeadlineItem
{
    /// <summary>An ACK with two digests.</summary>
    private const int MostAcknowledgementSize = 80;

    /// <summary>What may be sent to a source that has not answered, in terms of what came from it.</summary>
    internal const int MostAmplification = 3;

    private readonly EngineContext _context;
    private readonly Dictionary<uint, Session> _sessions = [];
    private IdSequence _sessionIds;
    private IdSet _peerSessionIds;

    internal Tunnel(EngineContext context, TunnelKey key, PeerProfile peer, Path path, bool isInitiator, ControlDialect dialect, bool isAnswered = false)
    {
        _context = context;
        Key = key;
        Peer = peer;
        Rules = peer;
        RulesOfConfiguration = context.ConfigurationNumber;
        Path = path;
        IsInitiator = isInitiator;
        Dialect = dialect;
        LocalId = key.LocalId;
        HelloWait = (long)peer.Timers.HelloInterval.TotalMilliseconds;
        LastReceived = context.Now;
        SetupDeadline = context.Now + (long)SetupGuard.TotalMilliseconds;
        _sessionIds = new IdSequence(ProtocolVersion.V2, context.Random);
        // Behind SCCRQ and SCCRP, which were exchanged without a tunnel.
        var settings = SettingsOf(peer, dialect);
        Channel = isAnswered ? ReliableChannel.AfterFirstExchange(settings) : new ReliableChannel(settings);
        if (isInitiator)
            Channel.MaxRetransmits = peer.Timers.SccrqRetransmits;
    }

    public TunnelKey Key { get; }

    /// <summary>Configured name of a dialled or static tunnel; for others "profile/peer host name/our id".</summary>
    public string Name => Static?.Configuration.Name ?? Dialled?.Configuration.Name ?? $"{Peer.Name}/{PeerIntroduction?.HostName ?? "?"}/{LocalId}";

    public PeerProfile Peer { get; private set; }

    /// <summary>The profile as it was last seen configured; <see cref="SessionRules"/> keeps it right.</summary>
    internal PeerProfile Rules { get; set; }

    /// <summary>Of which <see cref="EngineContext.ConfigurationNumber"/> the rules are.</summary>
    internal int RulesOfConfiguration { get; set; }

    public ProtocolVersion Version => Dialect.Version;

    /// <summary>We sent the SCCRQ.</summary>
    public bool IsInitiator { get; }

    public TunnelState State { get; internal set; }

    /// <summary>Our id on the wire. That of the key, but in a tunnel dialled with both versions on offer that became L2TPv3.</summary>
    public uint LocalId { get; private set; }

    /// <summary>The peer's id, 0 until learned.</summary>
    public uint PeerId { get; internal set; }

    public Path Path { get; internal set; }

    /// <summary>No control protocol is spoken: both ends were configured.</summary>
    public bool IsStatic => Static is not null;

    /// <summary>The peer of a static tunnel leaves HELLOs unanswered; null: it is not asked.</summary>
    public bool? IsPeerSilent => Static?.IsSilent;

    /// <summary>The peer's SCCRQ or SCCRP: host name, vendor, capabilities. Null until received.</summary>
    public StartControlConnection? PeerIntroduction { get; internal set; }

    /// <summary>L2TPv3: our Router ID, as we gave it to the peer; null: none was sent.</summary>
    public uint? LocalRouterId { get; internal set; }

    /// <summary>The peer proved that it knows the secret.</summary>
    public bool IsAuthenticated { get; internal set; }

    /// <summary>Engine time of establishment, ms; 0 before.</summary>
    public long EstablishedAt { get; internal set; }

    /// <summary>The last error the socket reported for this peer, in words; null: none.</summary>
    public string? LastSocketError { get; internal set; }

    public TunnelCounters Counters { get; } = new();

    /// <summary>Sessions alive, by our session id.</summary>
    public IReadOnlyDictionary<uint, Session> Sessions => _sessions;

    /// <summary>L2TPv3: the tunnel is being set up, and messages of the peer were dropped for their digests. The secrets may differ.</summary>
    public bool AwaitsPeerInVain => State is TunnelState.WaitCtlReply or TunnelState.WaitCtlConn && Counters.DigestFailures > 0;

    /// <summary>Messages not yet acknowledged by the peer.</summary>
    public int Outstanding => Channel.Outstanding;

    /// <summary>So many are not that what needs an answer was dropped; told once.</summary>
    internal bool IsOverwhelmed { get; set; }

    int IDeadlineItem.HeapIndex { get; set; }

    internal ReliableChannel Channel { get; }

    /// <summary>How this tunnel speaks; settled by the first message in order where both versions are on offer.</summary>
    internal ControlDialect Dialect { get; private set; }

    /// <summary>L2TPv3: keys and nonces; null in v2.</summary>
    internal MessageSecurity? Security { get; set; }

    /// <summary>The control connection id on offer while the version is not settled; 0: none.</summary>
    internal uint WideId { get; init; }

    /// <summary>L2TPv3: our requests by Remote End ID, for ties.</summary>
    internal Dictionary<string, Session>? OwnRequests { get; set; }

    /// <summary>How long the peer may be silent before HELLO, ms.</summary>
    internal long HelloWait { get; set; }

    internal TunnelPhase Phase { get; set; }

    internal DataState Data { get; set; }

    /// <summary>The configured tunnel this one serves; null when the peer dialled us.</summary>
    internal DialledTunnel? Dialled { get; set; }

    /// <summary>The configured static tunnel this one is; null for one with a control protocol.</summary>
    internal Statics.StaticLine? Static { get; init; }

    /// <summary>Who is expected to answer our SCCRQ, from what it said when it last did; null: not known.</summary>
    internal PeerName? ExpectedPeer { get; init; }

    /// <summary>The StopCCN that ended it refused our SCCRQ and came from the address we had dialled.</summary>
    internal bool MayBeRedirected { get; set; }

    /// <summary>Engine time before which no message of unknown origin makes us ask the peer whether it is there, ms.</summary>
    internal long NextProbe { get; set; }

    /// <summary>What we asked the peer to answer; null: nothing.</summary>
    internal byte[]? OurChallenge { get; set; }

    /// <summary>Our SCCRQ's tie breaker; null: none was sent.</summary>
    internal ulong? OurTieBreaker { get; set; }

    /// <summary>Fingerprint of the SCCRQ that made this tunnel: tells a retransmission from a peer that started anew.</summary>
    internal ulong RequestFingerprint { get; set; }

    /// <summary>Where it stands among the half-open tunnels; null when it is not one.</summary>
    internal LinkedListNode<Tunnel>? HalfOpenPlace { get; set; }

    /// <summary>The configured tunnel whose attempt gives way once this one is established (tie breaker); <c>null</c>: none.</summary>
    internal DialledTunnel? Yielding { get; set; }

    /// <summary>Octets that may still be retransmitted to a source that asked for the tunnel over IP and has not answered.</summary>
    internal int UnansweredCredit { get; set; }

    /// <summary>The same peer's earlier tunnel, ended once this one is established.</summary>
    internal Tunnel? Replaces { get; set; }

    /// <summary>This tunnel if it runs, else the latest it was to replace that does; null: none.</summary>
    internal Tunnel? Living
    {
        get
        {
            var tunnel = this;
            while (tunnel is not null && tunnel.Phase != TunnelPhase.Alive)
                tunnel = tunnel.Replaces;
            return tunnel;
        }
    }

    /// <summary>How often our SCCRQ had been sent when the peer's host first refused its port; 0: it has not.</summary>
    internal int RefusedTransmission { get; set; }

    internal long LastReceived { get; set; }

    internal long SetupDeadline { get; set; }

    /// <summary>When a lingering or closing tunnel is forgotten.</summary>
    internal long ForgetAt { get; set; } = long.MaxValue;

    /// <summary>Sessions being set up, in order of their deadlines.</summary>
    internal SetupList Setups { get; } = new();

    /// <summary>Sessions the peer asked for that it may name only by its own id: incoming calls until they are established, outgoing ones until they end.</summary>
    internal Dictionary<uint, Session>? AnsweredByPeerId { get; set; }

    /// <summary>How long the tunnel may take to be established.</summary>
    internal TimeSpan SetupGuard => Peer.Timers.TunnelSetup ?? Peer.Timers.LeastSetup(Dialect.MaxRetransmits(Peer.Timers));

    /// <summary>The same for a session in it.</summary>
    internal TimeSpan SessionSetupGuard => Peer.Timers.SessionSetup ?? Peer.Timers.LeastSetup(Dialect.MaxRetransmits(Peer.Timers));

    internal bool SendsHello =>
        Peer.Timers.HelloInterval > TimeSpan.Zero && !Peer.Quirks.HasFlag(PeerQuirks.NoHello);

    internal long HelloDeadline => LastReceived + HelloWait;

    /// <summary>Takes a profile that differs in live settings only: timers count from now on, rules for the sessions to come.</summary>
    internal void TakeOver(PeerProfile changed)
    {
        Peer = changed;
        Rules = changed;
        HelloWait = Dialect.HelloWait(_context, this);
        Channel.Configure(SettingsOf(changed, Dialect));
        if (IsInitiator && State is TunnelState.Idle or TunnelState.WaitCtlReply)
            Channel.MaxRetransmits = changed.Timers.SccrqRetransmits;
        else
            SetRetransmits();
    }

    private static ReliableSettings SettingsOf(PeerProfile peer, ControlDialect dialect) => new(
        (long)peer.Timers.RetransmitInitial.TotalMilliseconds,
        (long)peer.Timers.RetransmitCap.TotalMilliseconds,
        dialect.MaxRetransmits(peer.Timers),
        peer.Quirks.HasFlag(PeerQuirks.AcknowledgeAtOnce) ? -1 : (long)peer.Timers.AckDelay.TotalMilliseconds,
        peer.ReceiveWindow);

    /// <summary>The earliest time something is due.</summary>
    internal long NextDeadline()
    {
        var next = Math.Min(Channel.NextDeadline, Setups.NextDeadline);
        switch (Phase)
        {
            case TunnelPhase.Alive when State == TunnelState.Established:
                // With a message unacknowledged its retransmissions already watch the peer.
                return SendsHello && Channel.Outstanding == 0 ? Math.Min(next, HelloDeadline) : next;
            case TunnelPhase.Alive:
                return Math.Min(next, SetupDeadline);
            default:
                // Closing and lingering: the StopCCN's retransmissions, or its acknowledgement, and then the end.
                return Math.Min(next, ForgetAt);
        }
    }

    /// <summary>A session id not in use; 0 when the space is full.</summary>
    internal uint DrawSessionId() => _sessions.Count < ushort.MaxValue && _sessionIds.TryNext(_sessions, static (sessions, id) => sessions.ContainsKey(id), out var id) ? id : 0;

    internal void Add(Session session) => _sessions.Add(session.LocalId, session);

    internal bool Remove(Session session)
    {
        _peerSessionIds.Remove(session.PeerId);
        return _sessions.Remove(session.LocalId);
    }

    /// <summary>Another session of the tunnel has that id at the peer's end.</summary>
    internal bool HasPeerSessionId(uint peerId) => _peerSessionIds.Contains(peerId);

    /// <summary>Notes what the peer calls its end of the session.</summary>
    /// <returns>False when another session is called so: this one then keeps having none.</returns>
    internal bool TrySetPeerId(Session session, uint peerId)
    {
        if (!_peerSessionIds.Add(peerId))
            return false;
        session.PeerId = peerId;
        return true;
    }

    internal bool TryGetSession(uint localId, out Session session) => _sessions.TryGetValue(localId, out session!);

    /// <summary>The peer answered our SCCRQ: what follows is retransmitted as often as any message.</summary>
    internal void SetRetransmits() => Channel.MaxRetransmits = Dialect.MaxRetransmits(Peer.Timers);

    /// <summary>Takes over the window that the peer advertises (RFC 2661 section 4.4.3).</summary>
    internal void SetPeerWindow(StartControlConnection introduction) =>
        Channel.SetPeerWindow(Peer.Quirks.HasFlag(PeerQuirks.WindowOfOne) ? 1 : Math.Max((int)(introduction.ReceiveWindowSize ?? 4), 1));

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
        Channel.Send(buffer[..length].ToArray(), _context.Now, this);
    }

    void IReliableSender.Transmit(byte[] message, ushort ns, ushort nr, bool isRetransmission)
    {
        if (State == TunnelState.WaitCtlConn && HalfOpenPlace is not null && Channel.NextNr <= 1 && !TakeCredit(message.Length, isRetransmission))
            return;
        ControlHeader.PatchSequence(message, ns, nr);
        Dialect.Seal(this, message);
        if (isRetransmission)
            Counters.Retransmissions++;
        Transmit(message);
    }

    void IReliableSender.Acknowledge(ushort ns, ushort nr)
    {
        Span<byte> buffer = stackalloc byte[MostAcknowledgementSize];
        var length = Dialect.Acknowledge(_context, this, ns, nr, buffer);
        Counters.ZlbsSent++;
        Transmit(buffer[..length]);
    }

    /// <summary>Whether SCCRP may go out: the first one always, again only within what came in (the source may be forged).</summary>
    private bool TakeCredit(int octets, bool isRetransmission)
    {
        if (isRetransmission && UnansweredCredit < octets)
            return false;
        UnansweredCredit -= octets;
        return true;
    }

    private void Transmit(ReadOnlySpan<byte> message)
    {
        _context.Counters.DatagramsSent++;
        _context.Effects.Send(Path, Key, message);
    }
}
