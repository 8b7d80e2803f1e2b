using L2tpd.Ppp.Wire;

namespace L2tpd.Ppp;

/// <summary>The ends of an endpoint with their codes (RFC 3145 section 2.1, RFC 2866 section 5.10).</summary>
internal static class PppEnds
{
    private const byte Global = 0;
    private const byte AtPeer = 1;
    private const byte AtLocal = 2;
    private const ushort Lcp = (ushort)PppProtocol.Lcp;

    internal static PppEnd Closed(PppCloseCause cause, string text) => cause switch
    {
        PppCloseCause.ShutDown => new(PppEndCause.ShutDown, text, DisconnectCode.Administrative, Lcp, AtLocal, TerminateCause.AdminReboot),
        PppCloseCause.Replaced => new(
            PppEndCause.Replaced, text, DisconnectCode.Administrative, Lcp, AtLocal, TerminateCause.PortPreempted),
        PppCloseCause.Failure => new(PppEndCause.Administrative, text, DisconnectCode.NoInformation, 0, AtLocal, TerminateCause.NasError),
        _ => new(PppEndCause.Administrative, text, DisconnectCode.Administrative, Lcp, AtLocal, TerminateCause.AdminReset),
    };

    internal static PppEnd SessionTimeout() => new(
        PppEndCause.SessionTimeout, "the session timeout was reached", DisconnectCode.Normal, Lcp, AtLocal, TerminateCause.SessionTimeout);

    internal static PppEnd IdleTimeout() => new(
        PppEndCause.IdleTimeout, "the idle timeout was reached", DisconnectCode.Normal, Lcp, AtLocal, TerminateCause.IdleTimeout);

    internal static PppEnd ClosedByPeer(string? why) => new(
        PppEndCause.ClosedByPeer, why is null ? "the peer terminated the link" : "the peer terminated the link: " + why,
        DisconnectCode.Normal, Lcp, AtPeer, TerminateCause.UserRequest);

    internal static PppEnd NetworkClosedByPeer(PppProtocol protocol) => new(
        PppEndCause.ClosedByPeer, $"the peer terminated the last network layer ({protocol})",
        DisconnectCode.Normal, (ushort)protocol, AtPeer, TerminateCause.UserRequest);

    internal static PppEnd LowerLayerDown(string text) => new(
        PppEndCause.LowerLayerDown, text, DisconnectCode.NoInformation, 0, Global, TerminateCause.LostCarrier);

    internal static PppEnd LcpFailed(bool peerHeard) => peerHeard
        ? new(PppEndCause.LcpFailed, "LCP did not converge", DisconnectCode.LcpTimeout, Lcp, Global, TerminateCause.LostCarrier)
        : new(PppEndCause.LcpFailed, "the peer sent no LCP", DisconnectCode.NoRecognisableLcp, Lcp, AtPeer, TerminateCause.LostCarrier);

    internal static PppEnd Loopback() => new(
        PppEndCause.Loopback, "the link is looped back: our own magic number returns",
        DisconnectCode.MagicNumberLoopback, Lcp, Global, TerminateCause.PortError);

    internal static PppEnd EchoTimeout(int unanswered) => new(
        PppEndCause.EchoTimeout, $"the peer left {unanswered} echo requests unanswered",
        DisconnectCode.EchoTimeout, Lcp, AtPeer, TerminateCause.LostCarrier);

    internal static PppEnd AuthenticationUnacceptable() => new(
        PppEndCause.AuthenticationUnacceptable, "the peer takes none of the authentication protocols required",
        DisconnectCode.AuthenticationProtocolUnacceptable, Lcp, AtPeer, TerminateCause.UserError);

    internal static PppEnd PeerFailed(AuthenticationProtocol protocol, string reason) => new(
        PppEndCause.AuthenticationFailed, "the peer failed authentication: " + reason,
        DisconnectCode.AuthenticationFailed, Number(protocol), AtPeer, TerminateCause.UserError);

    internal static PppEnd WeFailed(AuthenticationProtocol protocol, string? message) => new(
        PppEndCause.AuthenticationFailed,
        string.IsNullOrEmpty(message) ? "the peer refused our credentials" : "the peer refused our credentials: " + message,
        DisconnectCode.AuthenticationFailed, Number(protocol), AtLocal, TerminateCause.UserError);

    internal static PppEnd PeerSilent(AuthenticationProtocol protocol) => new(
        PppEndCause.AuthenticationTimeout, "the peer did not authenticate itself in time",
        DisconnectCode.AuthenticationTimeout, Number(protocol), AtPeer, TerminateCause.UserError);

    internal static PppEnd NoVerdict(AuthenticationProtocol protocol) => new(
        PppEndCause.AuthenticationTimeout, "the peer did not answer our authentication in time",
        DisconnectCode.AuthenticationTimeout, Number(protocol), AtPeer, TerminateCause.UserError);

    internal static PppEnd NoBackend(AuthenticationProtocol protocol) => new(
        PppEndCause.AuthenticationTimeout, "authentication was not decided in time",
        DisconnectCode.AuthenticationTimeout, Number(protocol), AtLocal, TerminateCause.NasError);

    internal static PppEnd NetworkTimeout(PppProtocol protocol) => new(
        PppEndCause.NetworkFailed, $"no network layer came up in time ({protocol})",
        DisconnectCode.NcpTimeout, (ushort)protocol, Global, TerminateCause.UserError);

    internal static PppEnd NoNetwork(PppProtocol protocol) => new(
        PppEndCause.NetworkFailed, "no network layer could be opened",
        DisconnectCode.NoNcpOpened, (ushort)protocol, Global, TerminateCause.UserError);

    internal static PppEnd AddressNotConverged(PppProtocol protocol) => new(
        PppEndCause.NetworkFailed, "the peer gave us no address",
        DisconnectCode.NcpAddressNotConverged, (ushort)protocol, AtPeer, TerminateCause.UserError);

    internal static PppEnd NoPeerAddress() => new(
        PppEndCause.NetworkFailed, "the peer has no address that it may use", DisconnectCode.NcpAddressNotConverged,
        (ushort)PppProtocol.Ipcp, AtPeer, TerminateCause.UserError);

    internal static PppEnd NoAddress() => new(
        PppEndCause.NoAddress, "no address is available for the peer",
        DisconnectCode.AddressNotPermitted, (ushort)PppProtocol.Ipcp, AtLocal, TerminateCause.ServiceUnavailable);

    private static ushort Number(AuthenticationProtocol protocol) => (ushort)(protocol switch
    {
        AuthenticationProtocol.Pap => PppProtocol.Pap,
        AuthenticationProtocol.Eap => PppProtocol.Eap,
        _ => PppProtocol.Chap,
    });
}
