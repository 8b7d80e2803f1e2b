using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;

namespace L2tpd.Engine.Effects;

/// <summary>
/// What the engine wants done. Calls never fail and never call back into the engine: results return later as inputs
/// that carry the key of the request.
/// </summary>
public interface IEffects
{
    /// <summary>Sends one datagram. The bytes are the engine's: copy what is not sent at once.</summary>
    /// <param name="path">Where from and to.</param>
    /// <param name="tunnel">The tunnel, whose own connected socket is used if the data plane made one; none for answers without a
    /// tunnel.</param>
    /// <param name="datagram">The message.</param>
    void Send(in Path path, TunnelKey tunnel, ReadOnlySpan<byte> datagram);

    /// <summary>Resolves a dialled tunnel's host; answer: <see cref="Inputs.HostResolved"/>.</summary>
    void Resolve(DialKey dial, RemoteHost remote);

    /// <summary>
    /// Gets a socket for a dialled tunnel; answer: <see cref="Inputs.TransportOpened"/> or <see cref="Inputs.TransportFailed"/>.
    /// </summary>
    void OpenTransport(TunnelKey tunnel, TransportRequest request);

    /// <summary>
    /// Closes what <see cref="OpenTransport"/> or <see cref="CreateTunnel"/> opened for the tunnel. Last call for the key.
    /// </summary>
    void CloseTransport(TunnelKey tunnel);

    /// <summary>
    /// Makes the tunnel in the data plane; answer: <see cref="Inputs.TunnelCreated"/> or <see cref="Inputs.TunnelFailed"/>.
    /// </summary>
    void CreateTunnel(TunnelKey tunnel, TunnelParameters parameters);

    void DestroyTunnel(TunnelKey tunnel);

    /// <summary>
    /// Makes the session in the data plane; answer: <see cref="Inputs.SessionCreated"/> or <see cref="Inputs.SessionFailed"/>.
    /// </summary>
    void CreateSession(SessionKey session, SessionParameters parameters);

    void DestroySession(SessionKey session);

    /// <summary>The session's network interface shall be up, or down and still there. Without effect on a session that has none.</summary>
    void SetLink(SessionKey session, bool up);

    /// <summary>
    /// Runs PPP on a created session; answers: <see cref="Inputs.PppUp"/> (maybe never; again when addresses changed) and
    /// <see cref="Inputs.PppEnded"/>.
    /// </summary>
    void StartPpp(SessionKey session, PppRequest request);

    /// <summary>
    /// Ends PPP; answer: <see cref="Inputs.PppEnded"/> when nothing of it is left, its interface included. Also called after PPP ended by
    /// itself, when no answer is waited for.
    /// </summary>
    void StopPpp(SessionKey session);

    /// <summary>Tells the daemon what happened, for log, history and hooks.</summary>
    void Notify(EngineEvent engineEvent);
}
