using System.Net;

namespace L2tpd.Ppp;

/// <summary>
/// The actions of an endpoint. Calls do not fail and must not call back into the endpoint: results come later, as inputs. The exceptions
/// are the two requests, which a host may answer within the call. One implementation serves all endpoints; <see cref="PppEndpoint.Key"/>
/// distinguishes them.
/// </summary>
public interface IPppEffects
{
    /// <summary>Sends a frame.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="frame">FF 03 unless it may be left out, protocol and payload. Valid during the call.</param>
    void SendFrame(PppEndpoint endpoint, ReadOnlySpan<byte> frame);

    /// <summary>
    /// The peer sent its proof; the answer is <see cref="PppEndpoint.HandleAuthentication"/>. A later request, or the end, supersedes it.
    /// </summary>
    void RequestAuthentication(PppEndpoint endpoint, uint attempt, AuthenticationRequest request);

    /// <summary>The peer needs an IPv4 address; the answer is <see cref="PppEndpoint.HandleAddress"/>.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="attempt">To be repeated in the answer.</param>
    /// <param name="authorisation">What the peer may have; <c>null</c> if no authentication is required.</param>
    void RequestAddress(PppEndpoint endpoint, uint attempt, Authorisation? authorisation);

    /// <summary>What a peer may have of whom no proof is required; <c>null</c>: nothing in particular. Asked when LCP opens.</summary>
    Authorisation? AuthoriseWithoutProof(PppEndpoint endpoint) => null;

    /// <summary>Gives a grant back; exactly once for each grant passed to <see cref="PppEndpoint.HandleAddress"/>.</summary>
    void ReleaseAddress(PppEndpoint endpoint, AddressGrant grant);

    /// <summary>LCP is open.</summary>
    void LinkUp(PppEndpoint endpoint, LinkParameters link);

    /// <summary>A network layer is open: its packets may flow.</summary>
    void NetworkUp(PppEndpoint endpoint, PppNetwork network);

    /// <summary>A network layer's packets must stop; once for each <see cref="NetworkUp"/>, with the same network.</summary>
    void NetworkDown(PppEndpoint endpoint, PppNetwork network);

    /// <summary>
    /// Routes a network to the peer: a prefix that it was given by router advertisement or DHCPv6. A network that cannot be routed is
    /// reported by the host. Routes end with the network phase at the latest; a network that is routed already stays so.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="destination">The network; the layer of its family is up.</param>
    void AddRoute(PppEndpoint endpoint, IPNetwork destination)
    {
        // A host without routes, such as a test, ignores it.
    }

    /// <summary>Ends a route of <see cref="AddRoute"/>; one that is not there changes nothing.</summary>
    void RemoveRoute(PppEndpoint endpoint, IPNetwork destination)
    {
        // As above.
    }

    /// <summary>
    /// The peer renegotiates the link: all network layers are down, the address is given back, and <see cref="LinkUp"/> may follow with
    /// another user. Not called when the link ends.
    /// </summary>
    void LinkRestarted(PppEndpoint endpoint);

    /// <summary>The endpoint ended. The last call, exactly once after <see cref="PppEndpoint.Open"/>.</summary>
    void Ended(PppEndpoint endpoint, PppEnd end);
}

/// <summary>What LCP negotiated, for the data path.</summary>
/// <param name="TransmitLimit">Largest payload to send: the peer's MRU, at most the profile's limit.</param>
/// <param name="ReceiveLimit">Our MRU.</param>
/// <param name="CompressProtocol">The peer takes protocol numbers of one octet.</param>
/// <param name="CompressAddress">The peer takes frames without FF 03.</param>
/// <param name="FromPeer">The protocol by which the peer authenticates itself.</param>
/// <param name="ToPeer">The protocol by which we authenticate ourselves.</param>
/// <param name="Proxied">Taken over from the LAC without a packet to the subscriber.</param>
public sealed record LinkParameters(
    ushort TransmitLimit, ushort ReceiveLimit, bool CompressProtocol, bool CompressAddress,
    AuthenticationProtocol FromPeer, AuthenticationProtocol ToPeer, bool Proxied);
