using System.Collections.Immutable;
using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Inputs;

/// <summary>Anything but a datagram that the engine is told.</summary>
public abstract record EngineInput;

/// <summary>About one tunnel; without effect when that tunnel has ended.</summary>
public abstract record TunnelInput(TunnelKey Tunnel) : EngineInput;

/// <summary>About one session; without effect when that session has ended.</summary>
public abstract record SessionInput(SessionKey Session) : EngineInput;

/// <summary>A command of the operator about what is configured, whether or not it is up.</summary>
public abstract record OperatorInput : EngineInput;

/// <summary>The time <see cref="L2tpEngine.NextDeadline"/> named has come. An early one is harmless.</summary>
public sealed record DeadlineReached : EngineInput
{
    public static readonly DeadlineReached Instance = new();
}

/// <summary>First input of a run: dialling starts.</summary>
public sealed record Start : EngineInput;

/// <summary>More SCCRQs come than can be answered: only those that come again are, until the input comes with false.</summary>
public sealed record RequestBacklog(bool IsThere) : EngineInput;

/// <summary>
/// Close everything: CDN for sessions, StopCCN (6, requester is being shut down) for tunnels. Done when <see cref="L2tpEngine.IsQuiet"/>.
/// </summary>
public sealed record ShutDown : EngineInput;

/// <summary>A new configuration; only what differs changes.</summary>
public sealed record Reconfigure(EngineConfiguration Configuration) : EngineInput;

/// <summary>Operator: peers get no new tunnels and sessions, or get them again.</summary>
/// <param name="Peer">Name of a profile, or of a tunnel that we dial; <c>null</c>: all.</param>
/// <param name="IsDrained">Whether they are drained from now on.</param>
public sealed record DrainPeers(string? Peer, bool IsDrained) : OperatorInput;

/// <summary>Operator: a tunnel or session of the configuration is opened, reset or held down.</summary>
/// <param name="Tunnel">Name of a dialled or static tunnel.</param>
/// <param name="Session">Name of a session in it; <c>null</c>: the tunnel.</param>
/// <param name="Command">What is wanted.</param>
/// <param name="By">Who, for log and history.</param>
public sealed record ControlConfigured(string Tunnel, string? Session, ConfiguredCommand Command, string By) : OperatorInput;

/// <summary>What the operator wants of a tunnel or session of the configuration.</summary>
public enum ConfiguredCommand
{
    /// <summary>Set it up now, and keep it up.</summary>
    Open,

    /// <summary>Close it and set it up again, without a wait.</summary>
    Reset,

    /// <summary>Close it, and do not set it up again before <see cref="Open"/>, <see cref="Reset"/> or <see cref="Up"/>.</summary>
    StayDown,

    /// <summary>Take <see cref="StayDown"/> back: from now on it is as its <c>dial</c> says.</summary>
    Up,
}

/// <summary>
/// A packet waits for a session with <c>dial: on-traffic</c>. Without effect if it is up or being set up, kept down, or in its wait after a
/// failure: the packet that comes after that wait counts.
/// </summary>
/// <param name="Tunnel">Name of the dialled tunnel.</param>
/// <param name="Session">Name of the session in it.</param>
public sealed record TrafficWaits(string Tunnel, string Session) : EngineInput;

/// <summary>Operator: close the tunnel of this name or id.</summary>
public sealed record CloseTunnel(TunnelKey Tunnel, string By) : TunnelInput(Tunnel);

/// <summary>Operator: close one session.</summary>
public sealed record CloseSession(SessionKey Session, string By) : SessionInput(Session);

/// <summary>Answer to <see cref="IEffects.Resolve"/>; <paramref name="Error"/> is null on success.</summary>
public sealed record HostResolved(DialKey Dial, ImmutableArray<IPAddress> Addresses, string? Error) : EngineInput
{
    /// <summary>
    /// The answer to an <see cref="LnsQuery"/>, in the order in which they are tried; <see cref="Addresses"/> is then not used.
    /// </summary>
    public ImmutableArray<LnsCandidate> Candidates { get; init; } = [];
}

public sealed record TransportOpened(TunnelKey Tunnel, Path Path) : TunnelInput(Tunnel);

/// <param name="Tunnel">The tunnel.</param>
/// <param name="Error">What, where and what to do, in words.</param>
/// <param name="OutOfResources">True when a limit (descriptors, memory) was hit: another address would meet it too.</param>
public sealed record TransportFailed(TunnelKey Tunnel, string Error, bool OutOfResources = false) : TunnelInput(Tunnel);

/// <summary>Nothing reaches the peer any more, a StopCCN included: its security association was deleted.</summary>
/// <param name="Tunnel">The tunnel.</param>
/// <param name="Reason">In words.</param>
public sealed record PeerCutOff(TunnelKey Tunnel, string Reason) : TunnelInput(Tunnel);

/// <summary>A socket error while sending or an ICMP error: kept for "last socket error".</summary>
/// <param name="Tunnel">The tunnel.</param>
/// <param name="Error">What and where, in words.</param>
/// <param name="Refused">
/// The host at the tunnel's remote address itself says that nothing listens there (ICMP port unreachable, ECONNREFUSED). Of a tunnel that
/// is being dialled, a second such error after a second SCCRQ ends the attempt.
/// </param>
public sealed record TransportError(TunnelKey Tunnel, string Error, bool Refused = false) : TunnelInput(Tunnel);

public sealed record TunnelCreated(TunnelKey Tunnel) : TunnelInput(Tunnel);

/// <param name="Tunnel">The tunnel.</param>
/// <param name="Error">What, where and what to do, in words.</param>
/// <param name="OutOfResources">True when a limit (descriptors, memory) was hit: answered with error code 4.</param>
public sealed record TunnelFailed(TunnelKey Tunnel, string Error, bool OutOfResources = false) : TunnelInput(Tunnel);

/// <param name="Session">The session.</param>
/// <param name="Interface">The network interface of an Ethernet or VLAN pseudowire, ready for use; null: none of the data plane's
/// making.</param>
public sealed record SessionCreated(SessionKey Session, string? Interface = null) : SessionInput(Session);

public sealed record SessionFailed(SessionKey Session, string Error, bool OutOfResources = false) : SessionInput(Session);

/// <summary>The network is up on the session.</summary>
/// <param name="Session">The session.</param>
/// <param name="Interface">The network interface.</param>
/// <param name="LocalAddress">Our address; null: not known.</param>
/// <param name="PeerAddress">The peer's address; null: not known.</param>
/// <param name="NameServers">Addresses of the name servers that the peer named, separated by blanks; null: it named none.</param>
public sealed record PppUp(SessionKey Session, string Interface, string? LocalAddress, string? PeerAddress, string? NameServers = null)
    : SessionInput(Session);

/// <summary>The largest rates of the session's data, set or changed; nothing but what is shown depends on them.</summary>
/// <param name="Session">The session.</param>
/// <param name="ToPeer">To the peer, bit/s; null: no limit.</param>
/// <param name="FromPeer">From the peer, bit/s; null: no limit.</param>
public sealed record PppRates(SessionKey Session, ulong? ToPeer, ulong? FromPeer) : SessionInput(Session);

/// <summary>Who uses the session; comes when the user has proved itself, and when what is known of it changes.</summary>
public sealed record PppUser(SessionKey Session, SessionUser User) : SessionInput(Session);

/// <summary>
/// What the user of a session has, or no longer has. It comes as an input, so that it is reported after the user and before the network.
/// </summary>
/// <param name="Happened">What is reported. Its session may have ended.</param>
public sealed record SubscriberReport(SubscriberEvent Happened) : EngineInput;

/// <summary>PPP has ended; the session is closed with these codes, unless it has ended already: then its next attempt may begin.</summary>
/// <param name="Session">The session.</param>
/// <param name="CdnResult">CDN result code.</param>
/// <param name="Cause">RFC 3145 cause, or null.</param>
/// <param name="Reason">In words.</param>
public sealed record PppEnded(SessionKey Session, ushort CdnResult, PppDisconnectCause? Cause, string Reason) : SessionInput(Session);

/// <summary>
/// The peer refuses the credentials that we gave in PPP. Comes as soon as PPP knows, before <see cref="PppEnded"/>, and is of use even if
/// the session has ended.
/// </summary>
/// <param name="Session">The session.</param>
/// <param name="User">The name that we gave; null: pppd's options know it.</param>
/// <param name="Words">What PPP says of it, for example the peer's own message; empty: nothing.</param>
public sealed record PppRefused(SessionKey Session, string? User, string Words) : SessionInput(Session);

/// <summary>
/// PPP ends the session because it was idle. Comes before the end: the peer may close the session before PPP has ended.
/// </summary>
public sealed record PppIdle(SessionKey Session) : SessionInput(Session);

/// <summary>The data plane's receive error counters of a LAC session, for WEN.</summary>
public sealed record CallErrorsObserved(SessionKey Session, CallErrors Errors) : SessionInput(Session);

/// <summary>The attachment circuit of an L2TPv3 session is in another state now (RFC 5641): kept, and told to the peer.</summary>
public sealed record CircuitStatusChanged(SessionKey Session, CircuitStatus Status) : SessionInput(Session);
