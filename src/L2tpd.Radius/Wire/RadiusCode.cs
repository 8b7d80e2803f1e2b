namespace L2tpd.Radius.Wire;

/// <summary>The Code field (RFC 2865 section 3, RFC 2866 section 3, RFC 5176 section 2.3, RFC 5997 section 3).</summary>
public enum RadiusCode : byte
{
    AccessRequest = 1,
    AccessAccept = 2,
    AccessReject = 3,
    AccountingRequest = 4,
    AccountingResponse = 5,
    AccessChallenge = 11,
    StatusServer = 12,
    DisconnectRequest = 40,
    DisconnectAck = 41,
    DisconnectNak = 42,
    CoaRequest = 43,
    CoaAck = 44,
    CoaNak = 45,
}

/// <summary>How the Authenticator field of a packet is computed.</summary>
public enum AuthenticatorRule
{
    /// <summary>Sixteen random octets: Access-Request and Status-Server (RFC 2865 section 3, RFC 5997 section 3).</summary>
    Random,

    /// <summary>MD5 over the packet with a field of zeros and the secret: Accounting-Request, CoA-Request, Disconnect-Request.</summary>
    Keyed,

    /// <summary>MD5 over the packet with the request's authenticator and the secret: every answer.</summary>
    Response,
}

/// <summary>Properties of codes.</summary>
public static class RadiusCodes
{
    /// <summary>The rule for the Authenticator field of packets with this code.</summary>
    public static AuthenticatorRule RuleOf(this RadiusCode code) => code switch
    {
        RadiusCode.AccessRequest or RadiusCode.StatusServer => AuthenticatorRule.Random,
        RadiusCode.AccountingRequest or RadiusCode.DisconnectRequest or RadiusCode.CoaRequest => AuthenticatorRule.Keyed,
        _ => AuthenticatorRule.Response,
    };

    /// <summary>
    /// Whether <paramref name="answer"/> may answer <paramref name="request"/>. A Status-Server is answered with the usual code of its
    /// port.
    /// </summary>
    public static bool IsAnsweredBy(this RadiusCode request, RadiusCode answer) => request switch
    {
        RadiusCode.AccessRequest => answer is RadiusCode.AccessAccept or RadiusCode.AccessReject or RadiusCode.AccessChallenge,
        RadiusCode.AccountingRequest => answer is RadiusCode.AccountingResponse,
        RadiusCode.StatusServer => answer is RadiusCode.AccessAccept or RadiusCode.AccountingResponse,
        RadiusCode.DisconnectRequest => answer is RadiusCode.DisconnectAck or RadiusCode.DisconnectNak,
        RadiusCode.CoaRequest => answer is RadiusCode.CoaAck or RadiusCode.CoaNak,
        _ => false,
    };
}
