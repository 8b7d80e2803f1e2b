namespace L2tpd.Ppp;

/// <summary>
/// What an endpoint wants done. Calls never fail and must not call back into the endpoint: results come later as inputs. Only the two
/// requests may be answered within their own call, for hosts that know at once. One implementation serves all endpoints;
/// <see cref="PppEndpoint.Key"/> tells them apart.
/// </summary>
public interface IPppEffects
{
    /// <summary>Sends a frame.</summary>
    /// <param name="endpoint">Who sends.</param>
    /// <param name="frame">FF 03 where the rules want it, protocol and payload. Valid during the call.</param>
    void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame);

    /// <summary>The peer gave proof of itself; answer: <see cref="PppEndpoint.HandleAuthentication"/>. A later request or the end supersedes it.</summary>
    void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest facts);

    /// <summary>An IPv4 address for the peer is needed; answer: <see cref="PppEndpoint.HandleAddress"/>.</summary>
    /// <param name="endpoint">Who asks.</param>
    /// <param name="attempt">Goes with the answer.</param>
    /// <param name="authorisation">What the peer may have; null when no authentication is required.</param>
    void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation);

    /// <summary>Gives a grant back: called exactly once for each one handed to <see cref="PppEndpoint.HandleAddress"/>, whatever happens.</summary>
    void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant);

    /// <summary>LCP is Opened.</summary>
    void LinkUp(PppEndpoint endpoint, LinkParameters link);

    /// <summary>IPCP is Opened: IPv4 may flow.</summary>
    void Ipv4Up(PppEndpoint endpoint, Ipv4Network network);

    /// <summary>IPv4 must stop; once for each <see cref="Ipv4Up"/>.</summary>
    void Ipv4Down(PppEndpoint endpoint);

    /// <summary>IPv6CP is Opened: link-local IPv6 may flow, and router advertisement or DHCPv6 start from here.</summary>
    void Ipv6Up(PppEndpoint endpoint, Ipv6Network network);

    /// <summary>IPv6 must stop; once for each <see cref="Ipv6Up"/>.</summary>
    void Ipv6Down(PppEndpoint endpoint);

    /// <summary>
    /// The peer renegotiates the link: all network layers are down, the address is given back, and <see cref="LinkUp"/> may follow with another
    /// user. An end is not told so: there <see cref="Ended"/> follows.
    /// </summary>
    void LinkRestarted(PppEndpoint endpoint);

    /// <summary>The endpoint is done; last call, exactly once after <see cref="PppEndpoint.Open"/>.</summary>
    void Ended(PppEndpoint endpoint, PppEnd end);
}

/// <summary>What LCP agreed on, for the data path.</summary>
/// <param name="TransmitLimit">Largest payload to send: the peer's MRU, clamped by the profile.</param>
/// <param name="ReceiveLimit">Our MRU.</param>
/// <param name="CompressProtocol">May send 1-octet protocol numbers.</param>
/// <param name="CompressAddress">May leave out FF 03.</param>
/// <param name="FromPeer">How the peer proves itself.</param>
/// <param name="ToPeer">How we prove ourselves.</param>
/// <param name="Proxied">Adopted from the LAC without a packet to the subscriber.</param>
public sealed record LinkParameters(
    ushort TransmitLimit, ushort ReceiveLimit, bool CompressProtocol, bool CompressAddress,
    AuthenticationProtocol FromPeer, AuthenticationProtocol ToPeer, bool Proxied);

/// <summary>What IPCP agreed on.</summary>
/// <param name="Local">Our address.</param>
/// <param name="Peer">The peer's address; none when a server did not tell its own.</param>
/// <param name="PrimaryDns">Client: told by the server; server: given to the peer; or none.</param>
/// <param name="SecondaryDns">As the primary.</param>
/// <param name="PrimaryNbns">Server: given to the peer; or none.</param>
/// <param name="SecondaryNbns">As the primary.</param>
/// <param name="TransmitLimit">Largest packet to send, octets.</param>
/// <param name="ReceiveLimit">Largest packet to expect, octets.</param>
/// <param name="Authorisation">Routes and the like; null without authentication.</param>
public sealed record Ipv4Network(
    Ipv4Address Local, Ipv4Address Peer, Ipv4Address PrimaryDns, Ipv4Address SecondaryDns, Ipv4Address PrimaryNbns,
    Ipv4Address SecondaryNbns, ushort TransmitLimit, ushort ReceiveLimit, Authorisation? Authorisation);

/// <summary>What IPv6CP agreed on. Addresses beyond link-local are a matter of router advertisement and DHCPv6.</summary>
/// <param name="LocalIdentifier">Our address is fe80::/64 with this.</param>
/// <param name="PeerIdentifier">The peer's.</param>
/// <param name="TransmitLimit">Largest packet to send, octets.</param>
/// <param name="ReceiveLimit">Largest packet to expect, octets.</param>
/// <param name="Authorisation">Prefixes and the like; null without authentication.</param>
public sealed record Ipv6Network(
    ulong LocalIdentifier, ulong PeerIdentifier, ushort TransmitLimit, ushort ReceiveLimit, Authorisation? Authorisation);
