using System.Globalization;
using L2tpd.Configuration.Sections;
using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Linux;
using L2tpd.Operations.Control;
using L2tpd.Operations.Events;
using L2tpd.Operations.History;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;
using L2tpd.Runtime.Logging;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Logging;

/// <summary>
/// Events as log lines with the properties Tunnel, Session and Peer. Lines that a stranger can cause at will (refusals, protocol errors,
/// tunnels that were never established) are limited to one per second. Lines about known peers have a budget, because thousands of sessions
/// can end at the same time. The next line of a kind, or <see cref="LogSuppressedLines()"/>, has the number of lines that were not logged.
/// </summary>
public sealed partial class EventLog(ILogger log) : IOperationsObserver
{
    private static readonly TimeSpan OncePerSecond = TimeSpan.FromSeconds(1);

    private readonly LineGate _tunnelRefusals = new(OncePerSecond);
    private readonly LineGate _sessionRefusals = new(OncePerSecond);
    private readonly RefusalKinds _refusals = new();
    private readonly LineGate _oddities = new(OncePerSecond);
    private readonly LineGate _halfOpenEnds = new(OncePerSecond);
    private readonly LineBudget _shortages = new(burst: 20, perSecond: 1);
    private readonly LineBudget _tunnels = new(burst: 500, perSecond: 50);
    private readonly LineBudget _sessions = new(burst: 1_000, perSecond: 100);
    private readonly LineBudget _dialling = new();

    /// <inheritdoc/>
    public void Observe(OperationsEvent operationsEvent)
    {
        var now = MonotonicClock.NowMilliseconds;
        switch (operationsEvent)
        {
            case SessionEnded refusal when IsRefusal(refusal):
                ObserveRefusal(refusal, now);
                break;
            case SessionEstablished or SessionNetworkUp or SessionEnded or SessionInformed:
                if (log.IsEnabled(LevelOf(operationsEvent)) && _sessions.TryTake(now, out var unsaid))
                    ObserveSession(operationsEvent, Unsaid(unsaid));
                break;
            case TunnelEstablished { Tunnel: var tunnel }:
                if (_tunnels.TryTake(now, out unsaid))
                    ObserveTunnelUp(tunnel, Unsaid(unsaid));
                break;
            case TunnelEnded ended:
                ObserveEnd(ended, now);
                break;
            case PeerFellSilent { Tunnel: var silent }:
                if (_tunnels.TryTake(now, out unsaid))
                    LogSilent(NameOf(silent), PeerOf(silent), Unsaid(unsaid));
                break;
            case PeerAnsweredAgain { Tunnel: var heard }:
                if (_tunnels.TryTake(now, out unsaid))
                    LogHeard(NameOf(heard), PeerOf(heard), Unsaid(unsaid));
                break;
            case DigestsFail { Tunnel: var waiting }:
                if (_tunnels.TryTake(now, out unsaid))
                    LogDigestsFail(NameOf(waiting), PeerOf(waiting), TunnelProblem.SecretsMayDiffer, Unsaid(unsaid));
                break;
            case RedirectionRefused refused:
                if (_dialling.TryTake(now, out unsaid))
                    LogRedirectionRefused(NameOf(refused), refused.Remote, refused.Target, PolicyText(refused.Policy), Unsaid(unsaid));
                break;
            case Dialling or TunnelShared or RetryScheduled or RetryAbandoned or WaitsForTraffic or DialledByTraffic:
                if (log.IsEnabled(LevelOf(operationsEvent)) && _dialling.TryTake(now, out unsaid))
                    ObserveDialling(operationsEvent, Unsaid(unsaid));
                break;
            case LookupFailed failed:
                if (_dialling.TryTake(now, out unsaid))
                    LogLookupFailed(Printable.Of(failed.Error), Unsaid(unsaid));
                break;
            default:
                ObserveStray(operationsEvent, now);
                break;
        }
    }

    private void ObserveRefusal(SessionEnded ended, long now)
    {
        var (session, reason) = (ended.Session, ReasonText(ended.Reason));
        if (_refusals.TryPass($"{session.Name} {reason}", now, out var unsaid))
            LogSessionDown(LogLevel.Information, NameOf(session), NameOf(session.Tunnel), "", reason, Unsaid(unsaid));
    }

    private void ObserveTunnelUp(Tunnel tunnel, string unsaid) => LogTunnelUp(
        NameOf(tunnel), PeerOf(tunnel), tunnel.LocalId.Value, tunnel.PeerId.Value, AuthenticationOf(tunnel), unsaid);

    /// <summary>Logs how many lines were suppressed by a flood that is over. Loop thread only.</summary>
    public void LogSuppressedLines()
    {
        LogSuppressed("the ends of half-open tunnels", _halfOpenEnds.TakeSuppressed());
        LogSuppressed("tunnels that ended because a socket or an id was not available", _shortages.TakeSuppressed());
        LogSuppressed("tunnels", _tunnels.TakeSuppressed());
        LogSuppressed("sessions", _sessions.TakeSuppressed());
        LogSuppressed("dialling", _dialling.TakeSuppressed());
        LogSuppressed("refused tunnels", _tunnelRefusals.TakeSuppressed());
        LogSuppressed("refused sessions", _sessionRefusals.TakeSuppressed() + _refusals.TakeForgotten());
        LogSuppressed("protocol errors of peers", _oddities.TakeSuppressed());
    }

    private void LogSuppressed(string what, long suppressed)
    {
        if (suppressed > 0)
            LogSuppression(suppressed, what);
    }

    private void ObserveEnd(TunnelEnded ended, long now)
    {
        if (!TryPass(ended, now, out var unsaid))
            return;
        var (tunnel, reason) = (ended.Tunnel, ended.Reason);
        LogTunnelDown(LevelOf(reason), NameOf(tunnel), PeerOf(tunnel), ended.Sessions, ReasonText(reason), Unsaid(unsaid));
    }

    private bool TryPass(TunnelEnded ended, long now, out long unsaid)
    {
        if (HalfOpenEnd.Is(ended))
            return _halfOpenEnds.TryPass(now, out unsaid);
        // With a thousand tunnels to dial and no descriptor or address left, each attempt of each would be logged.
        var budget = ended.Reason.Cause is EndCause.Transport or EndCause.LimitReached ? _shortages : _tunnels;
        return budget.TryTake(now, out unsaid);
    }

    /// <summary>Refused credentials need an operator; what else happens to sessions and attempts is information.</summary>
    private static LogLevel LevelOf(OperationsEvent operationsEvent) => operationsEvent switch
    {
        RetryAbandoned => LogLevel.Error,
        RetryScheduled { Refused: true } or SessionEnded { Reason.Cause: EndCause.CredentialsRefused } => LogLevel.Warning,
        _ => LogLevel.Information,
    };

    private void ObserveDialling(OperationsEvent operationsEvent, string unsaid)
    {
        if (operationsEvent is Dialling dialling)
        {
            LogDialling(dialling.Name, dialling.Remote, unsaid);
        }
        else if (operationsEvent is WaitsForTraffic { HoldOff: var holdOff } waits)
        {
            var from = holdOff > TimeSpan.Zero
                ? string.Create(CultureInfo.InvariantCulture, $", which counts in {holdOff.TotalSeconds:0.0} s") : "";
            LogWaits(waits.Name, from, Printable.Of(waits.Reason), unsaid);
        }
        else if (operationsEvent is DialledByTraffic wanted)
        {
            LogWanted(wanted.Name, unsaid);
        }
        else if (operationsEvent is TunnelShared shared)
        {
            LogShared(shared.Name, NameOf(shared.Tunnel), Printable.Of(shared.Tunnel.AssignmentId ?? ""), unsaid);
        }
        else if (operationsEvent is RetryScheduled retry)
        {
            LogRetry(
                LevelOf(retry), retry.Name, retry.Delay.TotalSeconds, retry.Attempt, Printable.Of(retry.Reason), unsaid);
        }
        else if (operationsEvent is RetryAbandoned abandoned)
        {
            LogAbandoned(abandoned.Name, abandoned.Refusals, Printable.Of(abandoned.Reason), unsaid);
        }
    }

    private void ObserveSession(OperationsEvent operationsEvent, string unsaid)
    {
        switch (operationsEvent)
        {
            case SessionEstablished { Session: var session }:
                LogSessionUp(
                    NameOf(session), NameOf(session.Tunnel), session.LocalId.Value, session.PeerId.Value, session.IsLns ? "LNS" : "LAC",
                    NumbersOf(session), unsaid);
                break;
            case SessionNetworkUp up:
                LogNetworkUp(NameOf(up.Session), NameOf(up.Session.Tunnel), UserOf(up.Session), up.Interface, AddressesOf(up), unsaid);
                break;
            case SessionEnded ended:
                LogSessionDown(
                    LevelOf(ended), NameOf(ended.Session), NameOf(ended.Session.Tunnel), UserOf(ended.Session), ReasonText(ended.Reason),
                    unsaid);
                break;
            case SessionInformed informed:
                LogInformed(
                    NameOf(informed.Session), NameOf(informed.Session.Tunnel), UserOf(informed.Session),
                    Printable.Of(informed.Message.ToString(), 1_000), unsaid);
                break;
        }
    }

    private void ObserveStray(OperationsEvent operationsEvent, long now)
    {
        switch (operationsEvent)
        {
            case TunnelRefused refused when _tunnelRefusals.TryPass(now, out var unsaid):
                LogTunnelRefused(
                    refused.Source, Printable.Of(refused.HostName ?? ""),
                    RefusalText(MessageType.StopCcn, refused.Result, refused.Reason), Unsaid(unsaid));
                break;
            case TunnelNotCompleted ended when _halfOpenEnds.TryPass(now, out var unsaid):
                LogNotCompleted(ended.Source, Printable.Of(ended.HostName ?? ""), ReasonText(ended.Reason), Unsaid(unsaid));
                break;
            case SessionRefused refused:
                ObserveRefusal(refused, now);
                break;
            case PeerOddity oddity when _oddities.TryPass(now, out var unsaid):
                LogOddity(NameOf(oddity.Tunnel), PeerOf(oddity.Tunnel), Printable.Of(oddity.What), Unsaid(unsaid));
                break;
        }
    }

    private void ObserveRefusal(SessionRefused refused, long now)
    {
        var kind = $"{refused.Tunnel.Profile.Name} {refused.Result.Result} {refused.Reason}";
        if (!_refusals.TryPass(kind, now, out var ofKind))
            return;
        // Refusals that have another reason each time are limited as well; such a one does not count as logged.
        if (!_sessionRefusals.TryPass(now, out var unsaid))
        {
            _refusals.Forget(kind);
            return;
        }

        LogSessionRefused(
            NameOf(refused.Tunnel), refused.PeerSessionId.Value,
            RefusalText(MessageType.Cdn, refused.Result, refused.Reason), Unsaid(unsaid + ofKind));
    }

    /// <summary>
    /// A session that we requested and that the peer refused, or whose answer we refused: it is requested again and again.
    /// </summary>
    private static bool IsRefusal(SessionEnded ended) =>
        ended.Session is { EstablishedAt: null, Role: CallRole.IncomingLac or CallRole.OutgoingLns }
        && ended.Reason.Cause is EndCause.ClosedByPeer or EndCause.ProtocolError;

    private static string Unsaid(long suppressed) =>
        suppressed == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {suppressed} more like this were not logged");

    private static string RefusalText(MessageType carrier, ResultCode? result, string reason) =>
        Printable.Of(EndReasonText.OfRefusal(carrier, result, reason));

    private static string ReasonText(EndReason reason) => Printable.Of(EndReasonText.Of(reason), 1_000);

    private static LogLevel LevelOf(EndReason reason) => reason.Cause switch
    {
        EndCause.Administrative or EndCause.ShutDown or EndCause.ClosedByPeer => LogLevel.Information,
        EndCause.Ppp or EndCause.TieBreaker => LogLevel.Information,
        _ => LogLevel.Warning,
    };

    private static string AuthenticationOf(Tunnel tunnel) => tunnel switch
    {
        { IsStatic: true } => "static",
        { IsAuthenticated: true } => "authenticated",
        _ => "not authenticated",
    };

    private static string AddressesOf(SessionNetworkUp up) =>
        (up.LocalAddress ?? up.PeerAddress) is null ? "" : $", we are {up.LocalAddress ?? "?"}, the peer is {up.PeerAddress ?? "?"}";

    /// <summary>Calling and called number, if the call has them.</summary>
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

    private static string PolicyText(RedirectPolicy policy) => TunnelsSection.RedirectWords.First(word => word.Value == policy).Word;

    private static string NameOf(Tunnel tunnel) => Printable.Of(tunnel.Name);

    private static string NameOf(RedirectionRefused refused) => Printable.Of(refused.Name);

    private static string NameOf(Session session) => Printable.Of(session.Name);

    // On a session that we dialled the configuration says who the user is.
    private static string UserOf(Session session) =>
        session is { IsLns: true, User.Name: { Length: > 0 } user } ? $" (user {Printable.Of(user)})" : "";

    private static Endpoint PeerOf(Tunnel tunnel) => tunnel.Path.Remote;

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Tunnel {Tunnel} with {Peer} is up: our id {LocalId}, the peer's {PeerId}, {Authenticated}{Unsaid}")]
    private partial void LogTunnelUp(string tunnel, Endpoint peer, uint localId, uint peerId, string authenticated, string unsaid);

    [LoggerMessage(Message = "Tunnel {Tunnel} with {Peer} is down, it had {Sessions} sessions: {Reason}{Unsaid}")]
    private partial void LogTunnelDown(LogLevel level, string tunnel, Endpoint peer, int sessions, string reason, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tunnel {Tunnel}: {Peer} no longer answers HELLO, the interfaces are down{Unsaid}")]
    private partial void LogSilent(string tunnel, Endpoint peer, string unsaid);

    [LoggerMessage(Level = LogLevel.Information, Message = "Tunnel {Tunnel}: {Peer} answers again, the interfaces are up{Unsaid}")]
    private partial void LogHeard(string tunnel, Endpoint peer, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tunnel {Tunnel} waits for {Peer}: {Problem}{Unsaid}")]
    private partial void LogDigestsFail(string tunnel, Endpoint peer, string problem, string unsaid);

    [LoggerMessage(Level = LogLevel.Information, Message = "Tunnel {Tunnel}: dialling {Peer}{Unsaid}")]
    private partial void LogDialling(string tunnel, Endpoint peer, string unsaid);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Tunnel {Tunnel}: {Peer} redirects to {Target}, which `redirect: {Policy}` does not permit; not dialled. "
            + "If this is intended, set `redirect: any` or add the address to `lns`{Unsaid}")]
    private partial void LogRedirectionRefused(string tunnel, Endpoint peer, System.Net.IPAddress target, string policy, string unsaid);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Tunnel {Name}: its sessions go into the tunnel {Tunnel}, since a RADIUS server gave both the Tunnel-Assignment-ID "
            + "{Id}{Unsaid}")]
    private partial void LogShared(string name, string tunnel, string id, string unsaid);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Name}: given up after {Refusals} refusals in a row: {Reason}. "
            + "Correct the user and password, then reload or restart l2tpd{Unsaid}")]
    private partial void LogAbandoned(string name, int refusals, string reason, string unsaid);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name} waits for traffic{HoldOff}: {Reason}{Unsaid}")]
    private partial void LogWaits(string name, string holdOff, string reason, string unsaid);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name}: a packet waits, it is dialled{Unsaid}")]
    private partial void LogWanted(string name, string unsaid);

    [LoggerMessage(Message = "{Name}: trying again in {Seconds:0.0} s (attempt {Attempt}): {Reason}{Unsaid}")]
    private partial void LogRetry(LogLevel level, string name, double seconds, int attempt, string reason, string unsaid);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Session {Session} of tunnel {Tunnel} is up: our id {LocalId}, the peer's {PeerId}, we are the {Role}{Numbers}{Unsaid}")]
    private partial void LogSessionUp(string session, string tunnel, uint localId, uint peerId, string role, string numbers, string unsaid);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Session {Session} of tunnel {Tunnel}{User}: network is up on {Interface}{Addresses}{Unsaid}")]
    private partial void LogNetworkUp(
        string session, string tunnel, string user, string @interface, string addresses, string unsaid);

    [LoggerMessage(Message = "Session {Session} of tunnel {Tunnel}{User} is down: {Reason}{Unsaid}")]
    private partial void LogSessionDown(LogLevel level, string session, string tunnel, string user, string reason, string unsaid);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of tunnel {Tunnel}{User}: the peer sent {What}{Unsaid}")]
    private partial void LogInformed(string session, string tunnel, string user, string what, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a tunnel to {Peer} ({HostName}): {Reason}{Unsaid}")]
    private partial void LogTunnelRefused(Endpoint peer, string hostName, string reason, string unsaid);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "The tunnel that {Peer} ({HostName}) requested was not completed: {Reason}{Unsaid}")]
    private partial void LogNotCompleted(Endpoint peer, string hostName, string reason, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tunnel {Tunnel}: refused the peer's session {PeerSessionId}: {Reason}{Unsaid}")]
    private partial void LogSessionRefused(string tunnel, uint peerSessionId, string reason, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tunnel {Tunnel} with {Peer}: {What}{Unsaid}")]
    private partial void LogOddity(string tunnel, Endpoint peer, string what, string unsaid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot resolve the name of an LNS: {Error}{Unsaid}")]
    private partial void LogLookupFailed(string error, string unsaid);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Suppressed} more lines about {What} were not logged")]
    private partial void LogSuppression(long suppressed, string what);
}
