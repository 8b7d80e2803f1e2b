namespace L2tpd.Ppp;

/// <summary>What a network layer negotiated; layers to come add records of their own.</summary>
/// <param name="TransmitLimit">Largest packet to send, octets.</param>
/// <param name="ReceiveLimit">Largest packet to expect, octets.</param>
/// <param name="Authorisation">What the peer may have; <c>null</c> without authentication.</param>
public abstract record PppNetwork(ushort TransmitLimit, ushort ReceiveLimit, Authorisation? Authorisation);

/// <summary>What IPCP negotiated.</summary>
/// <param name="Local">Our address.</param>
/// <param name="Peer">The peer's address; none if a server did not name its own.</param>
/// <param name="PrimaryDns">Client: from the server; server: given to the peer; or none.</param>
/// <param name="SecondaryDns">As the primary.</param>
/// <param name="PrimaryNbns">Server: given to the peer; or none.</param>
/// <param name="SecondaryNbns">As the primary.</param>
/// <param name="TransmitLimit">Largest packet to send, octets.</param>
/// <param name="ReceiveLimit">Largest packet to expect, octets.</param>
/// <param name="Authorisation">What the peer may have; <c>null</c> without authentication.</param>
public sealed record Ipv4Network(
    Ipv4Address Local, Ipv4Address Peer, Ipv4Address PrimaryDns, Ipv4Address SecondaryDns, Ipv4Address PrimaryNbns,
    Ipv4Address SecondaryNbns, ushort TransmitLimit, ushort ReceiveLimit, Authorisation? Authorisation)
    : PppNetwork(TransmitLimit, ReceiveLimit, Authorisation);

/// <summary>What IPv6CP negotiated. Addresses beyond link-local are the matter of router advertisement and DHCPv6.</summary>
/// <param name="LocalIdentifier">Our address is fe80::/64 with this.</param>
/// <param name="PeerIdentifier">The peer's.</param>
/// <param name="TransmitLimit">Largest packet to send, octets.</param>
/// <param name="ReceiveLimit">Largest packet to expect, octets.</param>
/// <param name="Authorisation">What the peer may have; <c>null</c> without authentication.</param>
public sealed record Ipv6Network(
    ulong LocalIdentifier, ulong PeerIdentifier, ushort TransmitLimit, ushort ReceiveLimit, Authorisation? Authorisation)
    : PppNetwork(TransmitLimit, ReceiveLimit, Authorisation);
