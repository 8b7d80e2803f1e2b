using L2tpd.Engine.Addressing;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Ppp;
using L2tpd.PppHosting.Pppd;
using L2tpd.Protocol.Avps;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>
/// What the end of the built-in PPP means for the L2TP session: CDN result, RFC 3145 cause, text; the same codes as for a pppd (<see
/// cref="PppdExit"/>).
/// </summary>
public static class PppEndCodes
{
    private const ushort LossOfCarrier = 1;
    private const ushort GeneralError = 2;
    private const ushort Administrative = 3;
    private const ushort NoFacilitiesNow = 4;
    private const ushort NoFacilitiesEver = 5;

    // StopCCN: the requester is being shut down (RFC 2661 section 4.4.2).
    private const ushort BeingShutDown = 6;

    /// <summary>RFC 3145 direction: at the peer, from the view of the sender, which is the LAC.</summary>
    private const byte AtPeer = 1;

    /// <summary>RFC 3145 direction: at the local end.</summary>
    private const byte AtLocal = 2;

    /// <summary>The endpoint ended by itself.</summary>
    public static PppEnded Ended(SessionKey session, PppEnd end) => new(session, ResultOf(end.Cause), CauseOf(end), end.Text);

    /// <summary>PPP was stopped because the session ended.</summary>
    public static PppEnded Stopped(SessionKey session) => From(session, PppdExit.Stopped);

    /// <summary>The data plane failed.</summary>
    public static PppEnded Failed(SessionKey session, string why) => new(session, NoFacilitiesNow, null, why);

    /// <summary>PPP could not be started.</summary>
    public static PppEnded NotStarted(SessionKey session, string why) => From(session, PppdExit.NotStarted(why));

    /// <summary>CDN result code (RFC 2661 section 4.4.2).</summary>
    public static ushort ResultOf(PppEndCause cause) => cause switch
    {
        PppEndCause.LowerLayerDown or PppEndCause.LcpFailed or PppEndCause.Loopback or PppEndCause.EchoTimeout
            or PppEndCause.NetworkFailed => LossOfCarrier,
        PppEndCause.NoAddress => NoFacilitiesNow,
        _ => Administrative,
    };

    /// <summary>RFC 3145 cause; <c>null</c> if none applies.</summary>
    public static PppDisconnectCause? CauseOf(PppEnd end) => end.Code == DisconnectCode.NoInformation
        ? null
        : new PppDisconnectCause((PppDisconnectCode)(ushort)end.Code, end.ControlProtocol, end.Direction);

    /// <summary>
    /// Whether a client's link ends because the peer refuses our credentials: by an answer, or as the reason of its Terminate-Request.
    /// </summary>
    public static bool TellsRefusal(PppEnd end) => end switch
    {
        { Cause: PppEndCause.AuthenticationFailed, Direction: AtLocal } => true,
        { Cause: PppEndCause.ClosedByPeer } => end.Text.Contains("authentication fail", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>
    /// The terminate cause of a session whose L2TP session ended first. Of a CDN the PPP cause counts more than the result, which LACs use
    /// loosely (RFC 3145 section 2.1).
    /// </summary>
    public static TerminateCause TerminateCauseOf(EndReason reason) => reason switch
    {
        { Cause: EndCause.ShutDown } => TerminateCause.AdminReboot,
        { Cause: EndCause.Administrative } => TerminateCause.AdminReset,
        { Cause: EndCause.ClosedByPeer, ResultIsCdn: true, PppCause: { } ppp } when CauseOfPeer(ppp) is { } cause => cause,
        { Cause: EndCause.ClosedByPeer, ResultIsCdn: true, Result.Result: GeneralError } => TerminateCause.LostService,
        { Cause: EndCause.ClosedByPeer, ResultIsCdn: true, Result.Result: Administrative } => TerminateCause.NasRequest,
        { Cause: EndCause.ClosedByPeer, ResultIsCdn: true, Result.Result: NoFacilitiesNow or NoFacilitiesEver } =>
            TerminateCause.ServiceUnavailable,
        { Cause: EndCause.ClosedByPeer or EndCause.TunnelEnded, ResultIsCdn: false, Result.Result: BeingShutDown } =>
            TerminateCause.AdminReboot,
        { Cause: EndCause.LimitReached } => TerminateCause.ServiceUnavailable,
        { Cause: EndCause.ProtocolError or EndCause.DataPlane or EndCause.Transport } => TerminateCause.NasError,
        _ => TerminateCause.LostCarrier,
    };

    /// <summary>By the PPP Disconnect Cause Code of the LAC's CDN; <c>null</c>: it says nothing.</summary>
    private static TerminateCause? CauseOfPeer(PppDisconnectCause cause) => cause.Code switch
    {
        PppDisconnectCode.Normal => cause.Direction == AtPeer ? TerminateCause.UserRequest : TerminateCause.NasRequest,
        PppDisconnectCode.Administrative => TerminateCause.NasRequest,
        PppDisconnectCode.LcpTimeout or PppDisconnectCode.NoRecognisableLcp or PppDisconnectCode.EchoTimeout => TerminateCause.LostCarrier,
        PppDisconnectCode.MagicNumberLoopback => TerminateCause.PortError,
        PppDisconnectCode.CompulsoryEncryptionRefused => TerminateCause.UserError,
        >= PppDisconnectCode.EndpointDiscriminatorMismatch and <= PppDisconnectCode.AddressNotPermitted => TerminateCause.UserError,
        _ => null,
    };

    private static PppEnded From(SessionKey session, PppdExit exit) => new(session, exit.CdnResult, exit.Cause, exit.Reason);
}
