using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Effects;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// How the versions differ in calls: how ids are drawn, what the messages say, what both ends must agree on and
/// what the data plane gets.
/// </summary>
internal abstract class CallDialect
{
    /// <summary>A session id that may be used in the tunnel; 0 when there is none.</summary>
    public abstract SessionId DrawId(EngineContext context, Tunnel tunnel);

    /// <summary>An id for a CDN that refuses: AVPs 14 and 63 may not be 0, and the peer goes by its own.</summary>
    public abstract SessionId IdForRefusal(EngineContext context, Tunnel tunnel);

    /// <summary>The session ended: its id is free.</summary>
    public abstract void ReleaseId(EngineContext context, Session session);

    /// <summary>Result of the CDN for a message out of place.</summary>
    public abstract ResultCode WrongState(string what);

    /// <summary>Result of the CDN for a call that takes too long.</summary>
    public abstract ResultCode SetupTimedOut { get; }

    /// <summary>Why the peer cannot be asked for the session; <c>null</c> if it can.</summary>
    public abstract string? CannotAsk(Tunnel tunnel, LacSession configuration);

    /// <summary>The ICRQ or OCRQ of a configured session of ours.</summary>
    public abstract CallRequest Ask(EngineContext context, Tunnel tunnel, LacSession configuration, SessionId localId, uint serial);

    /// <summary>Judges what the peer asks for, without policy and limits; <c>null</c> if it is acceptable.</summary>
    /// <param name="context">The engine.</param>
    /// <param name="tunnel">Where it asks.</param>
    /// <param name="request">Its ICRQ or OCRQ.</param>
    /// <param name="profile">How the session is to be set up.</param>
    public abstract Refusal? Judge(EngineContext context, Tunnel tunnel, CallRequest request, out SessionProfile profile);

    /// <summary>Our own call that the peer's request is in a tie with, or null.</summary>
    public abstract Session? FindTie(Tunnel tunnel, CallRequest request);

    /// <summary>
    /// The configured session of this tunnel that the peer asks for, preferably one that is down; <c>null</c> if there is none.
    /// </summary>
    public abstract DialledSession? FindDialled(Tunnel tunnel, CallRequest request);

    /// <summary>The session has its request, ours or the peer's: its own facts are drawn up.</summary>
    public abstract void Begin(EngineContext context, Session session);

    /// <summary>A session of a snapshot: its id is taken, and it may be in a tie.</summary>
    public virtual void Restore(EngineContext context, Session session)
    {
    }

    public abstract Icrp Reply(Session session);

    public abstract Ocrp OutgoingReply(Session session);

    public abstract CallConnected Connected(Session session);

    /// <summary>Takes what the peer's reply or connected message says; <c>null</c> if both ends agree.</summary>
    public abstract Refusal? Agree(Session session, SessionMessage message);

    /// <summary>The SLI that the peer gets once the session is up; <c>null</c> for none.</summary>
    public abstract Sli? Inform(Session session);

    public abstract SessionParameters Parameters(Session session);
}
