namespace L2tpd.Ppp;

/// <summary>Why an endpoint ended, with the codes of PPP (RFC 3145) and of accounting (RFC 2866).</summary>
/// <param name="Cause">The kind.</param>
/// <param name="Text">The reason as text, for log and history.</param>
/// <param name="Code">RFC 3145 section 2.1.</param>
/// <param name="ControlProtocol">The PPP control protocol concerned; 0 if none.</param>
/// <param name="Direction">RFC 3145: 0 global, 1 at the peer, 2 at the local end.</param>
/// <param name="TerminateCause">The cause for accounting.</param>
public sealed record PppEnd(
    PppEndCause Cause, string Text, DisconnectCode Code, ushort ControlProtocol, byte Direction, TerminateCause TerminateCause);

/// <summary>The kinds of end.</summary>
public enum PppEndCause
{
    Administrative,
    ShutDown,
    SessionTimeout,
    IdleTimeout,

    /// <summary>Another session of the same user took this one's place.</summary>
    Replaced,

    /// <summary>The peer sent Terminate-Request.</summary>
    ClosedByPeer,

    /// <summary>The host reported the end of the session below.</summary>
    LowerLayerDown,

    /// <summary>LCP did not converge.</summary>
    LcpFailed,
    Loopback,
    EchoTimeout,
    AuthenticationFailed,
    AuthenticationTimeout,

    /// <summary>The two ends have no authentication protocol in common.</summary>
    AuthenticationUnacceptable,

    /// <summary>No network layer came up, or the last one went down.</summary>
    NetworkFailed,

    /// <summary>No address could be granted.</summary>
    NoAddress,
}

/// <summary>RFC 3145 section 2.1 disconnect codes.</summary>
public enum DisconnectCode : ushort
{
    NoInformation = 0,
    Administrative = 1,
    LcpRenegotiationDisabled = 2,
    Normal = 3,
    LcpTimeout = 5,
    NoRecognisableLcp = 6,
    MagicNumberLoopback = 7,
    EchoTimeout = 8,
    AuthenticationTimeout = 13,
    AuthenticationProtocolUnacceptable = 15,
    AuthenticationFailed = 16,
    NcpTimeout = 17,
    NoNcpOpened = 18,
    NcpAddressNotConverged = 19,
    AddressNotPermitted = 20,
}

/// <summary>RADIUS Acct-Terminate-Cause (RFC 2866 section 5.10).</summary>
public enum TerminateCause
{
    None = 0,
    UserRequest = 1,
    LostCarrier = 2,
    LostService = 3,
    IdleTimeout = 4,
    SessionTimeout = 5,
    AdminReset = 6,
    AdminReboot = 7,
    PortError = 8,
    NasError = 9,
    NasRequest = 10,
    NasReboot = 11,
    PortUnneeded = 12,
    PortPreempted = 13,
    PortSuspended = 14,
    ServiceUnavailable = 15,
    Callback = 16,
    UserError = 17,
    HostRequest = 18,
}

/// <summary>Why the host closes an endpoint.</summary>
public enum PppCloseCause
{
    /// <summary>An operator or a RADIUS Disconnect-Request.</summary>
    Administrative,

    /// <summary>This daemon stops.</summary>
    ShutDown,

    /// <summary>The user may have one session, and a newer one replaces it.</summary>
    Replaced,

    /// <summary>The data plane failed for this session.</summary>
    Failure,
}
