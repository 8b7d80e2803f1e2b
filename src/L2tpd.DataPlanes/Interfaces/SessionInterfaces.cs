using L2tpd.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Events;
using L2tpd.Linux;
using L2tpd.Protocol.Messages;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.DataPlanes.Interfaces;

/// <summary>
/// What every data plane does with the interfaces of its sessions once they are made: sets them down and up, and shows the state of the
/// peer's circuit on them. Calls to the kernel run on the worker of the data plane, in the order decided. Loop thread only.
/// </summary>
internal sealed partial class SessionInterfaces(WorkQueue worker, PseudowireInterfaces interfaces, IInputSink sink, ILogger log)
{
    /// <summary>The name that the configuration wants for a session's interface.</summary>
    /// <param name="parameters">What the engine asked for.</param>
    /// <param name="name">The name; <c>null</c>: the configuration names none.</param>
    /// <returns>Why the name cannot be used; <c>null</c>: it can.</returns>
    public static string? TryName(SessionParameters parameters, out string? name)
    {
        name = parameters.Settings?.Interface is { } template ? InterfaceTemplate.Expand(template, parameters.Session) : null;
        return name is { Length: > InterfaceTemplate.Longest }
            ? $"the interface name {name} is longer than {InterfaceTemplate.Longest} letters" : null;
    }

    /// <summary>Sets the session's interface down, or up again.</summary>
    public void SetLink(SessionInterface session, bool up) => worker.Add(() =>
    {
        if (session is { Interface: { } made, Parameters.Settings: { } settings } && interfaces.SetLink(made, settings, up) is { } trouble)
            sink.Post(() => LogLinkNotSet(session.Parameters.LocalId, trouble));
    });

    /// <summary>The state of the peer's circuit, if that is what the event tells (SLI, RFC 3931 section 5.4.5).</summary>
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
    /// Shows on the session's interface whether the peer's circuit carries traffic. One call at a time, whatever the peer sends.
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
            LogNotShown(session.Parameters.LocalId, error);
        if (session.PeerIsActive != shown)
            ShowPeer(session, session.PeerIsActive);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The interface of session {SessionId} cannot show the state of the peer's circuit: {Error}")]
    private partial void LogNotShown(uint sessionId, LinuxError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId}: {Trouble}")]
    private partial void LogLinkNotSet(uint sessionId, string trouble);
}
