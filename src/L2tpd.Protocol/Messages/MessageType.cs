namespace L2tpd.Protocol.Messages;

/// <summary>Values of the Message Type AVP, vendor 0 (RFC 2661 section 3.2, RFC 3931 section 3.1, IANA l2tp-parameters).</summary>
public enum MessageType : ushort
{
    Sccrq = 1,
    Sccrp = 2,
    Scccn = 3,
    StopCcn = 4,
    Hello = 6,
    Ocrq = 7,
    Ocrp = 8,
    Occn = 9,
    Icrq = 10,
    Icrp = 11,
    Iccn = 12,
    Cdn = 14,
    Wen = 15,
    Sli = 16,

    /// <summary>Modem Status (RFC 3573).</summary>
    Mdmst = 17,

    /// <summary>Service Relay Request (RFC 3817).</summary>
    Srrq = 18,

    /// <summary>Service Relay Reply (RFC 3817).</summary>
    Srrp = 19,

    /// <summary>Explicit Acknowledgement (RFC 3931), L2TPv3 only; takes no Ns slot.</summary>
    Ack = 20,

    /// <summary>Failover Session Query (RFC 4951).</summary>
    Fsq = 21,

    /// <summary>Failover Session Response (RFC 4951).</summary>
    Fsr = 22,

    /// <summary>Connect Speed Update Notification (RFC 5515).</summary>
    Csun = 28,

    /// <summary>Connect Speed Update Request (RFC 5515).</summary>
    Csurq = 29,
}
