using L2tpd.Daemon.Effects;
using L2tpd.Daemon.History;
using L2tpd.Daemon.Processes;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Engine.Sessions;
using L2tpd.Engine.Tunnels;
using L2tpd.Linux;
using L2tpd.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Logging;

/// <summary>
/// What the engine tells, as log lines with the properties Tunnel, Session and Peer. What a stranger can cause at will (refusals, oddities) is
/// said once a second at most, with the count of what was not said.
/// </summary>
public sealed partial class EventLog(ILogger log) : IEventObserver
{
    private static readonly TimeSpan OncePerSecond = TimeSpan.FromSeconds(1);

    private readonly LineGate _tunnelRefusals = new(OncePerSecond);
    private readonly LineGate _sessionRefusals = new(OncePerSecond);
    private readonly LineGate _oddities = new(OncePerSecond);
    private readonly LineGate _wants = new(OncePerSecond);
    private readonly LineBudget _dialling = new();

    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent)
    {
        switch (engineEvent)
        {
            case SessionEstablished or SessionNetworkUp or SessionEnded or SessionInformed:
                if (log.IsEnabled(LogLevel.Information))
                    ObserveSession(engineEvent);
                break;
            case TunnelEstablished { Tunnel: var tunnel }:
                LogTunnelUp(NameOf(tunnel), PeerOf(tunnel), tunnel.LocalId, tunnel.PeerId, tunnel.IsAuthenticated ? "authenticated" : "not authenticated");
                break;
            case TunnelEnded ended:
                ObserveEnd(ended);
                break;
            case Dialling or RetryScheduled:
                ObserveDialling(engineEvent);
                break;
            default:
                ObserveStray(engineEvent);
                break;
        }
    }

    private void ObserveEnd(TunnelEnded ended)
    {
        long suppressed = 0;
        // With a thousand tunnels to dial and no descriptor or address left, each attempt of each would say so.
        if (ended.Reason.Cause is EndCause.Transport or EndCause.LimitReached && !_wants.TryPass(MonotonicClock.NowMilliseconds, out suppressed))
            return;
        LogTunnelDown(
            LevelOf(ended.Reason), NameOf(ended.Tunnel), PeerOf(ended.Tunnel), ended.Sessions, Printable.Of(EndReasonText.Of(ended.Reason), 1_000));
        if (suppressed > 0)
            LogTunnelsSuppressed(suppressed);
    }

    private void ObserveDialling(EngineEvent engineEvent)
    {
        if (!log.IsEnabled(LogLevel.Information) || !_dialling.TryTake(MonotonicClock.NowMilliseconds, out _))
            return;
        if (engineEvent is Dialling dialling)
            LogDialling(dialling.Name, dialling.Remote);
        else if (engineEvent is RetryScheduled retry)
            LogRetry(retry.Name, retry.Delay.TotalSeconds, retry.Attempt, Printable.Of(retry.Reason));
    }

    private void ObserveSession(EngineEvent engineEvent)
    {
        switch (engineEvent)
        {
            case SessionEstablished { Session: var session }:
                LogSessionUp(NameOf(session), NameOf(session.Tunnel), session.LocalId, session.PeerId, session.IsLns ? "LNS" : "LAC", NumbersOf(session));
                break;
            case SessionNetworkUp up:
                LogNetworkUp(NameOf(up.Session), NameOf(up.Session.Tunnel), up.Interface, up.LocalAddress ?? "?", up.PeerAddress ?? "?");
                break;
            case SessionEnded ended:
                LogSessionDown(NameOf(ended.Session), NameOf(ended.Session.Tunnel), Printable.Of(EndReasonText.Of(ended.Reason), 1_000));
                break;
            case SessionInformed informed:
                LogInformed(NameOf(informed.Session), NameOf(informed.Session.Tunnel), informed.Message.ToString());
                break;
        }
    }

    private void ObserveStray(EngineEvent engineEvent)
    {
        var now = MonotonicClock.NowMilliseconds;
        switch (engineEvent)
        {
            case TunnelRefused refused when _tunnelRefusals.TryPass(now, out var suppressed):
                LogTunnelRefused(refused.Source, Printable.Of(refused.HostName ?? ""), Printable.Of(EndReasonText.OfRefusal(MessageType.StopCcn, refused.Result, refused.Reason)), suppressed);
                break;
            case SessionRefused refused when _sessionRefusals.TryPass(now, out var suppressed):
                LogSessionRefused(NameOf(refused.Tunnel), refused.PeerSessionId, Printable.Of(EndReasonText.OfRefusal(MessageType.Cdn, refused.Result, refused.Reason)), suppressed);
                break;
            case PeerOddity oddity when _oddities.TryPass(now, out var suppressed):
                LogOddity(NameOf(oddity.Tunnel), PeerOf(oddity.Tunnel), Printable.Of(oddity.What), suppressed);
                break;
        }
    }

    private static LogLevel LevelOf(EndReason reason) => reason.Cause switch
    {
        EndCause.Administrative or EndCause.ShutDown or EndCause.ClosedByPeer or EndCause.Ppp or EndCause.TieBreaker => LogLevel.Information,
        _ => LogLevel.Warning,
    };

    /// <summary>Who calls whom, where the call says so.</summary>
    private static string NumbersOf(Session session)
    {
        var calling = (session.Request as Icrq)?.CallingNumber;
        var called = session.Request.CalledNumber;
        return (calling, called) switch
        {
            (null, null) => "",
            (null, _) => $", called {Printable.Of(called)}",
            (_, null) => $", calling {Printable.Of(calling)}",
            _ => $", calling {Printable.Of(calling)}, called {Printable.Of(called)}",
        };
    }

    private static string NameOf(Tunnel tunnel) => Printable.Of(tunnel.Name);

    private static string NameOf(Session session) => Printable.Of(session.Name);

    private static Endpoint PeerOf(Tunnel tunnel) => tunnel.Path.Remote;

    [LoggerMessage(Level = LogLevel.Information, Message = "Tunnel {Tunnel} with {Peer} is up: our id {LocalId}, the peer's {PeerId}, {Authenticated}")]
    private partial void LogTunnelUp(string tunnel, Endpoint peer, uint localId, uint peerId, string authenticated);

    [LoggerMessage(Message = "Tunnel {Tunnel} with {Peer} is down, it had {Sessions} sessions: {Reason}")]
    private partial void LogTunnelDown(LogLevel level, string tunnel, Endpoint peer, int sessions, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Suppressed} more tunnels that ended for want of a socket or of room were not logged")]
    private partial void LogTunnelsSuppressed(long suppressed);

    [LoggerMessage(Level = LogLevel.Information, Message = "Tunnel {Tunnel}: dialling {Peer}")]
    private partial void LogDialling(string tunnel, Endpoint peer);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name}: trying again in {Seconds:0.0} s (attempt {Attempt}): {Reason}")]
    private partial void LogRetry(string name, double seconds, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of tunnel {Tunnel} is up: our id {LocalId}, the peer's {PeerId}, we are the {Role}{Numbers}")]
    private partial void LogSessionUp(string session, string tunnel, uint localId, uint peerId, string role, string numbers);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of tunnel {Tunnel}: network is up on {Interface}, we are {LocalAddress}, the peer is {PeerAddress}")]
    private partial void LogNetworkUp(string session, string tunnel, string @interface, string localAddress, string peerAddress);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of tunnel {Tunnel} is down: {Reason}")]
    private partial void LogSessionDown(string session, string tunnel, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of tunnel {Tunnel}: the peer says {What}")]
    private partial void LogInformed(string session, string tunnel, string what);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a tunnel to {Peer} ({HostName}): {Reason}; {Suppressed} more refusals were not logged")]
    private partial void LogTunnelRefused(Endpoint peer, string hostName, string reason, long suppressed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tunnel {Tunnel}: refused the peer's session {PeerSessionId}: {Reason}; {Suppressed} more refusals were not logged")]
    private partial void LogSessionRefused(string tunnel, uint peerSessionId, string reason, long suppressed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tunnel {Tunnel} with {Peer}: {What}; {Suppressed} more such lines were not logged")]
    private partial void LogOddity(string tunnel, Endpoint peer, string what, long suppressed);
}
