using L2tpd.Protocol.Avps;

namespace L2tpd.PppHosting.Pppd;

/// <summary>What the end of a pppd means for the L2TP session: CDN result, RFC 3145 cause, text.</summary>
/// <param name="CdnResult">CDN result code (RFC 2661 section 4.4.2).</param>
/// <param name="Cause">RFC 3145 cause; <c>null</c> if none applies.</param>
/// <param name="Reason">The reason as text, without the codes.</param>
public sealed record PppdExit(ushort CdnResult, PppDisconnectCause? Cause, string Reason)
{
    /// <summary>EXIT_AUTH_TOPEER_FAILED: we failed to authenticate ourselves to the peer.</summary>
    public const int NotAuthenticated = 19;

    private const ushort LossOfCarrier = 1;
    private const ushort Administrative = 3;
    private const ushort NoFacilitiesNow = 4;
    private const ushort NoFacilitiesEver = 5;

    private const ushort Lcp = 0xc021;
    private const byte Globally = 0;
    private const byte AtPeer = 1;
    private const byte Locally = 2;

    /// <summary>The peer failed to authenticate itself.</summary>
    public bool IsPeerRefused => Cause is { Code: PppDisconnectCode.AuthenticationFailed, Direction: AtPeer };

    /// <summary>Reads an exit status of pppd 2.4.9 or later (section EXIT STATUS of its manual).</summary>
    /// <param name="status">0 to 255.</param>
    /// <param name="said">What its output said, which is more precise than the status.</param>
    public static PppdExit FromStatus(int status, PppdOutput said) => status switch
    {
        0 => new(Administrative, Because(PppDisconnectCode.Normal, Lcp, AtPeer), "the peer ended PPP"),
        1 => new(NoFacilitiesNow, null, "pppd reported a fatal error" + said.LastComplaintInBrackets),
        2 => new(NoFacilitiesEver, null, "pppd refused its options" + said.LastComplaintInBrackets),
        3 => new(NoFacilitiesEver, null, "pppd is not run by root"),
        4 => new(NoFacilitiesEver, null, "the kernel has no PPP: load the module ppp_generic (and l2tp_ppp)"),
        5 => new(Administrative, Because(PppDisconnectCode.Administrative, 0, Globally), "pppd was told to stop by a signal"),
        6 or 7 => new(NoFacilitiesNow, null, "pppd could not use the session's socket" + said.LastComplaintInBrackets),
        8 => new(NoFacilitiesEver, null, "pppd's connect script failed"),
        9 => new(NoFacilitiesEver, null, "pppd could not run its pty command"),
        10 => NegotiationFailed(said),
        11 => new(
            Administrative, Because(PppDisconnectCode.AuthenticationFailed, said.AuthenticationProtocol, AtPeer),
            "the peer failed to authenticate"),
        12 => new(Administrative, Because(PppDisconnectCode.Normal, Lcp, Locally), "the PPP link was idle for too long"),
        13 => new(Administrative, Because(PppDisconnectCode.Normal, Lcp, Locally), "the PPP connect time limit was reached"),
        14 => new(Administrative, Because(PppDisconnectCode.Normal, 0, Locally), "PPP callback was negotiated"),
        15 => new(LossOfCarrier, Because(PppDisconnectCode.EchoTimeout, Lcp, Globally), "the peer no longer answers LCP echo requests"),
        16 => new(LossOfCarrier, null, "the PPP link was hung up"),
        17 => new(LossOfCarrier, Because(PppDisconnectCode.MagicNumberLoopback, Lcp, Globally), "the PPP link is looped back"),
        18 => new(NoFacilitiesEver, null, "pppd's init script failed"),
        NotAuthenticated => new(
            Administrative, Because(PppDisconnectCode.AuthenticationFailed, said.AuthenticationProtocol, Locally),
            "the peer did not accept our authentication"),
        _ => new(NoFacilitiesNow, null, $"pppd ended with the unknown exit status {status}" + said.LastComplaintInBrackets),
    };

    /// <summary>pppd died of a signal it could not handle.</summary>
    public static PppdExit FromSignal(int signal) => new(NoFacilitiesNow, null, $"pppd was killed by signal {signal}");

    /// <summary>pppd could not be started.</summary>
    public static PppdExit NotStarted(string why) => new(NoFacilitiesEver, null, why);

    /// <summary>pppd was stopped because the session ended.</summary>
    public static PppdExit Stopped { get; } =
        new(Administrative, Because(PppDisconnectCode.Administrative, 0, Globally), "PPP was stopped");

    private static PppdExit NegotiationFailed(PppdOutput said) => said.TimedOutProtocol switch
    {
        0 => new(
            LossOfCarrier, Because(PppDisconnectCode.NoNcpOpened, 0, Globally),
            "PPP negotiation failed: no network protocol came up" + said.LastComplaintInBrackets),
        Lcp => new(
            LossOfCarrier, Because(PppDisconnectCode.LcpTimeout, Lcp, Globally), "PPP negotiation failed: the peer does not answer LCP"),
        var protocol => new(
            LossOfCarrier, Because(PppDisconnectCode.NcpTimeout, protocol, Globally),
            "PPP negotiation failed: the peer does not answer the network control protocol"),
    };

    private static PppDisconnectCause Because(PppDisconnectCode code, ushort protocol, byte direction) => new(code, protocol, direction);
}
