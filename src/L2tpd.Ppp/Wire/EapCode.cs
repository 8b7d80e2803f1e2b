namespace L2tpd.Ppp.Wire;

/// <summary>Codes of EAP packets (RFC 3748 section 4), which have the form of <see cref="ControlPacket"/>.</summary>
public enum EapCode : byte
{
    Request = 1,
    Response = 2,
    Success = 3,
    Failure = 4,
}

/// <summary>The types of EAP that we read ourselves (RFC 3748 section 5); all others are between peer and server.</summary>
public enum EapType : byte
{
    Identity = 1,
    Notification = 2,
    Nak = 3,
}
