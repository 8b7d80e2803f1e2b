using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Effects;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Versions;

/// <summary>Calls of L2TPv2: PPP, ids of a tunnel's own, no ties (RFC 2661 sections 6.6 to 6.14).</summary>
internal sealed class CallsV2 : CallDialect
{
    public static readonly CallsV2 Instance = new();

    public override ResultCode SetupTimedOut { get; } = new(CdnResult.NotEstablishedInTime);

    public override SessionId DrawId(EngineContext context, Tunnel tunnel) => tunnel.DrawSessionId();

    // An id that is free, or any when all are in use.
    public override SessionId IdForRefusal(EngineContext context, Tunnel tunnel) =>
        tunnel.DrawSessionId() is { IsNone: false } id ? id : new SessionId(1);

    public override void ReleaseId(EngineContext context, Session session)
    {
        // The tunnel's own table is the only one.
    }

    public override ResultCode WrongState(string what) => new(CdnResult.GeneralError, GeneralError.VendorSpecific, what);

    public override string? CannotAsk(Tunnel tunnel, LacSession configuration)
    {
        if (configuration.Direction == CallDirection.Incoming)
            return null;
        if (tunnel.PeerIntroduction is not { BearerCapabilities: { } bearers } introduction)
            return "the peer did not say that it can place outgoing calls (no Bearer Capabilities AVP)";
        return (configuration.BearerType & ~bearers) == 0 && (configuration.FramingType & ~introduction.FramingCapabilities) == 0
            ? null
            : "the peer cannot place a call of this bearer and framing type";
    }

    public override CallRequest Ask(EngineContext context, Tunnel tunnel, LacSession configuration, SessionId localId, uint serial) =>
        CallRequests.From(configuration, localId, serial);

    public override Refusal? Judge(EngineContext context, Tunnel tunnel, CallRequest request, out SessionProfile profile)
    {
        profile = SessionRules.Of(context, tunnel).Session;
        return null;
    }

    public override Session? FindTie(Tunnel tunnel, CallRequest request) => null;

    public override DialledSession? FindDialled(Tunnel tunnel, CallRequest request) => null;

    public override void Begin(EngineContext context, Session session)
    {
        // L2TPv2 has nothing beyond the request.
    }

    public override Icrp Reply(Session session) => new() { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId };

    public override Ocrp OutgoingReply(Session session) => new() { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId };

    public override CallConnected Connected(Session session) => CallRequests.Connected(session);

    public override Refusal? Agree(Session session, SessionMessage message) => null;

    public override Sli? Inform(Session session)
    {
        if (session is not { IsLns: true, Profile.Accm: { } accm })
            return null;
        session.Accm = accm;
        return new Sli { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId, Accm = accm };
    }

    public override SessionParameters Parameters(Session session)
    {
        var required = session.Connected?.SequencingRequired == true;
        return new SessionParameters(
            session, session.LocalId, session.PeerId, PseudowireType.Ppp, session.IsLns,
            SendSequence: required || session.Profile.Sequencing, RequireSequence: required, session.Profile.ReorderTimeout);
    }
}
