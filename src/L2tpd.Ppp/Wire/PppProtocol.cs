namespace L2tpd.Ppp.Wire;

/// <summary>PPP protocol numbers (RFC 1661 section 2 and the IANA registry).</summary>
public enum PppProtocol : ushort
{
    None = 0,
    Ipv4 = 0x0021,
    Ipv6 = 0x0057,
    Ipcp = 0x8021,
    Ipv6cp = 0x8057,
    Ccp = 0x80fd,
    Lcp = 0xc021,
    Pap = 0xc023,
    LinkQualityReport = 0xc025,
    Chap = 0xc223,
    Eap = 0xc227,
}

/// <summary>Codes of control packets (RFC 1661 section 5, RFC 1570 section 2).</summary>
public enum ControlCode : byte
{
    ConfigureRequest = 1,
    ConfigureAck = 2,
    ConfigureNak = 3,
    ConfigureReject = 4,
    TerminateRequest = 5,
    TerminateAck = 6,
    CodeReject = 7,
    ProtocolReject = 8,
    EchoRequest = 9,
    EchoReply = 10,
    DiscardRequest = 11,
    Identification = 12,
    TimeRemaining = 13,
}
