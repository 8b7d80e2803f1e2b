namespace L2tpd.Ipv6.Dhcp;

/// <summary>Message types (RFC 8415 section 7.3).</summary>
public enum DhcpMessageType : byte
{
    Solicit = 1,
    Advertise = 2,
    Request = 3,
    Confirm = 4,
    Renew = 5,
    Rebind = 6,
    Reply = 7,
    Release = 8,
    Decline = 9,
    Reconfigure = 10,
    InformationRequest = 11,
    RelayForward = 12,
    RelayReply = 13,
}

/// <summary>Option codes that the server reads or writes (RFC 8415 section 21, RFC 3646).</summary>
public enum DhcpOption : ushort
{
    ClientId = 1,
    ServerId = 2,

    /// <summary>IA_NA: IAID, T1, T2, options.</summary>
    AddressAssociation = 3,

    /// <summary>IA Address: address, preferred and valid lifetime, options.</summary>
    Address = 5,
    OptionRequest = 6,
    StatusCode = 13,
    RapidCommit = 14,

    /// <summary>DNS recursive name servers (RFC 3646 section 3).</summary>
    NameServers = 23,

    /// <summary>Domain search list (RFC 3646 section 4).</summary>
    SearchDomains = 24,

    /// <summary>IA_PD: IAID, T1, T2, options.</summary>
    PrefixAssociation = 25,

    /// <summary>IA Prefix: preferred and valid lifetime, length, prefix, options.</summary>
    Prefix = 26,
    InformationRefreshTime = 32,
    SolicitMaximum = 82,
}

/// <summary>Status codes (RFC 8415 section 21.13).</summary>
public enum DhcpStatus : ushort
{
    Success = 0,
    UnspecifiedFailure = 1,
    NoAddresses = 2,
    NoBinding = 3,
    NotOnLink = 4,
    UseMulticast = 5,
    NoPrefixes = 6,
}
