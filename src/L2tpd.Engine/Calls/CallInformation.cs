using L2tpd.Engine.Events;
using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Calls;

/// <summary>WEN, SLI and CSUN: messages about an established call.</summary>
internal sealed class CallInformation(EngineContext context)
{
    private static readonly TimeSpan WenInterval = TimeSpan.FromSeconds(60);
    private static readonly CallErrors None = new(0, 0, 0, 0, 0, 0);

    /// <summary>Sends WEN, LAC to LNS, when the counters have grown and the last one is 60 s old (RFC 2661 section 6.13).</summary>
    public void ReportErrors(Session session, CallErrors errors)
    {
        if (session.IsLns || session.State != SessionState.Established)
            return;
        if (errors == (session.CallErrors ?? None) || context.Now < session.NextWen)
            return;
        session.CallErrors = errors;
        session.NextWen = context.Now + WenInterval;
        session.Tunnel.Send(new Wen { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId, CallErrors = errors });
    }

    /// <summary>The attachment circuit changed. The peer is told with SLI, once both ends know the session.</summary>
    public static void ReportCircuit(Session session, CircuitStatus status)
    {
        if (session.Pseudowire is not { } wire || wire.LocalStatus == status)
            return;
        wire.LocalStatus = status;
        // The request, which is not sent yet, carries it.
        if (session.State is not (SessionState.Idle or SessionState.WaitTunnel))
            session.Tunnel.Send(new Sli { LocalSessionId = session.LocalId, RemoteSessionId = session.PeerId, CircuitStatus = status });
    }

    /// <summary>Keeps what the peer sends, and reports it.</summary>
    public void Receive(Session session, SessionMessage message)
    {
        switch (message)
        {
            case Wen wen when session.IsLns:
                session.CallErrors = wen.CallErrors;
                break;
            case Sli { CircuitStatus: { } status } when session.Pseudowire is { } wire:
                wire.PeerStatus = status;
                break;
            case Sli { Accm: { } accm } when !session.IsLns:
                session.Accm = accm;
                break;
            case Csun csun when session.Request is Icrq { ConnectSpeedUpdateEnable: true }:
                session.SpeedUpdate = csun.Update;
                break;
            case Wen or Sli:
                context.Notify(new PeerOddity(
                    session.Tunnel, $"{MessageTypes.NameOf(message.Type)} from the wrong side of the call was ignored"));
                return;
        }

        context.Notify(new SessionInformed(session, message));
    }
}
