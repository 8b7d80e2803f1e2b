using System.Net;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Events;

/// <summary>Something the operator may want to know. Objects named in it are alive only during the call: read, do not keep.</summary>
public abstract record EngineEvent : OperationsEvent;

public sealed record TunnelEstablished(Tunnel Tunnel) : EngineEvent;

public sealed record TunnelEnded(Tunnel Tunnel, EndReason Reason, int Sessions) : EngineEvent;

public sealed record SessionEstablished(Session Session) : EngineEvent;

/// <summary>PPP negotiated the network on the session.</summary>
public sealed record SessionNetworkUp(Session Session, string Interface, string? LocalAddress, string? PeerAddress) : EngineEvent;

/// <summary>PPP reported who uses the session, or more of it: <see cref="Calls.Session.User"/>.</summary>
/// <param name="Session">The session.</param>
/// <param name="IsNew">The name is another one than before.</param>
public sealed record SessionUserChanged(Session Session, bool IsNew) : EngineEvent
{
    /// <summary>The peer has proved that it is this user.</summary>
    public bool IsAuthentication => IsNew && Session is { IsLns: true, User.Name: not null };
}

public sealed record SessionEnded(Session Session, EndReason Reason) : EngineEvent;

/// <summary>An SCCRQ was answered with StopCCN without becoming a tunnel; with <c>Result</c> null it could not even be answered.</summary>
public sealed record TunnelRefused(Endpoint Source, string? HostName, ResultCode? Result, string Reason) : EngineEvent;

/// <summary>An SCCRQ was answered with SCCRP, and the peer did not complete the tunnel.</summary>
public sealed record TunnelNotCompleted(
    Endpoint Source, string Profile, string? HostName, TunnelId LocalId, TunnelId PeerId, EndReason Reason)
    : EngineEvent;

/// <summary>A call was answered with CDN without becoming a session.</summary>
public sealed record SessionRefused(Tunnel Tunnel, SessionId PeerSessionId, ResultCode Result, string Reason) : EngineEvent;

/// <summary>A dialled tunnel or session will be tried again.</summary>
/// <param name="Name">Tunnel, or tunnel/session.</param>
/// <param name="Attempt">Counts from 1 since the last success.</param>
/// <param name="Delay">From the failure to the next attempt.</param>
/// <param name="Reason">Why it is down, in words.</param>
/// <param name="Refused">It waits because the peer refused the credentials.</param>
public sealed record RetryScheduled(string Name, int Attempt, TimeSpan Delay, string Reason, bool Refused = false) : EngineEvent;

/// <summary>A dialled session is not tried again: its credentials were refused as often as the configuration permits.</summary>
/// <param name="Name">Tunnel/session.</param>
/// <param name="Refusals">In a row.</param>
/// <param name="Reason">The last one, in words.</param>
public sealed record RetryAbandoned(string Name, int Refusals, string Reason) : EngineEvent;

/// <summary>
/// A session is down until a packet waits for it, or a tunnel until one of its sessions is dialled (<c>dial: on-traffic</c>).
/// </summary>
/// <param name="Name">Tunnel/session, or tunnel.</param>
/// <param name="HoldOff">No packet counts before this time has passed; zero unless an attempt failed.</param>
/// <param name="Reason">Why it is down, in words.</param>
public sealed record WaitsForTraffic(string Name, TimeSpan HoldOff, string Reason) : EngineEvent;

/// <summary>A packet waits for a session: it is dialled, with its tunnel if that is down.</summary>
/// <param name="Name">Tunnel/session.</param>
public sealed record DialledByTraffic(string Name) : EngineEvent;

/// <summary>An LNS sent us to an address to which the configuration lets it send nobody.</summary>
/// <param name="Name">Of the dialled tunnel.</param>
/// <param name="Remote">The LNS.</param>
/// <param name="Target">Where it sent us.</param>
/// <param name="Policy">What the configuration permits.</param>
public sealed record RedirectionRefused(string Name, Endpoint Remote, IPAddress Target, RedirectPolicy Policy) : EngineEvent;

/// <summary>
/// A dialled tunnel uses the tunnel of another one, since a server gave both the same Tunnel-Assignment-ID (RFC 2868 section 3.6).
/// </summary>
/// <param name="Name">The dialled tunnel whose sessions go into the tunnel.</param>
/// <param name="Tunnel">The tunnel, up or being set up.</param>
public sealed record TunnelShared(string Name, Tunnel Tunnel) : EngineEvent;

/// <summary>A dialled tunnel starts an attempt.</summary>
public sealed record Dialling(string Name, Endpoint Remote) : EngineEvent;

/// <summary>The other end of a static tunnel no longer answers HELLOs: its sessions' interfaces are down.</summary>
public sealed record PeerFellSilent(Tunnel Tunnel) : EngineEvent;

/// <summary>It answers again.</summary>
public sealed record PeerAnsweredAgain(Tunnel Tunnel) : EngineEvent;

/// <summary>L2TPv3: a tunnel is being set up, and the first message of its peer was dropped for its digest.</summary>
public sealed record DigestsFail(Tunnel Tunnel) : EngineEvent;

/// <summary>WEN or SLI (or CSUN, MDMST) came in for a session.</summary>
public sealed record SessionInformed(Session Session, SessionMessage Message) : EngineEvent;

/// <summary>Anything odd that was survived, in words: the peer strayed from the RFC.</summary>
public sealed record PeerOddity(Tunnel Tunnel, string What) : EngineEvent;
