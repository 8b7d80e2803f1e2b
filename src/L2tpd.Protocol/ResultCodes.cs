using L2tpd.Protocol.Avps;
using L2tpd.Protocol.Messages;

namespace L2tpd.Protocol;

/// <summary>StopCCN result codes (RFC 2661 section 4.4.2, RFC 3931 section 5.4.2, RFC 3308).</summary>
public static class StopCcnResult
{
    public const ushort Reserved = 0;
    public const ushort GeneralRequest = 1;
    public const ushort GeneralError = 2;
    public const ushort ControlChannelExists = 3;
    public const ushort NotAuthorized = 4;

    /// <summary>The error code is the highest version that the sender supports.</summary>
    public const ushort ProtocolVersionUnsupported = 5;
    public const ushort ShuttingDown = 6;
    public const ushort FsmError = 7;
    public const ushort MismatchingControlConnectionDs = 8;
}

/// <summary>CDN result codes (RFC 2661 section 4.4.2, RFC 3308, RFC 3931 section 5.4.2 and IANA).</summary>
public static class CdnResult
{
    public const ushort Reserved = 0;
    public const ushort LossOfCarrier = 1;
    public const ushort GeneralError = 2;
    public const ushort Administrative = 3;
    public const ushort NoFacilitiesTemporary = 4;
    public const ushort NoFacilitiesPermanent = 5;
    public const ushort InvalidDestination = 6;
    public const ushort NoCarrierDetected = 7;
    public const ushort Busy = 8;
    public const ushort NoDialTone = 9;
    public const ushort NotEstablishedInTime = 10;
    public const ushort NoFramingDetected = 11;
    public const ushort MismatchingSessionDs = 12;
    public const ushort LostTieBreaker = 13;
    public const ushort UnsupportedPseudowireType = 14;
    public const ushort SequencingWithoutSublayer = 15;
    public const ushort FsmErrorOrTimeout = 16;
    public const ushort FrameRelayPermanentlyDeleted = 17;
    public const ushort FrameRelayInactiveTooLong = 18;
    public const ushort FrameRelayMismatch = 19;
    public const ushort HdlcDeprovisioned = 20;
    public const ushort HdlcInactiveTooLong = 21;
    public const ushort OamUnsupported = 22;
    public const ushort InterfaceMtuMismatch = 23;
    public const ushort ForwarderNotExisting = 24;
    public const ushort ForwarderUnavailable = 25;
    public const ushort LoopDetected = 26;
    public const ushort AttachmentCircuitBoundElsewhere = 27;
    public const ushort AttachmentCircuitBoundToOtherPeer = 28;
    public const ushort TdmMismatch = 30;
    public const ushort SequencingNotSupported = 31;
}

/// <summary>General error codes: the second word of a Result Code AVP with result 2 (RFC 2661 section 4.4.2).</summary>
public static class GeneralError
{
    public const ushort None = 0;
    public const ushort NoControlConnection = 1;
    public const ushort WrongLength = 2;
    public const ushort ValueOutOfRange = 3;
    public const ushort InsufficientResources = 4;
    public const ushort InvalidSessionId = 5;
    public const ushort VendorSpecific = 6;

    /// <summary>In a StopCCN, the text is the IP address to use instead (RFC 3193 section 4.4).</summary>
    public const ushort TryAnother = 7;
    public const ushort UnknownMandatoryAvp = 8;

    /// <summary>The text lists addresses separated by ", " (RFC 3931).</summary>
    public const ushort TryAnotherDirected = 9;
    public const ushort NextHopUnreachable = 10;
    public const ushort NextHopBusy = 11;
    public const ushort TunnelSwitchLoop = 12;
}

/// <summary>Texts of result codes, as in logs and l2tpctl.</summary>
public static class ResultCodes
{
    /// <summary>The text of a Result Code AVP, for example "2 (general error), error 4 (insufficient resources): no memory".</summary>
    /// <param name="carrier">StopCCN or CDN, which number their results differently.</param>
    /// <param name="code">The Result Code AVP.</param>
    public static string Describe(MessageType carrier, ResultCode code)
    {
        var result = carrier == MessageType.StopCcn ? StopCcn(code.Result) : Cdn(code.Result);
        var text = $"{code.Result} ({result})";
        if (code.Error is ushort error && (error != GeneralError.None || code.Result == StopCcnResult.GeneralError))
            text += HasGeneralError(carrier, code.Result) ? $", error {error} ({Error(error)})" : $", error {error}";
        return string.IsNullOrEmpty(code.Message) ? text : $"{text}: {code.Message}";
    }

    /// <summary>The text of a StopCCN result.</summary>
    public static string StopCcn(ushort result) => result switch
    {
        StopCcnResult.Reserved => "reserved",
        StopCcnResult.GeneralRequest => "general request to clear the control connection",
        StopCcnResult.GeneralError => "general error",
        StopCcnResult.ControlChannelExists => "control channel already exists",
        StopCcnResult.NotAuthorized => "requester not authorized",
        StopCcnResult.ProtocolVersionUnsupported => "protocol version of the requester not supported",
        StopCcnResult.ShuttingDown => "requester is being shut down",
        StopCcnResult.FsmError => "state machine error or timeout",
        StopCcnResult.MismatchingControlConnectionDs => "mismatching control connection DS",
        _ => "unknown",
    };

    /// <summary>The text of a CDN result.</summary>
    public static string Cdn(ushort result) => result switch
    {
        CdnResult.Reserved => "reserved",
        CdnResult.LossOfCarrier => "loss of carrier or circuit",
        CdnResult.GeneralError => "general error",
        CdnResult.Administrative => "disconnected for administrative reasons",
        CdnResult.NoFacilitiesTemporary => "appropriate facilities temporarily not available",
        CdnResult.NoFacilitiesPermanent => "appropriate facilities permanently not available",
        CdnResult.InvalidDestination => "invalid destination",
        CdnResult.NoCarrierDetected => "no carrier detected",
        CdnResult.Busy => "busy signal",
        CdnResult.NoDialTone => "no dial tone",
        CdnResult.NotEstablishedInTime => "call not established in the time allotted by the LAC",
        CdnResult.NoFramingDetected => "connected but no appropriate framing detected",
        CdnResult.MismatchingSessionDs => "mismatching session DS",
        CdnResult.LostTieBreaker => "session lost the tie breaker",
        CdnResult.UnsupportedPseudowireType => "unsupported pseudowire type",
        CdnResult.SequencingWithoutSublayer => "sequencing required without a valid L2-specific sublayer",
        CdnResult.FsmErrorOrTimeout => "state machine error or timeout",
        CdnResult.FrameRelayPermanentlyDeleted => "Frame Relay circuit permanently deleted",
        CdnResult.FrameRelayInactiveTooLong => "Frame Relay circuit inactive too long",
        CdnResult.FrameRelayMismatch => "Frame Relay mismatch",
        CdnResult.HdlcDeprovisioned => "HDLC link deprovisioned",
        CdnResult.HdlcInactiveTooLong => "HDLC link inactive too long",
        CdnResult.OamUnsupported => "OAM mode not supported",
        CdnResult.InterfaceMtuMismatch => "interface MTU mismatch",
        CdnResult.ForwarderNotExisting => "no such forwarder",
        CdnResult.ForwarderUnavailable => "forwarder not available",
        CdnResult.LoopDetected => "loop detected",
        CdnResult.AttachmentCircuitBoundElsewhere => "attachment circuit bound elsewhere",
        CdnResult.AttachmentCircuitBoundToOtherPeer => "attachment circuit bound to another peer",
        CdnResult.TdmMismatch => "TDM parameters do not match",
        CdnResult.SequencingNotSupported => "sequencing not supported",
        _ => "unknown",
    };

    /// <summary>The text of a general error code.</summary>
    public static string Error(ushort error) => error switch
    {
        GeneralError.None => "none",
        GeneralError.NoControlConnection => "no control connection exists yet for this pair",
        GeneralError.WrongLength => "length is wrong",
        GeneralError.ValueOutOfRange => "a value is out of range or a reserved field is not zero",
        GeneralError.InsufficientResources => "insufficient resources",
        GeneralError.InvalidSessionId => "session id is invalid",
        GeneralError.VendorSpecific => "vendor-specific error",
        GeneralError.TryAnother => "try another",
        GeneralError.UnknownMandatoryAvp => "unknown AVP with the M bit set",
        GeneralError.TryAnotherDirected => "try another, directed",
        GeneralError.NextHopUnreachable => "next hop unreachable",
        GeneralError.NextHopBusy => "next hop busy",
        GeneralError.TunnelSwitchLoop => "tunnel switching loop",
        _ => "unknown",
    };

    /// <summary>An RFC 3145 cause, for example "16 (authentication failed), at the peer, protocol 0xc223".</summary>
    public static string Describe(PppDisconnectCause cause)
    {
        var direction = cause.Direction switch { 1 => ", at the peer", 2 => ", at the local end", _ => "" };
        var protocol = cause.ControlProtocol == 0 ? "" : $", protocol 0x{cause.ControlProtocol:x4}";
        var text = $"{(ushort)cause.Code} ({Ppp(cause.Code)}){direction}{protocol}";
        return string.IsNullOrEmpty(cause.Message) ? text : $"{text}: {cause.Message}";
    }

    /// <summary>The text of a Q.931 cause. Only its number is shown: ITU-T Q.850 defines the names.</summary>
    public static string Describe(Q931Cause cause) =>
        string.IsNullOrEmpty(cause.Advisory)
            ? $"Q.931 cause {cause.Cause}, message {cause.Message}"
            : $"Q.931 cause {cause.Cause}, message {cause.Message}: {cause.Advisory}";

    /// <summary>The text of an RFC 3145 disconnect code.</summary>
    public static string Ppp(PppDisconnectCode code) => code switch
    {
        PppDisconnectCode.NoInformation => "no information",
        PppDisconnectCode.Administrative => "administrative disconnect",
        PppDisconnectCode.LcpRenegotiationDisabled => "LCP renegotiation disabled at the LNS and no proxy LCP",
        PppDisconnectCode.Normal => "normal disconnection, LCP Terminate-Request",
        PppDisconnectCode.CompulsoryEncryptionRefused => "compulsory encryption refused",
        PppDisconnectCode.LcpTimeout => "LCP timed out",
        PppDisconnectCode.NoRecognisableLcp => "no recognisable LCP packets",
        PppDisconnectCode.MagicNumberLoopback => "loopback found by magic number",
        PppDisconnectCode.EchoTimeout => "LCP echo timed out",
        PppDisconnectCode.EndpointDiscriminatorMismatch => "multilink endpoint discriminator mismatch",
        PppDisconnectCode.MrruNotValid => "multilink MRRU not valid",
        PppDisconnectCode.ShortSequenceInvalid => "multilink short sequence number option invalid",
        PppDisconnectCode.CompulsoryCallbackRefused => "compulsory callback refused",
        PppDisconnectCode.AuthenticationTimeout => "authentication timed out",
        PppDisconnectCode.AuthenticationNameMismatch => "multilink authentication name mismatch",
        PppDisconnectCode.AuthenticationProtocolUnacceptable => "authentication protocol not acceptable",
        PppDisconnectCode.AuthenticationFailed => "authentication failed",
        PppDisconnectCode.NcpTimeout => "NCP timed out",
        PppDisconnectCode.NoNcpOpened => "no NCP opened",
        PppDisconnectCode.NcpAddressNotConverged => "NCP could not agree on an address",
        PppDisconnectCode.AddressNotPermitted => "user not permitted any address",
        >= (PppDisconnectCode)65280 => "private use",
        _ => "unknown",
    };

    private static bool HasGeneralError(MessageType carrier, ushort result) =>
        result == StopCcnResult.GeneralError || carrier != MessageType.StopCcn;
}
