using L2tpd.Engine.Configuration;
using L2tpd.Engine.Versions;
using L2tpd.Protocol;
using L2tpd.Protocol.Messages;

namespace L2tpd.Engine.Admission;

/// <summary>Reads an SCCRQ again that was accepted and kept.</summary>
internal static class SccrqReader
{
    /// <summary>How the AVPs of an SCCRQ are read.</summary>
    /// <param name="peer">The profile; <c>null</c> if none matches.</param>
    /// <param name="hidingKey">The key of hidden AVPs; <c>null</c> if there is none.</param>
    public static DecodeOptions Options(PeerProfile? peer, byte[]? hidingKey) => peer is null
        ? default
        : new DecodeOptions(hidingKey, peer.Quirks.HasFlag(PeerQuirks.IgnoreUnknownMandatoryAvps));

    /// <summary>Computes again what was known when the SCCRQ was accepted.</summary>
    /// <param name="request">The request.</param>
    /// <param name="octets">Its SCCRQ.</param>
    /// <param name="context">The engine.</param>
    /// <param name="security">In v3 what the SCCRQ began, with our nonce; <c>null</c> in v2.</param>
    /// <param name="secrets">The secrets, used in v2.</param>
    public static Sccrq? Read(
        in HalfOpenRequest request, ReadOnlySpan<byte> octets, EngineContext context, out MessageSecurity? security,
        out TunnelSecrets secrets)
    {
        security = null;
        secrets = TunnelSecrets.Of(context, request.Profile, request.Path.Remote);
        if (!MessageCodec.TryDecodeHeader(octets, out var header, out _))
            return null;
        if (request.Version == ProtocolVersion.V3)
        {
            security = MessageSecurity.ForAnswer(request.Profile, octets[..header.Length]);
            if (security is null)
                return null;
            security.UseNonce(context.Challenges, request.Number);
        }

        var decoded = header.Version == ProtocolVersion.V3
            ? MessageCodec.Decode(header, octets, Options(request.Profile, security!.UnhidingKey))
            : secrets.Decode(header, octets, request.Profile.Quirks.HasFlag(PeerQuirks.IgnoreUnknownMandatoryAvps));
        var message = decoded.Message as Sccrq;
        var isDual = header.Version == ProtocolVersion.V2 && request.Version == ProtocolVersion.V3;
        return isDual && message is not null ? message with { AssignedTunnelId = request.PeerId } : message;
    }
}
