using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>What Access-Accept, Access-Reject and Access-Challenge say about a proof (RFC 2865 section 4, RFC 2548 section 2).</summary>
internal static class AccessAnswerReader
{
    private const byte MsChapError = 2;
    private const byte MppePolicy = 7;
    private const byte MsChap2Success = 26;
    private const uint MppeRequired = 2;
    private const uint FramedService = 2;
    private const uint PppProtocol = 1;
    private const uint L2tpTunnel = 3;
    private const int ChallengeDigits = 32;
    private const int PasswordExpired = 648;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Reads a verified answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="proof">What was asked.</param>
    /// <param name="server">The server's name, for our log.</param>
    public static AuthenticationResult Read(in RadiusPacket answer, AuthenticationRequest proof, string server)
    {
        var message = MessageOf(answer);
        return answer.Code switch
        {
            RadiusCode.AccessAccept => Accept(answer, proof, server, message),
            RadiusCode.AccessChallenge when proof.Protocol == AuthenticationProtocol.Eap => Challenge(answer, server),
            // RFC 2865 section 4.4: a NAS that cannot go on with a challenge treats it as a reject.
            RadiusCode.AccessChallenge => Refuse($"RADIUS server {server} wants a challenge that PPP has no answer to", message),
            _ => Reject(answer, proof, server, message),
        };
    }

    private static AuthenticationResult Challenge(in RadiusPacket answer, string server) =>
        EapAttributes.ReadChallenge(answer) is { } challenge
            ? new AuthenticationResult { Accepted = false, Challenge = challenge }
            : Refuse($"the Access-Challenge of RADIUS server {server} has no EAP request", null);

    private static AuthenticationResult Accept(in RadiusPacket answer, AuthenticationRequest proof, string server, string? message)
    {
        var success = Vendor(answer, VendorId.Microsoft, MsChap2Success);
        if (Objection(answer, proof, success) is { } objection)
            return Refuse($"the Access-Accept of RADIUS server {server} cannot be used: {objection}", null);

        return new AuthenticationResult
        {
            Accepted = true,
            UserName = answer.TryFind(AttributeType.UserName, out var name) ? Encoding.UTF8.GetString(name) : null,
            Message = message,
            AuthenticatorResponse = success is [_, .. var text] ? Encoding.ASCII.GetString(text) : null,
            Authorisation = AuthorisationReader.Read(answer),
        };
    }

    /// <summary>Why an Access-Accept counts as a reject; <c>null</c>: it does not.</summary>
    private static string? Objection(in RadiusPacket answer, AuthenticationRequest proof, byte[]? success)
    {
        if (answer.TryFindUInt32(AttributeType.ServiceType, out var service) && service != FramedService)
            return $"Service-Type {service} is not Framed";
        if (answer.TryFindUInt32(AttributeType.FramedProtocol, out var protocol) && protocol != PppProtocol)
            return $"Framed-Protocol {protocol} is not PPP";
        if (OtherTunnel(answer) is { } tunnel)
            return $"Tunnel-Type {tunnel} is not L2TP";
        if (Vendor(answer, VendorId.Microsoft, MppePolicy) is [0, 0, 0, (byte)MppeRequired])
            return "it requires encryption by MPPE, which l2tpd does not have";

        if (proof.Protocol == AuthenticationProtocol.Eap && !EapAttributes.HasSuccess(answer))
            return "it has no EAP-Message with Success";

        // ident, then S= and 40 digits (RFC 2548 section 2.3.3): without it the peer could not verify us.
        return proof.Protocol == AuthenticationProtocol.MsChapV2
            && (success is not { Length: >= 43 } || success[1] != 'S' || success[2] != '=')
            ? "MS-CHAP2-Success is missing" : null;
    }

    /// <summary>
    /// The Tunnel-Type of a user who belongs into a tunnel that is not ours to make (RFC 2868 section 3.1); <c>null</c>: there is none, or
    /// one is L2TP. The first octet is a tag.
    /// </summary>
    private static uint? OtherTunnel(in RadiusPacket answer)
    {
        uint? other = null;
        foreach (var attribute in answer.Attributes)
        {
            if (attribute.Type != AttributeType.TunnelType || attribute.Value.Length != 4)
                continue;

            var type = BinaryPrimitives.ReadUInt32BigEndian(attribute.Value) & 0xff_ffff;
            if (type == L2tpTunnel)
                return null;

            other = type;
        }

        return other;
    }

    private static AuthenticationResult Reject(in RadiusPacket answer, AuthenticationRequest proof, string server, string? message)
    {
        var reason = message is null ? $"RADIUS server {server} rejected it" : $"RADIUS server {server} rejected it: {message}";
        var refused = Refuse(reason, message);
        return proof.Protocol == AuthenticationProtocol.MsChapV2
            && Vendor(answer, VendorId.Microsoft, MsChapError) is [_, .. var text]
                ? WithError(refused, Encoding.UTF8.GetString(text))
                : refused;
    }

    /// <summary>
    /// Reads <c>E=691 R=1 C=... V=3 M=...</c> (RFC 2759 section 6). The challenge is the one that the next proof must use.
    /// </summary>
    private static AuthenticationResult WithError(AuthenticationResult refused, string text)
    {
        var error = AuthenticationResult.AuthenticationFailure;
        byte[]? challenge = null;
        var mayRetry = false;
        var message = text.IndexOf("M=", StringComparison.Ordinal);
        foreach (var word in (message < 0 ? text : text[..message]).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.StartsWith("E=", StringComparison.Ordinal) && int.TryParse(
                word.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 600 and <= 999)
            {
                error = number;
            }
            else if (word.StartsWith("R=", StringComparison.Ordinal))
            {
                mayRetry = word == "R=1";
            }
            else if (word.StartsWith("C=", StringComparison.Ordinal) && word.Length == 2 + ChallengeDigits
                && word.AsSpan(2).IndexOfAnyExcept(HexDigits) < 0)
            {
                challenge = Convert.FromHexString(word.AsSpan(2));
            }
        }

        return refused with
        {
            Reason = WordsOf(error) is { } words ? $"{refused.Reason} ({words})" : refused.Reason,
            MsChapError = error,
            // With an expired password the peer would answer with a change of the password, which is not supported.
            MayRetry = mayRetry && error != PasswordExpired,
            RetryChallenge = challenge,
            Message = refused.Message ?? (message < 0 ? null : text[(message + 2)..]),
        };
    }

    /// <summary>What an error means (RFC 2759 section 6); <c>null</c>: no more than that the proof is wrong.</summary>
    private static string? WordsOf(int error) => error switch
    {
        646 => "logons are restricted at this time",
        647 => "the account is disabled",
        PasswordExpired => "the password has expired; it must be changed at the server, since l2tpd does not forward password changes",
        649 => "the account has no dial-in permission",
        709 => "the password cannot be changed",
        _ => null,
    };

    private static AuthenticationResult Refuse(string reason, string? message) =>
        AuthenticationResult.Refuse(reason, message) with { MayRetry = false };

    /// <summary>All Reply-Messages, one line; <c>null</c>: none.</summary>
    private static string? MessageOf(in RadiusPacket answer)
    {
        var text = new StringBuilder();
        foreach (var attribute in answer.Attributes)
        {
            if (attribute.Type == AttributeType.ReplyMessage && !attribute.Value.IsEmpty)
                text.Append(text.Length > 0 ? " " : "").Append(Encoding.UTF8.GetString(attribute.Value));
        }

        return text.Length == 0 ? null : text.ToString();
    }

    private static byte[]? Vendor(in RadiusPacket answer, VendorId vendor, byte type)
    {
        foreach (var attribute in answer.Attributes)
        {
            if (attribute.Type != AttributeType.VendorSpecific || !VendorAttributes.TryRead(attribute.Value, out var attributes)
                || attributes.Vendor != vendor)
            {
                continue;
            }

            foreach (var one in attributes)
            {
                if ((byte)one.Type == type && !one.Value.IsEmpty)
                    return one.Value.ToArray();
            }
        }

        return null;
    }
}
