using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Effects;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>
/// What the versions do differently about calls: how ids are drawn, what the messages say, what both ends must agree on and
/// what the data plane is told. State is the session's; a dialect has none.
/// </summary>
internal abstract class CallDialect
{
    /// <summary>A session id that may be used in the tunnel; 0 when there is none.</summary>
    public abstract uint DrawId(EngineContext context, Tunnel tunnel);

    /// <summary>An id for a CDN that refuses: AVPs 14 and 63 may not be 0, and the peer goes by its own.</summary>
    public abstract uint IdForRefusal(EngineContext context, Tunnel tunnel);

    /// <summary>The session ended: its id is free.</summary>
    public abstract void ReleaseId(EngineContext context, Session session);

    /// <summary>Result of the CDN for a message out of place.</summary>
    public abstract ResultCode WrongState(string what);

    /// <summary>Result of the CDN for a call that takes too long.</summary>
    public abstract ResultCode SetupTimedOut { get; }

    /// <summary>Why the peer cannot be asked for the session; null: it can.</summary>
    public abstract string? CannotAsk(Tunnel tunnel, LacSession configuration);

    /// <summary>The ICRQ or OCRQ of a configured session of ours.</summary>
    public abstract CallRequest Ask(EngineContext context, Tunnel tunnel, LacSession configuration, uint localId, uint serial);

    /// <summary>Judges what the peer asks for, policy and limits aside. Null: acceptable.</summary>
    /// <param name="context">The engine.</param>
    /// <param name="tunnel">Where it asks.</param>
    /// <param name="request">Its ICRQ or OCRQ.</param>
    /// <param name="profile">How the session is to be set up.</param>
    public abstract Refusal? Judge(EngineContext context, Tunnel tunnel, CallRequest request, out SessionProfile profile);

    /// <summary>Our own call that the peer's request is in a tie with, or null.</summary>
    public abstract Session? FindTie(Tunnel tunnel, CallRequest request);

    /// <summary>Our configured session of this tunnel that is the one the peer asks for, one that is down rather than one that is up; null: there is none.</summary>
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

    /// <summary>Takes what the peer's reply or connected message says. Null: agreed.</summary>
    public abstract Refusal? Agree(Session session, SessionMessage message);

    /// <summary>What is told the peer once the session is up; null: nothing.</summary>
    public abstract Sli? Inform(Session session);

    public abstract SessionParameters Parameters(Session session);
}
