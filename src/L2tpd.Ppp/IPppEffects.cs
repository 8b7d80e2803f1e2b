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

    /// <summary>A network layer is open: its packets may flow.</summary>
    void NetworkUp(PppEndpoint endpoint, PppNetwork network);

    /// <summary>A network layer's packets must stop; once for each <see cref="NetworkUp"/>, with the same network.</summary>
    void NetworkDown(PppEndpoint endpoint, PppNetwork network);

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
