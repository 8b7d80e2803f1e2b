using System.Collections.Immutable;

namespace L2tpd.Engine.Configuration;

/// <summary>All the engine is told by the operator. Immutable: a reload hands over a new one.</summary>
public sealed record EngineConfiguration
{
    /// <summary>Host Name AVP where the peer profile names none.</summary>
    public required string HostName { get; init; }

    /// <summary>Vendor Name AVP.</summary>
    public string VendorName { get; init; } = "l2tpd";

    /// <summary>
    /// Router ID AVP 60 of L2TPv3 where the peer profile has none: any number that names this host, not 0; need not be an address.
    /// </summary>
    public uint RouterId { get; init; } = 1;

    /// <summary>
    /// L2TPv3: the data plane has one L2-specific sublayer for both directions of a session, as Linux has; RFC 3931 section 5.4.4 lets them differ.
    /// </summary>
    public bool SublayersMustBeEqual { get; init; }

    public EngineLimits Limits { get; init; } = new();

    /// <summary>Profiles in order: the first whose prefix and host name pattern both match an SCCRQ is the peer's.</summary>
    public ImmutableArray<PeerProfile> Peers { get; init; } = [];

    /// <summary>The tunnels we dial.</summary>
    public ImmutableArray<LacTunnel> Tunnels { get; init; } = [];

    /// <summary>The tunnels without control protocol.</summary>
    public ImmutableArray<StaticTunnel> StaticTunnels { get; init; } = [];
}

/// <summary>Limits that protect the whole daemon.</summary>
public sealed record EngineLimits
{
    /// <summary>Tunnels overall. v2 ids allow 65,535.</summary>
    public int MaxTunnels { get; init; } = 60_000;

    /// <summary>Sessions overall.</summary>
    public int MaxSessions { get; init; } = 1_000_000;

    /// <summary>
    /// Half-open requests (SCCRQ answered, no SCCCN yet) overall; the oldest gives way. Rate times round trip: at 100,000 a second these last 0.65 s.
    /// </summary>
    public int MaxHalfOpen { get; init; } = 65_536;

    /// <summary>Tunnels of one source address that have answered SCCRP without completing it.</summary>
    public int MaxHalfOpenPerSource { get; init; } = 64;

    /// <summary>
    /// Tunnels without proof of a secret, and refusals, a second for one source address; more are dropped and counted. An SCCRQ by itself, or an
    /// SCCCN that proves the secret, is never counted.
    /// </summary>
    public int SccrqRatePerSource { get; init; } = 50;

    /// <summary>How many of them may come at once before the rate counts.</summary>
    public int SccrqBurstPerSource { get; init; } = 200;

    /// <summary>Refusals sent per second, to all sources together: forged sources are as many as their sender likes.</summary>
    public int RefusalRate { get; init; } = 1_000;

    /// <summary>How many source addresses the rate limiter remembers; beyond that the longest unheard is forgotten.</summary>
    public int TrackedSources { get; init; } = 65_536;
}

/// <summary>Timers of a control connection.</summary>
public sealed record TunnelTimers
{
    private static readonly TimeSpan ShortestSetup = TimeSpan.FromSeconds(60);

    /// <summary>First retransmission after this long (RFC 2661 section 5.8: 1 s); doubles each time.</summary>
    public TimeSpan RetransmitInitial { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between retransmissions; the RFC wants no less than 8 s.</summary>
    public TimeSpan RetransmitCap { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Retransmissions before the tunnel is declared dead; the tunnel dies when the wait after the last expires.</summary>
    public int MaxRetransmits { get; init; } = 5;

    /// <summary>The same where L2TPv3 is spoken or offered (RFC 3931 section 4.2: 10).</summary>
    public int MaxRetransmitsV3 { get; init; } = 10;

    /// <summary>
    /// Retransmissions of our SCCRQ before the next address is tried. Fewer than of other messages: nothing is lost yet, and another LNS may be there.
    /// </summary>
    public int SccrqRetransmits { get; init; } = 3;

    /// <summary>HELLO after this long without anything received (RFC 2661 section 5.5: 60 s). Zero: never.</summary>
    public TimeSpan HelloInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long an acknowledgement may wait for a message to ride on. Zero: until the datagrams at hand are processed
    /// (it goes out with the next <see cref="Inputs.DeadlineReached"/>).
    /// </summary>
    public TimeSpan AckDelay { get; init; } = TimeSpan.Zero;

    /// <summary>A tunnel not established by then is cleared; null: as <see cref="LeastSetup"/> says.</summary>
    public TimeSpan? TunnelSetup { get; init; }

    /// <summary>A session not established by then is cleared; null: as <see cref="LeastSetup"/> says.</summary>
    public TimeSpan? SessionSetup { get; init; }

    /// <summary>How long an ended tunnel re-acknowledges StopCCN (RFC 2661 section 5.7: 31 s).</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(31);

    /// <summary>How long a message goes unanswered before its tunnel is dead: all its waits, the one after the last retransmission included.</summary>
    /// <param name="maxRetransmits">Retransmissions.</param>
    public TimeSpan RetransmissionCycle(int maxRetransmits)
    {
        var wait = RetransmitInitial;
        var longest = RetransmitCap > RetransmitInitial ? RetransmitCap : RetransmitInitial;
        var cycle = wait;
        for (var i = 0; i < maxRetransmits; i++)
        {
            wait = wait * 2 > longest ? longest : wait * 2;
            cycle += wait;
        }

        return cycle;
    }

    /// <summary>
    /// The setup guard where none is configured: 60 s, and longer than the retransmission cycle, so that a peer that does not answer is found out by
    /// that, which tells what was unanswered.
    /// </summary>
    /// <param name="maxRetransmits">Retransmissions.</param>
    public TimeSpan LeastSetup(int maxRetransmits)
    {
        var beyond = RetransmissionCycle(maxRetransmits) + (RetransmitCap > RetransmitInitial ? RetransmitCap : RetransmitInitial);
        return beyond > ShortestSetup ? beyond : ShortestSetup;
    }
}

/// <summary>What must be done differently for a peer that strays from the RFC.</summary>
[Flags]
public enum PeerQuirks
{
    None = 0,

    /// <summary>Accept the SCCRP from another address than the one dialled (another port is always accepted).</summary>
    AcceptReplyFromAnyAddress = 1 << 0,

    /// <summary>Treat an unknown AVP with M=1 as if M were 0.</summary>
    IgnoreUnknownMandatoryAvps = 1 << 1,

    /// <summary>Acknowledge each message at once, never piggyback.</summary>
    AcknowledgeAtOnce = 1 << 2,

    /// <summary>Send no Vendor Name and no Firmware Revision AVP.</summary>
    OmitVendorAvps = 1 << 3,

    /// <summary>Send no Tie Breaker AVP in SCCRQ.</summary>
    OmitTieBreaker = 1 << 4,

    /// <summary>Never have more than one message unacknowledged, whatever window the peer advertises.</summary>
    WindowOfOne = 1 << 5,

    /// <summary>Send Result Codes without error code and text when the error code is 0.</summary>
    ShortResultCode = 1 << 6,

    /// <summary>Send no HELLO: the peer drops the tunnel on them.</summary>
    NoHello = 1 << 7,

    /// <summary>Accept an SCCRP or SCCCN without the Challenge Response we asked for (the tunnel is then not authenticated).</summary>
    AllowMissingChallengeResponse = 1 << 8,
}
