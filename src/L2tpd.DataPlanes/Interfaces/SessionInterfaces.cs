using L2tpd.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Linux;
using L2tpd.Protocol.Messages;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>
/// Operations on the interfaces of sessions that all data planes have in common: down and up, and the state of the peer's circuit. Calls to
/// the kernel run on the worker of the data plane, in the order of the decisions. Loop thread only.
/// </summary>
internal sealed partial class SessionInterfaces(WorkQueue worker, PseudowireInterfaces interfaces, IInputSink sink, ILogger log)
{
    /// <summary>The name for a session's interface by the configuration.</summary>
    /// <param name="parameters">The parameters of the engine's request.</param>
    /// <param name="name">The name; <c>null</c> if the configuration sets none.</param>
    /// <returns>Why the name cannot be used; <c>null</c> if it can.</returns>
    public static string? TryName(SessionParameters parameters, out string? name)
    {
        name = parameters.Settings?.Interface is { } template ? InterfaceTemplate.Expand(template, parameters.Session) : null;
        return name is { Length: > InterfaceTemplate.Longest }
            ? $"the interface name {name} is longer than {InterfaceTemplate.Longest} characters" : null;
    }

    /// <summary>Sets the session's interface down, or up again.</summary>
    public void SetLink(SessionInterface session, bool up) => worker.Add(() =>
    {
        if (session is { Interface: { } made, Parameters.Settings: { } settings } && interfaces.SetLink(made, settings, up) is { } problem)
            sink.Post(() => LogLinkNotSet(session.Parameters.LocalId.Value, problem));
    });

    /// <summary>Reads the state of the peer's circuit from an event, if the event has it (SLI, RFC 3931 section 5.4.5).</summary>
    public static bool TryReadPeerStatus(EngineEvent engineEvent, out SessionInformed informed, out bool isActive)
    {
        informed = null!;
        isActive = false;
        if (engineEvent is not SessionInformed { Message: Sli { CircuitStatus: { } status } } found)
            return false;
        (informed, isActive) = (found, PseudowireInterfaces.IsActive(status));
        return true;
    }

    /// <summary>
    /// Shows on the session's interface whether the peer's circuit carries traffic. One call to the kernel at a time, however often the
    /// peer reports a change.
    /// </summary>
    public void ShowPeer(SessionInterface session, bool isActive)
    {
        session.PeerIsActive = isActive;
        if (session.IsShowingPeer)
            return;
        session.IsShowingPeer = true;
        worker.Add(() =>
        {
            var error = session.Interface is { } made ? interfaces.ShowPeer(made, isActive) : LinuxError.None;
            sink.Post(() => OnShown(session, isActive, error));
        });
    }

    private void OnShown(SessionInterface session, bool shown, LinuxError error)
    {
        session.IsShowingPeer = false;
        if (session.IsDestroyed)
            return;
        if (!error.IsNone)
            LogNotShown(session.Parameters.LocalId.Value, error);
        if (session.PeerIsActive != shown)
            ShowPeer(session, session.PeerIsActive);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot show the state of the peer's circuit on the interface of session {SessionId}: {Error}")]
    private partial void LogNotShown(uint sessionId, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId}: {Problem}")]
    private partial void LogLinkNotSet(uint sessionId, string problem);
}
