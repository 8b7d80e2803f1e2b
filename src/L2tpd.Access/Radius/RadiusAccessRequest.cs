using L2tpd.Ppp;
using L2tpd.Ppp.Cryptography;
using L2tpd.Radius.Client;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>An Access-Request with a peer's proof (RFC 2865 section 4.1, RFC 2548 section 2.3.2, RFC 3579).</summary>
/// <param name="request">The session and its proof.</param>
/// <param name="wantsIdentity">Ask for a Chargeable-User-Identity (RFC 4372).</param>
internal sealed class RadiusAccessRequest(AccessRequest request, bool wantsIdentity = false) : SessionRequest
{
    private const byte MsChapChallenge = 11;
    private const byte MsChap2Response = 25;
    private const int MaxValue = 253;

    /// <inheritdoc/>
    public override RadiusService Service => RadiusService.Authentication;

    /// <inheritdoc/>
    public override uint Affinity => AffinityOf(request.Authentication.Name);

    /// <summary>Why RADIUS cannot carry the proof, for our log; <c>null</c>: it can.</summary>
    public static string? Objection(AuthenticationRequest proof) => proof switch
    {
        { Name.Length: 0 } => "the user name is empty",
        { Name.Length: > MaxValue } => "the user name is longer than 253 octets",
        { Protocol: AuthenticationProtocol.Pap, Response.Length: > PasswordHiding.MaxUserPassword } =>
            "the password is longer than 128 octets",
        { Challenge.Length: > MaxValue } => "the challenge is longer than 253 octets",
        { Protocol: AuthenticationProtocol.Pap or AuthenticationProtocol.ChapMd5 or AuthenticationProtocol.MsChapV2
            or AuthenticationProtocol.Eap } => null,
        _ => "RADIUS cannot carry this authentication protocol",
    };

    /// <inheritdoc/>
    public override void Write(ref PacketBuilder packet, int server, long delay)
    {
        packet.Add(AttributeType.UserName, request.Authentication.Name);
        WriteProof(ref packet, request.Authentication);
        WriteServer(ref packet, server, request.Session);
        WriteSession(ref packet, request.Session);
        // Within an EAP conversation the State is that of the latest Access-Challenge.
        if (!request.State.IsEmpty && request.Authentication.State is not { Length: > 0 })
            packet.Add(AttributeType.State, request.State.AsSpan());
        // One octet of zero asks for the identity (RFC 4372 section 2.2); a known one is repeated.
        if (wantsIdentity && request.ChargeableUserIdentity.IsEmpty)
            packet.Add(AttributeType.ChargeableUserIdentity, [0]);
        else if (wantsIdentity)
            packet.Add(AttributeType.ChargeableUserIdentity, request.ChargeableUserIdentity.AsSpan());
    }

    private static void WriteProof(ref PacketBuilder packet, AuthenticationRequest proof)
    {
        switch (proof.Protocol)
        {
            case AuthenticationProtocol.Pap:
                packet.AddUserPassword(proof.Response);
                break;
            case AuthenticationProtocol.ChapMd5:
                // CHAP-Challenge is always sent, so that the Request Authenticator stays random.
                packet.Add(AttributeType.ChapPassword, [proof.Id, .. proof.Response]);
                packet.Add(AttributeType.ChapChallenge, proof.Challenge);
                break;
            case AuthenticationProtocol.MsChapV2:
                packet.AddVendor(VendorId.Microsoft, MsChapChallenge, proof.Challenge);
                packet.AddVendor(VendorId.Microsoft, MsChap2Response, MsChap2ResponseOf(proof));
                break;
            case AuthenticationProtocol.Eap:
                EapAttributes.Write(ref packet, proof);
                break;
        }
    }

    /// <summary>Ident and flags first. PPP has the flags last (RFC 2759 section 4).</summary>
    private static byte[] MsChap2ResponseOf(AuthenticationRequest proof) =>
        [proof.Id, 0, .. proof.Response.AsSpan(0, MsChapV2.ResponseLength - 1)];
}
